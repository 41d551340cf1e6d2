"""Keystrokes: the window of key events, and its features on demand."""

from .window import Window, column


class KeystrokeWindow(Window):
    """Key events in order of arrival."""

    def __init__(self, capacity):
        super().__init__(capacity)
        self._pressed = column(capacity, "b")
        self._keys = [None] * capacity

    def add(self, event):
        i = self._next
        ts, self._keys[i], self._pressed[i] = event
        self._t[i] = ts / 1e6
        i += 1
        if i == self._capacity:
            i = 0
            self._full = True
        self._next = i

    def features(self, now_us, window_s, dev_mode):
        """The feature members, or None when there are too few events."""
        from . import keystroke_features

        pieces = self._select(now_us, window_s)
        t, pressed = (self._numbers(column, pieces) for column in (self._t, self._pressed))
        keys = []
        for piece in pieces:
            if isinstance(piece, slice):
                keys += self._keys[piece]
            else:
                keys += map(self._keys.__getitem__, piece.tolist())
        return keystroke_features.extract(t, keys, pressed, dev_mode)
