"""Where a value comes from, what is said about a wrong one, and the modes that end by themselves."""
import json
import subprocess

import pytest
from extractor import NotifySocket, environment, path_of, run
from messages import Sender
from waiting import wait_until

MARKER = "Zq7"

# variable, what its error must say is allowed, wrong values
WRONG = [
    ("REDIS_PORT", ["1", "65535"], ["0", "65536", "-1", "6379x", "63.79", " 6379", "6379 ", "0x10", "6_379", "99999999999999999999"]),
    ("REDIS_POOL_SIZE", ["1", "16"], ["0", "17", "two", "1e1"]),
    ("INFLUX_URL", ["http://", "https://"], ["localhost:8086", "ftp://localhost:8086", "http:/localhost", "HTTP"]),
    ("INFLUX_API", ["v1", "v2", "auto"], ["v3", "V2", "1", "v1 "]),
    ("INFLUX_BATCH_SIZE", ["1", "10000"], ["0", "10001", "50.0", "-50"]),
    ("INFLUX_FLUSH_MS", ["1", "3600000"], ["0", "3600001", "1s", "1e3"]),
    ("WINDOW_SECONDS", ["0.001", "86400"], ["0", "0.0009", "86400.5", "-1", "nan", "inf", "30s", "0x1p3", "1,5", "."]),
    ("UPDATE_INTERVAL", ["0", "86400"], ["-0.1", "86401", "nan", "-inf", "5 s", "abc"]),
    ("MAX_BUFFER_SIZE", ["1", "1000000"], ["0", "1000001", "10k", "-1"]),
    ("SPOOL_MAX_BYTES", ["4096", "KiB", "MiB", "GiB"], ["4095", "1KB", "64mib", "-4096", "1e6", "64M", "0KiB", "9999999999GiB"]),
    ("SECLYZER_DEV_MODE", ["true", "false", "yes", "no", "on", "off", "1", "0"], ["2", "maybe", "tru", "y"]),
    ("SECLYZER_TRACE", ["true", "false", "yes", "no", "on", "off", "1", "0"], ["-1", "trace", "00"]),
    ("SECLYZER_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], ["info", "TRACE", "10", "WARN"]),
]


def one_line(done, status=2):
    """What a program that ended at once said: one line on stderr, nothing on stdout."""
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert done.stderr.endswith("\n") and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.isprintable() or done.stderr[:-1].isprintable(), repr(done.stderr)
    return done.stderr


@pytest.mark.parametrize("variable, allowed, values", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_value_ends_with_2_and_one_line_that_names_it_and_what_is_allowed(side, folder, variable, allowed, values):
    for i, value in enumerate(values):
        kind = ("keystroke", "mouse", "app")[i % 3]
        line = one_line(run(side, kind, folder, settings={variable: value}))
        assert variable in line and value in line, line
        assert all(word in line.replace(variable, "") for word in allowed), line
    # the same value from .env is as wrong
    (folder / ".env").write_text(f'{variable}="{value}"\n')
    line = one_line(run(side, kind, folder, "--exit-when-ready"))
    assert variable in line and value in line, line


@pytest.mark.parametrize("value", ["9" * 5000, "5\nERROR forged: line", "5\x1b[2J", "5\x7f"], ids=["long", "two lines", "escape", "delete"])
def test_a_hostile_value_cannot_hide_the_message_or_forge_a_second_line(side, folder, value):
    line = one_line(run(side, "mouse", folder, settings={"UPDATE_INTERVAL": value}))
    assert "UPDATE_INTERVAL" in line, line
    assert "86400" in line or "control characters" in line, line  # what is allowed
    assert len(line) < 1000


@pytest.mark.parametrize("text, number", [
    ("REDIS_PORT\n", 1), ("# a comment\n\nREDIS_PORT=6379\n= 5\n", 4), ("1REDIS=5\n", 1), ("A=1\r\nREDIS-PORT=5\r\n", 2),
    ("A='not closed\n", 1), ('A=1\nB="x" y\n', 2), ("export\n", 1), ("A=1\n\nexport 1=1", 3),
    (f"INFLUX_TOKEN {MARKER}\n", 1), (f"INFLUX_TOKEN='{MARKER}\n", 1),
])
def test_a_malformed_line_of_the_env_file_is_named_by_its_number_and_not_shown(side, folder, text, number):
    (folder / ".env").write_bytes(text.encode())
    line = one_line(run(side, "keystroke", folder))
    assert f".env:{number}:" in line, line
    assert MARKER not in line


def test_an_env_file_that_cannot_be_read_is_an_error(side, folder):
    (folder / ".env").mkdir()
    assert ".env" in one_line(run(side, "keystroke", folder))


@pytest.mark.parametrize("variable", ["INFLUX_TOKEN_FILE", "REDIS_PASSWORD_FILE"])
@pytest.mark.parametrize("content", [None, b"", b"\n", b" \n\n", b"two\nlines\n", b"nul\0byte\n", "directory"],
                         ids=["absent", "empty", "newline", "blanks", "two lines", "nul", "directory"])
def test_a_secret_file_that_holds_no_secret_is_an_error_that_names_it(side, folder, variable, content):
    path = folder / "secret"
    if content == "directory":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    line = one_line(run(side, "keystroke", folder, settings={variable: path}))
    assert variable in line and str(path) in line, line
    assert "lines" not in line.replace("secret", "")


@pytest.mark.parametrize("arguments", [
    ["--frobnicate"], ["-x"], ["start"], ["--extract"], ["--replay"], ["--replay="], ["--exit-when-ready", "now"],
    ["--extract", "empty", "--replay", "empty"], ["--exit-when-ready", "--replay", "empty"], ["--version=maybe"],
    ["--version", "--help"], ["--replay", "empty", "empty"],
], ids=" ".join)
def test_a_wrong_flag_ends_with_2_and_one_line(side, folder, arguments):
    (folder / "empty").write_bytes(b"")
    assert "ERROR" in one_line(run(side, "app", folder, *arguments))


def test_a_file_that_is_not_there_ends_with_2_and_is_named(side, kind, folder):
    for mode in ("--extract", "--replay"):
        assert "no such.jsonl" in one_line(run(side, kind, folder, mode, "no such.jsonl"))


def test_a_spool_directory_that_cannot_be_one_ends_with_2_and_is_named(side, folder):
    (folder / "file").write_text("")
    settings = {"INFLUX_URL": "http://127.0.0.1:1", "SPOOL_DIR": folder / "file" / "spool"}
    line = one_line(run(side, "keystroke", folder, settings=settings))
    assert "SPOOL_DIR" in line and str(folder / "file") in line, line


def test_two_processes_with_one_spool_are_refused(start, redis, side, folder):
    spool = folder / "spool"
    settings = {"INFLUX_URL": "http://127.0.0.1:1", "SPOOL_DIR": spool, "REDIS_SOCKET": redis.socket}
    first = start.ready("keystroke", redis, **settings)
    done = run(side, "keystroke", folder, settings=settings)
    assert done.returncode == 2, done.stderr
    assert "SPOOL_DIR" in done.stderr
    assert first.process.poll() is None


# --- precedence: seen by how many of 20 events are pushed out of the buffer ------------------

def evicted(side, folder, **settings):
    path = folder / "events"
    path.write_bytes(b"\n".join(Sender("keystroke").next(20)))
    done = run(side, "keystroke", folder, "--replay", str(path), settings=settings)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1].removeprefix("stats "))["evicted"]


