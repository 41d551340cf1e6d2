"""Where the configuration comes from, what is allowed, and what is said about errors."""

import stat

import pytest
from seclyzer import config
from seclyzer.config import ConfigError
from support import PROGRAMS, run


def load(kind="keystroke", env_file="/nonexistent/.env", **environ):
    return config.load(kind, environ, env_file)


def error(**environ):
    with pytest.raises(ConfigError) as e:
        load("app", **environ)
    return str(e.value)


@pytest.mark.parametrize(
    "kind, buffer", [("keystroke", 10000), ("mouse", 50000), ("app", 1000)]
)
def test_the_defaults_are_those_of_the_contract(kind, buffer):
    s = load(kind)
    assert (s.redis_host, s.redis_port, s.redis_socket) == ("localhost", 6379, "")
    assert (s.redis_username, s.redis_password, s.redis_pool_size) == ("", "", 1)
    assert (s.influx_url, s.influx_api, s.influx_token) == ("", "v2", "")
    assert (s.influx_org, s.influx_bucket) == ("seclyzer", "behavioral_data")
    assert (s.influx_batch_size, s.influx_flush_ms) == (50, 1000)
    assert (s.window_seconds, s.update_interval, s.max_buffer_size) == (30, 5, buffer)
    assert (s.spool_dir, s.spool_max_bytes) == ("", 64 << 20)
    assert (s.dev_mode, s.log_level, s.trace) == (False, "INFO", False)


def test_only_app_tracker_has_the_database_of_patterns():
    assert load("app", SQLITE_DB_PATH="/x").sqlite_db_path == "/x"
    assert not hasattr(load("mouse", SQLITE_DB_PATH="/x"), "sqlite_db_path")


@pytest.mark.parametrize(
    "name, good, bad",
    [
        ("REDIS_PORT", ["1", "65535"], ["0", "65536", "-1", "6379.0", "6_379", " 1", "x"]),
        ("REDIS_PORT", [], ["\u0661", "0x1", "+1", "1e3", "9" * 50]),
        ("REDIS_POOL_SIZE", ["1", "16"], ["0", "17"]),
        ("INFLUX_URL", ["http://h", "https://h:1/p", "http://[::1]:8086"], ["h:8086", "ftp://h"]),
        ("INFLUX_URL", [], ["http://", "http://h:99999", "http://h:x", "http://h/ x"]),
        ("INFLUX_API", ["v1", "v2", "auto"], ["v3", "V1", "1"]),
        ("INFLUX_BATCH_SIZE", ["1", "10000"], ["0", "10001"]),
        ("INFLUX_FLUSH_MS", ["1", "3600000"], ["0", "3600001", "1.5"]),
        ("WINDOW_SECONDS", ["0.001", "86400", "7.5", "1e1"], ["0", "0.0009", "86401", "nan"]),
        ("UPDATE_INTERVAL", ["0", "0.5", "86400"], ["-1", "86400.1", "5s", "1,5", "infinity"]),
        ("MAX_BUFFER_SIZE", ["1", "1000000"], ["0", "1000001"]),
        ("SPOOL_MAX_BYTES", ["4096", "4KiB", "64MiB", "1024GiB"], ["4095", "3KiB", "1025GiB"]),
        ("SPOOL_MAX_BYTES", [], ["64MB", "64M", "1.5GiB", "-4096", "KiB"]),
        ("SECLYZER_DEV_MODE", ["1", "true", "YES", "On", "0", "False", "no", "OFF"], ["2", "y"]),
        ("SECLYZER_TRACE", ["1", "off"], ["maybe"]),
        ("SECLYZER_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], ["info", "TRACE"]),
    ],
)
def test_values_out_of_range_or_form_are_errors_that_say_what_is_allowed(name, good, bad):
    for value in good:
        load("app", **{name: value})
    for value in bad:
        text = error(**{name: value})
        assert text.startswith(f"{name}: ") and "\n" not in text
        assert ascii(value) in text
        kind = next(v.kind for v in config.VARIABLES if v.name == name)
        assert kind.allowed in text


def test_sizes_have_binary_suffixes():
    assert load(SPOOL_MAX_BYTES="5MiB").spool_max_bytes == 5 << 20


def test_an_empty_value_counts_as_unset(tmp_path):
    env = tmp_path / ".env"
    env.write_text("REDIS_PORT=7000\nREDIS_HOST=\n")
    s = config.load("app", {"REDIS_PORT": "", "WINDOW_SECONDS": ""}, env)
    assert (s.redis_port, s.redis_host, s.window_seconds) == (7000, "localhost", 30)


def test_the_environment_wins_over_the_file(tmp_path):
    env = tmp_path / ".env"
    env.write_text("REDIS_PORT=7000\nINFLUX_ORG=file\n")
    s = config.load("app", {"REDIS_PORT": "7001"}, env)
    assert (s.redis_port, s.influx_org) == (7001, "file")


@pytest.mark.parametrize(
    "line, value",
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A=b  ", "b"),
        ("A=", ""),
        ("A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A='b # c' # d", "b # c"),
        ('A="it\'s"', "it's"),
        ("A='\\n'", "\\n"),
        ("A=it's", "it's"),
        ("A=b=c", "b=c"),
        ("A=two words", "two words"),
        ("A=b\r", "b"),
    ],
)
def test_lines_of_the_env_file(tmp_path, line, value):
    path = tmp_path / ".env"
    path.write_bytes(b"# comment\n\n" + line.encode() + b"\n")
    assert config.read_env_file(path) == {"A": value}


