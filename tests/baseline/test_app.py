"""Transitions, the patterns of use, their bounds, and what is saved of them."""

import copy
import json
import random

import pytest
from seclyzer.app import AppTracker, Patterns

T0 = 1795430000000000
SECOND = 1_000_000


def tracker(apps, rows_max=1000, dev_mode=False, step_us=SECOND):
    t = AppTracker(rows_max, dev_mode)
    for i, app in enumerate(apps):
        t.add((T0 + i * step_us, app))
    return t


def patterns(apps, **more):
    return tracker(apps, **more).patterns.to_dict()


def test_a_change_of_app_is_a_transition_and_the_first_app_is_none():
    t = AppTracker(1000, False)
    assert t.add((T0, "a")) is None
    transition = t.add((T0 + 1_500_000, "b"))
    assert (transition.from_app, transition.to_app, transition.ts) == ("a", "b", T0 + 1_500_000)
    assert transition.duration_ms == 1500


def test_the_same_app_again_is_no_transition_but_starts_its_time_anew():
    t = AppTracker(1000, False)
    t.add((T0, "a"))
    assert t.add((T0 + 4 * SECOND, "a")) is None
    assert t.add((T0 + 5 * SECOND, "b")).duration_ms == 1000


def test_a_duration_is_truncated_towards_zero_also_when_negative():
    t = AppTracker(1000, False)
    t.add((T0, "a"))
    assert t.add((T0 + 1_999, "b")).duration_ms == 1
    assert t.add((T0 + 1_999 - 1_500, "a")).duration_ms == -1


def test_the_members_of_the_patterns():
    got = patterns(["a", "b", "a", "c", "c", "a", "b"])
    assert got == {
        "transition_matrix": {"a->b": 2 / 3, "b->a": 1.0, "a->c": 1 / 3, "c->a": 1.0},
        "time_preferences": {app: {"10": 1.0} for app in "abc"},
        "usage_stats": {
            "most_used": [["a", 3], ["b", 1], ["c", 1]],
            "avg_durations": {"a": 1.0, "b": 1.0, "c": 1.0},
            "total_transitions": 5,
            "unique_apps": 3,
        },
        "dev_mode": False,
    }


def test_hours_are_those_of_utc():
    t = AppTracker(1000, False)
    for hour, minute in ((0, 0), (0, 59), (23, 59), (12, 0)):
        t.add(((hour * 3600 + minute * 60 + 86400 * 20000) * SECOND, "a"))
    shares = t.patterns.to_dict()["time_preferences"]["a"]
    assert shares == {"0": 0.5, "12": 0.25, "23": 0.25}


def test_most_used_are_ten_and_ties_go_by_first_sight():
    apps = [f"app{i}" for i in range(12)]
    used = patterns([*apps, "app5", "app0"])["usage_stats"]["most_used"]
    assert used == [["app5", 2], *([f"app{i}", 1] for i in range(10) if i != 5)]


def test_transitions_whose_texts_are_equal_are_one_member_with_the_later_value():
    # "a->b" to "c" and "a" to "b->c"
    got = patterns(["a->b", "c", "a", "b->c", "a", "x"])["transition_matrix"]
    assert got["a->b->c"] == 0.5
    assert list(got)[0] == "a->b->c"


def test_dev_mode_is_in_the_patterns():
    assert patterns(["a"], dev_mode=True)["dev_mode"] is True


# --- bounds: extractors/README.md, "Saved patterns" ------------------------------------


def test_an_app_that_finds_no_room_pushes_out_the_one_last_used_longest_ago():
    t = tracker(["a", "b", "a", "c", "d"], rows_max=3)
    assert list(t.patterns.to_dict()["time_preferences"]) == ["a", "c", "d"]
    assert t.patterns.evicted == 2  # b, and the transition a->b for c->d


def test_an_app_takes_the_transitions_from_it_along_and_they_are_not_counted():
    t = tracker(["a", "b", "c", "d"], rows_max=3)
    assert list(t.patterns.to_dict()["transition_matrix"]) == ["b->c", "c->d"]
    assert t.patterns.evicted == 1