@pytest.mark.parametrize("env_file, environ, buffer", [
    (None, None, 20), (None, "7", 7),
    ("MAX_BUFFER_SIZE=6\n", None, 6), ("MAX_BUFFER_SIZE=6\n", "7", 7),
    ("MAX_BUFFER_SIZE=6\n", "", 6), ("MAX_BUFFER_SIZE=\n", None, 20), ("MAX_BUFFER_SIZE=''\n", "", 20), (None, "", 20),
    ("MAX_BUFFER_SIZE=0\n", "7", 7),
    ("export MAX_BUFFER_SIZE=6\n", None, 6), ("  MAX_BUFFER_SIZE = 6  # six\n", None, 6), ("MAX_BUFFER_SIZE='6' # six\n", None, 6),
    ('MAX_BUFFER_SIZE="6"', None, 6), ("#MAX_BUFFER_SIZE=6\n", None, 20), ("MAX_BUFFER_SIZE=6\nMAX_BUFFER_SIZE=5\n", None, 5),
    ("OTHER=$(x)\r\nMAX_BUFFER_SIZE=6\r\n", None, 6),
])
def test_the_environment_wins_over_the_env_file_and_that_over_the_default(side, folder, env_file, environ, buffer):
    if env_file is not None:
        (folder / ".env").write_text(env_file, newline="")
    assert evicted(side, folder, MAX_BUFFER_SIZE=environ) == 20 - buffer


