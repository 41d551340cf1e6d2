"""The last N events, kept by column.

Storing an event is a few item assignments; numpy sees the same memory at extraction
without a conversion.  This module does not need numpy itself: it is imported with
the feature modules, after the extractor has said that it is ready.
"""

import mmap


def column(capacity, code):
    """A fixed array of C numbers ("d" or "b"), zeroed; pages cost memory once written."""
    size = 8 if code == "d" else 1
    return memoryview(mmap.mmap(-1, capacity * size)).cast(code)


class Window:
    """A ring of `capacity` events in order of arrival; the subclasses add their columns.

    A subclass' add() stores one event at `_next` and then calls nothing: the ring
    position is advanced in place, because this is the hot path.
    """

    def __init__(self, capacity):
        self._capacity = capacity
        self._next = 0
        self._full = False
        self._t = column(capacity, "d")  # seconds: ts / 1e6

    def __len__(self):
        return self._capacity if self._full else self._next

    def _in_order(self, numbers):
        """A numeric column in order of arrival, as a numpy array."""
        import numpy as np

        array = np.asarray(numbers)
        if not self._full:
            return array[: self._next]
        if self._next == 0:
            return array
        return np.concatenate((array[self._next :], array[: self._next]))

    def _list_in_order(self, values):
        if not self._full:
            return values[: self._next]
        return values[self._next :] + values[: self._next]

    def _select(self, now_us, window_s):
        """Positions (in order of arrival) and times of the events with t > now - window."""
        t = self._in_order(self._t)
        keep = (t > now_us / 1e6 - window_s).nonzero()[0]
        return keep, t[keep]
