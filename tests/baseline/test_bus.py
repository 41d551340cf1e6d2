"""The connections to Redis, against a server that the test plays byte by byte."""

import json
import re
import socket
import time
from types import SimpleNamespace

import pytest
from seclyzer import config, daemon
from support import DEADLINE_S, app, now_us, until

CONFIRMED = b"*3\r\n$9\r\nsubscribe\r\n$15\r\nseclyzer:events\r\n:1\r\n"


def pushed(message):
    head = b"*3\r\n$7\r\nmessage\r\n$15\r\nseclyzer:events\r\n"
    return head + b"$%d\r\n%b\r\n" % (len(message), message.encode())


def transitions(n):
    """Events that make n transitions, as Redis pushes them."""
    return b"".join(pushed(app(now_us(), f"app{i}")) for i in range(n + 1))


class PlayedRedis:
    """The extractor connects its publisher first, then its subscriber."""

    def __init__(self, path):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(DEADLINE_S)
        self.publisher = self.subscriber = None

    def accept(self):
        connection, _ = self._listener.accept()
        connection.settimeout(DEADLINE_S)
        return connection

    def serve(self, along=b""):
        """Let it connect and subscribe; `along` comes with the confirmation."""
        self.publisher = self.accept()
        self.subscriber = self.accept()
        assert b"SUBSCRIBE" in self.subscriber.recv(4096)
        self.subscriber.sendall(CONFIRMED + along)

    def read_publishes(self, n):
        """The features published until there are n of them."""
        data = b""
        while data.count(b"PUBLISH") < n:
            received = self.publisher.recv(1 << 20)
            assert received, "the publisher was closed"
            data += received
        return [json.loads(text) for text in re.findall(rb"\r\n(\{.*?\})\r\n", data)]

    def refuse(self):
        self._listener.close()

    def stop(self):
        for s in (self._listener, self.publisher, self.subscriber):
            if s:
                s.close()


@pytest.fixture
def played(tmp_path):
    server = PlayedRedis(tmp_path / "redis.sock")
    yield server
    server.stop()


@pytest.fixture
def x(played, start, tmp_path):
    return start("app", REDIS_SOCKET=tmp_path / "redis.sock")


def test_messages_that_come_along_with_the_confirmation_are_not_lost(played, x):
    played.serve(along=transitions(2) + pushed("nonsense")[:20])
    assert len(played.read_publishes(2)) == 2
    stats = x.stats()
    assert (stats["received"], stats["features"]) == (3, 2)


def test_a_message_may_come_in_any_pieces(played, x):
    played.serve()
    for byte in transitions(1):
        played.subscriber.sendall(bytes([byte]))
    assert played.read_publishes(1)[0]["to_app"] == "app1"


def test_a_publish_that_is_never_acknowledged_is_an_error(played, x):
    played.serve()
    played.subscriber.sendall(transitions(3))
    played.read_publishes(3)
    assert x.stats()["publish_errors"] == 0
    played.publisher.sendall(b":0\r\n")
    played.publisher.close()
    x.wait_stats(lambda s: s["publish_errors"] == 2)
    assert not x.saying("is away")


def test_the_end_waits_a_moment_for_acknowledgements_and_no_longer(played, x):
    played.serve()
    played.subscriber.sendall(transitions(3))
    played.read_publishes(3)
    code, took, stats = x.stop()
    assert code == 0 and 0.2 < took < 2
    assert stats["publish_errors"] == 3


def test_a_redis_that_does_not_read_holds_nothing_up_and_gets_all_in_the_end(played, x):
    played.publisher = played.accept()
    played.publisher.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    played.subscriber = played.accept()
    played.subscriber.sendall(CONFIRMED)
    played.subscriber.sendall(transitions(20_000))
    stats = x.wait_stats(lambda s: s["received"] == 20_001)
    assert stats["features"] == 20_000 and stats["publish_errors"] == 0
    got = played.read_publishes(20_000)
    assert [m["to_app"] for m in got] == [f"app{i}" for i in range(1, 20_001)]
    played.publisher.sendall(b":0\r\n" * 20_000)
    code, took, stats = x.stop()
    assert (code, stats["publish_errors"]) == (0, 0) and took < 2


def test_what_a_redis_that_does_not_read_cannot_take_is_bounded_and_counted(played, x):
    played.serve()
    played.subscriber.sendall(transitions(90_000))  # 13 MB of messages
    stats = x.wait_stats(lambda s: s["received"] == 90_001)
    assert 10_000 < stats["publish_errors"] < 60_000
    got = played.read_publishes(90_000 - stats["publish_errors"])
    assert [m["to_app"] for m in got] == [f"app{i}" for i in range(1, len(got) + 1)]


def test_a_publisher_that_cannot_be_opened_again_means_that_redis_is_away(played, x):
    played.serve()
    x.wait_ready()
    played.refuse()
    played.publisher.close()
    played.subscriber.sendall(transitions(5))
    x.wait_line("is away")
    assert x.stats()["publish_errors"] == 5


