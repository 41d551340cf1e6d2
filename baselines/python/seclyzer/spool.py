"""Points that could not be sent yet: append-only files, replayed in order.

A spool is a row of segments DIR/PROGRAM.py.<number>.spool.  A record is one line,
`<crc32 in hex> <line protocol>\\n`: a kill -9 at any moment leaves whole lines and at
most one torn one at the end, which is cut off, counted and logged at the next start.
A damaged line in the middle costs that line.  A segment is deleted when its last
record is done, so a restart may send the records of the first segment again: the
database takes the same point twice as one.  Nothing is fsynced: that could hold Redis
up for as long as the disk likes.

Not thread-safe: the caller holds its lock.  One process a spool, by flock.
"""

import errno
import fcntl
import os
import re
from collections import deque
from contextlib import suppress
from zlib import crc32

from .log import Limited, logger

SEGMENT_BYTES = 1 << 20


class SpoolError(Exception):
    """The spool cannot be used."""


class _Segment:
    def __init__(self, path, number, size=0, points=0):
        self.path = path
        self.number = number
        self.size = size  # bytes
        self.points = points


class Spool:
    """First in, first out; `points` is how many lie in it."""

    def __init__(self, directory, program, max_bytes):
        self._directory = directory
        self._program = program
        self._max_bytes = max_bytes
        # Space is given back by the segment, so there must be several of them.
        self._segment_bytes = min(SEGMENT_BYTES, max_bytes // 4)
        self.points = 0
        self.torn = 0
        self._segments = deque()
        self._appending_to = None  # the last segment, while records may be added to it
        self._fd = None  # open on it
        self._lines = None  # of the first segment, while it is being read
        self._n_done = 0  # of these
        self._limited = Limited()
        self._read_limited = Limited()
        try:
            self._open()
        except OSError as e:
            raise SpoolError(e.strerror) from None

    # --- opening -------------------------------------------------------------------

    def _open(self):
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        lock = os.path.join(self._directory, f"{self._program}.py.lock")
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise SpoolError("another process uses it") from None
        name = re.compile(re.escape(self._program) + r"\.py\.([0-9]{9})\.spool")
        found = (name.fullmatch(entry) for entry in os.listdir(self._directory))
        for number in sorted(int(match[1]) for match in found if match):
            self._adopt(number)
        if self.points:
            logger.info("spool: %d points found in %s", self.points, self._directory)

    def _path(self, number):
        return os.path.join(self._directory, f"{self._program}.py.{number:09d}.spool")

    def _adopt(self, number):
        """Take over a segment that an earlier process left."""
        path = self._path(number)
        with open(path, "r+b") as f:
            data = f.read()
            size = data.rfind(b"\n") + 1
            if size < len(data):
                self.torn += 1
                logger.warning("spool: %s: a torn record at the end was skipped", path)
                f.truncate(size)
        if not size:
            os.unlink(path)
            return
        points = data.count(b"\n", 0, size)
        self._segments.append(_Segment(path, number, size, points))
        self.points += points

    # --- writing -------------------------------------------------------------------

    def append(self, lines):
        """Keep the first of `lines` for which there is room; how many those are.

        One write for each segment that is touched.
        """
        kept = 0
        records = []
        room = self._room()
        for line in lines:
            record = _record(line)
            if len(record) > room:
                if not self._write(records):
                    return kept
                kept += len(records)
                records = []
                if not self._begin_segment(len(record)):
                    return kept
                room = max(self._room(), len(record))
            records.append(record)
            room -= len(record)
        return kept + len(records) if self._write(records) else kept

    def _bytes(self):
        return sum(segment.size for segment in self._segments)

    def _room(self):
        """Bytes that still fit into the segment that is appended to."""
        if self._appending_to is None:
            return 0
        room = self._segment_bytes - self._appending_to.size
        return min(room, self._max_bytes - self._bytes())

    def _begin_segment(self, size):
        """Begin one, for a record of `size` bytes; False when the spool has no room for it."""
        if self._bytes() + size > self._max_bytes:
            return False
        self._end_segment()
        number = self._segments[-1].number + 1 if self._segments else 1
        self._appending_to = _Segment(self._path(number), number)
        self._segments.append(self._appending_to)
        return True

    def _end_segment(self):
        if self._fd is not None:
            os.close(self._fd)
        self._fd = self._appending_to = None

    def _write(self, records):
        """Add whole records to the last segment, or nothing."""
        if not records:
            return True
        segment = self._appending_to
        data = b"".join(records)
        try:
            if self._fd is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._fd = os.open(segment.path, flags, 0o600)
            if os.write(self._fd, data) < len(data):
                os.ftruncate(self._fd, segment.size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as e:
            if failures := self._limited.due():
                logger.warning("spool: %s: %s (%d times)", segment.path, e.strerror, failures)
            self._end_segment()
            if not segment.size:
                self._segments.pop()
            return False
        segment.size += len(data)
        segment.points += len(records)
        self.points += len(records)
        return True

    # --- reading -------------------------------------------------------------------

    def peek(self, n, bytes_max=SEGMENT_BYTES):
        """The oldest lines, and how many points were found lost on the way.

        At least one, up to n and to `bytes_max` with their newlines.  Raises OSError when
        they cannot be read now: they stay.
        """
        lost = 0
        while self._segments:
            if self._lines is None:
                lost += self._begin_reading()
            if self._n_done < len(self._lines):
                return self._first_lines(n, bytes_max), lost
            self._drop_first()
        return [], lost

    def _first_lines(self, n, bytes_max):
        lines = self._lines[self._n_done : self._n_done + n]
        size = 0
        for i, line in enumerate(lines):
            size += len(line) + 1
            if size > bytes_max and i:
                return lines[:i]
        return lines

    def _begin_reading(self):
        """Load the first segment, at most a few MiB; returns how many points it has lost."""
        segment = self._segments[0]
        if segment is self._appending_to:
            self._end_segment()
        try:
            with open(segment.path, "rb") as f:
                records = f.read().split(b"\n")
        except FileNotFoundError as e:
            logger.warning("spool: %s: %s", segment.path, e.strerror)
            records = []
        except OSError as e:
            if failures := self._read_limited.due():
                logger.warning("spool: %s: %s (%d times)", segment.path, e.strerror, failures)
            raise
        self._lines = [line for line in map(_checked, records) if line is not None]
        self._n_done = 0
        lost = segment.points - len(self._lines)
        if lost:
            logger.warning("spool: %s: %d damaged records were skipped", segment.path, lost)
        segment.points -= lost
        self.points -= lost
        return lost

    def done(self, n):
        """The first n lines that peek() gave are taken care of."""
        self._n_done += n
        self.points -= n
        if self._n_done == len(self._lines):
            self._drop_first()

    def _drop_first(self):
        segment = self._segments.popleft()
        self._lines = None
        try:
            os.unlink(segment.path)
        except OSError as e:
            logger.warning("spool: %s: %s", segment.path, e.strerror)

    def close(self):
        """Leave on disk what is not done, and nothing else unless the disk is full."""
        self._end_segment()
        if self._lines is not None and self._n_done:
            self._cut_off_done(self._segments[0].path)
        os.close(self._lock)

    def _cut_off_done(self, path):
        new = path + ".new"
        try:
            # For its owner alone, like a segment.
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            with open(os.open(new, flags, 0o600), "wb") as f:
                f.writelines(map(_record, self._lines[self._n_done :]))
            os.replace(new, path)
        except OSError as e:
            # The old segment is whole: some of its points will be sent a second time.
            logger.warning("spool: %s: %s", new, e.strerror)
            with suppress(OSError):
                os.unlink(new)


def _record(line):
    return b"%08x %b\n" % (crc32(line), line)


def _checked(record):
    """The line in a record (without its newline), or None when it is damaged."""
    line = record[9:]
    return line if line and record[:9] == b"%08x " % crc32(line) else None


class RejectedFile:
    """Batches that the database refused for good, kept for a human.

    SPOOL_DIR/rejected/PROGRAM.lp is line protocol, each batch under a comment with the
    time, the reason and the number of points.  At half of `max_bytes` the file becomes
    PROGRAM.lp.old, in place of the one before.
    """

    def __init__(self, directory, program, max_bytes):
        self._directory = os.path.join(directory, "rejected")
        self._path = os.path.join(self._directory, f"{program}.lp")
        self._half = max_bytes // 2

    def append(self, lines, when, reason):
        """Raises OSError."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        head = f"# {when} {len(lines)} points: {reason}\n".encode()
        text = head + b"\n".join(lines) + b"\n"
        if len(text) > self._half:
            text = text[: text.rfind(b"\n", 0, self._half) + 1]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(self._path, flags, 0o600)
        try:
            size = os.fstat(fd).st_size
            if size and size + len(text) > self._half:
                os.rename(self._path, self._path + ".old")
                os.close(fd)
                fd = os.open(self._path, flags, 0o600)
            os.write(fd, text)
        finally:
            os.close(fd)
