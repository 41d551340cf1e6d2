"""The mouse: the window of pointer events, and its features on demand."""

from .window import Window, column


class MouseWindow(Window):
    """Mouse events in order of arrival."""

    def __init__(self, capacity):
        super().__init__(capacity)
        self._kind = column(capacity, "b")
        self._x = column(capacity, "d")
        self._y = column(capacity, "d")
        self._scroll = column(capacity, "d")
        self._buttons = [None] * capacity

    def add(self, event):
        i = self._next
        ts, self._kind[i], self._x[i], self._y[i], self._buttons[i], self._scroll[i] = event
        self._t[i] = ts / 1e6
        i += 1
        if i == self._capacity:
            i = 0
            self._full = True
        self._next = i

    def features(self, now_us, window_s, dev_mode):
        """The feature members, or None when there are too few events."""
        from . import mouse_features

        pieces = self._select(now_us, window_s)
        t, kind, x, y, scroll = (
            self._numbers(column, pieces)
            for column in (self._t, self._kind, self._x, self._y, self._scroll)
        )

        def buttons_of(places):
            # Few events have a button: the others' are not looked at.
            return [self._buttons[i] for i in self._positions(pieces, places)]

        return mouse_features.extract(t, kind, x, y, buttons_of, scroll, window_s, dev_mode)
