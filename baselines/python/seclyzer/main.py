"""Flags and modes of the three programs."""

import os
import sys

from . import __version__, config, log

USAGE = """\
usage: {program} [--exit-when-ready | --extract FILE | --replay FILE | --version | --help]

Turns {kind} events from Redis into features on Redis and in InfluxDB.

options:
  --extract FILE     read cases, print their features, and exit; - is standard input
  --replay FILE      read messages as from Redis, print what would be published, and exit
  --exit-when-ready  connect, subscribe, notify, and exit
  --version          print the versions of this program and of what it runs on
  --help             this text

configuration (environment, then .env in the working directory, then the default):
{table}

signals: SIGTERM, SIGINT stop it; SIGUSR1 prints the counters
exit codes: 0 asked to stop, 2 usage or configuration, 70 internal error
"""

EXIT_USAGE = 2
EXIT_INTERNAL = 70

_WITH_FILE = ("--extract", "--replay")
_WITHOUT = ("--exit-when-ready", "--version", "--help")


class UsageError(Exception):
    pass


def parse_arguments(arguments):
    """(mode, file); the mode is None for the daemon."""
    modes = []
    rest = list(arguments)
    while rest:
        flag, has_value, value = rest.pop(0).partition("=")
        if flag in _WITH_FILE:
            if not has_value:
                if not rest:
                    raise UsageError(f"{flag}: needs a FILE")
                value = rest.pop(0)
            if not value:
                raise UsageError(f"{flag}: needs a FILE")
        elif flag not in _WITHOUT or has_value:
            raise UsageError(f"{flag!r}: unexpected argument (--help lists what there is)")
        modes.append((flag, value))
    if len(modes) > 1:
        raise UsageError(f"{modes[0][0]} and {modes[1][0]} do not go together")
    return modes[0] if modes else (None, None)


def version(program):
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    def of(package):
        try:
            return f"{package} {version_of(package)}"
        except PackageNotFoundError:
            return f"{package} missing"

    python = ".".join(map(str, sys.version_info[:3]))
    packages = ", ".join(map(of, ("redis", "hiredis", "numpy")))
    return f"{program} {__version__}, Python {python}, {packages}"


def main(kind):
    """Run the extractor of this kind; returns the exit code."""
    program = config.TRACKERS[kind]
    _hold_standard_descriptors()
    log.init(program, "INFO")
    try:
        mode, path = parse_arguments(sys.argv[1:])
        if mode == "--help":
            print(USAGE.format(program=program, kind=kind, table=config.table(kind)), end="")
        elif mode == "--version":
            print(version(program))
        else:
            settings = config.load(kind)
            log.init(program, settings.log_level)
            _run(kind, settings, mode, path)
    except (UsageError, config.ConfigError) as e:
        log.logger.error("%s", e)
        return EXIT_USAGE
    except Exception as e:
        log.internal_error(e)
        return EXIT_INTERNAL
    return 0


def _hold_standard_descriptors():
    """Who starts us with stderr closed would find log lines in the first socket opened."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(fd)
    sys.stdout = sys.stdout or open(os.devnull, "w")
    sys.stderr = sys.stderr or open(os.devnull, "w")


def _run(kind, settings, mode, path):
    # Each mode imports what it needs: the client of Redis alone takes 80 ms, in which a
    # signal may come.
    if mode in _WITH_FILE:
        _run_offline(kind, settings, mode, path)
    else:
        from .signals import Signals

        signals = Signals()
        from .daemon import Daemon

        Daemon(kind, settings, signals).run(exit_when_ready=mode == "--exit-when-ready")


def _run_offline(kind, settings, mode, path):
    from . import offline

    run = offline.extract if mode == "--extract" else offline.replay
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        run(kind, settings, path)
        sys.stdout.flush()
    except offline.OfflineError as e:
        raise UsageError(e) from None
    except BrokenPipeError:
        # Nobody reads any more; nor must the interpreter try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError("standard output: closed") from None