def test_transitions_to_an_app_that_was_pushed_out_stay():
    document = saved(["a", "b"])
    document["counts"]["apps"][0][3] = 2
    document["counts"]["apps"][1][3] = 1
    got = Patterns.from_saved(document, 1, False).to_dict()
    assert list(got["time_preferences"]) == ["a"]
    assert got["transition_matrix"] == {"a->b": 1.0}


def test_an_app_that_comes_back_starts_anew_and_the_total_never_goes_down():
    t = tracker(["a", "b", "c", "a"], rows_max=2)
    got = t.patterns.to_dict()["usage_stats"]
    assert got["total_transitions"] == 3
    assert got["unique_apps"] == 1 and got["most_used"] == [["c", 1]]


def test_one_row_is_enough_to_go_on():
    t = tracker(["a", "b", "a", "b"], rows_max=1)
    assert t.patterns.to_dict()["usage_stats"]["total_transitions"] == 3
    assert list(t.patterns.to_dict()["time_preferences"]) == ["b"]


def test_transitions_are_published_whatever_the_bound():
    apps = [random.Random(i).choice("abcdefgh") for i in range(200)]
    for rows_max in (1, 2, 5):
        t = AppTracker(rows_max, False)
        made = [t.add((T0 + i, app)) is not None for i, app in enumerate(apps)]
        assert made == [i > 0 and apps[i - 1] != app for i, app in enumerate(apps)]


class Slow:
    """The rules for the bounds, word by word and without any order kept."""

    def __init__(self, rows_max):
        self.max, self.n, self.total, self.evicted = rows_max, 0, 0, 0
        self.apps, self.ways, self.current = {}, {}, None

    def push_out(self, rows):
        name = min(rows, key=lambda k: rows[k]["last"])
        del rows[name]
        self.evicted += 1
        if rows is self.apps:
            for way in [w for w in self.ways if w[0] == name]:
                del self.ways[way]

    def row(self, rows, name):
        if name not in rows:
            if len(rows) == self.max:
                self.push_out(rows)
            rows[name] = {"count": 0, "left": 0}
        rows[name]["last"] = self.n
        return rows[name]

    def add(self, app):
        self.n += 1
        if self.current not in (None, app):
            self.total += 1
            self.row(self.apps, self.current)["left"] += 1
            self.row(self.ways, (self.current, app))["count"] += 1
        self.row(self.apps, app)["count"] += 1
        self.current = app


@pytest.mark.parametrize("rows_max", [1, 2, 3, 5, 8])
def test_the_bounds_are_kept_as_the_rules_say(rows_max):
    rng = random.Random(rows_max)
    t, slow = AppTracker(rows_max, False), Slow(rows_max)
    for i in range(3000):
        app = rng.choice("aaabbcdefghijk")
        t.add((T0 + i, app))
        slow.add(app)
        saved = t.patterns.to_saved()["counts"]
        apps = [[name, r["left"], r["last"], r["count"]] for name, r in slow.apps.items()]
        ways = [[a, b, r["count"], r["last"]] for (a, b), r in slow.ways.items()]
        assert [[n, left, last, sum(h.values())] for n, left, _, last, h in saved["apps"]] == apps
        assert saved["transitions"] == ways
        assert (saved["events"], saved["transitions_total"]) == (slow.n, slow.total)
        assert t.patterns.evicted == slow.evicted


# --- saved and read back -------------------------------------------------------------------

APPS = [random.Random(i).choice(["a", "b", "c->d", "\u65e5", "e"]) for i in range(300)]


def saved(apps=APPS, **more):
    """As it comes back from the database."""
    return json.loads(json.dumps(tracker(apps, **more).patterns.to_saved()))


