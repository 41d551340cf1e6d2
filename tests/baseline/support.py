"""What the tests of the Python extractors share: processes, private servers, streams of events."""

import json
import os
import pathlib
import queue
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "baselines" / "python"
GOLDEN = ROOT / "tests" / "fixtures" / "golden"
PROGRAMS = {"keystroke": "keystroke_extractor", "mouse": "mouse_extractor", "app": "app_tracker"}
EVENTS = "seclyzer:events"
DEADLINE_S = 20


def need(program):
    """Where a server's program is; the test is skipped, or fails in CI, without it."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed"
        if os.environ.get("SKIPS_AS_FAILS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def until(ask, what, deadline_s=DEADLINE_S):
    """Ask until the answer is true, and return it."""
    give_up = time.monotonic() + deadline_s
    while not (answer := ask()):
        if time.monotonic() > give_up:
            pytest.fail(f"not within {deadline_s} s: {what() if callable(what) else what}")
        time.sleep(0.002)
    return answer


def end(process):
    """Stop a server that the test has started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def now_us():
    return time.time_ns() // 1000


def keystroke(ts, key="KeyA", event="press"):
    return json.dumps({"type": "keystroke", "ts": ts, "key": key, "event": event})


def mouse(ts, x=1.0, y=2.0):
    return json.dumps({"type": "mouse", "ts": ts, "x": x, "y": y, "event": "move"})


def app(ts, name):
    return json.dumps({"type": "app", "ts": ts, "app_name": name})


# --- numbers as features.md compares them -------------------------------------------


def difference(got, want, where=""):
    """The first difference as one line, or None; numbers within 1e-9."""
    if isinstance(want, dict) and isinstance(got, dict):
        if odd := set(got) ^ set(want):
            return f"{where}: members {sorted(odd)}"
        pairs = ((f"{where}.{name}", got[name], want[name]) for name in want)
        return next(filter(None, (difference(g, w, at) for at, g, w in pairs)), None)
    if isinstance(want, list) and isinstance(got, list):
        if len(got) != len(want):
            return f"{where}: {len(got)} instead of {len(want)}"
        pairs = ((f"{where}[{i}]", *pair) for i, pair in enumerate(zip(got, want)))
        return next(filter(None, (difference(g, w, at) for at, g, w in pairs)), None)
    if _is_number(want) and _is_number(got):
        near = abs(got - want) <= max(1e-9, 1e-9 * max(abs(got), abs(want)))
        return None if near else f"{where}: {got!r} instead of {want!r}"
    return None if type(got) is type(want) and got == want else f"{where}: {got!r} for {want!r}"


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# --- the programs ----------------------------------------------------------------------


def run(kind, *arguments, env=None, cwd, **more):
    """One of the programs to its end, offline or to its error."""
    return subprocess.run(
        [PACKAGE / PROGRAMS[kind], *arguments],
        env={"PATH": os.environ["PATH"], **(env or {})},
        cwd=cwd,
        capture_output=True,
        timeout=60,
        **more,
    )


