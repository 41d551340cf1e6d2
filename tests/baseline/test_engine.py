"""Counting, and when an attempt is made."""

import random

from seclyzer import config
from seclyzer.engine import make_engine
from support import app, keystroke, mouse

T0 = 1795430000000000


class Clock:
    def __init__(self):
        self.now = 100.0
        self.wall = T0 + 1_000_000
        self.reads = 0

    def monotonic(self):
        self.reads += 1
        return self.now

    def wall_us(self):
        return self.wall


def engine(kind, clock, **environ):
    settings = config.load(kind, environ, "/nonexistent")
    e = make_engine(kind, settings, clock.monotonic, clock.wall_us)
    e.begin(clock.now)
    return e


def feed(e, *messages):
    return [e.feed(message.encode()) for message in messages]


def test_the_first_attempt_is_due_an_interval_after_the_start():
    clock = Clock()
    e = engine("keystroke", clock, UPDATE_INTERVAL="5")
    keys = [keystroke(T0 + i) for i in range(12)]
    clock.now += 4.999
    assert not any(feed(e, *keys))
    clock.now += 0.001
    assert feed(e, keys[0])[0] is not None
    assert feed(e, keys[0]) == [None]


def test_an_attempt_without_features_also_starts_the_interval_anew():
    clock = Clock()
    e = engine("keystroke", clock, UPDATE_INTERVAL="5")
    clock.now += 5
    feed(e, keystroke(T0))
    assert (e.too_few, e.features) == (1, 0)
    clock.now += 4.9
    feed(e, *[keystroke(T0 + i) for i in range(12)])
    assert (e.too_few, e.features) == (1, 0)
    clock.now += 0.1
    assert feed(e, keystroke(T0))[0] is not None


def test_only_own_events_make_attempts_or_read_the_clock():
    clock = Clock()
    e = engine("keystroke", clock, UPDATE_INTERVAL="0")
    feed(e, mouse(T0), app(T0, "a"), "nonsense")
    assert clock.reads == 0 and e.too_few == 0
    feed(e, keystroke(T0))
    assert clock.reads == 1 and e.too_few == 1


def test_the_interval_does_not_run_on_the_wall_clock():
    clock = Clock()
    e = engine("keystroke", clock, UPDATE_INTERVAL="5")
    clock.wall += 3600_000_000
    feed(e, *[keystroke(T0 + i) for i in range(12)])
    assert e.too_few == e.features == 0


def test_the_window_is_cut_by_the_wall_clock_of_the_attempt():
    clock = Clock()
    e = engine("keystroke", clock, UPDATE_INTERVAL="0", SECLYZER_TRACE="1")
    features = feed(e, *[keystroke(T0 + i) for i in range(10)])[-1]
    assert features.time_us == clock.wall
    assert features.trace == {"trigger_ts": T0 + 9, "events": 10, "now_us": clock.wall}
    clock.wall += 30_000_000
    assert feed(e, keystroke(T0 + 10)) == [None]


def test_a_rejected_message_changes_nothing_but_its_counter():
    clock = Clock()
    e = engine("app", clock)
    feed(e, app(T0, "a"))
    feed(e, app(T0 + 1, ""), '{"type":"app","ts":1,"app_name":"b","event":null}', "nonsense")
    transition = feed(e, app(T0 + 1_000_000, "c"))[0]
    assert transition.labels == {"from_app": "a", "to_app": "c"}
    assert transition.members == {"duration_ms": 1000}
    assert (e.received, e.accepted, e.rejected_total) == (5, 2, 3)


def test_the_counters_add_up_after_every_message():
    rng = random.Random(3)
    pool = [keystroke(T0), mouse(T0), app(T0, "a"), "", "[]", keystroke(0), '{"type":1}', "\x00"]
    for kind in ("keystroke", "mouse", "app"):
        e = engine(kind, Clock())
        for n in range(1, 500):
            feed(e, rng.choice(pool))
            assert e.received == n == e.accepted + e.other_type + sum(e.rejected.values())
            assert e.rejected_total == sum(e.rejected.values())


def test_events_pushed_out_are_counted():
    e = engine("mouse", Clock(), MAX_BUFFER_SIZE="7")
    feed(e, *[mouse(T0 + i) for i in range(10)])
    assert e.evicted == 3
