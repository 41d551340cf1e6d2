"""Redis is not there yet, goes, stands still, or throws a connection out: the extractor comes back by itself."""
import signal

import pytest
from messages import ALL_IN_WINDOW, SILENT, Sender, without_clock
from stubs import Closer
from waiting import wait_until

WENT = ("trying again", "is away")  # C's words, Python's words


def said(e):
    """(lines that Redis went, lines that it is back), and no other line speaks of it."""
    went = e.lines(*WENT)
    back = [line for line in e.lines("is back") if "redis" in line.lower()]
    other = [line for line in e.lines("redis") if line not in went and line not in back and "INFLUX_URL" not in line]
    assert not other, other
    return len(went), len(back)


def check_features(redis, tap, sender, n=20):
    """n events, each of which makes a message: all of them come."""
    redis.publish(sender.next(n))
    features = tap.take_json(n)
    assert all(f["type"] == sender.kind for f in features)
    return features


@pytest.mark.parametrize("kind", ["keystroke", "app"])
def test_an_extractor_waits_for_a_redis_that_is_not_there_yet(start, redis, kind, closing):
    redis.kill()
    closer = closing.enter_context(Closer(redis.socket))
    e = start.extractor(kind, redis, **ALL_IN_WINDOW)
    wait_until(lambda: closer.accepted >= 8, lambda: f"8 attempts to connect, there were {closer.accepted}")
    assert e.process.poll() is None and e.notify.count("READY=1") == 0
    assert said(e) == (1, 0)
    counters = e.stats()
    assert (counters["received"], counters["reconnects"], counters["publish_errors"]) == (0, 0, 0)
    closer.stop()
    redis.start()
    e.wait_ready()
    tap, sender = start.tap(redis, kind), Sender(kind)
    redis.publish(sender.silent())
    check_features(redis, tap, sender)
    assert said(e) == (1, 1)
    final, _ = e.stop()
    assert (final["features"], final["publish_errors"], final["reconnects"]) == (20, 0, 0)


