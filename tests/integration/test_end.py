"""SIGTERM, SIGINT, SIGUSR1 and the watchdog: the end comes within two seconds, whatever else does not answer."""
import contextlib
import os
import signal
import subprocess
import time

import pytest
from extractor import check_closure, environment, path_of
from messages import ALL_IN_WINDOW, SILENT, Sender
from servers import free_port
from stubs import FaultyDatabase
from waiting import wait_until

END_S = 2.0
SPARE_S = 1.0  # for a busy host


def stopped(e, signum=signal.SIGTERM):
    counters, took_s = e.stop(signum)
    assert took_s < END_S + SPARE_S, f"the end took {took_s:.1f} s"
    return counters


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_and_its_final_counters(start, redis, kind, signum):
    influx = start.influx()
    e = start.ready(kind, redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=3600000, **ALL_IN_WINDOW)
    tap, sender = start.tap(redis, kind), Sender(kind)
    redis.publish([*sender.silent(), *sender.next(30), b"{"])
    tap.take(30)
    counters = stopped(e, signum)
    assert (counters["received"], counters["accepted"], counters["rejected"]["not_json"]) == (sender.sent + 1, sender.sent, 1)
    assert (counters["features"], counters["points_queued"], counters["points_written"]) == (30, 30, 30)
    assert e.notify.count("STOPPING=1") == 1
    assert redis.subscribers() == 0


def test_closed_standard_descriptors_do_not_let_log_lines_get_into_a_socket(redis, side, kind, folder):
    """The first descriptors opened would be 0, 1 and 2, the last of which is where the log goes."""
    command = f'exec "{path_of(side, kind)}" <&- >&- 2>&-'
    process = subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, env=environment({"REDIS_SOCKET": redis.socket, **ALL_IN_WINDOW}))
    try:
        wait_until(lambda: redis.subscribers() == 1, "subscribed")
        tap, sender = redis.tap(f"seclyzer:features:{kind}"), Sender(kind)
        redis.publish([*sender.silent(), *sender.next(3), b"{"])
        assert len(tap.take(3)) == 3
        tap.close()
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert "errorstat_" not in redis.call("INFO", "errorstats").decode()


@pytest.mark.parametrize("level, lines", [("DEBUG", 3), ("INFO", 3), ("WARNING", 1), ("ERROR", 0)])
def test_the_log_level_is_obeyed(start, redis, level, lines):
    """No database, ready, and a rejected message: two for information and one as a warning."""
    e = start.ready("keystroke", redis, SECLYZER_LOG_LEVEL=level)
    redis.publish([b"{"])
    e.wait_stats(lambda c: c["received"] == 1, "the message")
    e.stop()
    said = [line for line in e.text().splitlines() if not line.startswith(("stats ", "DEBUG "))]
    assert len(said) == lines, said


def test_usr1_prints_the_counters_and_nothing_else_happens(start, redis, kind):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    first = e.stats()
    members = ["received", "accepted", "other_type", "rejected", "evicted", "features", "no_features", "publish_errors",
               "points_queued", "points_written", "points_spooled", "points_dropped", "points_pending", "points_refused",
               "reconnects", "uptime_ms"]
    assert list(first) == members
    assert list(first["rejected"]) == ["too_long", "not_utf8", "not_json", "not_object", "bad_type", "bad_ts", "bad_event", "bad_key",
                                       "bad_coordinate", "bad_button", "bad_scroll", "bad_app_name"]
    assert list(first["no_features"]) == ["too_few"]
    sender = Sender(kind)
    redis.publish([*sender.silent(), *sender.next(3)])
    second = e.wait_stats(lambda c: c["received"] == sender.sent, "the events")
    assert second["features"] == 3
    assert second["no_features"]["too_few"] == (0 if kind == "app" else SILENT[kind])
    assert second["uptime_ms"] >= first["uptime_ms"]
    final, _ = e.stop()
    assert {**final, "uptime_ms": 0} == {**second, "uptime_ms": 0}


def test_a_signal_while_redis_was_never_there_ends_it(start, redis):
    redis.kill()
    e = start.extractor("app", redis)
    e.wait_lines(1, "redis at")
    assert e.stats()["received"] == 0
    assert stopped(e)["reconnects"] == 0


@pytest.mark.parametrize("kind", ["keystroke"])
def test_a_signal_while_redis_is_gone_ends_it_and_the_database_still_gets_its_points(start, redis, kind):
    influx = start.influx()
    e = start.ready(kind, redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=3600000, **ALL_IN_WINDOW)
    tap, sender = start.tap(redis, kind), Sender(kind)
    redis.publish([*sender.silent(), *sender.next(7)])
    tap.take(7)
    redis.kill()
    e.wait_lines(1, "redis at")
    assert stopped(e)["points_written"] == 7


def test_a_signal_while_redis_stands_still_ends_it(start, redis):
    """What was published and is not acknowledged by then counts as an error."""
    kind = "keystroke"
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    sender = Sender(kind)
    e.process.send_signal(signal.SIGSTOP)
    redis.publish([*sender.silent(), *sender.next(5)])
    redis.call("PING")
    redis.signal(signal.SIGSTOP)
    e.process.send_signal(signal.SIGCONT)
    e.wait_stats(lambda c: c["features"] == 5, "five features")
    counters = stopped(e)
    assert counters["features"] == 5
    assert counters["publish_errors"] == 5


