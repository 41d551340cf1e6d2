"""The programs with a database: real servers for both APIs, and failures of every kind."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from support import (
    FakeInflux,
    SilentServer,
    app,
    end,
    free_port,
    keystroke,
    need,
    now_us,
    until,
)

TOKEN = "hush-hush-token"


def ask(url, data=None):
    with urllib.request.urlopen(url, data, timeout=5) as response:
        return response.read().decode()


def answers(url):
    try:
        ask(url)
        return True
    except OSError:
        return False


@pytest.fixture
def influxd(tmp_path):
    """InfluxDB 1.x; it says in its log which port it got."""
    directory = tmp_path / "influxd"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "INFLUXDB_REPORTING_DISABLED": "true",
        "INFLUXDB_BIND_ADDRESS": "127.0.0.1:0",
        "INFLUXDB_META_DIR": str(directory / "meta"),
        "INFLUXDB_DATA_DIR": str(directory / "data"),
        "INFLUXDB_DATA_WAL_DIR": str(directory / "wal"),
        "INFLUXDB_HTTP_BIND_ADDRESS": "127.0.0.1:0",
        "INFLUXDB_MONITOR_STORE_ENABLED": "false",
    }
    log = tmp_path / "influxd.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [need("influxd"), "-config", os.devnull], env=environment, stdout=out, stderr=out
        )

    def address():
        assert process.poll() is None, log.read_text()
        found = re.search(r"Listening on HTTP.*?addr=(127\.0\.0\.1:\d+)", log.read_text())
        return found and f"http://{found[1]}"

    url = until(address, "influxd listens")
    until(lambda: answers(f"{url}/ping"), "influxd answers")
    ask(f"{url}/query?q=" + urllib.parse.quote("CREATE DATABASE behavioral_data"), b"")
    yield url
    end(process)


def select(url, query):
    """The rows of a query, each a dict."""
    parameters = urllib.parse.urlencode({"db": "behavioral_data", "epoch": "ns", "q": query})
    series = json.loads(ask(f"{url}/query?{parameters}"))["results"][0].get("series", [])
    return [dict(zip(s["columns"], values)) for s in series for values in s["values"]]


@pytest.fixture
def victoria(tmp_path):
    port = free_port()
    with open(tmp_path / "victoria.log", "wb") as out:
        process = subprocess.Popen(
            [need("victoria-metrics"), f"-httpListenAddr=127.0.0.1:{port}"]
            + [f"-storageDataPath={tmp_path / 'victoria'}", "-retentionPeriod=100y"],
            stdout=out,
            stderr=out,
        )
    url = f"http://127.0.0.1:{port}"
    until(lambda: answers(f"{url}/ping"), "victoria-metrics answers")
    yield url
    end(process)


NAMES = ["vlc", "a,b=c d", "ends\\", "日本", "vlc"]


@pytest.mark.parametrize("api", ["v1", "auto"])
def test_transitions_are_found_in_influxdb_as_they_were_published(
    redis_server, influxd, start, api
):
    x = start("app", INFLUX_URL=influxd, INFLUX_API=api, INFLUX_FLUSH_MS=10).wait_ready()
    began = now_us() - 10_000_000
    redis_server.publish(*[app(began + i * 1_500_000, n) for i, n in enumerate(NAMES)])
    x.wait_stats(lambda s: s["points_written"] == 4)
    rows = select(influxd, "SELECT * FROM app_transitions")
    assert [row["time"] for row in rows] == [(began + i * 1_500_000) * 1000 for i in range(1, 5)]
    # The space behind the backslash, which the contract asks for, is read as an escaped one.
    names = [name.replace("\\", " ") for name in NAMES]
    assert [row["from_app"] for row in rows] == names[:-1]
    assert [row["to_app"] for row in rows] == names[1:]
    assert {row["user_id"] for row in rows} == {"default"}
    assert {type(row["duration_ms"]) for row in rows} <= {int, float}
    assert all(abs(row["duration_ms"] - 1500) <= 1 for row in rows)
    kinds = select(influxd, "SHOW FIELD KEYS FROM app_transitions")
    assert kinds == [{"fieldKey": "duration_ms", "fieldType": "float"}]


def test_every_keystroke_feature_is_a_float_field_in_influxdb(redis_server, influxd, start):
    x = start(
        "keystroke",
        INFLUX_URL=influxd,
        INFLUX_API="v1",
        INFLUX_FLUSH_MS=10,
        UPDATE_INTERVAL=0,
        SECLYZER_DEV_MODE=1,
    ).wait_ready()
    hear = redis_server.listen("keystroke")
    t = now_us() - 5_000_000
    kinds = ["press", "release"]
    redis_server.publish(
        *[keystroke(t + i * 90_000, f"Key{i // 2 % 5}", kinds[i % 2]) for i in range(10)]
    )
    message = hear()
    x.wait_stats(lambda s: s["points_written"] == 1)
    (row,) = select(influxd, "SELECT * FROM keystroke_features")
    stamp, kind = message.pop("timestamp"), message.pop("type")
    assert kind == "keystroke" and len(message) == 50
    time_ns = row.pop("time")
    assert (row.pop("user_id"), row.pop("device_id")) == ("default", "keyboard_0")
    assert row.pop("dev_mode") == 1.0 and message.pop("dev_mode") is True
    assert row == message
    assert time_ns % 1000 == 0 and f"{time_ns // 1000 % 10**6:06d}" in stamp
    types = select(influxd, "SHOW FIELD KEYS FROM keystroke_features")
    assert {row["fieldType"] for row in types} == {"float"} and len(types) == 50


def test_points_written_by_the_v2_api_are_found(redis_server, victoria, start):
    x = start(
        "app", INFLUX_URL=victoria, INFLUX_API="v2", INFLUX_TOKEN=TOKEN, INFLUX_FLUSH_MS=10
    ).wait_ready()
    began = now_us() - 60_000_000
    redis_server.publish(*[app(began + i * 10_000_000, n) for i, n in enumerate("abca")])
    x.wait_stats(lambda s: s["points_written"] == 3)

    ask(f"{victoria}/internal/force_flush")  # else points can be read only seconds later

    def exported():
        text = ask(f"{victoria}/api/v1/export?match[]=app_transitions_duration_ms")
        rows = [json.loads(line) for line in text.splitlines()]
        return len(rows) == 3 and rows

    rows = until(exported, "three series in victoria-metrics")
    got = {(r["metric"]["from_app"], r["metric"]["to_app"]): r["values"][0] for r in rows}
    assert set(got) == {("a", "b"), ("b", "c"), ("c", "a")}
    assert all(abs(value - 10000) <= 1 for value in got.values())
    assert TOKEN not in x.text()


def test_without_a_url_there_is_no_database_and_the_log_says_so_once(redis_server, start):
    x = start("app").wait_ready()
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    stats = x.wait_stats(lambda s: s["features"] == 1)
    assert stats["points_queued"] == 0
    assert len(x.saying("INFLUX_URL")) == 1


def test_a_token_from_a_file_is_sent_and_never_shown(redis_server, fake_influx, start, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    x = start(
        "app",
        INFLUX_URL=fake_influx.url,
        INFLUX_TOKEN_FILE=tmp_path / "token",
        INFLUX_BATCH_SIZE=1,
        SECLYZER_LOG_LEVEL="DEBUG",
    ).wait_ready()
    fake_influx.answer = (401, b'{"code":"unauthorized"}')
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    x.wait_line("401")
    assert fake_influx.requests.get(timeout=5)[2]["Authorization"] == f"Token {TOKEN}"
    assert x.stop()[0] == 0
    assert TOKEN not in x.text()


# --- a database that does not do what it should ----------------------------------------------


def publish_in_time(redis_server, hear, x, n=5):
    """Features come over Redis at once, whatever the database does."""
    for i in range(n):
        before = x.stats()["features"]
        began = time.monotonic()
        redis_server.publish(app(now_us(), f"app{before}-{i}"), app(now_us(), "next"))
        assert hear()["from_app"]
        assert time.monotonic() - began < 1
        hear_rest(hear, before, x)


def hear_rest(hear, before, x):
    for _ in range(x.stats()["features"] - before - 1):
        hear()


@pytest.mark.parametrize("how", ["absent", "silent", "500"])
def test_a_database_that_fails_never_delays_redis_and_loses_nothing(
    redis_server, start, tmp_path, how
):
    fake = silent = None
    if how == "500":
        fake = FakeInflux()
        fake.answer = (500, b"internal")
        url = fake.url
    elif how == "silent":
        silent = SilentServer()
        url = silent.url
    else:
        url = f"http://127.0.0.1:{free_port()}"
    spool = tmp_path / "spool"
    settings = {"INFLUX_URL": url, "INFLUX_FLUSH_MS": 1, "SPOOL_DIR": spool}
    x = start("app", **settings).wait_ready()
    hear = redis_server.listen("app")
    publish_in_time(redis_server, hear, x)
    stats = x.stats()
    assert stats["points_written"] == 0 and stats["points_pending"] == stats["features"]
    code, took, last = x.stop()
    assert code == 0 and took < 2
    assert last["points_spooled"] == last["points_queued"] == last["features"]
    for server in (fake, silent):
        if server:
            server.stop()

    good = FakeInflux()
    y = start("app", **{**settings, "INFLUX_URL": good.url}).wait_ready()
    y.wait_stats(lambda s: s["points_written"] == last["points_spooled"])
    times = [int(line.rsplit(" ", 1)[1]) for line in good.lines()]
    assert times == sorted(times) and len(set(times)) >= 5
    assert y.stop()[2]["points_spooled"] == 0
    assert not list(spool.glob("*.spool"))
    good.stop()


def test_a_database_that_comes_back_gets_everything_and_both_are_one_line(
    redis_server, fake_influx, start
):
    fake_influx.answer = (503, b"starting")
    x = start("app", INFLUX_URL=fake_influx.url, INFLUX_FLUSH_MS=1).wait_ready()
    redis_server.publish(*[app(now_us(), name) for name in "abcde"])
    x.wait_line("is away")
    until(lambda: fake_influx.requests.qsize() >= 3, "it tries again")
    fake_influx.answer = (204, b"")
    x.wait_stats(lambda s: s["points_written"] == 4)
    x.wait_line("is back")
    assert [re.search("from_app=(.)", line)[1] for line in fake_influx.lines()] == list("abcd")
    assert len(x.saying("is away")) == len(x.saying("is back")) == 1


def test_influxdb_may_be_killed_and_started_again(redis_server, start):
    first = FakeInflux()
    x = start("app", INFLUX_URL=first.url, INFLUX_FLUSH_MS=1).wait_ready()
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    x.wait_stats(lambda s: s["points_written"] == 1)
    first.stop()
    redis_server.publish(app(now_us(), "c"))
    x.wait_stats(lambda s: s["points_pending"] == 1)
    again = FakeInflux(first.port)
    x.wait_stats(lambda s: s["points_written"] == 2)
    assert "to_app=c" in again.lines()[-1]
    again.stop()


def test_a_refused_batch_goes_to_rejected_and_the_reason_to_the_log(
    redis_server, influxd, start, tmp_path
):
    ask(f"{influxd}/write?db=behavioral_data", b'app_transitions duration_ms="text"')
    x = start(
        "app",
        INFLUX_URL=influxd,
        INFLUX_API="v1",
        INFLUX_FLUSH_MS=1,
        SPOOL_DIR=tmp_path / "spool",
    ).wait_ready()
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    stats = x.wait_stats(lambda s: s["points_dropped"] == 1)
    assert (stats["points_refused"], stats["points_written"]) == (1, 0)
    assert "field type conflict" in x.wait_line("InfluxDB refused")
    kept = (tmp_path / "spool" / "rejected" / "app_tracker.lp").read_text()
    assert "field type conflict" in kept and "from_app=a,to_app=b" in kept
    assert not x.saying("is away")


def test_points_killed_while_spooling_are_found_again(redis_server, start, tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    settings = {"INFLUX_URL": url, "SPOOL_DIR": tmp_path / "spool"}
    x = start("app", **settings).wait_ready()
    t = now_us()
    sent = 0
    while (stats := x.stats())["points_spooled"] < 3000:
        redis_server.publish(*[app(t + i, f"app{i % 7}") for i in range(sent, sent + 500)])
        sent += 500
        assert sent < 100_000
    redis_server.publish(*[app(t + i, f"app{i % 7}") for i in range(sent, sent + 5000)])
    x.kill()

    good = FakeInflux()
    y = start("app", **{**settings, "INFLUX_URL": good.url}).wait_ready()
    last = y.wait_stats(lambda s: s["points_written"] and not s["points_spooled"])
    assert last["points_written"] + last["points_dropped"] >= stats["points_spooled"]
    times = [int(line.rsplit(" ", 1)[1]) for line in good.lines()]
    # Nothing before the kill is missing in the middle: the times follow one another.
    assert times == [(t + 1 + i) * 1000 for i in range(len(times))]
    assert y.stop()[2]["points_spooled"] == 0
    good.stop()


def test_a_second_process_does_not_get_the_spool_of_the_first(redis_server, start, tmp_path):
    settings = {"INFLUX_URL": "http://127.0.0.1:1", "SPOOL_DIR": tmp_path / "spool"}
    start("app", **settings).wait_ready()
    second = start("app", **settings)
    assert second.process.wait(20) == 2
    second.wait_line("SPOOL_DIR")
    start("mouse", **settings).wait_ready()


def test_stopping_while_events_flood_in_keeps_every_point(redis_server, fake_influx, start):
    x = start("app", INFLUX_URL=fake_influx.url, INFLUX_FLUSH_MS=3600000).wait_ready()
    redis_server.publish(*[app(now_us(), f"app{i % 5}") for i in range(3000)])
    code, took, stats = x.stop(signal.SIGTERM)
    assert code == 0 and took < 2
    assert stats["points_written"] == stats["features"] == len(fake_influx.lines())
    assert stats["points_pending"] == 0
