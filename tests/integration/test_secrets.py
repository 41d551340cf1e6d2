"""No secret is ever seen: not in a log, an error, a process title or a message, also when logging in fails."""
import base64
import pathlib

import pytest
from extractor import run
from messages import ALL_IN_WINDOW, Sender
from stubs import FaultyDatabase
from waiting import wait_until

PASSWORD = "Zq7r3d1sPa5sw0rd+/&%s"
TOKEN = "Zq7influxT0k3n=="
INFLUX_PASSWORD = "Zq7 v1 pa5s w0rd"
SECRETS = (PASSWORD, TOKEN, INFLUX_PASSWORD)


def forms_of(secret):
    """As it is, and as somebody may have written it."""
    text = secret.encode()
    basic = base64.b64encode(b"user:" + text)
    return {text, text[:9], text[-9:], base64.b64encode(text).rstrip(b"="), basic.rstrip(b"=")[8:], text.hex().encode()}


def assert_unseen(data, where):
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    for secret in SECRETS:
        for form in forms_of(secret):
            assert form not in data, f"{form!r} is in {where}"


def assert_keeps_secrets(e):
    proc = pathlib.Path("/proc") / str(e.pid)
    for task in [proc, *(proc / "task").iterdir()]:
        for name in ("cmdline", "comm"):
            assert_unseen((task / name).read_bytes(), f"{task}/{name}")
    e.stats()
    assert_unseen(e.text(), "the log")


@pytest.fixture
def guarded(start):
    return start.redis(password=PASSWORD)


@pytest.mark.parametrize("kind, as_file", [("keystroke", False), ("mouse", True), ("app", False), ("app", True)])
def test_a_password_and_a_token_open_the_doors_and_are_never_seen(start, guarded, kind, folder, closing, as_file):
    victoria = start.victoria()
    front = closing.enter_context(FaultyDatabase(victoria.port))
    settings = {"REDIS_PASSWORD": PASSWORD, "INFLUX_TOKEN": TOKEN}
    if as_file:
        for name, secret in list(settings.items()):
            path = folder / name
            path.write_text(secret + "\n")
            path.chmod(0o600)
            settings[f"{name}_FILE"] = path
            settings[name] = "not this one"
    e = start.ready(kind, guarded, INFLUX_URL=front.url, INFLUX_FLUSH_MS=20, SECLYZER_LOG_LEVEL="DEBUG", **settings,
                    **ALL_IN_WINDOW)
    tap, sender = start.tap(guarded, kind), Sender(kind)
    guarded.publish([*sender.silent(), *sender.next(5)])
    for message in tap.take(5):
        assert_unseen(message, "a feature message")
    e.wait_stats(lambda c: c["points_written"] == 5, "the points are written")
    assert {r[2]["Authorization"] for r in front.requests if r[0] == "POST"} == {"Token " + TOKEN}
    assert_unseen("".join(r[1] for r in front.requests), "a URL")
    assert_unseen(b"".join(r[3] for r in front.requests), "a point")
    assert_keeps_secrets(e)
    assert not e.lines("others", "can be read"), e.text()
    e.stop()
    assert_unseen(e.text(), "the log")


def test_user_and_password_of_redis_go_together(start, guarded):
    guarded.call("ACL", "SETUSER", "watcher", "on", ">" + PASSWORD + "2", "+@all", "~*", "&*")
    e = start.ready("mouse", guarded, REDIS_USERNAME="watcher", REDIS_PASSWORD=PASSWORD + "2", **ALL_IN_WINDOW)
    assert {c["user"] for c in guarded.clients() if c["cmd"] != "client|list"} == {"watcher"}
    assert_keeps_secrets(e)


def test_a_wrong_password_is_said_without_it_and_the_right_one_works_later(start, guarded):
    guarded.call("CONFIG", "SET", "requirepass", "another")
    e = start.extractor("keystroke", guarded, REDIS_PASSWORD=PASSWORD, SECLYZER_LOG_LEVEL="DEBUG")
    e.wait_lines(1, "WRONGPASS", "invalid username-password")
    assert_keeps_secrets(e)
    assert e.notify.count("READY=1") == 0
    guarded.call("CONFIG", "SET", "requirepass", PASSWORD)
    e.wait_ready()
    assert len(e.lines("WRONGPASS", "invalid username-password")) == 1
    e.stop()
    assert_unseen(e.text(), "the log")


def test_a_password_that_is_missing_is_said(start, guarded):
    e = start.extractor("app", guarded)
    e.wait_lines(1, "NOAUTH", "authentication required")
    assert e.notify.count("READY=1") == 0
    e.stop()


