"""app_tracker: transitions on Redis and in InfluxDB, patterns in SQLite."""
import contextlib
import datetime
import json
import sqlite3
import time

import pytest
from messages import encode

DAY_US = 86_400_000_000
# Names that line protocol, JSON, SQL or a terminal could stumble over.
ODD_NAMES = [
    "a,b", "a b", "a=b", "a\\b", "a\\,b", "a\\ b", "a\\=b", "ends in a backslash\\", "\\", "\\\\",
    "two\nlines", "tab\there", "cr\rhere", "\u0001\u001f", "null\u0000byte", "\u2028", "\u007f", " leads and ends ",
    'quote"quote', "it's", "%s%n", "'); DROP TABLE config;--", "a->b", "#comment", "time", "0", ",", "=", " ",
    "Zoë — Übung", "日本語", "🐧", "x" * 500, "é" * 250,
]


def tag_value(name):
    """What a query gives back of a name that was a tag's value."""
    for raw, written in (("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        name = name.replace(raw, written)
    return name[:-1] + " " if name.endswith("\\") else name


class Apps:
    """Sends app events a second apart and knows what must come of them."""

    def __init__(self, redis, first_us=None):
        self.redis = redis
        self.names, self.times = [], []
        self._next_us = first_us or time.time_ns() // 1000 - 3600_000_000

    def send(self, *names, step_us=1_000_000):
        messages = []
        for name in names:
            self.names.append(name)
            self.times.append(self._next_us)
            messages.append(encode({"type": "app", "ts": self._next_us, "app_name": name}))
            self._next_us += step_us
        self.redis.publish(messages)

    def transitions(self):
        pairs = zip(zip(self.names, self.times), zip(self.names[1:], self.times[1:]))
        return [{"from_app": a, "to_app": b, "duration_ms": int((tb / 1e6 - ta / 1e6) * 1000), "timestamp": iso(tb), "type": "app"}
                for (a, ta), (b, tb) in pairs if a != b]


def iso(us):
    return (datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=us)).isoformat()


def test_a_transition_is_on_redis_and_in_the_database_with_the_names_it_had(start, redis):
    influx = start.influx()
    e = start.ready("app", redis, INFLUX_URL=influx.url, INFLUX_API="v1", INFLUX_FLUSH_MS=20)
    tap = start.tap(redis, "app")
    apps = Apps(redis)
    apps.send(*ODD_NAMES, ODD_NAMES[0])
    want = apps.transitions()
    got = tap.take_json(len(ODD_NAMES))
    assert got == want
    assert [list(f) for f in got] == [list(f) for f in want]
    e.wait_stats(lambda c: c["points_written"] == len(want), "all points are written")
    rows = {row["time"]: row for row in influx.points("app_transitions")}
    for f, us in zip(want, apps.times[1:]):
        row = rows[us * 1000]
        assert (row["from_app"], row["to_app"]) == (tag_value(f["from_app"]), tag_value(f["to_app"]))
        assert row["duration_ms"] == f["duration_ms"] and row["user_id"] == "default"
    assert len(rows) == len(want)
    e.stop()


def test_the_same_app_again_is_no_transition_but_a_new_beginning(start, redis):
    e = start.ready("app", redis)
    tap = start.tap(redis, "app")
    apps = Apps(redis)
    apps.send("a", "a", "a", "b", "b", "a", step_us=1_500_000)
    got = tap.take_json(2)
    assert got == apps.transitions()
    assert [f["duration_ms"] for f in got] == [1500, 1500]
    tap.assert_silent()
    assert e.stop()[0]["features"] == 2


def test_a_negative_duration_is_told_as_it_is(start, redis):
    """Clocks are set back; the event is valid and the difference is what features.md says."""
    start.ready("app", redis)
    tap = start.tap(redis, "app")
    apps = Apps(redis)
    apps.send("a", "b", step_us=-2_500_000)
    assert tap.take_json(1)[0]["duration_ms"] == -2500


# --- patterns ---------------------------------------------------------------------------------

def patterns_of(*runs):
    """features.md, naively, over runs between which the current app is forgotten; no name may hold `->`."""
    left, pairs, seconds, hours = {}, {}, {}, {}
    for run in runs:
        for i, (name, us) in enumerate(zip(run.names, run.times)):
            left.setdefault(name, 0)
            hour = str(us // 3_600_000_000 % 24)
            hours.setdefault(name, {}).setdefault(hour, 0)
            hours[name][hour] += 1
            before = run.names[i - 1] if i else name
            if before != name:
                left[before] += 1
                pairs[before, name] = pairs.get((before, name), 0) + 1
                seconds[before] = seconds.get(before, 0) + (us / 1e6 - run.times[i - 1] / 1e6)
    most_used = sorted(([a, n] for a, n in left.items() if n), key=lambda pair: -pair[1])
    return {
        "transition_matrix": {f"{a}->{b}": n / left[a] for (a, b), n in pairs.items()},
        "time_preferences": {name: {h: n / sum(h_n.values()) for h, n in h_n.items()} for name, h_n in hours.items()},
        "usage_stats": {"most_used": most_used[:10], "avg_durations": {a: pytest.approx(s / left[a]) for a, s in seconds.items()},
                        "total_transitions": sum(left.values()), "unique_apps": len(most_used)},
        "dev_mode": False,
    }


def rows_of(path, table="config"):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def saved(path):
    """The patterns without their `counts`, which are the extractor's own."""
    [(_, text, updated_at)] = [row for row in rows_of(path) if row[0] == "app_patterns"]
    datetime.datetime.strptime(updated_at, "%Y-%m-%d %H:%M:%S")
    patterns = json.loads(text)
    assert patterns.pop("counts")["version"] == 1
    return patterns


def test_patterns_are_saved_and_counted_on_after_a_restart(start, redis, folder):
    path = folder / "patterns.db"
    # ten seconds before an hour is full, a day ago
    begin_us = time.time_ns() // 1000 // DAY_US * DAY_US - DAY_US + 3_590_000_000
    names = [["code", "web", "code", "mail", "mail", "code", "web", *ODD_NAMES[:15]], ["mail", "code", "web", "new", "code", "web"], ["one"]]
    runs = []
    for i, some in enumerate(names):
        e = start.ready("app", redis, SQLITE_DB_PATH=path)
        runs.append(Apps(redis, begin_us + i * 100_000_000))
        runs[-1].send(*some)
        e.wait_stats(lambda c, n=len(some): c["received"] == n, "the events")
        e.stop()
        assert saved(path) == patterns_of(*runs)
        assert not e.lines("warning"), e.text()
    assert [row[0] for row in rows_of(path)] == ["app_patterns"]


def test_a_stop_without_any_event_leaves_the_patterns_as_they_are(start, redis, folder):
    path = folder / "patterns.db"
    e = start.ready("app", redis, SQLITE_DB_PATH=path)
    Apps(redis).send("a", "b", "a")
    e.wait_stats(lambda c: c["received"] == 3, "the events")
    e.stop()
    before = rows_of(path)
    e = start.ready("app", redis, SQLITE_DB_PATH=path)
    e.stop()
    assert rows_of(path) == before


def test_rows_and_tables_of_others_stay_untouched(start, redis, folder):
    path = folder / "shared.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)")
        db.executemany("INSERT INTO config VALUES(?, ?, ?)", [("app_patterns_2", "mine", "then"), ("theme", "dark", None), ("zzz", None, 5)])
        db.execute("CREATE TABLE other(a, b)")
        db.execute("INSERT INTO other VALUES(1, x'00ff')")
    theirs, other = rows_of(path), rows_of(path, "other")
    e = start.ready("app", redis, SQLITE_DB_PATH=path)
    Apps(redis).send("a", "b")
    e.wait_stats(lambda c: c["received"] == 2, "the events")
    e.stop()
    assert [row for row in rows_of(path) if row[0] != "app_patterns"] == theirs
    assert rows_of(path, "other") == other
    assert saved(path)["usage_stats"]["total_transitions"] == 1


BROKEN = {
    "not JSON": "{Zq7", "not an object": "[]", "empty": "", "null": None, "a blob": b"\xff\xfe", "a number": 7,
    "of something older": '{"transition_matrix":{"Zq7->b":1.0}}',
    "negative": '{"counts":{"version":1,"events":-1,"transitions_total":0,"apps":[],"transitions":[]}}',
    "huge": '{"counts":{"version":1,"events":1e400,"transitions_total":0,"apps":[],"transitions":[]}}',
    "deep": "[" * 100_000, "long": '"' + "x" * 20_000_000 + '"',
}


@pytest.mark.parametrize("what", BROKEN)
def test_patterns_that_cannot_be_read_are_a_warning_and_a_new_beginning(start, redis, folder, what):
    path = folder / "patterns.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE config(key TEXT PRIMARY KEY, value, updated_at TIMESTAMP)")
        db.execute("INSERT INTO config VALUES('app_patterns', ?, NULL)", (BROKEN[what],))
    e = start.ready("app", redis, SQLITE_DB_PATH=path)
    if what != "null":
        assert len(e.lines("patterns start empty")) == 1, e.text()
    apps = Apps(redis)
    apps.send("a", "b", "a")
    e.wait_stats(lambda c: c["features"] == 2, "the transitions")
    e.stop()
    assert "Zq7" not in e.text()
    assert saved(path) == patterns_of(apps)