@pytest.mark.parametrize("line", ["A", "=b", "1A=b", "A-B=c", "A='b", 'A="b" c', "A='b'c", "A.B=1"])
def test_a_malformed_line_is_an_error_with_its_number_and_without_its_text(tmp_path, line):
    path = tmp_path / ".env"
    path.write_text(f"X=1\n{line}\nY=2\n")
    with pytest.raises(ConfigError) as e:
        config.read_env_file(path)
    assert f"{path}:2: " in str(e.value)
    assert line not in str(e.value).removeprefix(str(path))


def test_the_last_of_repeated_keys_counts_and_unknown_keys_are_ignored(tmp_path):
    path = tmp_path / ".env"
    path.write_text("REDIS_PORT=1\nREDIS_PORT=2\nNOBODY_KNOWS=this\n")
    assert config.load("app", {}, path).redis_port == 2


def test_an_absent_env_file_is_empty_and_an_unreadable_one_an_error(tmp_path):
    assert config.read_env_file(tmp_path / "absent") == {}
    with pytest.raises(ConfigError):
        config.read_env_file(tmp_path)


def test_no_error_shows_the_value_of_a_secret():
    for name in ("REDIS_PASSWORD", "INFLUX_TOKEN", "INFLUX_PASSWORD"):
        assert "hush" not in error(**{name: "hush\nhush"})
    assert "hush" not in error(INFLUX_URL="http://user:hush@host:99999")
    assert "hush" not in error(INFLUX_URL="http://user:hush@host:8086")
    assert "'http://h?...'" in error(INFLUX_URL="http://h?a")
    assert "...@host" in error(INFLUX_URL="http://user:hush@host:8086")
    for url in (
        "http://user:pa/hush@host:8086", "user:hush@host:8086", "http://user:h@hush@host",
        "http://user:pa?hush@host", "http://host/?token=hush", "host?a=@hush", "http://host#hush",
    ):  # fmt: skip
        assert "hush" not in error(INFLUX_URL=url), url
    assert "hush" not in repr(load(INFLUX_TOKEN="hush"))