def test_what_is_saved_is_the_patterns_and_the_counts():
    got = saved(["vlc", "code", "vlc"])
    counts = got.pop("counts")
    assert got == patterns(["vlc", "code", "vlc"])
    assert counts == {
        "version": 1,
        "events": 3,
        "transitions_total": 2,
        "apps": [["vlc", 1, 1.0, 3, {"10": 2}], ["code", 1, 1.0, 3, {"10": 1}]],
        "transitions": [["vlc", "code", 1, 2], ["code", "vlc", 1, 3]],
    }


def test_counting_goes_on_from_what_was_saved():
    t = AppTracker(1000, False)
    t.load(saved(APPS[:150]))
    for i, app in enumerate(APPS[150:], 150):
        t.add((T0 + i * SECOND, app))
    # The app that was current when the first process ended is not known to the second.
    once = tracker(APPS).patterns.to_dict()
    twice = t.patterns.to_dict()
    assert twice["time_preferences"] == once["time_preferences"]
    lost = APPS[149] != APPS[150]
    assert twice["usage_stats"]["total_transitions"] == (
        once["usage_stats"]["total_transitions"] - lost
    )


def test_reading_and_saving_again_changes_nothing():
    assert Patterns.from_saved(saved(), 1000, False).to_saved() == saved()


def test_more_rows_than_are_allowed_now_are_pushed_out_by_last_use():
    document = saved()
    got = Patterns.from_saved(document, 2, False).to_saved()["counts"]
    latest = sorted(document["counts"]["apps"], key=lambda row: row[3])[-2:]
    assert sorted(row[0] for row in got["apps"]) == sorted(row[0] for row in latest)
    assert len(got["transitions"]) <= 2


def damaged():
    """(what is wrong, a document with it)"""

    def put(value, *way):
        document = copy.deepcopy(saved())
        place = document
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value
        return f"{'.'.join(map(str, way))} = {str(value)[:20]!r}", document

    counts = "counts"
    for document in (None, [], 1, "x", {}, {counts: None}, {counts: []}, {counts: {}}):
        yield str(document), document
    yield put(2, counts, "version")
    for value in (-1, 1.5, "3", True, None, 2**53 + 1, 10**400):
        yield put(value, counts, "events")
        yield put(value, counts, "transitions_total")
        yield put(value, counts, "apps", 0, 1)
        yield put(value, counts, "transitions", 0, 2)
        yield put(value, counts, "apps", 0, 3)
        yield put(value, counts, "transitions", 0, 3)
        yield put({"3": value}, counts, "apps", 0, 4)
    yield put(0, counts, "transitions", 0, 2)
    yield put(0, counts, "apps", 0, 3)
    yield put(301, counts, "apps", 0, 3)
    yield put({"3": 0}, counts, "apps", 0, 4)
    for hours in ({"24": 1}, {"03": 1}, {"-1": 1}, [], None):
        yield put(hours, counts, "apps", 0, 4)
    for seconds in ("1", None, True, float("inf"), 10**400):
        yield put(seconds, counts, "apps", 0, 2)
    for name in ("", None, 1, "x" * 501, "\ud800", saved()[counts]["apps"][1][0]):
        yield put(name, counts, "apps", 0, 0)
    yield put({}, counts, "apps", 0, 4)
    a = saved()[counts]["transitions"][0][0]
    left = next(row[1] for row in saved()[counts]["apps"] if row[0] == a)
    yield put(left + 1, counts, "transitions", 0, 2)
    yield put("nobody", counts, "transitions", 0, 0)
    yield put("", counts, "transitions", 0, 1)
    yield put(saved()[counts]["transitions"][1], counts, "transitions", 0)
    yield put(["a"], counts, "apps", 0)
    yield put({}, counts, "apps")
    yield put([[]], counts, "transitions")


CASES = list(damaged())


@pytest.mark.parametrize("document", [d for _, d in CASES], ids=[name for name, _ in CASES])
def test_a_document_with_anything_amiss_is_not_read(document):
    with pytest.raises(ValueError):
        Patterns.from_saved(document, 1000, False)
