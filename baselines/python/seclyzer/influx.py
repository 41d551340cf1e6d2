"""Points to InfluxDB, by a thread of its own: whatever the database does, Redis does not wait.

Where a point can be, oldest first:

    spool (files)  <  in flight  <  queue (memory)

Points are taken from the spool when there is anything in it, else from the queue.  When
the memory is full its oldest points move behind the spool, those in flight too: they
may be written twice (InfluxDB takes the same point twice as one), but never out of order
and never not at all.  Without room there the oldest of the queue are dropped, and counted;
never those in flight, which the database may have taken already.

`batch_size` and `flush_s` say when points go out; a request then carries all that wait, up
to REQUEST_POINTS or REQUEST_BYTES.

queued = written + spooled + dropped + pending holds whenever the lock is free.
"""

import re
import threading
import time
from base64 import b64encode
from collections import deque
from urllib.parse import quote, urlencode, urlsplit

from .backoff import FIRST_S, Backoff
from .log import Limited, internal_error, logger
from .wire import timestamp

REQUEST_POINTS = 5000  # InfluxData's advice for a batch
REQUEST_BYTES = 1_000_000  # below nginx' default body limit of 1 MiB
MEMORY_BYTES = 8 << 20  # of line protocol
GATHER_S = 0.01  # full batches go out at most this often, except in full requests
TIMEOUT_S = 5.0

COUNTERS = ("queued", "written", "spooled", "dropped", "pending", "refused")


class Refused(Exception):
    """The database will never take this batch."""


class Unavailable(Exception):
    """The database cannot take it now."""