def test_the_env_file_is_that_of_the_working_directory(side, folder):
    inside = folder / "inside"
    inside.mkdir()
    (folder / ".env").write_text("MAX_BUFFER_SIZE=0\n")
    assert evicted(side, inside) == 0


# --- modes that end by themselves ---------------------------------------------------------

DEFAULTS = {
    "REDIS_HOST": "localhost", "REDIS_PORT": "6379", "REDIS_SOCKET": "", "REDIS_USERNAME": "", "REDIS_PASSWORD": "", "REDIS_PASSWORD_FILE": "",
    "REDIS_POOL_SIZE": "1", "INFLUX_URL": "", "INFLUX_API": "v2", "INFLUX_TOKEN": "", "INFLUX_TOKEN_FILE": "", "INFLUX_ORG": "seclyzer",
    "INFLUX_BUCKET": "behavioral_data", "INFLUX_USER": "", "INFLUX_PASSWORD": "", "INFLUX_BATCH_SIZE": "50", "INFLUX_FLUSH_MS": "1000",
    "WINDOW_SECONDS": "30", "UPDATE_INTERVAL": "5", "MAX_BUFFER_SIZE": "0000", "SPOOL_DIR": "", "SPOOL_MAX_BYTES": "64MiB",
    "SECLYZER_DEV_MODE": "false", "SECLYZER_LOG_LEVEL": "INFO", "SECLYZER_TRACE": "0",
}


def test_help_prints_every_variable_with_its_default(side, kind, folder):
    # nothing of the configuration is looked at, a wrong one included
    done = run(side, kind, folder, "--help", settings={"REDIS_PORT": "0", "REDIS_PASSWORD": MARKER})
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    for variable, default in {**DEFAULTS, **({"SQLITE_DB_PATH": ""} if kind == "app" else {})}.items():
        assert variable in rows, done.stdout
        assert default in rows[variable].replace(variable, ""), rows[variable]
    assert {"--extract", "--replay", "--exit-when-ready", "--version", "--help"} <= rows.keys()
    assert MARKER not in done.stdout


def test_version_is_one_line_with_the_programs_name(side, kind, folder):
    done = run(side, kind, folder, "--version", settings={"REDIS_PORT": "0"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1 and done.stdout.startswith(path_of(side, kind).name + " ")


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
@pytest.mark.parametrize("kind", ["app"])
def test_exit_when_ready_says_ready_and_exits_0(side, kind, folder, redis, abstract):
    notify = NotifySocket(f"@{folder.name}" if abstract else folder / "notify")
    done = run(side, kind, folder, "--exit-when-ready", settings={"REDIS_SOCKET": redis.socket, "NOTIFY_SOCKET": notify.name})
    assert done.returncode == 0, done.stderr
    assert notify.count("READY=1") == 1
    assert "stats {" in done.stderr.splitlines()[-1]
    notify.close()


def test_exit_when_ready_waits_for_redis(start, redis):
    redis.kill()
    e = start.extractor("keystroke", redis, arguments=["--exit-when-ready"])
    e.wait_lines(1, "redis at")
    assert e.process.poll() is None and e.notify.count("READY=1") == 0
    redis.start()
    assert e.process.wait(30) == 0
    assert e.notify.count("READY=1") == 1


def test_ready_means_subscribed(start, redis, kind):
    e = start.extractor(kind, redis)
    wait_until(lambda: e.notify.count("READY=1"), "READY=1")
    assert redis.subscribers() == 1


@pytest.mark.parametrize("address", ["nonsense", "/no/such/socket", "@nobody is here", "/" + "x" * 200])
def test_a_notify_socket_nobody_listens_at_is_only_a_warning(start, redis, address):
    e = start.extractor("mouse", redis, NOTIFY_SOCKET=address)
    wait_until(lambda: redis.subscribers() == 1, "subscribed")
    e.wait_lines(1, "NOTIFY_SOCKET")
    assert e.stats()["received"] == 0
    e.stop()


def test_an_environment_without_any_variable_is_a_complete_configuration(side, kind, folder):
    """It then looks for Redis on localhost:6379, which may or may not be there; the configuration is accepted."""
    path = folder / "events"
    path.write_bytes(b"")
    kept = {k: v for k, v in environment({}).items() if k.endswith("_OPTIONS")}
    done = subprocess.run([path_of(side, kind), "--replay", path], env=kept, cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
