"""At rest no wakeup at all; in a flood every event is received."""
import pathlib
import time

from messages import ALL_IN_WINDOW, SILENT, Sender, encode, app, keystroke, mouse
from waiting import wait_until

IDLE_S = 5
FLOOD = 200_000


def wakeups(pid):
    """Voluntary context switches of all threads: each is a sleep that ended."""
    total = 0
    for task in (pathlib.Path("/proc") / str(pid) / "task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                total += int(line.split()[1])
    return total


def test_an_idle_extractor_does_not_wake_up_at_all(start_both):
    """All six, after work, with connections open to Redis and to InfluxDB, for 5 s."""
    running = {}
    for side, start in start_both.items():
        redis, influx = start.redis(), start.influx()
        for kind in ("keystroke", "mouse", "app"):
            e = start.ready(kind, redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=20, **ALL_IN_WINDOW)
            tap, sender = start.tap(redis, kind), Sender(kind)
            redis.publish([*sender.silent(), *sender.next(20)], receivers=None)
            tap.take(20)
            e.wait_stats(lambda c: c["points_written"] == c["features"] == 20, "all points are written")
            running[side, kind] = e
    settled = {}

    def quiet():
        """What is left of the work has ended: nothing in half a second."""
        now = {which: wakeups(e.pid) for which, e in running.items()}
        if settled.get("counts") != now:
            settled.update(counts=now, since=time.monotonic())
        return time.monotonic() - settled["since"] > 0.5

    wait_until(quiet, "the extractors come to rest")
    before = {which: wakeups(e.pid) for which, e in running.items()}
    until = time.monotonic() + IDLE_S
    wait_until(lambda: time.monotonic() > until, "the idle time is over", IDLE_S + 5)
    after = {which: wakeups(e.pid) for which, e in running.items()}
    assert after == before


def flood_of(kind):
    """The app changes with every hundredth event: 200,000 transitions would be a flood of messages the other way."""
    if kind != "app":
        return Sender(kind).next(FLOOD)
    return [encode(app(i // 100, 1_700_000_000_000_000 + i * 1000)) for i in range(FLOOD)]


def test_of_200000_events_as_fast_as_redis_takes_them_every_one_is_received(start, redis, kind):
    e = start.ready(kind, redis, UPDATE_INTERVAL="3600")
    redis.publish_bounded(flood_of(kind))
    counters = e.wait_stats(lambda c: c["received"] >= FLOOD, "the flood is over")
    assert counters["received"] == counters["accepted"] == FLOOD
    final, _ = e.stop()
    assert final["reconnects"] == final["publish_errors"] == 0
    if kind == "app":
        assert final["features"] == FLOOD // 100 - 1
    else:
        assert final["evicted"] == FLOOD - {"keystroke": 10_000, "mouse": 50_000}[kind]


def test_a_flood_of_other_extractors_events_is_counted_and_its_own_are_found_in_it(start, redis, kind):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    tap = start.tap(redis, kind)
    makers = [m for name, m in (("keystroke", keystroke), ("mouse", mouse), ("app", app)) if name != kind]
    others = [encode(makers[i % 2](i, 1_700_000_000_000_000 + i)) for i in range(50_000)]
    sender = Sender(kind)
    own = [*sender.silent(), *sender.next(100)]
    step = len(others) // len(own)
    mixed = [m for i, event in enumerate(own) for m in (*others[i * step:(i + 1) * step], event)]
    redis.publish_bounded(mixed)
    tap.take(100)
    counters = e.wait_stats(lambda c: c["received"] == len(mixed), "all of them")
    assert counters["other_type"] == len(mixed) - len(own) and counters["accepted"] == len(own) == SILENT[kind] + 100
