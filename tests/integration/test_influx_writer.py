"""The InfluxDB writer against real databases: influxd 1.x (v1) and VictoriaMetrics (v2).

Both are started privately in a temporary directory, are ready when they
answer, and are stopped by pid.  What counts is what a query finds in them.
"""
import base64
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from servers import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANT = os.environ.get("VARIANT", "release")
SOURCE = "tests/integration/influx_driver/influx_driver.c"
DRIVER_ENV = {}  # a test may add to it
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def make(*args):
    done = subprocess.run(["make", "-s", "--no-print-directory", f"VARIANT={VARIANT}", *args],
                          cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("\n")


def wait_for(condition, seconds, what):
    """What the condition returns once it is true; asks again every 20 ms until the deadline."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.02)


def ask(url, data=None, user=None):
    request = urllib.request.Request(url, data=data)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    with OPENER.open(request, timeout=20) as reply:
        return reply.status, reply.read()


class Database:
    """One server process; stop() and start() keep port and data."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            cwd=self.folder)
        wait_for(self.answers, 30, f"{self.command()[0]} answers")

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        try:
            return ask(self.url + "/ping")[0] in (200, 204)
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Influx1(Database):
    api, user = "v1", None

    def command(self):
        (self.folder / "influxd.conf").write_text(f'''
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{self.folder}/meta"
[data]
  dir = "{self.folder}/data"
  wal-dir = "{self.folder}/wal"
[http]
  bind-address = "127.0.0.1:{self.port}"
  log-enabled = false
  auth-enabled = {"true" if self.user else "false"}
[monitor]
  store-enabled = false
''')
        return ["influxd", "-config", str(self.folder / "influxd.conf")]

    def query(self, q):
        parts = urllib.parse.urlencode({"db": "b", "q": q, "epoch": "ns"}).encode()
        return json.loads(ask(self.url + "/query", parts, self.user)[1])["results"][0]

    def prepare(self):
        self.query("CREATE DATABASE b")

    def numbers(self):
        """The numbers of all points, in the order of their times."""
        series = self.query("SELECT duration_ms FROM app_transitions WHERE from_app = 'a,b=c d'").get("series")
        return [int(row[1]) for row in series[0]["values"]] if series else []


class Influx1WithUsers(Influx1):
    user = "admin:p w&:x"

    def prepare(self):
        # The first user may be made without being one.
        q = urllib.parse.urlencode({"q": "CREATE USER admin WITH PASSWORD 'p w&:x' WITH ALL PRIVILEGES"})
        ask(self.url + "/query", q.encode())
        super().prepare()


class VictoriaMetrics(Database):
    api = "v2"

    def command(self):
        return ["victoria-metrics", f"-storageDataPath={self.folder}/vm", f"-httpListenAddr=127.0.0.1:{self.port}",
                "-memory.allowedBytes=60000000"]

    def prepare(self):
        pass

    def numbers(self):
        ask(self.url + "/internal/force_flush")
        match = urllib.parse.urlencode({"match[]": 'app_transitions_duration_ms{from_app="a,b=c d"}'})
        rows = [json.loads(line) for line in ask(f"{self.url}/api/v1/export?{match}")[1].splitlines()]
        return [int(v) for _, v in sorted(pair for r in rows for pair in zip(r["timestamps"], r["values"]))]


class Driver:
    def __init__(self, binary, folder, **options):
        # Two hours ago: VictoriaMetrics keeps a month and takes nothing of the far future.
        self.base_ns = options.setdefault("base_ns", (int(time.time()) - 7200) * 10**9)
        self.log_path = folder / f"driver{time.monotonic_ns()}.log"
        arguments = [f"{k}={v}" for k, v in options.items()]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([binary, *arguments], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder,
                                            env={**os.environ, **DRIVER_ENV})
        self.first = self.read()

    def say(self, *words):
        print(*words, file=self.process.stdin, flush=True)

    def read(self):
        line = self.process.stdout.readline()
        assert line, f"the driver is gone ({self.process.wait(10)}): {self.log()}"
        c = json.loads(line)
        assert c["queued"] == c["written"] + c["spooled"] + c["dropped"] + c["pending"]
        return c

    def stats(self):
        self.say("stats")
        return self.read()

    def until(self, seconds=30, **expected):
        def reached():
            now = self.stats()
            return now if all(now[k] == v for k, v in expected.items()) else None
        return wait_for(reached, seconds, f"counters {expected}")

    def stop(self, ms=1500):
        start = time.monotonic()
        self.say("stop", ms)
        counters = self.read()
        assert self.process.wait(20) == 0, self.log()
        return counters, time.monotonic() - start

    def log(self):
        return self.log_path.read_text()

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(line.split()[1]) for line in text.splitlines() if line.startswith(name + ":")][0]


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    out = tmp_path_factory.mktemp("driver") / "influx_driver"
    lib = f"build/{VARIANT}/lib/extractors.a"
    make(lib)
    compiler, flags, link, libs = (make(f"print-{v}")[0] for v in ("CC", "CFLAGS", "LDFLAGS", "EXTRACTOR_LIBS"))
    subprocess.run(f"{compiler} {flags} {SOURCE} {lib} {link} -o {out} {libs}", shell=True, cwd=ROOT, check=True)
    return out


