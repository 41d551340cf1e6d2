"""Servers and extractors that are gone after the test, whatever became of it."""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/baseline"))
sys.path.insert(0, str(ROOT / "tests/tools"))

import extractor  # noqa: E402
import servers  # noqa: E402
import validate_json  # noqa: E402

# The bytes of a report and the schema are the same in every variant: once is enough.
collect_ignore = [] if os.environ.get("VARIANT", "release") == "release" else ["test_report.py"]


@pytest.fixture(scope="session", autouse=True)
def every_results_json_is_valid(tmp_path_factory):
    """
    What any test let bench write below its tmp_path looks as the schema says; the folder's name is the
    test's.  A test that breaks a file on purpose does so below a folder called `broken`.
    """
    yield
    checker = validate_json.validator(ROOT / "reports/results.schema.json")
    found = [f"{path}: {line}" for path in sorted(tmp_path_factory.getbasetemp().rglob("results.json"))
             if "broken" not in path.parts and not path.parent.is_symlink()
             for line in validate_json.file_errors(checker, path)]
    assert not found, "\n".join(found)


@pytest.fixture(params=extractor.SIDES)
def side(request):
    return request.param


@pytest.fixture(params=["keystroke", "mouse", "app"])
def kind(request):
    return request.param


@pytest.fixture
def folder():
    """Not pytest's own: the path of a Unix socket has 107 bytes at most."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="live-test-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def closing():
    """Ends in the order opposite to the beginning, all of it even when one fails."""
    with contextlib.ExitStack() as stack:
        yield stack


class Starter:
    """Starts what a test needs, each in a folder of its own."""

    def __init__(self, folder, closing, side):
        self._folder, self._closing, self._side = folder, closing, side

    def folder(self, name):
        return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))

    def _started(self, server, **how):
        self._closing.callback(server.kill)
        return server.start(**how)

    def redis(self, *options, **more):
        return self._started(servers.Redis(self.folder("redis"), options, **more))

    def influx(self, database="behavioral_data", **more):
        return self._started(servers.Influx(self.folder("influx"), **more), database=database)

    def influx_away(self):
        """One that is not running and has the database already, since without it points would be refused."""
        influx = self.influx()
        influx.kill()
        return influx

    def victoria(self):
        return self._started(servers.Victoria(self.folder("victoria")))

    def tap(self, redis, kind):
        tap = redis.tap(f"seclyzer:features:{kind}")
        self._closing.callback(tap.close)
        return tap

    def extractor(self, kind, redis=None, arguments=(), **settings):
        """Without waiting for anything; REDIS_SOCKET is that of `redis`."""
        where = {"REDIS_SOCKET": redis.socket} if redis else {}
        e = extractor.Extractor(self._side, kind, self.folder(kind), {**where, **settings}, arguments)
        self._closing.callback(e.close)
        return e

    def ready(self, kind, redis, **settings):
        return self.extractor(kind, redis, **settings).wait_ready()


@pytest.fixture
def start(folder, closing, side):
    return Starter(folder, closing, side)


@pytest.fixture
def start_both(folder, closing):
    """For what takes its time: both sides at once, {side: Starter}."""
    return {side: Starter(folder, closing, side) for side in extractor.SIDES}


@pytest.fixture
def redis(start):
    return start.redis()
