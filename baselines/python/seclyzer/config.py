"""The configuration: one table gives parser, range, default, help and error message.

Environment first, then `.env` in the working directory, then the default; an empty
value counts as unset.  No value of a secret is ever printed.
"""

import os
import re
import stat
from collections import namedtuple
from urllib.parse import urlsplit

from .log import logger

TRACKERS = {"keystroke": "keystroke_extractor", "mouse": "mouse_extractor", "app": "app_tracker"}


class ConfigError(Exception):
    """One line for the user; the process ends with exit code 2."""


# --- what a value may be -----------------------------------------------------------
# Each has `allowed`, for --help and errors, and parse(), which raises ValueError.


class Text:
    allowed = "text"

    def parse(self, text):
        text.encode()  # surrogates come from bytes that are not UTF-8
        if any(ord(c) < 32 or ord(c) == 127 for c in text):
            raise ValueError
        return text


class Whole:
    def __init__(self, least, most):
        self._least, self._most = least, most
        self.allowed = f"{least} ... {most}"

    def parse(self, text):
        # int() would also take "1_000", " 7" and digits of other scripts.
        if not re.fullmatch("[0-9]{1,18}", text) or not self._least <= int(text) <= self._most:
            raise ValueError
        return int(text)


class Decimal:
    def __init__(self, least, most):
        self._least, self._most = least, most
        self.allowed = f"{least} ... {most}"

    def parse(self, text):
        if not re.fullmatch(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", text):
            raise ValueError
        if not self._least <= float(text) <= self._most:
            raise ValueError
        return float(text)


class Size:
    _UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

    def __init__(self, least, most, allowed):
        self._least, self._most = least, most
        self.allowed = allowed

    def parse(self, text):
        match = re.fullmatch("([0-9]{1,18})(KiB|MiB|GiB|)", text)
        if not match:
            raise ValueError
        size = int(match[1]) * self._UNITS[match[2]]
        if not self._least <= size <= self._most:
            raise ValueError
        return size


class Choice:
    def __init__(self, *names):
        self._names = names
        self.allowed = ", ".join(names)

    def parse(self, text):
        if text not in self._names:
            raise ValueError
        return text


class Switch:
    _VALUES = {
        **dict.fromkeys(("1", "true", "yes", "on"), True),
        **dict.fromkeys(("0", "false", "no", "off"), False),
    }
    allowed = "1, true, yes, on, 0, false, no, off"

    def parse(self, text):
        if text.lower() not in self._VALUES:
            raise ValueError
        return self._VALUES[text.lower()]


class Url(Text):
    allowed = "http://... or https://..., without user, query or fragment"

    def parse(self, text):
        super().parse(text)
        parts = urlsplit(text)
        if "@" in parts.netloc:
            raise ValueError
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
            raise ValueError
        if parts.query or parts.fragment:
            raise ValueError
        parts.port  # raises ValueError when it is not one
        return text


# --- the table ----------------------------------------------------------------------

# default: the text that would have to be set to get it, or {kind: text};
# only: the one extractor that has it; secret: its value is never shown.
Variable = namedtuple("Variable", "name kind default meaning secret only")


def _row(name, kind, default, meaning, secret=False, only=None):
    return Variable(name, kind, default, meaning, secret, only)


VARIABLES = (
    _row("REDIS_HOST", Text(), "localhost", "Redis server"),
    _row("REDIS_PORT", Whole(1, 65535), "6379", "its port"),
    _row("REDIS_SOCKET", Text(), "", "path of its Unix socket; wins over host and port"),
    _row("REDIS_USERNAME", Text(), "", "user for AUTH"),
    _row("REDIS_PASSWORD", Text(), "", "password for AUTH", secret=True),
    _row("REDIS_PASSWORD_FILE", Text(), "", "file that holds it"),
    _row("REDIS_POOL_SIZE", Whole(1, 16), "1", "publisher connections"),
    _row("INFLUX_URL", Url(), "", "InfluxDB server; unset: features go to Redis only"),
    _row("INFLUX_API", Choice("v1", "v2", "auto"), "v2", "its write API; auto asks /ping"),
    _row("INFLUX_TOKEN", Text(), "", "token (v2)", secret=True),
    _row("INFLUX_TOKEN_FILE", Text(), "", "file that holds it"),
    _row("INFLUX_USER", Text(), "", "user (v1)"),
    _row("INFLUX_PASSWORD", Text(), "", "password (v1)", secret=True),
    _row("INFLUX_ORG", Text(), "seclyzer", "organisation (v2)"),
    _row("INFLUX_BUCKET", Text(), "behavioral_data", "bucket (v2) or database (v1)"),
    _row("INFLUX_BATCH_SIZE", Whole(1, 10000), "50", "points that make a batch go out"),
    _row("INFLUX_FLUSH_MS", Whole(1, 3600000), "1000", "age in ms that makes a batch go out"),
    _row("WINDOW_SECONDS", Decimal(0.001, 86400), "30", "seconds of events behind a feature"),
    _row(
        "UPDATE_INTERVAL",
        Decimal(0, 86400),
        "5",
        "seconds between attempts; 0: on every own event",
    ),
    _row(
        "MAX_BUFFER_SIZE",
        Whole(1, 1000000),
        {"keystroke": "10000", "mouse": "50000", "app": "1000"},
        "events kept; the oldest goes first",
    ),
    _row("SPOOL_DIR", Text(), "", "directory for points that InfluxDB cannot take now"),
    _row(
        "SPOOL_MAX_BYTES",
        Size(4096, 1 << 40, "4096 ... 1 TiB, a number or with KiB, MiB, GiB"),
        "64MiB",
        "largest size of the spool",
    ),
    _row("SQLITE_DB_PATH", Text(), "", "database that keeps the patterns", only="app"),
    _row("SECLYZER_DEV_MODE", Switch(), "false", "mark features as made in developer mode"),
    _row(
        "SECLYZER_LOG_LEVEL",
        Choice("DEBUG", "INFO", "WARNING", "ERROR"),
        "INFO",
        "least level of a log line",
    ),
    _row("SECLYZER_TRACE", Switch(), "0", "add `trace` to feature messages"),
)


class Settings:
    """One attribute a variable, lower case, without the SECLYZER_ prefix."""

    def __init__(self, values):
        self.__dict__.update(values)

    def __repr__(self):
        return "Settings(...)"  # never the secrets in a traceback


def variables_of(kind):
    return [v for v in VARIABLES if v.only in (None, kind)]


def default_of(variable, kind):
    return variable.default[kind] if isinstance(variable.default, dict) else variable.default


def load(kind, environ=os.environ, env_file=".env"):
    """The settings of one extractor.  Raises ConfigError."""
    from_file = read_env_file(env_file)
    values = {}
    for variable in variables_of(kind):
        name = variable.name
        text = environ.get(name) or from_file.get(name) or default_of(variable, kind)
        values[name.removeprefix("SECLYZER_").lower()] = _parse(variable, text) if text else ""
    _read_secret_files(values)
    return Settings(values)


def _parse(variable, text):
    try:
        return variable.kind.parse(text)
    except ValueError:
        if isinstance(variable.kind, Url):
            text = _without_login(text)
        shown = "(not shown)" if variable.secret else _printable(text)
        raise ConfigError(
            f"{variable.name}: {shown} is not allowed: {variable.kind.allowed}"
        ) from None


def _printable(text):
    """On one line."""
    return ascii(text[:200])


def _without_login(text):
    """What is left of a URL without the secrets that it may carry, however it is malformed."""
    login, at, rest = text.rpartition("@")
    shown = re.match("(https?://)?", text)[0] + "...@" if at else ""
    if re.search("[?#]", login):
        return shown + "..."  # a password with a "?", or a query with an "@"
    return shown + re.sub("[?#].*", "?...", rest, flags=re.DOTALL)


# --- .env -------------------------------------------------------------------------------

# KEY=value, KEY="value" or KEY='value' (nothing is escaped), `export ` allowed before;
# a comment after white space.
_ENV_LINE = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(.*)")
_QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')[ \t]*(?:#.*)?""")
_COMMENT = re.compile(r"[ \t]+#.*")


def _env_value(text):
    """The value in what stands behind the `=`; None when its quotes are malformed."""
    bare = text.lstrip(" \t")
    if bare.startswith(('"', "'")):
        match = _QUOTED.fullmatch(bare)
        return (match[1] or match[2] or "") if match else None
    return _COMMENT.sub("", text).strip(" \t")


def read_env_file(path):
    """The variables of a .env file; none when there is no such file.  Raises ConfigError."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as f:
            lines = f.read().split("\n")
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}") from None
    values = {}
    for number, line in enumerate(lines, 1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        match = _ENV_LINE.fullmatch(line)
        value = _env_value(match[2]) if match else None
        if value is None:
            # Not the line itself: it may be a secret with a typing error before it.
            raise ConfigError(f"{path}:{number}: must be KEY=value, a # comment or blank")
        values[match[1]] = value
    return values


# --- secrets in files --------------------------------------------------------------------


def _read_secret_files(values):
    """A secret that is given as a file replaces one that is given as it is."""
    for name in ("REDIS_PASSWORD", "INFLUX_TOKEN"):
        path = values[f"{name}_FILE".lower()]
        if path:
            values[name.lower()] = _read_secret_file(f"{name}_FILE", path)


def _read_secret_file(name, path):
    try:
        with open(path, encoding="utf-8") as f:
            mode = os.fstat(f.fileno()).st_mode
            secret = f.read(65536).strip()
    except OSError as e:
        raise ConfigError(f"{name}: {_printable(path)}: {e.strerror}") from None
    except UnicodeDecodeError:
        secret = ""
    try:
        if not secret:
            raise ValueError
        Text().parse(secret)
    except ValueError:
        raise ConfigError(f"{name}: {_printable(path)}: expected one line of text") from None
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        logger.warning("%s: %s can be read by others", name, path)
    return secret


# --- --help -------------------------------------------------------------------------------


def table(kind):
    """The variables as lines of text, for --help."""
    rows = [
        (v.name, default_of(v, kind) or "-", v.kind.allowed, v.meaning) for v in variables_of(kind)
    ]
    rows.insert(0, ("variable", "default", "allowed", "meaning"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]])
        for row in rows
    )