def serve(kind, tmp_path):
    if not shutil.which("influxd" if issubclass(kind, Influx1) else "victoria-metrics"):
        pytest.skip(f"{kind.__name__} is not installed")
    folder = tmp_path / kind.__name__
    folder.mkdir()
    return kind(folder)


@pytest.fixture(params=[Influx1, VictoriaMetrics])
def database(request, tmp_path):
    db = serve(request.param, tmp_path)
    db.prepare()
    yield db
    db.stop()


@pytest.fixture
def start(binary, tmp_path):
    drivers = []

    def start_one(**options):
        drivers.append(Driver(binary, tmp_path, **options))
        return drivers[-1]
    yield start_one
    for d in drivers:
        if d.process.poll() is None:
            d.process.kill()
            d.process.wait()


def test_every_point_is_in_the_database_once(database, start):
    d = start(url=database.url, api=database.api, batch_size=50, flush_ms=100)
    d.say("add", 123)
    d.until(written=123)
    d.say("rate", 5000, 2)
    d.read()
    end, took = d.stop()
    assert end["written"] == 10123 and end["retries"] == 0 and took < 2
    assert database.numbers() == list(range(10123))


def test_auto_finds_the_version(database, start):
    d = start(url=database.url + "/", api="auto", flush_ms=50)
    d.say("add", 60)
    d.until(written=60)
    d.stop()
    assert database.numbers() == list(range(60))


def test_a_database_that_is_absent_at_start_gets_everything_later(database, start, tmp_path):
    database.stop()
    d = start(url=database.url, api="auto", flush_ms=50, spool_dir=tmp_path / "spool", queue_max_bytes=50000)
    d.say("rate", 1000, 2)
    away = d.read()
    assert away["written"] == 0 and away["spooled"] > 1000 and away["dropped"] == 0
    database.start()
    d.until(written=2000)
    d.stop()
    assert database.numbers() == list(range(2000))
    assert d.log().count("does not take points") == 1 and d.log().count("is back after") == 1


def test_a_database_that_goes_away_for_seconds_loses_nothing(database, start, tmp_path):
    d = start(url=database.url, api=database.api, flush_ms=50, spool_dir=tmp_path / "spool", queue_max_bytes=100000)
    d.say("rate", 2000, 6)
    wait_for(lambda: len(database.numbers()) > 500, 10, "some points are in")
    database.stop()
    time.sleep(3)  # the length of the outage is the input here
    database.start()
    d.read()
    d.until(written=12000, pending=0, spooled=0)
    end, _ = d.stop()
    assert end["dropped"] == 0 and end["retries"] > 0
    assert database.numbers() == list(range(12000))


