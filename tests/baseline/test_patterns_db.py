"""The patterns in SQLite: when they are saved, what is in the table, and what is read back."""

import json
import sqlite3
import time

import pytest
from seclyzer import config, daemon
from seclyzer.engine import make_engine
from seclyzer.patterns_db import PatternsDb
from support import app, now_us, until

T0 = 1795430000000000


def row(path):
    with sqlite3.connect(path) as db:
        return db.execute("SELECT key, value, updated_at FROM config").fetchall()


def saved(path):
    ((key, value, _),) = row(path)
    assert key == "app_patterns"
    return json.loads(value)


def test_they_are_saved_at_the_end_and_counting_goes_on_after_a_restart(
    redis_server, start, tmp_path
):
    path = tmp_path / "patterns.db"
    x = start("app", SQLITE_DB_PATH=path).wait_ready()
    redis_server.publish(*[app(now_us(), name) for name in "abab"])
    x.wait_stats(lambda s: s["accepted"] == 4)
    assert x.stop()[0] == 0
    first = saved(path)
    assert first["usage_stats"]["total_transitions"] == 3
    assert first["transition_matrix"] == {"a->b": 1.0, "b->a": 1.0}
    y = start("app", SQLITE_DB_PATH=path).wait_ready()
    redis_server.publish(*[app(now_us(), name) for name in "ac"])
    y.wait_stats(lambda s: s["accepted"] == 2)
    assert y.stop()[0] == 0
    second = saved(path)
    assert second["usage_stats"]["total_transitions"] == 4
    assert second["transition_matrix"]["a->c"] == 1 / 3
    assert second["counts"]["events"] == 6


def test_without_an_event_nothing_is_saved_at_the_end(redis_server, start, tmp_path):
    path = tmp_path / "patterns.db"
    x = start("app", SQLITE_DB_PATH=path).wait_ready()
    assert x.stop()[0] == 0
    assert row(path) == []


def test_the_table_of_another_program_is_used_as_it_is(redis_server, start, tmp_path):
    path = tmp_path / "patterns.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)")
        db.execute("INSERT INTO config VALUES('other', 'kept', 'then')")
    x = start("app", SQLITE_DB_PATH=path).wait_ready()
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    assert x.stop()[0] == 0
    rows = {key: (value, at) for key, value, at in row(path)}
    assert rows["other"] == ("kept", "then")
    value, at = rows["app_patterns"]
    assert json.loads(value)["time_preferences"] and len(at) == 19


@pytest.mark.parametrize("value", ["nonsense", "{}", '{"counts":{"version":2}}', None, b"\xff"])
def test_patterns_that_cannot_be_read_are_one_warning_and_counting_starts_anew(
    redis_server, start, tmp_path, value
):
    path = tmp_path / "patterns.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)")
        db.execute("INSERT INTO config VALUES('app_patterns', ?, 'then')", (value,))
    x = start("app", SQLITE_DB_PATH=path).wait_ready()
    assert len(x.saying("patterns start empty")) == 1
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    assert x.stop()[0] == 0
    assert saved(path)["counts"]["events"] == 1


def test_a_database_that_cannot_be_opened_is_a_warning(redis_server, start, tmp_path):
    x = start("app", SQLITE_DB_PATH=tmp_path / "absent" / "patterns.db").wait_ready()
    assert x.saying("patterns start empty")
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    code, took, _ = x.stop()
    assert code == 0 and took < 2
    assert x.saying("patterns not saved")


def test_a_database_that_another_program_has_locked_does_not_hold_the_end(
    redis_server, start, tmp_path
):
    path = tmp_path / "patterns.db"
    x = start("app", SQLITE_DB_PATH=path).wait_ready()
    redis_server.publish(app(now_us(), "a"))
    x.wait_stats(lambda s: s["accepted"] == 1)
    with sqlite3.connect(path) as db:
        db.execute("BEGIN EXCLUSIVE")
        code, took, _ = x.stop()
    assert code == 0 and took < 2


class Schedule:
    """The daemon's part about patterns, with a clock of the test's."""

    def __init__(self, path, monkeypatch):
        self.now = 1000.0
        settings = config.load("app", {"SQLITE_DB_PATH": str(path)}, "/nonexistent")
        self.engine = make_engine("app", settings)
        monkeypatch.setattr(daemon.time, "monotonic", lambda: self.now)
        self.patterns = daemon._Patterns("app", settings, self.engine, self.now)
        self.saves = []
        monkeypatch.setattr(PatternsDb, "save", lambda _, saved: self.saves.append(saved) or True)

    def event(self):
        self.engine.feed(app(T0, "a").encode())
        self.patterns.refresh()
        return len(self.saves)


def test_they_are_saved_on_an_event_at_most_every_60_seconds(tmp_path, monkeypatch):
    s = Schedule(tmp_path / "p.db", monkeypatch)
    assert s.event() == 0
    s.now += 59.9
    assert s.event() == 0
    s.now += 0.1
    assert s.event() == 1 and s.event() == 1
    s.now += 60
    s.patterns.refresh()
    assert len(s.saves) == 1  # no event, no save
    assert s.event() == 2
    assert s.saves[-1]["counts"]["events"] == 5


def test_a_save_does_not_hold_the_loop_and_none_is_begun_while_one_runs(tmp_path):
    path = tmp_path / "p.db"
    db = PatternsDb(str(path))
    assert db.load() is None
    with sqlite3.connect(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert db.save({"n": 1})
        assert not db.save({"n": 2})
        assert time.monotonic() - began < 0.5
        other.rollback()
    db.join(5)
    assert db.load() == {"n": 1}
    assert db.save({"n": 3})
    until(lambda: db.load() == {"n": 3}, "the second save")