@pytest.mark.parametrize("database", ["hangs", "absent"])
@pytest.mark.parametrize("spool", [True, False], ids=["spool", "no spool"])
def test_a_signal_while_the_database_does_not_answer_ends_it(start, redis, folder, closing, database, spool):
    front = closing.enter_context(FaultyDatabase())
    front.now("hang")
    url = front.url if database == "hangs" else f"http://127.0.0.1:{free_port()}"
    e = start.ready("app", redis, INFLUX_URL=url, INFLUX_FLUSH_MS=20, SPOOL_DIR=folder / "spool" if spool else None)
    tap, sender = start.tap(redis, "app"), Sender("app")
    redis.publish(sender.next(11))
    tap.take(10)
    if database == "hangs":
        wait_until(lambda: front.attempts, "a request that hangs")
    counters = stopped(e)
    kept, lost = (10, 0) if spool else (0, 10)
    assert (counters["points_spooled"], counters["points_dropped"], counters["points_pending"]) == (kept, lost, 0)


def test_more_signals_during_the_end_change_nothing(start, redis, closing):
    front = closing.enter_context(FaultyDatabase())
    front.now("hang")
    e = start.ready("app", redis, INFLUX_URL=front.url, INFLUX_FLUSH_MS=20)
    redis.publish(Sender("app").next(11))
    wait_until(lambda: front.attempts, "a request that hangs")
    began = time.monotonic()
    e.process.send_signal(signal.SIGTERM)
    wait_until(lambda: e.notify.count("STOPPING=1"), "the end has begun")
    for signum in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM, signal.SIGUSR1):
        with contextlib.suppress(ProcessLookupError):
            e.process.send_signal(signum)
    assert e.process.wait(30) == 0
    assert time.monotonic() - began < END_S + SPARE_S
    assert e.text().split("\n")[-2].startswith("stats {")


def published(redis):
    """PUBLISH commands so far, whoever sent them."""
    return int(redis.call("INFO", "commandstats").decode().split("cmdstat_publish:calls=")[1].split(",")[0])


def test_a_signal_during_a_flood_ends_it_in_time(start, redis):
    """Every event makes an extraction of a full window; what was not read is left unread."""
    kind = "mouse"
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish(sender.next(20_000))
    e.process.send_signal(signal.SIGSTOP)
    redis.publish(sender.next(20_000))
    e.process.send_signal(signal.SIGCONT)
    wait_until(lambda: published(redis) > 40_100, "features are published")
    counters = stopped(e)
    assert counters["received"] == counters["accepted"] < sender.sent
    check_closure(counters)


def test_a_signal_during_the_start_is_no_crash(start, redis):
    """Whenever it comes: by the signal itself before it is caught, by an end in order after that."""
    for delay_ms in (0, 1, 2, 3, 5, 20, 60, 120):
        e = start.extractor("app", redis)
        at = time.monotonic() + delay_ms / 1000
        wait_until(lambda at=at: time.monotonic() >= at, "the moment")
        e.process.send_signal(signal.SIGTERM)
        assert e.process.wait(30) in (0, -signal.SIGTERM), e.text()


def test_the_watchdog_is_fed_twice_as_often_as_asked_for(start, redis):
    e = start.ready("keystroke", redis, WATCHDOG_USEC=100_000)
    began, before = time.monotonic(), e.notify.count("WATCHDOG=1")
    wait_until(lambda: e.notify.count("WATCHDOG=1") >= before + 10, "ten beats")
    took_s = time.monotonic() - began
    assert 0.3 < took_s < 3, f"ten beats in {took_s:.2f} s; 0.5 s were expected"


def test_the_watchdog_is_fed_while_redis_is_away_too(start, redis):
    redis.kill()
    e = start.extractor("mouse", redis, WATCHDOG_USEC=100_000)
    e.wait_lines(1, "redis at")
    wait_until(lambda: e.notify.count("WATCHDOG=1") >= 5, "five beats")
    assert e.notify.count("READY=1") == 0


@pytest.mark.parametrize("settings", [
    {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "-5"}, {"WATCHDOG_USEC": "50000", "WATCHDOG_PID": str(os.getpid())},
], ids=str)
def test_a_watchdog_that_is_not_meant_for_it_is_not_fed(start, redis, settings):
    e = start.ready("app", redis, **settings)
    until = time.monotonic() + 0.3
    wait_until(lambda: time.monotonic() > until, "time for some beats")
    assert e.notify.count("WATCHDOG=1") == 0
    e.stop()


@pytest.mark.parametrize("usec", ["1", "9223372036854775807"])
def test_a_senseless_watchdog_interval_is_no_harm(start, redis, usec):
    e = start.ready("app", redis, WATCHDOG_USEC=usec)
    wait_until(lambda: e.notify.count("WATCHDOG=1") >= 1, "a beat")
    assert e.stats()["received"] == 0
    if usec != "1":
        assert e.notify.count("WATCHDOG=1") == 1
    e.stop()