def test_stopped_while_the_database_is_away_goes_on_after_a_restart(database, start, tmp_path):
    options = dict(url=database.url, api=database.api, flush_ms=50, spool_dir=tmp_path / "spool")
    d = start(**options)
    d.say("add", 500)
    d.until(written=500)
    database.stop()
    d.say("add", 700)
    end, took = d.stop()
    assert end["spooled"] == 700 and end["pending"] == 0 and took < 2
    database.start()
    d = start(**options, base_ns=d.base_ns)
    assert d.first["queued"] == d.first["spooled"] == 700
    d.until(written=700, spooled=0)
    d.stop()
    assert database.numbers() == list(range(1200))


def test_kill_9_while_spooling_keeps_what_was_spooled(start, tmp_path):
    database = serve(Influx1, tmp_path)
    database.prepare()
    database.stop()
    try:
        options = dict(url=database.url, api="v1", flush_ms=10, spool_dir=tmp_path / "spool", queue_max_bytes=40_000,
                       base_ns=(int(time.time()) - 7200) * 10**9)
        before, said = 0, []  # in the file at start; what each run said it had spooled
        for run, more in enumerate((20_000, 41_234, 90_000)):
            d = start(**options, first=run * 1_000_000)
            assert d.first["spooled"] >= before + sum(said[-1:])
            before = d.first["spooled"]
            d.say("rate", 200_000, 10)
            said.append(wait_for(lambda: (n := d.stats()["spooled"] - before) > more and n, 20, "points are spooled"))
            d.process.send_signal(signal.SIGKILL)
            d.process.wait()
        database.start()
        d = start(**options)
        found = d.first["spooled"]
        d.until(60, written=found, spooled=0)
        d.stop()
        numbers = database.numbers()
        assert len(numbers) == found
        for run, n in enumerate(said):
            of_run = [i % 1_000_000 for i in numbers if i // 1_000_000 == run]
            assert of_run == list(range(len(of_run))) and len(of_run) >= n
    finally:
        database.stop()


def test_a_flood_is_coalesced_and_complete(database, start, tmp_path):
    d = start(url=database.url, api=database.api, batch_size=50, spool_dir=tmp_path / "spool")
    d.say("rate", 100_000, 3)
    d.read()
    d.until(120, written=300_000)
    end, _ = d.stop()
    assert end["dropped"] == 0
    assert database.numbers() == list(range(300_000))


def test_users_and_passwords_of_v1(start, tmp_path):
    database = serve(Influx1WithUsers, tmp_path)
    try:
        database.prepare()
        good = start(url=database.url, api="v1", user="admin", password="p w&:x", flush_ms=10)
        good.say("add", 10)
        good.until(written=10)
        good.stop()
        bad = start(url=database.url, api="v1", user="admin", password="s3cret-wrong", flush_ms=10,
                    spool_dir=tmp_path / "spool")
        bad.say("add", 10)
        bad.until(refused=10, dropped=10, pending=0)
        bad.stop()
        assert database.numbers() == list(range(10))
        kept = (tmp_path / "spool/rejected/influx_driver.lp").read_text()
        assert "HTTP 401" in kept and kept.count("app_transitions,") == 10
        assert "HTTP 401" in bad.log()
        assert "s3cret" not in bad.log() + kept
        assert "s3cret" not in (tmp_path / "Influx1WithUsers/log").read_text(errors="replace")
    finally:
        database.stop()


def test_an_unknown_database_is_a_refusal_with_its_reason(start, tmp_path):
    database = serve(Influx1, tmp_path)
    try:
        d = start(url=database.url, api="v1", bucket="no such/db", flush_ms=10, spool_dir=tmp_path / "spool")
        d.say("add", 5)
        d.until(refused=5)
        d.stop()
        assert "HTTP 404" in d.log() and "database not found" in d.log() and "no such/db" in d.log()
    finally:
        database.stop()


class Misbehaving(http.server.ThreadingHTTPServer):
    """Answers as told by `status`; 0 means it reads and never answers."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MisbehavingHandler)
        self.status, self.headers, self.bodies, self.released = 204, {}, [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class MisbehavingHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.status
        if status == 0:
            self.server.released.wait()
            self.close_connection = True
            return
        if status == 204:
            self.server.bodies.append(body)
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def misbehaving():
    server = Misbehaving()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def numbers_of(bodies):
    return [int(line.split(b"duration_ms=")[1].split()[0]) for b in bodies for line in b.splitlines()]


def test_a_server_that_never_answers_delays_neither_adding_nor_stopping(start, misbehaving, tmp_path):
    misbehaving.status = 0
    options = dict(url=misbehaving.url, flush_ms=10, spool_dir=tmp_path / "spool", queue_max_bytes=100_000)
    d = start(**options)
    before = time.monotonic()
    d.say("rate", 10_000, 1)
    d.read()
    assert time.monotonic() - before < 1.5
    end, took = d.stop(1500)
    assert took < 2 and end["spooled"] == 10_000 and end["pending"] == 0
    misbehaving.released.set()
    misbehaving.status = 204
    d = start(**options)
    d.until(written=10_000)
    d.stop()
    assert numbers_of(misbehaving.bodies) == list(range(10_000))


@pytest.mark.parametrize("status, headers", [(500, {}), (503, {"Retry-After": "1"}), (429, {"Retry-After": "1"}), (408, {})])
def test_errors_that_pass_cost_no_point(start, misbehaving, tmp_path, status, headers):
    misbehaving.status, misbehaving.headers = status, headers
    d = start(url=misbehaving.url, flush_ms=10, spool_dir=tmp_path / "spool", queue_max_bytes=50_000)
    d.say("rate", 3000, 1)
    away = d.read()
    assert away["written"] == 0 and away["dropped"] == 0
    misbehaving.status, misbehaving.headers = 204, {}
    d.until(written=3000)
    d.stop()
    assert numbers_of(misbehaving.bodies) == list(range(3000))


def test_idle_means_no_wakeup_and_no_cpu(database, start):
    d = start(url=database.url, api=database.api, flush_ms=50)
    d.say("add", 10)
    d.until(written=10)
    before = d.stats()
    first = d.status("voluntary_ctxt_switches")
    time.sleep(3)  # how long it must be still is the input here
    assert d.status("voluntary_ctxt_switches") == first
    after = d.stats()
    assert after["sleeps"] - before["sleeps"] == 1  # the command itself
    d.stop()


def test_without_libcurl_points_are_spooled_and_the_log_says_why(start, tmp_path, monkeypatch):
    libs = tmp_path / "libs"
    libs.mkdir()
    (libs / "libcurl.so.4").write_bytes(b"this is no library" * 100)
    monkeypatch.setitem(DRIVER_ENV, "LD_LIBRARY_PATH", str(libs))
    d = start(url="http://127.0.0.1:9", flush_ms=10, spool_dir=tmp_path / "spool")
    d.say("add", 20)
    wait_for(lambda: d.stats()["retries"] > 1, 10, "it was tried again")
    end, took = d.stop()
    assert end["spooled"] == 20 and took < 2
    assert d.log().count("cannot load libcurl.so.4") == d.log().count("\n") == 1


def test_libcurl_is_loaded_by_the_first_request_alone(database, start):
    d = start(url=database.url, api=database.api, flush_ms=50)
    maps = pathlib.Path(f"/proc/{d.process.pid}/maps")
    assert "libcurl" not in maps.read_text()
    d.say("add", 1)
    d.until(written=1)
    assert "libcurl" in maps.read_text()
    d.stop()
