"""The programs against a real, private Redis."""

import json
import os
import random
import signal
import socket
import time

import pytest
import redis
from support import (
    DEADLINE_S,
    EVENTS,
    PACKAGE,
    NotifySocket,
    RedisServer,
    app,
    difference,
    free_port,
    keystroke,
    mouse,
    now_us,
    run,
    until,
)

KINDS = ["keystroke", "mouse", "app"]


def stream(kind, n, rng):
    """n own events from the last seconds."""
    ts = now_us() - n * 10_000
    events = []
    for _ in range(n):
        ts += 10_000
        if kind == "keystroke":
            event = rng.choice(["press", "release"])
            events.append(keystroke(ts, rng.choice(["KeyA", "KeyB", "Delete"]), event))
        elif kind == "mouse":
            events.append(mouse(ts, rng.random() * 100, rng.random() * 100))
        else:
            events.append(app(ts, rng.choice("abc")))
    return events


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_published_is_what_extract_and_replay_say(redis_server, start, tmp_path, kind):
    messages = stream(kind, 120, random.Random(1))
    hear = redis_server.listen(kind)
    x = start(kind, UPDATE_INTERVAL=0, SECLYZER_TRACE=1, WINDOW_SECONDS=60).wait_ready()
    redis_server.publish(*messages)
    stats = x.wait_stats(lambda s: s["accepted"] == 120, "120 accepted events")
    assert stats["features"] > 50 and stats["publish_errors"] == 0
    got = [hear() for _ in range(stats["features"])]
    if kind == "app":
        (tmp_path / "messages").write_text("\n".join(messages))
        lines = run("app", "--replay", "messages", cwd=tmp_path).stdout.decode().splitlines()
        want = [json.loads(line.split(" ", 1)[1]) for line in lines]
        for message in got:
            del message["trace"]
        assert difference(got, want) is None
        return
    events = [json.loads(m) for m in messages]
    traces = [message.pop("trace") for message in got]
    cases = [
        {"now_us": t["now_us"], "window": 60, "events": events[: t["events"]]} for t in traces
    ]
    text = "\n".join(map(json.dumps, cases)).encode()
    lines = run(kind, "--extract", "-", input=text, cwd=tmp_path).stdout.decode().splitlines()
    for message, trace, line in zip(got, traces, lines, strict=True):
        assert trace["trigger_ts"] == events[trace["events"] - 1]["ts"]
        assert message.pop("type") == kind
        assert message.pop("timestamp").endswith("+00:00")
        assert difference(message, json.loads(line)) is None


def test_redis_is_reached_by_host_and_port(tmp_path, start):
    port = free_port()
    server = RedisServer(tmp_path, "--port", str(port), "--bind", "127.0.0.1")
    x = start("app", REDIS_HOST="127.0.0.1", REDIS_PORT=port).wait_ready()
    hear = server.listen("app")
    server.publish(app(now_us(), "a"), app(now_us(), "b"))
    assert hear()["to_app"] == "b"
    assert x.stop()[0] == 0
    server.stop()


def test_several_publisher_connections_carry_all_messages(redis_server, start):
    hear = redis_server.listen("app")
    x = start("app", REDIS_POOL_SIZE=4).wait_ready()
    redis_server.publish(*[app(now_us(), f"app{i}") for i in range(101)])
    heard = [hear()["to_app"] for _ in range(100)]
    assert sorted(heard) == sorted(f"app{i}" for i in range(1, 101))
    assert len(redis_server.client.client_list()) >= 6
    assert x.stop()[2]["publish_errors"] == 0


# --- readiness ---------------------------------------------------------------------------


def test_ready_is_said_when_subscribed_and_not_before(redis_server, start, tmp_path):
    sent = NotifySocket(str(tmp_path / "notify"))
    start("mouse", NOTIFY_SOCKET=tmp_path / "notify")
    assert sent.next() == "READY=1"
    assert redis_server.client.pubsub_numsub(EVENTS) == [(EVENTS.encode(), 1)]