class InfluxWriter:
    """put() and counters() from any thread, start() and stop() once."""

    def __init__(self, client, batch_size, flush_s, spool=None, rejected_file=None):
        self._client = client
        self._batch_size = batch_size
        self._flush_s = flush_s
        self._spool = spool
        self._rejected_file = rejected_file
        self._request_points = max(REQUEST_POINTS, batch_size)
        self._changed = threading.Condition()
        # All of the following only with the lock.
        self._queue = deque()  # (line, when it came)
        self._queue_bytes = 0
        self._in_flight = []  # of the queue: being sent, or to be sent again
        self._in_flight_bytes = 0
        self._queued = spool.points if spool else 0
        self._written = 0
        self._dropped = 0
        self._refused = 0
        self._stop_by = None
        self._closed = False
        # Only the thread's.
        self._backoff = Backoff()
        self._spool_backoff = Backoff()
        self._sent_at = float("-inf")  # when the last request began
        self._is_away = False
        self._refused_limit = Limited()
        self._dropped_limit = Limited()
        self._thread = threading.Thread(target=self._run, name="influx", daemon=True)

    def start(self):
        self._thread.start()

    # --- the caller's side -------------------------------------------------------------

    def put(self, lines):
        """Queue points (bytes, line protocol)."""
        now = time.monotonic()
        with self._changed:
            was, was_full = len(self._queue), self._is_full_request()
            self._queue.extend((line, now) for line in lines)
            self._queue_bytes += _bytes_of(lines)
            self._queued += len(lines)
            # The thread sleeps until the first point of a batch, then until the batch is
            # full or old enough, and then until there is a full request or enough gathered.
            if (
                not was
                or was < self._batch_size <= len(self._queue)
                or was_full != self._is_full_request()
            ):
                self._changed.notify()
            if self._in_memory_bytes() > MEMORY_BYTES:
                self._make_room()

    def counters(self):
        with self._changed:
            values = (
                self._queued,
                self._written,
                self._spool.points if self._spool else 0,
                self._dropped,
                self._in_memory(),
                self._refused,
            )
        return dict(zip(COUNTERS, values))

    def stop(self, deadline):
        """Send what can be sent until `deadline` (monotonic); keep the rest in the spool."""
        with self._changed:
            self._stop_by = deadline
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            # A request that is still waiting for its answer is given up: its points
            # are among those that are spooled now.
            self._closed = True
            self._spill(0)
            if left := self._in_memory():
                logger.warning("InfluxDB: %d points could not be kept", left)
                self._forget_oldest(left)
                self._dropped += left
            if self._spool:
                self._spool.close()

    # --- memory and spool (with the lock) ------------------------------------------------

    def _in_memory(self):
        return len(self._queue) + len(self._in_flight)

    def _in_memory_bytes(self):
        return self._queue_bytes + self._in_flight_bytes

    def _is_full_request(self):
        return len(self._queue) >= self._request_points or self._queue_bytes >= REQUEST_BYTES

    def _make_room(self):
        # A request's worth at a time, and not a write for each point.
        self._spill(MEMORY_BYTES - REQUEST_BYTES)
        excess = 0
        while self._queue and self._in_memory_bytes() > MEMORY_BYTES:
            self._pop()
            excess += 1
        if excess:
            self._dropped += excess
            if dropped := self._dropped_limit.due(excess):
                logger.warning("InfluxDB: no room for points, %d dropped", dropped)

    def _spill(self, down_to_bytes):
        """Move the oldest in memory behind what is in the spool, as far as there is room."""
        if not self._spool:
            return
        lines = list(self._in_flight)
        left = self._queue_bytes
        for line, _ in self._queue:
            if left <= down_to_bytes:
                break
            lines.append(line)
            left -= len(line) + 1
        self._forget_oldest(self._spool.append(lines))

    def _forget_oldest(self, n):
        from_flight = min(n, len(self._in_flight))
        if from_flight:
            # A new list: the thread sees by it that its batch has been taken away.
            self._in_flight = self._in_flight[from_flight:]
            self._in_flight_bytes = _bytes_of(self._in_flight)
        for _ in range(n - from_flight):
            self._pop()

    def _pop(self):
        line, _ = self._queue.popleft()
        self._queue_bytes -= len(line) + 1
        return line

    # --- the thread -----------------------------------------------------------------------

    def _run(self):
        try:
            while True:
                with self._changed:
                    batch = self._wait_for_batch()
                if batch is None:
                    return
                self._send(*batch)
        except Exception as e:
            internal_error(e)  # Redis is served on; put() goes on spooling

    def _wait_for_batch(self):
        """The next lines to send and whether they are the spool's; None at the end."""
        while True:
            if self._closed:
                return None
            if self._spool and self._spool.points:
                if self._stop_by is not None:
                    return None  # they are safe where they are
                try:
                    lines, lost = self._spool.peek(self._request_points, REQUEST_BYTES)
                except OSError:
                    # The spool has said it; what cannot be read now may be later.
                    self._pause(self._spool_backoff.next_s())
                    continue
                self._spool_backoff.reset()
                self._dropped += lost
                if lines:
                    return lines, True
            if self._in_flight:
                return self._in_flight, False
            wait_s = self._until_due()
            if wait_s is not None and wait_s <= 0:
                self._take_request()
                return self._in_flight, False
            if self._stop_by is not None:
                return None
            self._changed.wait(wait_s)

    def _take_request(self):
        before = self._queue_bytes
        lines = [self._pop()]
        while self._queue and len(lines) < self._request_points:
            if before - self._queue_bytes + len(self._queue[0][0]) > REQUEST_BYTES:
                break
            lines.append(self._pop())
        self._in_flight = lines
        self._in_flight_bytes = before - self._queue_bytes

    def _until_due(self):
        """Seconds until the queue makes a request, None when it is empty."""
        if not self._queue:
            return None
        if self._is_full_request() or self._stop_by is not None:
            return 0
        if len(self._queue) >= self._batch_size:
            return self._sent_at + GATHER_S - time.monotonic()
        return self._queue[0][1] + self._flush_s - time.monotonic()

    def _send(self, lines, from_spool):
        self._sent_at = time.monotonic()
        try:
            self._client.write(lines)
        except Refused as e:
            self._settle(lines, from_spool, str(e))
            self._is_back()
        except Unavailable as e:
            self._wait_and_retry(str(e))
        else:
            self._settle(lines, from_spool, None)
            self._is_back()

    def _settle(self, lines, from_spool, refusal):
        """The database has decided about these lines."""
        if refusal is not None:
            self._keep_rejected(lines, refusal)
        with self._changed:
            if self._closed:
                return
            if from_spool:
                self._spool.done(len(lines))
            elif lines is self._in_flight:
                self._in_flight = []
                self._in_flight_bytes = 0
            else:
                # Moved to the spool meanwhile: they will be sent again from there.
                return
            if refusal is None:
                self._written += len(lines)
            else:
                self._dropped += len(lines)
                self._refused += len(lines)

    def _keep_rejected(self, lines, reason):
        kept = ""
        if self._rejected_file:
            try:
                self._rejected_file.append(lines, timestamp(time.time_ns() // 1000), reason)
            except OSError as e:
                kept = f" (and {e.filename or 'SPOOL_DIR/rejected'}: {e.strerror})"
        if points := self._refused_limit.due(len(lines)):
            logger.warning("InfluxDB refused %d points: %s%s", points, reason, kept)

    def _wait_and_retry(self, reason):
        if not self._is_away:
            self._is_away = True
            logger.warning("InfluxDB at %s is away: %s; points are kept", self._client.name, reason)
        with self._changed:
            if self._stop_by is None:
                self._pause(self._backoff.next_s())
            elif self._spool or time.monotonic() + FIRST_S >= self._stop_by:
                self._closed = True  # no more attempts; stop() keeps the points
            else:
                self._pause(FIRST_S)

    def _pause(self, seconds):
        """Wait (with the lock), but not when the end begins meanwhile."""
        wait_until = time.monotonic() + seconds
        stop_by = self._stop_by
        while not self._closed and self._stop_by is stop_by:
            left = wait_until - time.monotonic()
            if left <= 0:
                return
            self._changed.wait(left)

    def _is_back(self):
        self._backoff.reset()
        if self._is_away:
            self._is_away = False
            logger.info("InfluxDB at %s is back", self._client.name)


def _bytes_of(lines):
    """Their size as line protocol, each with its newline."""
    return sum(map(len, lines)) + len(lines)


class InfluxClient:
    """One keep-alive connection to the write API; used by one thread."""

    def __init__(self, settings):
        parts = urlsplit(settings.influx_url)
        self._https = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._connection = None
        self._path = None
        self._headers = {"Content-Type": "text/plain; charset=utf-8"}
        self._settings = settings
        self._user = settings.influx_user
        self._password = settings.influx_password
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.name = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")

    def write(self, lines):
        """Send one batch.  Raises Refused or Unavailable."""
        if self._path is None:
            self._choose_api()
        status, reason, _, body = self._request("POST", self._path, b"\n".join(lines))
        if 200 <= status < 300:
            return
        text = self._shown(f"{status} {reason}: {body}" if body else f"{status} {reason}")
        if 400 <= status < 500 and status not in (408, 429):
            raise Refused(text)
        raise Unavailable(text)

    def _shown(self, text):
        """One line, without the credentials that a server may repeat."""
        for secret in (self._settings.influx_token, self._password):
            if secret:
                text = text.replace(secret, "*" * len(secret))
        text = re.sub("Basic [A-Za-z0-9+/=]+", "Basic ***", text)
        return re.sub(r"[\x00-\x20\x7f]+", " ", text)[:500]

    def _choose_api(self):
        settings = self._settings
        api = settings.influx_api
        if api == "auto":
            status, reason, headers, _ = self._request("GET", self._base + "/ping")
            if status >= 500 or status in (408, 429):
                raise Unavailable(f"{status} {reason}")
            version = headers.get("X-Influxdb-Version", "").removeprefix("v")
            api = "v1" if version.startswith("1.") else "v2"
        if api == "v1":
            query = {"db": settings.influx_bucket, "precision": "ns"}
            self._path = f"{self._base}/write?{urlencode(query, quote_via=quote)}"
            if self._user or self._password:
                pair = f"{self._user}:{self._password}".encode()
                self._headers["Authorization"] = "Basic " + b64encode(pair).decode()
        else:
            query = {
                "org": settings.influx_org,
                "bucket": settings.influx_bucket,
                "precision": "ns",
            }
            self._path = f"{self._base}/api/v2/write?{urlencode(query, quote_via=quote)}"
            if settings.influx_token:
                self._headers["Authorization"] = f"Token {settings.influx_token}".encode()

    def _request(self, method, path, body=None):
        # Imported here because nothing needs it before the first point is written.
        import http.client

        reused = self._connection is not None
        try:
            return self._exchange(method, path, body)
        except (OSError, http.client.HTTPException, UnicodeError) as e:
            self._close()
            # A server may close a connection that is idle, and that is seen only now.
            if reused and isinstance(e, (ConnectionError, http.client.BadStatusLine)):
                return self._request(method, path, body)
            raise Unavailable(_describe(e)) from None

    def _exchange(self, method, path, body):
        import http.client

        if self._connection is None:
            kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
            self._connection = kind(self._host, self._port, timeout=TIMEOUT_S)
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        data = response.read(65536)
        if response.will_close or not response.isclosed():
            self._close()
        text = data.decode("utf-8", "replace").strip()
        return response.status, response.reason, response.headers, text

    def _close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _describe(error):
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} s"
    return getattr(error, "strerror", None) or type(error).__name__
