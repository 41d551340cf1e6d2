"""Applications: transitions between them, and the patterns of their use.

Pure: persistence is patterns_db.py's business.  What is kept, what is pushed out and
the form of what is saved are those of extractors/README.md, "Saved patterns".
"""

from collections import OrderedDict
from math import isfinite

from .event import is_app_name

MOST_USED = 10
COUNTS_VERSION = 1
COUNT_MAX = 2**53
_US_PER_HOUR = 3_600_000_000


class Transition:
    """The user left one application for another."""

    __slots__ = ("from_app", "to_app", "duration_ms", "ts")

    def __init__(self, from_app, to_app, duration_ms, ts):
        self.from_app = from_app
        self.to_app = to_app
        self.duration_ms = duration_ms
        self.ts = ts


class AppTracker:
    """The current application and since when; feeds the patterns."""

    def __init__(self, rows_max, dev_mode):
        self._rows_max = rows_max
        self._dev_mode = dev_mode
        self.patterns = Patterns(rows_max, dev_mode)
        self._current = None
        self._since = 0.0

    def load(self, saved):
        """Go on with saved patterns, before the first event.  Raises ValueError."""
        self.patterns = Patterns.from_saved(saved, self._rows_max, self._dev_mode)

    def add(self, event):
        """Take one event; the Transition it makes, or None."""
        ts, app = event
        t = ts / 1e6
        left = self._current
        transition = None
        if left is not None and left != app:
            seconds = t - self._since
            # Truncates towards zero, so an exact millisecond often comes out one short.
            transition = Transition(left, app, int(seconds * 1000), ts)
            self.patterns.count(app, ts // _US_PER_HOUR % 24, left, seconds)
        else:
            self.patterns.count(app, ts // _US_PER_HOUR % 24)
        self._current = app
        self._since = t
        return transition


class _App:
    __slots__ = ("born", "left", "seconds", "last", "hours", "targets")

    def __init__(self, born):
        self.born = born  # its place in the order first seen
        self.left = 0  # times
        self.seconds = 0.0  # it was current, in all
        self.last = 0  # number of the event that last counted here
        self.hours = [0] * 24  # events by hour of the day, UTC
        self.targets = {}  # app -> _Way: the kept transitions from here


class _Way:
    __slots__ = ("born", "count", "last")

    def __init__(self, born):
        self.born = born  # its place in the order first counted
        self.count = 0
        self.last = 0


class Patterns:
    """Running counts, at most `rows_max` apps and as many different transitions.

    Both tables are kept in the order of their rows' last use, so the row to push
    out is the first one.
    """

    def __init__(self, rows_max, dev_mode):
        self.evicted = 0
        self._rows_max = rows_max
        self._dev_mode = dev_mode
        self._events = 0
        self._transitions_total = 0
        self._apps = OrderedDict()  # name -> _App
        self._ways = OrderedDict()  # (from, to) -> _Way
        self._born = 0

    def count(self, app, hour, left=None, seconds=0.0):
        """One event; `left` is the app that it left after `seconds`, if any."""
        self._events += 1
        number = self._events
        if left is not None:
            self._transitions_total += 1
            row = self._apps[left]
            row.left += 1
            row.seconds += seconds
            row.last = number  # and its place is the last one: it was current until now
            way = row.targets.get(app)
            if way is None:
                way = self._add_way(left, app)
            else:
                self._ways.move_to_end((left, app))
            way.count += 1
            way.last = number
        row = self._apps.get(app)
        if row is None:
            row = self._add_app(app)
        else:
            self._apps.move_to_end(app)
        row.hours[hour] += 1
        row.last = number

    def _add_way(self, a, b):
        if len(self._ways) == self._rows_max:
            self._push_out_way()
        self._born += 1
        way = self._ways[a, b] = self._apps[a].targets[b] = _Way(self._born)
        return way

    def _push_out_way(self):
        (a, b), _ = self._ways.popitem(last=False)
        del self._apps[a].targets[b]
        self.evicted += 1

    def _add_app(self, name):
        if len(self._apps) == self._rows_max:
            self._push_out_app()
        self._born += 1
        app = self._apps[name] = _App(self._born)
        return app

    def _push_out_app(self):
        # The transitions from it go with it; those to it stay until their own turn.
        name, app = self._apps.popitem(last=False)
        for target in app.targets:
            del self._ways[name, target]
        self.evicted += 1

    # --- what comes out ------------------------------------------------------------

    def _apps_by_birth(self):
        return sorted(self._apps.items(), key=lambda item: item[1].born)

    def _ways_by_birth(self):
        return sorted(self._ways.items(), key=lambda item: item[1].born)

    def to_dict(self):
        """The patterns as features.md defines them."""
        apps = self._apps_by_birth()
        departed = [(name, app) for name, app in apps if app.left]
        most_used = sorted(departed, key=lambda item: -item[1].left)[:MOST_USED]
        return {
            "transition_matrix": {
                f"{a}->{b}": way.count / self._apps[a].left
                for (a, b), way in self._ways_by_birth()
            },
            "time_preferences": {name: _shares(app.hours) for name, app in apps},
            "usage_stats": {
                "most_used": [[name, app.left] for name, app in most_used],
                "avg_durations": {name: app.seconds / app.left for name, app in departed},
                "total_transitions": self._transitions_total,
                "unique_apps": len(departed),
            },
            "dev_mode": self._dev_mode,
        }

    def to_saved(self):
        """The patterns, and the counts from which to go on."""
        return {
            **self.to_dict(),
            "counts": {
                "version": COUNTS_VERSION,
                "events": self._events,
                "transitions_total": self._transitions_total,
                "apps": [
                    [
                        name,
                        app.left,
                        app.seconds,
                        app.last,
                        {str(hour): n for hour, n in enumerate(app.hours) if n},
                    ]
                    for name, app in self._apps_by_birth()
                ],
                "transitions": [
                    [a, b, way.count, way.last] for (a, b), way in self._ways_by_birth()
                ],
            },
        }

    @classmethod
    def from_saved(cls, saved, rows_max, dev_mode):
        """The inverse of to_saved().  Raises ValueError when anything is amiss."""
        try:
            return cls._from_counts(saved["counts"], rows_max, dev_mode)
        except (KeyError, TypeError, AttributeError, OverflowError) as e:
            raise ValueError(f"not the form that is saved ({type(e).__name__})") from None

    @classmethod
    def _from_counts(cls, counts, rows_max, dev_mode):
        _require(_whole(counts["version"], 1) == COUNTS_VERSION, "another version")
        patterns = cls(rows_max, dev_mode)
        events = patterns._events = _whole(counts["events"], 0)
        patterns._transitions_total = _whole(counts["transitions_total"], 0)
        apps, ways = {}, {}
        for name, left, seconds, last, hours in counts["apps"]:
            _require(is_app_name(name) and name not in apps, "a name")
            app = apps[name] = _App(len(apps))
            app.left = _whole(left, 0)
            _require(type(seconds) in (int, float) and isfinite(seconds), "seconds")
            app.seconds = float(seconds)
            app.last = _whole(last, 1, events)
            for hour, n in hours.items():
                _require(hour in _HOURS, "an hour")
                app.hours[_HOURS[hour]] = _whole(n, 1)
            _require(hours, "an app without an hour")
        for a, b, count, last in counts["transitions"]:
            _require(is_app_name(b) and (a, b) not in ways, "a transition")
            way = ways[a, b] = apps[a].targets[b] = _Way(len(ways))
            way.count = _whole(count, 1)
            way.last = _whole(last, 1, events)
        for app in apps.values():
            counted = sum(way.count for way in app.targets.values())
            _require(counted <= app.left, "more transitions from an app than times left")
        patterns._born = max(len(apps), len(ways))
        # sorted() is stable: of two rows last used together the older one goes first.
        patterns._apps.update(sorted(apps.items(), key=lambda item: item[1].last))
        patterns._ways.update(sorted(ways.items(), key=lambda item: item[1].last))
        while len(patterns._apps) > rows_max:
            patterns._push_out_app()
        while len(patterns._ways) > rows_max:
            patterns._push_out_way()
        return patterns


def _shares(hours):
    total = sum(hours)
    return {str(hour): n / total for hour, n in enumerate(hours) if n}


_HOURS = {str(hour): hour for hour in range(24)}


def _require(condition, what):
    if not condition:
        raise ValueError(what)


def _whole(value, least, most=COUNT_MAX):
    _require(type(value) is int and least <= value <= most, "a count out of range")
    return value