def test_an_event_sent_right_after_ready_is_not_lost(redis_server, start, tmp_path):
    sent = NotifySocket(str(tmp_path / "notify"))
    x = start("keystroke", NOTIFY_SOCKET=tmp_path / "notify")
    assert sent.next() == "READY=1"
    redis_server.publish(keystroke(now_us()))
    x.wait_stats(lambda s: s["accepted"] == 1)


def test_exit_when_ready_notifies_and_exits(redis_server, start, tmp_path):
    name = f"\0seclyzer-ready-{os.getpid()}"
    sent = NotifySocket(name)
    x = start("app", ["--exit-when-ready"], NOTIFY_SOCKET="@" + name[1:])
    assert sent.next() == "READY=1"
    assert x.process.wait(DEADLINE_S) == 0


def test_the_watchdog_is_fed_while_idle_and_while_redis_is_away(redis_server, start, tmp_path):
    sent = NotifySocket(str(tmp_path / "notify"))
    start("app", NOTIFY_SOCKET=tmp_path / "notify", WATCHDOG_USEC=40_000).wait_ready()
    for _ in range(5):
        until(lambda: sent.next() == "WATCHDOG=1", "WATCHDOG=1 while idle")
    redis_server.stop()
    for _ in range(5):
        until(lambda: sent.next() == "WATCHDOG=1", "WATCHDOG=1 while away")


# --- signals -------------------------------------------------------------------------------


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_ends_it_with_the_counters_and_exit_0(redis_server, start, signum):
    x = start("mouse").wait_ready()
    redis_server.publish(mouse(now_us()), keystroke(now_us()))
    x.wait_stats(lambda s: s["received"] == 2)
    code, took, stats = x.stop(signum)
    assert code == 0 and took < 2
    assert (stats["accepted"], stats["other_type"]) == (1, 1)
    assert x.lines[-1].startswith("stats ")


def test_a_signal_to_stop_ends_it_while_there_is_no_redis(tmp_path, start):
    x = start("app", REDIS_SOCKET=tmp_path / "absent.sock")
    x.wait_line("is away")
    code, took, _ = x.stop()
    assert code == 0 and took < 2


def test_a_signal_to_stop_ends_it_while_redis_stands_still(redis_server, start):
    x = start("app").wait_ready()
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        code, took, _ = x.stop()
        assert code == 0 and took < 2
        y = start("app")
        y.wait_line("is away")  # connected, but no answer
        code, took, _ = y.stop()
        assert code == 0 and took < 2
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)


def test_the_counters_add_up_whenever_they_are_asked_for(redis_server, start):
    x = start("app", INFLUX_URL="http://127.0.0.1:1", MAX_BUFFER_SIZE=3).wait_ready()
    rng = random.Random(2)
    pool = [app(now_us(), name) for name in "abcdef"] + [mouse(now_us()), "nonsense", "[]"]
    for _ in range(40):
        redis_server.publish(*rng.choices(pool, k=200))
        x.stats()  # checks the sums
    stats = x.wait_stats(lambda s: s["received"] == 8000)
    assert stats["points_queued"] == stats["features"] > 3000
    assert stats["evicted"] > 0


def test_it_is_never_woken_while_idle(redis_server, start, tmp_path):
    x = start(
        "app", INFLUX_URL="http://127.0.0.1:1", SQLITE_DB_PATH=tmp_path / "p.db"
    ).wait_ready()
    tasks = f"/proc/{x.process.pid}/task"

    def switches():
        total = 0
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/status") as f:
                total += sum(int(text.split()[1]) for text in f if "ctxt_switches" in text)
        return total

    # Until it has gone to sleep after the start, then over a second.
    last = [0]

    def is_still():
        before, last[0] = last[0], switches()
        time.sleep(0.05)
        return before == last[0]

    until(is_still, "it goes to sleep")
    before = switches()
    time.sleep(1)
    assert switches() == before


