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

        keep, t = self._select(now_us, window_s)
        kind, x, y, scroll = (
            self._in_order(numbers)[keep]
            for numbers in (self._kind, self._x, self._y, self._scroll)
        )
        buttons = self._list_in_order(self._buttons)
        if len(keep) < len(buttons):
            buttons = [buttons[i] for i in keep.tolist()]
        return mouse_features.extract(t, kind, x, y, buttons, scroll, window_s, dev_mode)
