"""One extractor, C or Python, started as an administrator would start it, and asked from outside only."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from support import PACKAGE, PROGRAMS, ROOT, check_closure
from waiting import DEADLINE_S, wait_until

VARIANT = os.environ.get("VARIANT", "release")
SIDES = {"C": ROOT / "build" / VARIANT / "bin", "Python": PACKAGE}
LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR) (keystroke_extractor|mouse_extractor|app_tracker): [^\x00-\x1f\x7f]+|stats \{.*\}")
KEPT_ENVIRONMENT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
# What a sanitizer, or an interpreter, says on stderr about a bug.
BUGS = ("Sanitizer", "runtime error:", "internal error", "Traceback")


def path_of(side, kind):
    path = SIDES[side] / PROGRAMS[kind]
    assert path.exists(), f"{path} is not there; `make VARIANT={VARIANT} extractors` builds the C programs"
    return path


def environment(settings):
    kept = {k: os.environ[k] for k in KEPT_ENVIRONMENT if k in os.environ}
    return {**kept, **{k: str(v) for k, v in settings.items() if v is not None}}


def run(side, kind, folder, *arguments, settings=None, **more):
    """One of the programs to its end."""
    return subprocess.run([path_of(side, kind), *arguments], env=environment(settings or {}), cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S, text=True,
                          errors="surrogateescape", **more)


class NotifySocket:
    """Where systemd would listen; `name` is a path, or `@name` in the abstract namespace."""

    def __init__(self, name):
        self.name = str(name)
        self.heard = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + self.name[1:] if self.name.startswith("@") else self.name)
        self._socket.setblocking(False)

    def count(self, state):
        """How often this has been said so far."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(1000):  # one that never stops talking must not keep the test
                self.heard.append(self._socket.recv(4096).decode())
        return self.heard.count(state)

    def close(self):
        self._socket.close()


class Extractor:
    """A running extractor.  It is ended, and its stderr looked through, by close()."""

    def __init__(self, side, kind, folder, settings, arguments=()):
        self.side, self.kind = side, kind
        self.folder = pathlib.Path(folder)
        work = self.folder / "work"
        work.mkdir()
        self.notify = NotifySocket(self.folder / "notify.sock")
        self._stderr = self.folder / "stderr"
        self.started_at = time.monotonic()
        with self._stderr.open("wb") as err:
            self.process = subprocess.Popen(
                [path_of(side, kind), *arguments], cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=err, env=environment({"NOTIFY_SOCKET": self.notify.name, **settings}))
        self.pid = self.process.pid

    # --- what it says -------------------------------------------------------------------

    def text(self):
        return self._stderr.read_text(errors="surrogateescape")

    def lines(self, *words):
        """The whole lines so far that hold one of these words, in any case."""
        lines = self.text().split("\n")[:-1]
        return [line for line in lines if any(w.lower() in line.lower() for w in words)]

    def wait_lines(self, n, *words):
        wait_until(lambda: len(self.lines(*words)) >= n or self.process.poll() is not None,
                   lambda: f"{n} lines with one of {words} in:\n{self.text()}")
        lines = self.lines(*words)
        assert len(lines) >= n, f"ended with {self.process.returncode}:\n{self.text()}"
        return lines

    def wait_ready(self, times=1):
        wait_until(lambda: self.notify.count("READY=1") >= times or self.process.poll() is not None,
                   lambda: f"READY=1 {times} times; it said:\n{self.text()}")
        assert self.notify.count("READY=1") >= times, f"ended with {self.process.returncode}:\n{self.text()}"
        return self

    def stats(self):
        """Its counters now; the two sums always hold."""
        n = len(self.lines("stats {"))
        self.process.send_signal(signal.SIGUSR1)
        line = self.wait_lines(n + 1, "stats {")[n]
        return check_closure(json.loads(line.removeprefix("stats ")))

    def wait_stats(self, condition, what, seconds=DEADLINE_S):
        last = {}

        def asked():
            last.update(self.stats())
            return condition(last)

        wait_until(asked, lambda: f"{what}; the last counters were {last}", seconds)
        return last

    # --- its end ---------------------------------------------------------------------------

    def stop(self, signum=signal.SIGTERM):
        """End it by a signal: its final counters, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signum)
        code = self.process.wait(DEADLINE_S)
        took_s = time.monotonic() - began
        assert code == 0, f"exit {code}:\n{self.text()}"
        last = self.text().split("\n")[-2]
        assert last.startswith("stats {"), f"the last line is no counters: {last!r}"
        return check_closure(json.loads(last.removeprefix("stats "))), took_s

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.notify.close()
        text = self.text()
        found = [bug for bug in BUGS if bug in text]
        assert not found, f"{self.side} {self.kind}: {found}\n{text[-6000:]}"
        wrong = [line for line in text.split("\n")[:-1] if not LINE.fullmatch(line)]
        assert not wrong, f"{self.side} {self.kind}: not a line of the log's form: {wrong[:3]}"