# --- losing Redis -------------------------------------------------------------------------


def test_redis_absent_at_the_start_is_one_line_and_one_when_it_is_there(tmp_path, start):
    x = start("app", REDIS_SOCKET=tmp_path / "redis.sock")
    x.wait_line("is away")
    server = RedisServer(tmp_path)
    x.wait_ready()
    assert len(x.saying("is away")) == 1
    assert len(x.saying("is back")) == 1
    assert x.stop()[2]["reconnects"] == 0
    server.stop()


def test_a_lost_redis_is_found_again_and_both_are_one_line(redis_server, start, tmp_path):
    sent = NotifySocket(str(tmp_path / "notify"))
    x = start("app", NOTIFY_SOCKET=tmp_path / "notify").wait_ready()
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    for times in (1, 2):
        redis_server.stop()
        x.wait_line("is away", times)
        redis_server.start()
        x.wait_line("is back", times)
        assert len(x.saying("is away")) == times
    hear = redis_server.listen("app")
    until(lambda: redis_server.client.pubsub_numsub(EVENTS)[0][1] == 1, "it is subscribed")
    redis_server.publish(app(now_us(), "b"))
    assert hear()["from_app"] == "a"  # what it knew is kept
    assert [sent.next() for _ in range(3)] == ["READY=1"] * 3
    code, _, stats = x.stop()
    assert code == 0 and stats["reconnects"] == 2 and stats["accepted"] == 2


def test_a_publisher_that_redis_has_closed_is_opened_again_when_it_is_needed(redis_server, start):
    hear = redis_server.listen("app")
    x = start("app").wait_ready()
    mine = {c["id"] for c in redis_server.client.client_list() if c["cmd"] in ("NULL", "publish")}
    for client in redis_server.client.client_list():
        if client["sub"] == "0" and client["cmd"] != "client|list" and client["id"] in mine:
            redis_server.client.client_kill_filter(_id=client["id"])
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    assert hear()["to_app"] == "b"
    stats = x.stop()[2]
    assert (stats["reconnects"], stats["publish_errors"]) == (0, 0)
    assert not x.saying("is away")


def test_a_subscriber_that_redis_has_closed_subscribes_again(redis_server, start):
    x = start("app").wait_ready()
    redis_server.client.client_kill_filter(_type="pubsub")
    x.wait_line("is back")
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1 and s["reconnects"] == 1)


def test_features_that_redis_refuses_are_counted_and_said_once_a_second(redis_server, start):
    redis_server.client.acl_setuser(
        "reader", enabled=True, passwords=["+pw"], commands=["+subscribe", "+ping"], channels=["*"]
    )
    x = start("app", REDIS_USERNAME="reader", REDIS_PASSWORD="pw").wait_ready()
    redis_server.publish(*[app(now_us(), name) for name in "abab"])
    x.wait_stats(lambda s: s["publish_errors"] == 3 == s["features"])
    assert 1 <= len(x.saying("Redis refused")) <= 2
    assert "NOPERM" in x.text()


# --- secrets ---------------------------------------------------------------------------------


def test_a_password_logs_in_and_is_never_shown(tmp_path, start):
    server = RedisServer(tmp_path, "--requirepass", "hushhush")
    secret = tmp_path / "secret"
    secret.write_text("hushhush\n")
    secret.chmod(0o600)
    x = start("app", REDIS_SOCKET=server.path, REDIS_PASSWORD_FILE=secret).wait_ready()
    assert x.stop()[0] == 0
    y = start("app", REDIS_SOCKET=server.path, REDIS_PASSWORD="wrongwrong")
    y.wait_line("is away")
    z = start("app", REDIS_SOCKET=server.path)
    assert "uthentication" in z.wait_line("is away")
    for process in (x, y, z):
        assert "hushhush" not in process.text() and "wrongwrong" not in process.text()
    for process in (y, z):
        with open(f"/proc/{process.process.pid}/cmdline") as f:
            assert "wrong" not in f.read()
        assert process.stop()[0] == 0
    server.stop()


