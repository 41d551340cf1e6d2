"""InfluxDB is there, away, standing still, failing or refusing: Redis does not notice, and no point is lost.

The database proper is always a real one; what fails stands in front of it.
"""
import os
import signal
import threading
import time

import pytest
from messages import ALL_IN_WINDOW, Sender
from points import MEASUREMENTS, check_points, fields, time_ns
from servers import free_port
from stubs import Babbler, FaultyDatabase, Silent
from waiting import wait_until

# How long the database is away when it is killed and started again.
AWAY_S = 60 if os.environ.get("SLOW_TESTS") == "1" else 5
AT_ONCE_S = 2  # a feature that waited for the database would take longer than this: its time-outs are 3 to 10 s
WENT = ("does not take points", "influxdb at")
FAST = {"INFLUX_API": "v1", "INFLUX_FLUSH_MS": "20", **ALL_IN_WINDOW}


class Session:
    """An extractor with its events; `features` are all messages heard."""

    def __init__(self, start, redis, kind, receivers=1, **settings):
        self.kind, self.redis, self.features, self._receivers = kind, redis, [], receivers
        self.tap, self.sender = start.tap(redis, kind), Sender(kind)
        self.extractor = start.ready(kind, redis, **{**FAST, **settings})
        redis.publish(self.sender.silent(), receivers)

    def step(self):
        """One event, and its feature at once; the counters close."""
        began = time.monotonic()
        self.redis.publish(self.sender.next(), self._receivers)
        self.features += self.tap.take_json()
        took_s = time.monotonic() - began
        assert took_s < AT_ONCE_S, f"a feature came after {took_s:.1f} s"
        counters = self.extractor.stats()
        assert counters["points_queued"] == len(self.features)
        return counters

    def steps(self, n):
        for _ in range(n):
            counters = self.step()
        return counters

    def wait_written(self):
        return self.extractor.wait_stats(lambda c: c["points_written"] == len(self.features), "every point is written")

    def went_and_came_back(self):
        """Lines that the database went, and that it is back."""
        lines = [line for line in self.extractor.lines("influxdb") if not line.startswith("stats")]
        back = [line for line in lines if "is back" in line]
        return len(lines) - len(back), len(back)


@pytest.mark.parametrize("api", ["v1", "auto"])
def test_every_point_has_the_values_that_were_published(start, redis, kind, api):
    influx = start.influx()
    s = Session(start, redis, kind, INFLUX_URL=influx.url, INFLUX_API=api, INFLUX_BATCH_SIZE=7, SECLYZER_DEV_MODE="1")
    s.steps(25)
    s.wait_written()
    check_points(influx, kind, s.features)
    if kind != "app":
        assert {f["dev_mode"] for f in s.features} == {True}
    assert s.went_and_came_back() == (0, 0)


