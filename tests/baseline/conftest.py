import pathlib
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "baselines" / "python"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402


@pytest.fixture
def redis_server(tmp_path):
    server = support.RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def fake_influx():
    server = support.FakeInflux()
    yield server
    server.stop()


@pytest.fixture
def start(request, tmp_path):
    """Start an extractor in the test's own directory; it is gone after the test."""
    running = []

    def start(kind, arguments=(), **env):
        if "redis_server" in request.fixturenames:
            env = {"REDIS_SOCKET": request.getfixturevalue("redis_server").path, **env}
        extractor = support.Extractor(kind, env, tmp_path, arguments)
        running.append(extractor)
        return extractor

    yield start
    for extractor in running:
        extractor.kill()