def test_rejected_messages_are_said_at_most_once_a_second_and_without_their_content(
    redis_server, start
):
    x = start("keystroke").wait_ready()
    began = time.monotonic()
    secret = keystroke(now_us(), key="SecretKey" * 20)
    while time.monotonic() - began < 1.5:
        redis_server.publish(*[secret] * 50, '{"SecretMember')
    x.wait_stats(lambda s: s["rejected"]["bad_key"] >= 50)
    code, _, stats = x.stop()
    said = x.saying("rejected since")
    assert 1 <= len(said) <= 2 + (time.monotonic() - began)
    assert "Secret" not in x.text()
    counts = [int(text.split(": ", 1)[1].split()[0]) for text in x.saying(" rejected")]
    assert sum(counts) == sum(stats["rejected"].values())


# --- abuse -------------------------------------------------------------------------------------


def test_random_bytes_and_cut_messages_do_no_harm(redis_server, start):
    rng = random.Random(4)
    whole = mouse(now_us()).encode()
    messages = [rng.randbytes(rng.randrange(200)) for _ in range(300)]
    messages += [whole[:n] for n in range(len(whole))]
    messages += [b"x" * 100_000, b"[" * 65536, b'{"a":' * 13000]
    x = start("mouse").wait_ready()
    redis_server.publish(*messages)
    stats = x.wait_stats(lambda s: s["received"] == len(messages))
    assert sum(stats["rejected"].values()) == len(messages)
    redis_server.publish(whole)
    x.wait_stats(lambda s: s["accepted"] == 1)


def test_messages_on_other_channels_and_an_odd_reply_are_ignored(redis_server, start):
    x = start("app").wait_ready()
    redis_server.client.publish("seclyzer:other", app(now_us(), "a"))
    redis_server.publish(app(now_us(), "a"))
    assert x.wait_stats(lambda s: s["received"] == 1)["accepted"] == 1


def test_a_server_that_is_not_redis_is_away(tmp_path, start):
    path = tmp_path / "other.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    server.settimeout(DEADLINE_S)
    x = start("app", REDIS_SOCKET=path)
    connections = [server.accept()[0] for _ in range(2)]
    connections[1].sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert "Protocol error" in x.wait_line("is away")
    assert x.stop()[0] == 0
    server.close()
    with pytest.raises(redis.RedisError):
        redis.Redis(unix_socket_path=str(path)).ping()


def test_a_bug_is_exit_70_without_its_private_text_and_keeps_what_is_pending(
    redis_server, start, tmp_path
):
    (tmp_path / "sitecustomize.py").write_text(
        "from seclyzer import app, engine\n"
        "class Tracker(app.AppTracker):\n"
        "    def add(self, event):\n"
        "        if event[1] == 'PrivateApp': raise KeyError(event)\n"
        "        return super().add(event)\n"
        "engine.AppTracker = Tracker\n"
    )
    url = f"http://127.0.0.1:{free_port()}"
    x = start(
        "app", PYTHONPATH=f"{tmp_path}:{PACKAGE}", INFLUX_URL=url, SPOOL_DIR=tmp_path / "spool"
    ).wait_ready()
    redis_server.publish(app(now_us(), "a"), app(now_us(), "b"))
    x.wait_stats(lambda s: s["points_pending"] == 1)
    redis_server.publish(app(now_us(), "PrivateApp"))
    assert x.process.wait(DEADLINE_S) == 70
    said = x.wait_line("internal error: KeyError in ")
    assert "sitecustomize.py:4 add" in said
    last = json.loads(x.saying("stats {")[-1].removeprefix("stats "))
    assert last["points_spooled"] == 1
    assert "PrivateApp" not in x.text()