@pytest.mark.parametrize("api, settings", [
    ("v2", {"INFLUX_TOKEN": TOKEN}), ("v1", {"INFLUX_USER": "user", "INFLUX_PASSWORD": INFLUX_PASSWORD}),
])
def test_a_database_that_repeats_the_credentials_in_its_refusal_does_not_get_them_logged(start, redis, folder, closing, api, settings):
    front = closing.enter_context(FaultyDatabase())
    front.now((401, {}, lambda headers: f'{{"error":"unauthorized: {headers["Authorization"]}, {" ".join(settings.values())}"}}'.encode()))
    e = start.ready("app", redis, INFLUX_URL=front.url, INFLUX_API=api, INFLUX_FLUSH_MS=20, SECLYZER_LOG_LEVEL="DEBUG",
                    SPOOL_DIR=folder / "spool", **settings)
    redis.publish(Sender("app").next(4))
    e.wait_stats(lambda c: c["points_refused"] == 3, "three refused")
    expected = "Token " + TOKEN if api == "v2" else "Basic " + base64.b64encode(f"user:{INFLUX_PASSWORD}".encode()).decode()
    assert {r[2]["Authorization"] for r in front.requests} == {expected}
    assert any("401" in line for line in e.lines("refused")), e.text()
    e.stop()
    assert_unseen(e.text(), "the log")
    for path in (folder / "spool").rglob("*"):
        if path.is_file():
            assert_unseen(path.read_bytes(), path)


def test_user_and_password_of_a_real_influxdb_1(start, redis, closing):
    influx = start.influx(users=True, database=None)
    influx.query(f"CREATE USER admin WITH PASSWORD '{INFLUX_PASSWORD}' WITH ALL PRIVILEGES")
    e = start.ready("app", redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=20, INFLUX_USER="admin",
                    INFLUX_PASSWORD="wrong")
    redis.publish(Sender("app").next(4))
    e.wait_stats(lambda c: c["points_refused"] == 3, "three refused")
    assert_keeps_secrets(e)
    e.stop()
    influx.credentials = ("admin", INFLUX_PASSWORD)
    influx.query('CREATE DATABASE "behavioral_data"')
    e = start.ready("app", redis, INFLUX_URL=influx.url, INFLUX_API="auto", INFLUX_FLUSH_MS=20, INFLUX_USER="admin",
                    INFLUX_PASSWORD=INFLUX_PASSWORD)
    redis.publish(Sender("app").next(4))
    e.wait_stats(lambda c: c["points_written"] == 3, "three written")
    assert len(influx.points("app_transitions")) == 3
    assert_keeps_secrets(e)


@pytest.mark.parametrize("variable", ["REDIS_PASSWORD_FILE", "INFLUX_TOKEN_FILE"])
@pytest.mark.parametrize("mode, warned", [("600", False), ("400", False), ("644", True), ("640", True), ("604", True)])
def test_a_secret_file_that_others_can_read_draws_one_warning(side, folder, variable, mode, warned):
    path, empty = folder / "secret", folder / "empty"
    path.write_text(TOKEN)
    path.chmod(int(mode, 8))
    empty.write_bytes(b"")
    done = run(side, "keystroke", folder, "--replay", str(empty), settings={variable: path})
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert len(warnings) == warned
    assert all(variable in w and str(path) in w for w in warnings)
    assert_unseen(done.stderr + done.stdout, "the output")


@pytest.mark.parametrize("variable", ["REDIS_PASSWORD", "INFLUX_TOKEN", "INFLUX_PASSWORD"])
def test_a_secret_that_cannot_be_one_is_refused_without_it(side, folder, variable):
    settings = {variable: TOKEN + "\r\nX-Evil: 1", "INFLUX_URL": "http://127.0.0.1:1", "INFLUX_USER": "user"}
    done = run(side, "keystroke", folder, settings=settings)
    assert done.returncode == 2
    assert variable in done.stderr
    assert_unseen(done.stderr + done.stdout, "the output")


def test_a_url_with_a_password_is_not_repeated(side, folder):
    done = run(side, "keystroke", folder, settings={"INFLUX_URL": f"ftp://user:{TOKEN}@host/"})
    assert done.returncode == 2 and "INFLUX_URL" in done.stderr
    assert_unseen(done.stderr + done.stdout, "the output")


def test_the_database_is_spoken_to_directly_whatever_proxy_the_environment_names(start, redis, closing):
    """A token must go nowhere but to INFLUX_URL."""
    influx = start.influx()
    proxy = closing.enter_context(FaultyDatabase())
    proxies = {name: proxy.url for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")}
    e = start.ready("app", redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=20, INFLUX_USER="user",
                    INFLUX_PASSWORD=INFLUX_PASSWORD, **proxies)
    redis.publish(Sender("app").next(4))
    e.wait_stats(lambda c: c["points_written"] == 3, "three written")
    assert proxy.attempts == 0


def test_a_redirect_is_not_followed_with_the_token(start, redis, closing):
    thief = closing.enter_context(FaultyDatabase())
    front = closing.enter_context(FaultyDatabase())
    front.now((307, {"Location": thief.url + "/api/v2/write"}, b""))
    e = start.ready("app", redis, INFLUX_URL=front.url, INFLUX_TOKEN=TOKEN, INFLUX_FLUSH_MS=20)
    redis.publish(Sender("app").next(4))
    wait_until(lambda: front.attempts >= 2, "attempts")
    counters = e.stats()
    assert counters["points_written"] == 0 and counters["points_pending"] == 3
    assert thief.attempts == 0