def test_the_points_of_the_v2_api_have_them_too(start, redis, kind, closing):
    """VictoriaMetrics keeps milliseconds, so the features are made in different ones."""
    victoria = start.victoria()
    front = closing.enter_context(FaultyDatabase(victoria.port))
    s = Session(start, redis, kind, INFLUX_URL=front.url, INFLUX_API="v2", INFLUX_TOKEN="the token", INFLUX_ORG="an org",
                INFLUX_BUCKET="a/b")
    for _ in range(25):
        s.step()
        now_ms = time.time_ns() // 1_000_000
        wait_until(lambda: time.time_ns() // 1_000_000 > now_ms, "a millisecond")
    s.wait_written()
    writes = [r for r in front.requests if r[0] == "POST"]
    assert {r[1] for r in writes} == {"/api/v2/write?org=an%20org&bucket=a%2Fb&precision=ns"}
    assert {r[2]["Authorization"] for r in writes} == {"Token the token"}
    series = wait_until(lambda: complete(victoria, kind, s.features), "the points can be queried")
    for feature in s.features:
        at = time_ns(feature) // 1_000_000
        for name, value in fields(feature).items():
            assert series[name][at] == pytest.approx(value, rel=1e-12, abs=1e-12), name


def complete(victoria, kind, features):
    """The series, once each has a value for every message that has the field."""
    series = victoria.series(MEASUREMENTS[kind])
    wanted = {}
    for feature in features:
        for name in fields(feature):
            wanted[name] = wanted.get(name, 0) + 1
    return series if {name: len(values) for name, values in series.items()} == wanted else None


def test_without_a_url_there_is_no_database_and_that_is_said_once(start, redis):
    s = Session(start, redis, "mouse", INFLUX_URL="")
    s.redis.publish(s.sender.next(20))
    assert len(s.tap.take(20)) == 20
    assert len(s.extractor.lines("INFLUX_URL")) == 1
    assert s.extractor.stop()[0]["points_queued"] == 0


def test_a_database_that_comes_later_gets_everything(start, redis, kind):
    influx = start.influx_away()
    s = Session(start, redis, kind, INFLUX_URL=influx.url)
    counters = s.steps(20)
    assert counters["points_pending"] == 20 and counters["points_written"] == 0
    s.extractor.wait_lines(1, *WENT)
    influx.start(database=None)
    s.wait_written()
    s.steps(3)
    s.wait_written()
    check_points(influx, kind, s.features)
    assert s.went_and_came_back() == (1, 1)


def test_a_database_that_is_killed_and_started_again_has_every_point_in_the_end(start_both, folder):
    """Away for 5 s, or the whole minute with SLOW_TESTS=1; all extractors of both sides, keystroke without a spool."""
    sessions, influx = [], None
    for side, start in start_both.items():
        redis = start.redis()
        influx = influx or start.influx()
        influx.query(f'CREATE DATABASE "{side}"')
        for kind in ("keystroke", "mouse", "app"):
            spool = None if kind == "keystroke" else folder / f"spool {side}"
            s = Session(start, redis, kind, receivers=None, INFLUX_URL=influx.url, INFLUX_BUCKET=side, SPOOL_DIR=spool)
            s.steps(10)
            s.wait_written()
            sessions.append((side, s))
    influx.kill()
    until = time.monotonic() + AWAY_S
    while time.monotonic() < until:
        next_event = time.monotonic() + 0.1
        for _, s in sessions:
            assert s.step()["points_written"] == 10
        wait_until(lambda: time.monotonic() > next_event, "the next event")
    influx.start(database=None)
    for side, s in sessions:
        s.wait_written()
        s.steps(10)
        counters = s.wait_written()
        check_points(influx, s.kind, s.features, database=side)
        assert (counters["points_dropped"], counters["points_pending"], counters["points_spooled"]) == (0, 0, 0)
        assert s.went_and_came_back() == (1, 1)
        assert s.extractor.stop()[0]["points_written"] == len(s.features) > 40


FAILURES = {
    "hang": "hang", "reset": "reset", "500": (500, {}, b'{"error":"timeout"}'), "503": (503, {"Retry-After": "1"}, b""),
    "429": (429, {}, b"slow down"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_database_delays_no_feature_and_loses_no_point(start, redis, closing, failure):
    influx = start.influx()
    front = closing.enter_context(FaultyDatabase(influx.port))
    s = Session(start, redis, "keystroke", INFLUX_URL=front.url)
    s.steps(5)
    s.wait_written()
    front.now(FAILURES[failure])
    before = front.attempts
    s.steps(20)
    enough = 1 if failure in ("hang", "503") else 3
    wait_until(lambda: front.attempts >= before + enough, "attempts to write")
    counters = s.steps(5)
    assert counters["points_written"] == 5 and counters["points_dropped"] == 0
    front.now(None)
    s.wait_written()
    s.steps(5)
    s.wait_written()
    check_points(influx, "keystroke", s.features)
    # a hanging database is not yet away when it answers after all
    assert s.went_and_came_back() == ((0, 0) if failure == "hang" else (1, 1))


@pytest.mark.parametrize("stub", [Silent, Babbler])
def test_what_is_no_database_at_all_delays_nothing_and_one_in_its_place_gets_the_points(start, redis, closing, stub):
    influx = start.influx_away()
    nonsense = closing.enter_context(stub(influx.port))
    s = Session(start, redis, "app", INFLUX_URL=influx.url)
    s.steps(20)
    wait_until(lambda: nonsense.accepted >= 1, "a connection")
    counters = s.steps(5)
    assert counters["points_pending"] == 25
    nonsense.stop()
    influx.start(database=None)
    s.wait_written()
    check_points(influx, "app", s.features)


def many_features(s, n):
    """So many that the memory is not enough."""
    s.redis.publish_bounded(s.sender.next(n))
    s.features += s.tap.take_json(n)


@pytest.mark.parametrize("kind", ["keystroke", "app"])
def test_points_in_the_spool_survive_kill_9(start, redis, kind, folder):
    """The spool's points, no fewer, are in the database after the next start: they are the oldest ones."""
    influx = start.influx_away()
    settings = {"INFLUX_URL": influx.url, "SPOOL_DIR": folder / "spool", "MAX_BUFFER_SIZE": 60}
    s = Session(start, redis, kind, **settings)
    while not s.extractor.stats()["points_spooled"]:
        many_features(s, 2000)
        assert len(s.features) < 200_000, "nothing is spooled"
    counters = s.extractor.wait_stats(lambda c: c["points_queued"] == len(s.features), "all are queued")
    assert counters["points_dropped"] == 0 and counters["points_written"] == 0
    spooled = counters["points_spooled"]
    assert spooled + counters["points_pending"] == len(s.features)
    s.extractor.kill()

    again = start.ready(kind, redis, **{**FAST, **settings})
    counters = again.stats()
    assert counters["points_queued"] == counters["points_spooled"] == spooled
    influx.start(database=None)
    counters = again.wait_stats(lambda c: c["points_written"] == spooled, "the spool is empty")
    assert counters["points_spooled"] == counters["points_dropped"] == 0
    times = [row["time"] for row in influx.points(MEASUREMENTS[kind])]
    assert times == sorted(time_ns(f) for f in s.features[:spooled])
    final, _ = again.stop()
    assert final["points_queued"] == spooled


def test_kill_9_in_the_middle_of_spooling_leaves_a_spool_that_is_read(start, redis, folder, closing):
    """At whatever byte of a record that was: what is found at the next start is what reaches the database."""
    influx = start.influx_away()
    spool = folder / "spool"
    settings = {"INFLUX_URL": influx.url, "SPOOL_DIR": spool, "MAX_BUFFER_SIZE": 60}
    s = Session(start, redis, "mouse", **settings)
    feed = threading.Thread(target=redis.publish, args=(s.sender.next(40_000), None))
    feed.start()
    wait_until(lambda: sum(f.stat().st_size for f in spool.iterdir()) > 200_000, "the spool grows")
    s.extractor.kill()
    feed.join()

    again = start.ready("mouse", redis, **{**FAST, **settings})
    found = again.stats()
    assert found["points_queued"] == found["points_spooled"] + found["points_dropped"]
    assert found["points_spooled"] > 100
    influx.start(database=None)
    counters = again.wait_stats(lambda c: c["points_spooled"] == 0, "the spool is empty")
    times = [row["time"] for row in influx.query('SELECT "move_0" FROM "mouse_features"')]
    assert len(times) == counters["points_written"] == found["points_spooled"] - counters["points_dropped"] + found["points_dropped"]
    assert counters["points_dropped"] <= 5000, "more than the record that was being written"


@pytest.mark.parametrize("kind", ["mouse"])
def test_points_that_are_pending_at_the_end_are_there_after_the_next_start(start, redis, kind, folder):
    influx = start.influx_away()
    settings = {"INFLUX_URL": influx.url, "SPOOL_DIR": folder / "spool"}
    s = Session(start, redis, kind, **settings)
    s.steps(30)
    final, _ = s.extractor.stop()
    assert (final["points_spooled"], final["points_pending"], final["points_dropped"]) == (30, 0, 0)

    influx.start(database=None)
    again = start.ready(kind, redis, **{**FAST, **settings})
    again.wait_stats(lambda c: c["points_written"] == 30, "the spool is empty")
    check_points(influx, kind, s.features)
    assert again.stop()[0]["points_spooled"] == 0


def test_without_a_spool_what_is_pending_at_the_end_is_counted_as_dropped(start, redis):
    s = Session(start, redis, "app", INFLUX_URL=f"http://127.0.0.1:{free_port()}")
    s.steps(10)
    final, took_s = s.extractor.stop()
    assert (final["points_dropped"], final["points_pending"], final["points_refused"]) == (10, 0, 0)
    assert took_s < 3


def test_a_spool_that_is_full_drops_and_counts_and_goes_on(start, redis, folder):
    influx = start.influx_away()
    s = Session(start, redis, "keystroke", INFLUX_URL=influx.url, SPOOL_DIR=folder / "spool", SPOOL_MAX_BYTES="64KiB",
                MAX_BUFFER_SIZE=12)
    while not s.extractor.stats()["points_dropped"]:
        many_features(s, 2000)
        assert len(s.features) < 200_000, "nothing is dropped"
    counters = s.extractor.wait_stats(lambda c: c["points_queued"] == len(s.features), "all are queued")
    size = sum(f.stat().st_blocks * 512 for f in (folder / "spool").rglob("*") if f.is_file())
    assert 0 < size <= 2 * 65536, size
    assert counters["points_spooled"] > 0
    influx.start(database=None)
    counters = s.extractor.wait_stats(lambda c: c["points_spooled"] + c["points_pending"] == 0, "all that was kept is written")
    times = {row["time"] for row in influx.query('SELECT "total_keys" FROM "keystroke_features"')}
    assert len(times) == counters["points_written"] == len(s.features) - counters["points_dropped"]
    assert times <= {time_ns(f) for f in s.features}


@pytest.mark.parametrize("kind, spool", [("keystroke", True), ("app", True), ("mouse", False)])
def test_refused_points_are_not_sent_again_but_kept_with_the_databases_reason(start, redis, kind, folder, closing, spool):
    influx = start.influx()
    front = closing.enter_context(FaultyDatabase(influx.port))
    front.now((400, {}, b'{"error":"field type conflict:\r\n\x1b[2Jwe want no floats"}\x00' + b"x" * 10_000))
    s = Session(start, redis, kind, INFLUX_URL=front.url, SPOOL_DIR=folder / "spool" if spool else None)
    s.steps(10)
    counters = s.extractor.wait_stats(lambda c: c["points_pending"] == 0, "all are answered")
    assert counters["points_refused"] == counters["points_dropped"] == 10
    assert any("we want no floats" in line for line in s.extractor.lines("refused")), s.extractor.text()
    refused = [r[3] for r in front.requests]
    assert sum(body.strip().count(b"\n") + 1 for body in refused) == 10, "no point was sent twice"
    if spool:
        files = [f for f in (folder / "spool" / "rejected").iterdir() if f.is_file()]
        kept = b"".join(f.read_bytes() for f in files)
        lines = [line for line in kept.decode().splitlines() if not line.startswith("#")]
        assert lines == [line for body in refused for line in body.decode().splitlines()]
        assert b"we want no floats" in kept
        assert all(f.stat().st_mode & 0o077 == 0 for f in files)
    front.now(None)
    s.steps(5)
    s.extractor.wait_stats(lambda c: c["points_written"] == 5, "the next ones are taken")
    check_points(influx, kind, s.features[10:])
    final, _ = s.extractor.stop()
    assert (final["points_dropped"], final["points_written"]) == (10, 5)


def test_a_database_that_does_not_exist_on_the_server_is_said_with_its_name(start, redis, side):
    influx = start.influx()
    s = Session(start, redis, "app", INFLUX_URL=influx.url, INFLUX_BUCKET="nowhere")
    s.steps(3)
    s.extractor.wait_stats(lambda c: c["points_refused"] == 3, "the three are refused")
    assert any("database not found" in line and "nowhere" in line for line in s.extractor.lines("refused")), s.extractor.text()


@pytest.mark.parametrize("kind", ["mouse"])
def test_a_full_batch_goes_out_at_once_and_a_small_one_when_it_is_old(start, redis, kind, closing):
    influx = start.influx()
    front = closing.enter_context(FaultyDatabase(influx.port))
    s = Session(start, redis, kind, INFLUX_URL=front.url, INFLUX_BATCH_SIZE=10, INFLUX_FLUSH_MS=3600000)
    s.steps(9)
    assert front.attempts == 0
    s.step()
    s.wait_written()
    assert sum(r[3].strip().count(b"\n") + 1 for r in front.requests) == 10
    s.steps(4)
    final, _ = s.extractor.stop()  # does not wait an hour
    assert final["points_written"] == 14
    check_points(influx, kind, s.features)


@pytest.mark.parametrize("kind", ["keystroke"])
def test_a_database_stopped_in_the_middle_of_a_request_gets_the_points_in_the_end(start, redis, kind):
    """SIGSTOP: connections are accepted by the kernel, and nothing is answered."""
    influx = start.influx()
    s = Session(start, redis, kind, INFLUX_URL=influx.url)
    s.steps(3)
    s.wait_written()
    influx.signal(signal.SIGSTOP)
    counters = s.steps(20)
    assert counters["points_written"] == 3
    influx.signal(signal.SIGCONT)
    s.wait_written()
    check_points(influx, kind, s.features)