@pytest.mark.parametrize("what", ["no database", "a directory", "no such folder"])
def test_a_file_that_is_no_database_costs_the_patterns_only(start, redis, folder, what):
    path = folder / "patterns.db"
    if what == "no database":
        path.write_bytes(b"This is a letter to my aunt, not a database.\n" * 100)
    elif what == "a directory":
        path.mkdir()
    else:
        path = folder / "nowhere" / "patterns.db"
    e = start.ready("app", redis, SQLITE_DB_PATH=path)
    tap = start.tap(redis, "app")
    apps = Apps(redis)
    apps.send("a", "b", "a")
    assert tap.take_json(2) == apps.transitions()
    counters, _ = e.stop()
    assert counters["features"] == 2
    assert 1 <= len(e.lines(str(path))) <= 2, e.text()
    if what == "no database":
        assert path.read_bytes().startswith(b"This is a letter")


def test_a_database_that_somebody_else_has_locked_holds_nothing_up(start, redis, folder):
    path = folder / "patterns.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE other(a)")
        db.execute("BEGIN EXCLUSIVE")
        e = start.ready("app", redis, SQLITE_DB_PATH=path)
        tap = start.tap(redis, "app")
        apps = Apps(redis)
        apps.send("a", "b", "a")
        assert tap.take_json(2) == apps.transitions()
        counters, took_s = e.stop()
        assert took_s < 3
        assert counters["features"] == 2
        assert any("locked" in line for line in e.lines(str(path))), e.text()