NO_REDIS = {
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "noise": bytes(range(256)) * 40,
    "huge text": b"$9223372036854775807\r\n",
    "negative": b"$-5\r\n",
    "no number": b"*x\r\n",
    "deep": b"*1\r\n" * 100,
    "half": b"*3\r\n$9\r\nsubscr",
    "loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "an error with a line break": b"-ERR a\x1b[2J\x00b\r\n",
    "answers to nothing": b"+OK\r\n:5\r\n" * 9,
    "message before the confirmation": b"*3\r\n$7\r\nmessage\r\n$15\r\nseclyzer:events\r\n$2\r\n[]\r\n",
}


@pytest.mark.parametrize("words", NO_REDIS)
def test_what_is_no_redis_is_left_and_the_real_one_in_its_place_found(start, redis, closing, words):
    redis.kill()
    closer = closing.enter_context(Closer(redis.socket, NO_REDIS[words]))
    e = start.extractor("keystroke", redis, **ALL_IN_WINDOW)
    wait_until(lambda: closer.accepted >= 4, "attempts to connect")
    assert e.process.poll() is None and e.notify.count("READY=1") == 0
    closer.stop()
    redis.start()
    e.wait_ready()
    tap, sender = start.tap(redis, "keystroke"), Sender("keystroke")
    redis.publish(sender.silent())
    check_features(redis, tap, sender)
    assert said(e) == (1, 1)
    assert e.stop()[0]["publish_errors"] == 0


@pytest.mark.parametrize("kind, connections", [("keystroke", 1), ("app", 3)])
def test_after_redis_was_killed_and_started_again_every_feature_is_published(start, redis, kind, closing, connections):
    """READY=1 again means that events and features both travel again, at once: twice in a row."""
    e = start.ready(kind, redis, REDIS_POOL_SIZE=connections, **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish(sender.silent())
    for times in (1, 2):
        check_features(redis, start.tap(redis, kind), sender)
        redis.kill()
        with Closer(redis.socket) as closer:
            e.wait_lines(times, *WENT)
            # long enough for the attempts of several connections to have drifted apart
            wait_until(lambda: closer.accepted >= 5, "attempts to connect")
        redis.start()
        e.wait_ready(times + 1)
        features = check_features(redis, start.tap(redis, kind), sender)
        assert len(features) == 20
        wait_until(lambda: said(e) == (times, times), lambda: f"{times} lines each way:\n{e.text()}")
    final, _ = e.stop()
    assert final["reconnects"] == 2
    assert final["accepted"] == sender.sent
    assert (final["features"], final["publish_errors"]) == (sender.sent - SILENT[kind], 0)


def test_the_window_survives_a_lost_connection(start, redis, kind):
    """The same features come out as without the loss in between."""
    settings = {**ALL_IN_WINDOW, "SECLYZER_TRACE": "1"}
    whole = start.redis()
    events = Sender(kind).next(SILENT[kind] + 40)
    half = len(events) // 2
    start.ready(kind, whole, **settings)
    tap = start.tap(whole, kind)
    whole.publish(events)
    want = [without_clock(f) for f in tap.take_json(40)]

    e = start.ready(kind, redis, **settings)
    redis.publish(events[:half])
    e.wait_stats(lambda c: c["received"] == half, "the first half")
    redis.kill()
    redis.start()
    e.wait_ready(2)
    tap = start.tap(redis, kind)
    redis.publish(events[half:])
    made = min(40, len(events) - half)
    assert [without_clock(f) for f in tap.take_json(made)] == want[-made:]


def test_what_cannot_be_published_is_counted_and_still_goes_to_the_database(start, redis, kind):
    """Events that Redis had already handed over when it died: their features reach InfluxDB alone."""
    influx = start.influx()
    e = start.ready(kind, redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=20, **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish(sender.silent())
    e.wait_stats(lambda c: c["received"] == sender.sent, "the silent ones")
    e.process.send_signal(signal.SIGSTOP)
    redis.publish(sender.next(30))
    redis.call("PING")  # by then the subscriber's socket has them
    redis.kill()
    e.process.send_signal(signal.SIGCONT)
    e.wait_lines(1, *WENT)
    counters = e.wait_stats(lambda c: c["points_written"] == c["features"], "every feature in the database")
    assert counters["received"] == sender.sent
    assert counters["features"] == counters["publish_errors"] == counters["points_queued"] == 30
    redis.start()
    e.wait_ready(2)
    check_features(redis, start.tap(redis, kind), sender, 5)
    final, _ = e.stop()
    assert (final["reconnects"], final["publish_errors"], final["features"], final["points_written"]) == (1, 30, 35, 35)


def connections_of(redis):
    """The extractor's connections as they are called in CLIENT LIST: {id: is it the subscriber}."""
    return {c["id"]: c["sub"] == "1" for c in redis.clients() if c["cmd"] != "client|list"}


def test_a_subscriber_that_redis_throws_out_subscribes_again(start, redis, kind):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish(sender.silent())
    e.wait_stats(lambda c: c["received"] == sender.sent, "the silent ones")
    [victim] = [i for i, is_subscriber in connections_of(redis).items() if is_subscriber]
    redis.call("CLIENT", "KILL", "ID", victim)
    e.wait_ready(2)
    check_features(redis, start.tap(redis, kind), sender)
    assert said(e) == (1, 1)
    final, _ = e.stop()
    assert (final["reconnects"], final["publish_errors"]) == (1, 0)


def test_a_publisher_that_redis_throws_out_is_made_again_without_touching_the_subscription(start, redis, kind):
    """As Redis does with idle clients when `timeout` is set.  What is lost meanwhile is counted, to the message."""
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish(sender.silent())
    e.wait_stats(lambda c: c["received"] == sender.sent, "the silent ones")
    [victim] = [i for i, is_subscriber in connections_of(redis).items() if not is_subscriber]
    tap = start.tap(redis, kind)
    redis.call("CLIENT", "KILL", "ID", victim)

    def one_more_arrives():
        redis.publish(sender.next())
        c = e.stats()
        return c["features"] - c["publish_errors"] >= 1

    wait_until(one_more_arrives, "features are published again")
    redis.publish(sender.next(20))
    counters = e.wait_stats(lambda c: c["received"] == sender.sent, "all events")
    tap.take(counters["features"] - counters["publish_errors"])
    tap.assert_silent()
    assert counters["reconnects"] == 0
    assert counters["accepted"] == sender.sent and counters["features"] == sender.sent - SILENT[kind]


def test_a_publish_that_redis_refuses_is_counted_and_not_the_end(start, redis, kind):
    """A user who may subscribe but not publish to the features' channel, as an administrator may have it wrong."""
    redis.call("ACL", "SETUSER", "meek", "on", ">pass", "+@all", "~*", "resetchannels", "&seclyzer:events")
    e = start.ready(kind, redis, REDIS_USERNAME="meek", REDIS_PASSWORD="pass", **ALL_IN_WINDOW)
    sender = Sender(kind)
    redis.publish([*sender.silent(), *sender.next(50)])
    counters = e.wait_stats(lambda c: c["publish_errors"] == 50, "50 refused")
    assert counters["features"] == 50
    assert 1 <= len(e.lines("no permissions", "noperm")) <= 3, e.text()
    redis.call("ACL", "SETUSER", "meek", "allchannels")
    tap = start.tap(redis, kind)
    wait_until(lambda: redis.subscribers() == 1, "subscribed")
    check_features(redis, tap, sender)
    assert e.stop()[0]["publish_errors"] == 50


def test_a_redis_that_stands_still_is_waited_for(start, redis, kind):
    e = start.ready(kind, redis, **ALL_IN_WINDOW)
    tap, sender = start.tap(redis, kind), Sender(kind)
    redis.publish(sender.silent())
    redis.signal(signal.SIGSTOP)
    assert e.stats()["reconnects"] == 0
    redis.signal(signal.SIGCONT)
    check_features(redis, tap, sender)
    assert said(e) == (0, 0)
