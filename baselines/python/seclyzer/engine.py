"""From the bytes of a message to counters and feature messages.

Pure: clocks are given, nothing is read or written.  Live and offline share it, so
what --extract and --replay show is what the daemon does.
"""

import time

from .app import AppTracker
from .event import REASONS, Decoder, Rejected
from .keystroke import KeystrokeWindow
from .mouse import MouseWindow
from .wire import Feature, of_transition


def wall_us():
    return time.time_ns() // 1000


_WINDOWS = {"keystroke": KeystrokeWindow, "mouse": MouseWindow}


def make_window(kind, capacity):
    return _WINDOWS[kind](capacity)


class Engine:
    """What the three extractors have in common: decoding and counting.

    `monotonic` gives seconds for the attempt rule, `wall` whole microseconds since
    the epoch for the window's cut-off.  A caller that has no clock of its own may
    read `last_ts`, the time of the own event being handled.
    """

    def __init__(self, kind, settings, monotonic, wall):
        self.kind = kind
        self.received = 0
        self.accepted = 0
        self.other_type = 0
        self.rejected = dict.fromkeys(REASONS, 0)
        self.rejected_total = 0
        self.features = 0
        self.too_few = 0
        self.last_ts = 0
        self._dev_mode = settings.dev_mode
        self._trace = settings.trace
        self._decode = Decoder(kind).decode
        self._monotonic = monotonic
        self._wall = wall

    @property
    def evicted(self):
        raise NotImplementedError

    def begin(self, now):
        """The process starts: the first attempt is due an interval from now."""

    def warm_up(self):
        """Load what the first extraction needs."""

    def feed(self, message):
        """Take one message; the Feature it causes, or None."""
        self.received += 1
        try:
            event = self._decode(message)
        except Rejected as rejected:
            self.rejected[rejected.reason] += 1
            self.rejected_total += 1
            return None
        if event is None:
            self.other_type += 1
            return None
        self.accepted += 1
        return self._accept(event)

    def _trace_of(self, now_us):
        if not self._trace:
            return None
        return {"trigger_ts": self.last_ts, "events": self.accepted, "now_us": now_us}


class WindowEngine(Engine):
    """Keystroke and mouse: features of a window, at most every UPDATE_INTERVAL."""

    def __init__(self, kind, settings, monotonic, wall):
        super().__init__(kind, settings, monotonic, wall)
        self._capacity = settings.max_buffer_size
        self.window = make_window(kind, self._capacity)
        self._add = self.window.add
        self._window_s = settings.window_seconds
        self._interval = settings.update_interval
        self._last_attempt = 0.0

    @property
    def evicted(self):
        """Events pushed out of the full buffer."""
        return max(0, self.accepted - self._capacity)

    def begin(self, now):
        self._last_attempt = now

    def warm_up(self):
        self.window.features(0, self._window_s, self._dev_mode)

    def _accept(self, event):
        self._add(event)
        self.last_ts = event[0]
        now = self._monotonic()
        if now - self._last_attempt < self._interval:
            return None
        self._last_attempt = now
        return self._attempt()

    def _attempt(self):
        now_us = self._wall()
        members = self.window.features(now_us, self._window_s, self._dev_mode)
        if members is None:
            self.too_few += 1
            return None
        self.features += 1
        return Feature(self.kind, members, {}, now_us, self._trace_of(now_us))


class AppEngine(Engine):
    """Applications: a feature message on every transition."""

    def __init__(self, kind, settings, monotonic, wall):
        super().__init__(kind, settings, monotonic, wall)
        self.tracker = AppTracker(settings.max_buffer_size, settings.dev_mode)

    @property
    def evicted(self):
        """Rows pushed out of the full tables of the patterns."""
        return self.tracker.patterns.evicted

    def _accept(self, event):
        self.last_ts = event[0]
        transition = self.tracker.add(event)
        if transition is None:
            return None
        self.features += 1
        # Only the trace needs a clock: the transition has the time of its event.
        return of_transition(transition, self._trace_of(self._wall()) if self._trace else None)


def make_engine(kind, settings, monotonic=time.monotonic, wall=wall_us):
    engine = AppEngine if kind == "app" else WindowEngine
    return engine(kind, settings, monotonic, wall)