def test_a_redis_that_drops_every_connection_is_left_alone_for_a_while(played, x):
    dropped = 0.0
    for i in range(4):
        played.publisher = played.accept()
        assert time.monotonic() - dropped > 0.09
        played.subscriber = played.accept()
        played.subscriber.sendall(CONFIRMED)
        x.wait_ready()
        x.wait_stats(lambda s: s["reconnects"] == i)
        dropped = time.monotonic()
        played.publisher.close()
        played.subscriber.close()
    assert x.stop()[0] == 0


def test_away_is_said_once_however_many_attempts_fail(played, x):
    for _ in range(5):
        played.accept().close()
        played.accept().close()
    played.serve()
    x.wait_line("is back")
    assert len(x.saying("is away")) == len(x.saying("is back")) == 1


def test_a_subscription_that_is_refused_is_away_with_the_reason(played, x):
    played.publisher, played.subscriber = played.accept(), played.accept()
    played.subscriber.sendall(b"-NOPERM no channel for you\r\n")
    assert "NOPERM no channel for you" in x.wait_line("is away")
    assert x.stop()[0] == 0


def test_the_password_that_a_redis_without_users_repeats_is_not_shown(played, start, tmp_path):
    secrets = {"REDIS_USERNAME": "joe", "REDIS_PASSWORD": "hush hush"}
    x = start("app", REDIS_SOCKET=tmp_path / "redis.sock", **secrets)
    login = played.publisher = played.accept()
    assert b"hush hush" in login.recv(4096)
    login.sendall(b"-ERR unknown command 'AUTH', with args beginning with: 'joe' 'hush h\r\n")
    assert "unknown command 'AUTH'" in x.wait_line("is away")
    again = played.accept()
    assert b"hush hush" in again.recv(4096)
    again.sendall(b"-ERR no hush hush here\r\n")
    again.close()
    assert x.stop()[0] == 0
    assert "hush" not in x.text()


def test_a_password_in_a_refusal_to_publish_is_not_shown(played, start, tmp_path):
    x = start("app", REDIS_SOCKET=tmp_path / "redis.sock", REDIS_PASSWORD="hush")
    for name in ("publisher", "subscriber"):
        connection = played.accept()
        setattr(played, name, connection)
        assert b"hush" in connection.recv(4096)
        connection.sendall(b"+OK\r\n")
    assert b"SUBSCRIBE" in played.subscriber.recv(4096)
    played.subscriber.sendall(CONFIRMED + transitions(1))
    played.read_publishes(1)
    played.publisher.sendall(b"-ERR you said hush\r\n")
    assert "you said ***" in x.wait_line("Redis refused")
    assert x.stop()[0] == 0
    assert "hush" not in x.text()


def test_a_publisher_outlives_the_loss_of_the_subscriber(played, x):
    played.serve()
    played.subscriber.sendall(transitions(3))
    played.read_publishes(3)
    played.subscriber.close()
    played.subscriber = played.accept()
    assert b"SUBSCRIBE" in played.subscriber.recv(4096)
    played.subscriber.sendall(CONFIRMED)
    x.wait_stats(lambda s: s["reconnects"] == 1)
    played.publisher.sendall(b":0\r\n" * 3)
    played.subscriber.sendall(pushed(app(now_us(), "later")))
    assert played.read_publishes(1)[0]["to_app"] == "later"
    played.publisher.sendall(b":0\r\n")
    code, _, stats = x.stop()
    assert (code, stats["publish_errors"], stats["features"]) == (0, 0, 4)


def test_a_signal_to_stop_is_heard_between_the_messages_of_one_read():
    ours, theirs = socket.socketpair()
    signals = SimpleNamespace(fd=ours.fileno(), stopped_at=None, wants_stats=False)
    settings = config.load("app", {}, "/nonexistent")
    d = daemon.Daemon("app", settings, signals)
    published = []

    def publish(_channel, message):
        published.append(message)
        if len(published) == 3:
            signals.stopped_at = time.monotonic()

    d._bus.wait = lambda _timeout_s: [app(now_us(), f"app{i}").encode() for i in range(100)]
    d._bus.publish = publish
    d._serve()
    assert len(published) == 3 and d._engine.received == 4
    ours.close()
    theirs.close()


def test_replies_that_are_no_messages_are_ignored(played, x):
    played.serve()
    odd = b"+PONG\r\n:5\r\n$-1\r\n*0\r\n-ERR odd\r\n" + CONFIRMED
    odd += b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"
    played.subscriber.sendall(odd + transitions(1))
    assert len(played.read_publishes(1)) == 1
    assert x.stats()["received"] == 2


def test_what_is_no_redis_protocol_is_away(played, x):
    played.serve()
    x.wait_ready()
    played.subscriber.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert "rotocol" in x.wait_line("is away")
    until(lambda: x.stats()["received"] == 0, "nothing was received")