def test_a_secret_can_be_given_as_a_file(tmp_path):
    path = tmp_path / "token"
    path.write_text("s3cret\n")
    assert load(INFLUX_TOKEN_FILE=str(path)).influx_token == "s3cret"
    assert load(REDIS_PASSWORD_FILE=str(path)).redis_password == "s3cret"


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe"])
def test_a_secret_file_holds_one_line_of_text(tmp_path, content):
    path = tmp_path / "token"
    path.write_bytes(content)
    text = error(INFLUX_TOKEN_FILE=str(path))
    assert text.startswith("INFLUX_TOKEN_FILE: ")
    assert "lines" not in text


def test_a_secret_file_that_is_absent_is_an_error(tmp_path):
    assert error(REDIS_PASSWORD_FILE=str(tmp_path / "no")).startswith("REDIS_PASSWORD_FILE: ")


@pytest.mark.parametrize("mode, warns", [(0o600, False), (0o640, True), (0o604, True)])
def test_a_secret_file_that_others_can_read_draws_a_warning(tmp_path, mode, warns):
    path = tmp_path / "token"
    path.write_text("s3cret\n")
    path.chmod(mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    (tmp_path / "none.jsonl").touch()
    env = {"INFLUX_TOKEN_FILE": str(path)}
    result = run("app", "--extract", "none.jsonl", env=env, cwd=tmp_path)
    assert result.returncode == 0
    said = result.stderr.decode()
    assert ("INFLUX_TOKEN_FILE" in said and "others" in said) == warns
    assert "s3cret" not in said


@pytest.mark.parametrize("kind", PROGRAMS)
def test_help_lists_every_variable_with_default_and_range(kind, tmp_path):
    result = run(kind, "--help", cwd=tmp_path)
    assert result.returncode == 0 and result.stderr == b""
    rows = {line.split()[0]: line for line in result.stdout.decode().split("\n") if line}
    for variable in config.variables_of(kind):
        assert variable.kind.allowed in rows[variable.name]
        assert variable.meaning in rows[variable.name]
        assert (config.default_of(variable, kind) or "-") in rows[variable.name].split()
    assert ("SQLITE_DB_PATH" in rows) == (kind == "app")


def test_version_names_the_program_and_what_it_runs_on(tmp_path):
    result = run("mouse", "--version", cwd=tmp_path)
    assert result.returncode == 0
    text = result.stdout.decode()
    assert text.startswith("mouse_extractor ") and text.count("\n") == 1
    for part in ("Python 3", "redis ", "hiredis ", "numpy "):
        assert part in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["file"],
        ["--extract"],
        ["--replay="],
        ["--version", "--help"],
        ["--extract", "a", "--replay", "b"],
        ["--help=x"],
        ["-h"],
    ],
)
def test_a_wrong_flag_is_one_line_and_exit_2(arguments, tmp_path):
    result = run("keystroke", *arguments, cwd=tmp_path)
    assert result.returncode == 2 and result.stdout == b""
    assert result.stderr.count(b"\n") == 1
    assert result.stderr.startswith(b"ERROR keystroke_extractor: ")


def test_a_wrong_value_is_one_line_and_exit_2(tmp_path):
    result = run("mouse", env={"REDIS_PORT": "70000"}, cwd=tmp_path)
    assert result.returncode == 2
    said = "ERROR mouse_extractor: REDIS_PORT: '70000' is not allowed: 1 ... 65535\n"
    assert result.stderr.decode() == said


def test_a_malformed_env_file_in_the_working_directory_is_exit_2(tmp_path):
    (tmp_path / ".env").write_text("REDIS_PORT=1\nnonsense\n")
    result = run("mouse", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith(b"ERROR mouse_extractor: .env:2: ")


def test_a_spool_directory_that_cannot_be_one_is_exit_2(tmp_path):
    (tmp_path / "file").touch()
    env = {"INFLUX_URL": "http://127.0.0.1:1", "SPOOL_DIR": str(tmp_path / "file")}
    result = run("mouse", env=env, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count(b"\n") == 1 and b"SPOOL_DIR" in result.stderr