class Extractor:
    """A running extractor; what it writes to stderr is in `lines`."""

    def __init__(self, kind, env, cwd, arguments=()):
        self.process = subprocess.Popen(
            [PACKAGE / PROGRAMS[kind], *arguments],
            env={"PATH": os.environ["PATH"], **{k: str(v) for k, v in env.items()}},
            cwd=cwd,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def text(self):
        return "\n".join(self.lines)

    def saying(self, text):
        """The lines so far that hold this text."""
        return [line for line in self.lines if text in line]

    def wait_line(self, text, times=1, deadline_s=DEADLINE_S):
        """Wait until it has said this so many times; the last such line."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended or len(self.saying(text)) >= times, deadline_s
            )
            said = self.saying(text)
        if len(said) < times:
            pytest.fail(f"{text!r} was said {len(said)} of {times} times in:\n{self.text()}")
        return said[times - 1]

    def wait_ready(self):
        self.wait_line("ready: subscribed")
        return self

    def stats(self):
        n = len(self.saying("stats {"))
        self.process.send_signal(signal.SIGUSR1)
        return check_closure(json.loads(self.wait_line("stats {", n + 1).removeprefix("stats ")))

    def wait_stats(self, condition, what="the counters"):
        """Ask for the counters until they are as wanted."""
        last = {}

        def ask():
            last.update(self.stats())
            return condition(last)

        until(ask, lambda: f"{what}; the last were {last}")
        return last

    def stop(self, signum=signal.SIGTERM):
        """End it with a signal; (exit code, seconds it took, final counters)."""
        began = time.monotonic()
        n = len(self.saying("stats {"))
        self.process.send_signal(signum)
        code = self.process.wait(DEADLINE_S)
        took = time.monotonic() - began
        self._reader.join(DEADLINE_S)
        line = self.wait_line("stats {", n + 1)
        return code, took, check_closure(json.loads(line.removeprefix("stats ")))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(DEADLINE_S)


def check_closure(c):
    """The two sums that hold at all times."""
    assert c["received"] == c["accepted"] + c["other_type"] + sum(c["rejected"].values()), c
    assert c["points_queued"] == (
        c["points_written"] + c["points_spooled"] + c["points_dropped"] + c["points_pending"]
    ), c
    return c


class NotifySocket:
    """Where systemd would listen."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(DEADLINE_S)

    def next(self):
        return self.socket.recv(4096).decode()


# --- servers -----------------------------------------------------------------------------


class RedisServer:
    """A private redis-server on a Unix socket."""

    def __init__(self, directory, *arguments):
        self.path = str(directory / "redis.sock")
        self._directory = directory
        self._arguments = arguments
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [need("redis-server"), "--port", "0", "--unixsocket", self.path, "--save", ""]
            + ["--appendonly", "no", "--dir", str(self._directory), *self._arguments],
            stdout=subprocess.DEVNULL,
        )
        self.client = redis.Redis(unix_socket_path=self.path)
        until(self._answers, "redis-server answers")

    def _answers(self):
        try:
            return self.client.ping()
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False

    def stop(self):
        end(self.process)

    def publish(self, *messages):
        with self.client.pipeline(transaction=False) as pipe:
            for message in messages:
                pipe.publish(EVENTS, message)
            return pipe.execute()

    def listen(self, kind):
        """Subscribe to the features of a kind; a function that gives the next message."""
        pubsub = self.client.pubsub(ignore_subscribe_messages=True)
        pubsub.subscribe(f"seclyzer:features:{kind}")
        assert pubsub.connection.read_response()[0] == b"subscribe"

        def next_message(deadline_s=DEADLINE_S):
            give_up = time.monotonic() + deadline_s
            while time.monotonic() < give_up:
                message = pubsub.get_message(timeout=give_up - time.monotonic())
                if message:
                    return json.loads(message["data"])
            pytest.fail(f"no feature message within {deadline_s} s")

        return next_message


class FakeInflux:
    """An InfluxDB that answers as the test wants; `bodies` are the batches that it took."""

    def __init__(self, port=0):
        self.answer = (204, b"")
        self.ping_headers = {}
        self.requests = queue.Queue()  # (method, path, headers, body), all of them
        self.bodies = []
        self._connections = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                fake._connections.append(self.connection)

            def _answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, text = fake.answer
                headers = {}
                if self.path.endswith("/ping"):
                    status, text, headers = 204, b"", fake.ping_headers
                elif 200 <= status < 300:
                    fake.bodies.append(body)
                fake.requests.put((self.command, self.path, dict(self.headers), body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _answer

            def log_message(self, *_):
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def lines(self):
        return [line for body in self.bodies for line in body.decode().split("\n") if line]

    def stop(self):
        """As if it were killed: connections that are kept alive end, too."""
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._server.server_close()


class SilentServer:
    """Accepts connections and never answers."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self):
        self._socket.close()


def free_port():
    """Nobody listens there now, and no outgoing connection gets it: those have ports of the kernel's range, above."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as range_:
        first = int(range_.read().split()[0])
    while True:
        port = random.randrange(max(1025, first - 12000), first)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
