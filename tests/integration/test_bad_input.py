"""Whatever comes in on the channel: counted by its reason, never fatal, and without a trace in the features."""
import functools
import random
import time

import pytest
from bad_messages import MARKER, bad_stream
from extractor import run
from messages import ALL_IN_WINDOW, MAKERS, SILENT, Sender, encode, without_clock
from stubs import Relay

N_BAD = 100_000
N_GOOD = {"keystroke": 150, "mouse": 150, "app": 100}


@functools.cache
def streams(kind):
    """(good, mixed, expected counts): the good events alone, and the same among the bad ones."""
    bad, expected = bad_stream(kind, N_BAD, seed=f"bad {kind}")
    good = Sender(kind).next(N_GOOD[kind])
    at = sorted(random.Random(kind).sample(range(N_BAD), len(good)))
    mixed, begin = [], 0
    for place, message in zip(at, good):
        mixed += [*bad[begin:place], message]
        begin = place
    return good, mixed + bad[begin:], expected


def test_a_hundred_thousand_bad_messages_are_counted_by_reason_and_change_no_feature(start, redis, kind):
    good, mixed, expected = streams(kind)
    settings = {**ALL_IN_WINDOW, "SECLYZER_TRACE": "1", "SECLYZER_LOG_LEVEL": "DEBUG"}
    alone = start.redis()
    taps = {server: start.tap(server, kind) for server in (redis, alone)}
    quiet = start.ready(kind, alone, **settings)
    noisy = start.ready(kind, redis, **settings)

    alone.publish(good)
    redis.publish_bounded(mixed)
    made = len(good) - SILENT[kind]
    want, got = taps[alone].take_json(made), taps[redis].take_json(made)
    counters = noisy.wait_stats(lambda c: c["received"] >= len(mixed), "everything was received")

    assert [list(without_clock(f).items()) for f in got] == [list(without_clock(f).items()) for f in want]
    taps[redis].assert_silent()
    assert counters["received"] == len(mixed)
    assert counters["accepted"] == len(good)
    assert counters["other_type"] == expected["other_type"]
    assert {r: n for r, n in counters["rejected"].items() if n} == {r: n for r, n in expected.items() if r != "other_type"}
    assert counters["features"] == made and counters["publish_errors"] == 0 and counters["reconnects"] == 0
    final, _ = noisy.stop()
    assert {**final, "uptime_ms": 0} == {**counters, "uptime_ms": 0}
    assert quiet.stop()[0]["features"] == made

    about_rejection = [line for line in noisy.lines("reject") if not line.startswith("stats ")]
    seconds = time.monotonic() - noisy.started_at
    assert 1 <= len(about_rejection) <= seconds + 2, about_rejection
    assert MARKER not in noisy.text()


@pytest.mark.parametrize("kind, bad", [("app", b""), ("keystroke", b"{"), ("mouse", b"\xff\x00"), ("app", b"[" * 60_000)],
                         ids=["empty", "brace", "binary", "deep"])
def test_a_bad_message_as_the_very_first_is_no_harm(start, redis, kind, bad):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    tap = start.tap(redis, kind)
    sender = Sender(kind)
    redis.publish([bad, *sender.silent(), *sender.next()])
    assert tap.take_json()[0]["type"] == kind
    final, _ = e.stop()
    assert (final["received"], final["accepted"], sum(final["rejected"].values())) == (SILENT[kind] + 2, SILENT[kind] + 1, 1)


def test_the_longest_message_that_is_allowed_is_read_and_one_byte_more_is_not(start, redis, kind):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    text = Sender(kind).next()[0]
    longest, longer = (text[:-1] + b',"note":"' + b"x" * (n - len(text) - 10) + b'"}' for n in (65536, 65537))
    assert (len(longest), len(longer)) == (65536, 65537)
    redis.publish([longest, longer, longest])
    counters = e.wait_stats(lambda c: c["received"] == 3, "three messages")
    assert (counters["accepted"], counters["rejected"]["too_long"]) == (2, 1)


@pytest.mark.parametrize("kind", ["keystroke", "mouse"])
def test_bad_and_foreign_messages_are_no_attempts(start, redis, kind):
    """However many come during UPDATE_INTERVAL, the first own event after it makes the features."""
    e = start.ready(kind, redis, WINDOW_SECONDS="86400", UPDATE_INTERVAL="0.3")
    tap, sender = start.tap(redis, kind), Sender(kind)
    redis.publish(sender.silent())
    e.wait_stats(lambda c: c["received"] == sender.sent, "the silent ones")
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        redis.publish([b"{", b'{"type":"app"}', b"[]"])
    redis.publish(sender.next())
    assert tap.take_json()[0]["type"] == kind
    counters = e.stats()
    assert counters["features"] + counters["no_features"]["too_few"] <= 2


@pytest.mark.parametrize("kind", ["keystroke", "mouse"])
def test_a_feature_message_is_that_of_the_window_which_its_trace_names(start, redis, folder, side, kind):
    """Events run past a window of a second; each message is made again offline from what its trace says."""
    n, spread_us = 300, 1_500_000
    begin_us = time.time_ns() // 1000 - spread_us
    events = [encode(MAKERS[kind](i, begin_us + i * spread_us // n)) for i in range(n)]
    e = start.ready(kind, redis, WINDOW_SECONDS="1", UPDATE_INTERVAL="0", SECLYZER_TRACE="1")
    tap = start.tap(redis, kind)
    redis.publish(events)
    counters = e.wait_stats(lambda c: c["received"] == n, "all events")
    features = tap.take_json(counters["features"])
    assert len(features) > 50
    traces = [f.pop("trace") for f in features]
    cases = [b'{"now_us":%d,"window":1,"events":[%b]}' % (t["now_us"], b",".join(events[:t["events"]])) for t in traces]
    assert len({t["now_us"] for t in traces}) > 10
    path = folder / "cases.jsonl"
    path.write_bytes(b"\n".join(cases) + b"\n")
    again = run(side, kind, folder, "--extract", str(path))
    assert again.returncode == 0, again.stderr
    lines = again.stdout.splitlines()
    assert len(lines) == len(features)
    for feature, line in zip(features, lines):
        members = {k: v for k, v in feature.items() if k not in ("timestamp", "type")}
        assert encode(members).decode() == line


def test_a_stream_that_arrives_in_single_bytes_is_read_the_same(start, redis, kind, closing):
    relay = closing.enter_context(Relay(redis.socket, piece=1))
    e = start.ready(kind, None, REDIS_HOST="127.0.0.1", REDIS_PORT=relay.port, SECLYZER_TRACE="1", **ALL_IN_WINDOW)
    tap = start.tap(redis, kind)
    sender = Sender(kind)
    redis.publish([*sender.silent(), b"\r\n$5\r\n", *sender.next(20)])
    features = tap.take_json(20)
    assert [f["trace"]["events"] for f in features] == list(range(SILENT[kind] + 1, SILENT[kind] + 21))
    assert e.stop()[0]["rejected"]["not_json"] == 1
