"""Log lines, waiting after failures, and what systemd is told."""

import os

import pytest
from seclyzer import notify
from seclyzer.backoff import Backoff
from seclyzer.log import Limited
from support import NotifySocket


def test_the_delays_grow_to_5_seconds_are_never_below_100_ms_and_vary():
    runs = []
    for _ in range(200):
        backoff = Backoff()
        runs.append([backoff.next_s() for _ in range(12)])
    for run in runs:
        assert run[0] == 0.1
        assert all(0.1 <= delay <= min(0.1 * 2**i, 5) for i, delay in enumerate(run))
    last = [run[-1] for run in runs]
    assert max(last) > 4 and len(set(last)) > 150


def test_after_a_success_the_delays_begin_anew():
    backoff = Backoff()
    for _ in range(8):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0.1


def test_a_line_is_due_once_a_second_with_the_count_since():
    now = [10.0]
    limited = Limited(lambda: now[0])
    assert limited.due() == 1
    assert [limited.due(), limited.due(3)] == [0, 0]
    now[0] += 0.999
    assert limited.due() == 0
    now[0] += 0.001
    assert limited.due() == 6
    assert limited.due(2) == 0
    assert limited.rest() == 2 and limited.rest() == 0


@pytest.fixture
def sent(tmp_path):
    return NotifySocket(str(tmp_path / "notify"))


def environment(tmp_path, **more):
    return {"NOTIFY_SOCKET": str(tmp_path / "notify"), **more}


def test_ready_and_stopping_are_sent_to_the_socket(tmp_path, sent):
    n = notify.Notifier(environment(tmp_path))
    n.ready()
    n.stopping()
    assert [sent.next(), sent.next()] == ["READY=1", "STOPPING=1"]


def test_an_address_with_an_at_sign_is_an_abstract_socket():
    name = f"seclyzer-test-{os.getpid()}"
    sent = NotifySocket("\0" + name)
    notify.Notifier({"NOTIFY_SOCKET": "@" + name}).ready()
    assert sent.next() == "READY=1"


def test_without_a_socket_nothing_is_sent_and_nothing_fails():
    n = notify.Notifier({"WATCHDOG_USEC": "1000"})
    n.ready()
    assert n.watchdog() is None


def test_the_watchdog_is_fed_twice_as_often_as_asked(tmp_path, sent, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(notify.time, "monotonic", lambda: now[0])
    n = notify.Notifier(environment(tmp_path, WATCHDOG_USEC="3000000"))
    assert n.watchdog() == 1.5
    assert sent.next() == "WATCHDOG=1"
    now[0] += 1.4
    assert n.watchdog() == pytest.approx(0.1)
    now[0] += 0.2
    assert n.watchdog() == 1.5
    assert sent.next() == "WATCHDOG=1"
    sent.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        sent.next()


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "0"}])
def test_without_a_valid_interval_there_is_no_watchdog(tmp_path, sent, more):
    assert notify.Notifier(environment(tmp_path, **more)).watchdog() is None


def test_the_watchdog_of_another_process_is_not_ours(tmp_path, sent):
    usec = {"WATCHDOG_USEC": "1000000"}
    pid = os.getpid()
    mine = notify.Notifier(environment(tmp_path, WATCHDOG_PID=str(pid), **usec))
    others = notify.Notifier(environment(tmp_path, WATCHDOG_PID=str(pid + 1), **usec))
    assert mine.watchdog() is not None and others.watchdog() is None


def test_a_supervisor_that_does_not_listen_is_only_a_warning(tmp_path, caplog):
    (tmp_path / "notify").touch()
    notify.Notifier(environment(tmp_path)).ready()
    assert "NOTIFY_SOCKET: cannot send READY=1" in caplog.text