def test_with_the_tables_full_the_oldest_goes_and_is_counted(start, redis, folder):
    path = folder / "patterns.db"
    e = start.ready("app", redis, SQLITE_DB_PATH=path, MAX_BUFFER_SIZE=3)
    tap = start.tap(redis, "app")
    apps = Apps(redis)
    apps.send("a", "b", "c", "d", "e", "a")
    assert tap.take_json(5) == apps.transitions()
    counters, _ = e.stop()
    assert counters["evicted"] > 0
    patterns = saved(path)
    assert patterns["usage_stats"]["total_transitions"] == 5
    assert len(patterns["time_preferences"]) == 3
    assert "e" in patterns["time_preferences"] and "b" not in patterns["time_preferences"]


def test_the_window_class_and_unknown_members_are_not_looked_at(start, redis):
    start.ready("app", redis)
    tap = start.tap(redis, "app")
    redis.publish([encode({"type": "app", "ts": 1_700_000_000_000_000 + i, "app_name": name, "window_class": wc, "more": [{}], "event": "focus"})
                   for i, (name, wc) in enumerate([("a", "A"), ("b", 5), ("c", None), ("a", ["x"])])])
    assert [(f["from_app"], f["to_app"]) for f in tap.take_json(3)] == [("a", "b"), ("b", "c"), ("c", "a")]
