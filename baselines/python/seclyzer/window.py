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


def _piece(positions):
    n = len(positions)
    if not n:
        return slice(0)
    first, last = int(positions[0]), int(positions[-1])
    return slice(first, last + 1) if last - first == n - 1 else positions


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

    def _select(self, now_us, window_s):
        """Where the events with t > now - window are.

        One or two pieces of the ring, in order of arrival: a slice, or positions where
        events in between are too old.
        """
        import numpy as np

        kept = (np.asarray(self._t)[: len(self)] > now_us / 1e6 - window_s).nonzero()[0]
        if not self._full:
            return (_piece(kept),)
        oldest = np.searchsorted(kept, self._next)
        return _piece(kept[oldest:]), _piece(kept[:oldest])

    def _positions(self, pieces, places):
        """Where in the ring those events of the pieces are, as a list."""
        import numpy as np

        return self._numbers(np.arange(self._capacity), pieces)[places].tolist()

    @staticmethod
    def _numbers(column, pieces):
        """What a numeric column has there, as a numpy array; not to be changed."""
        import numpy as np

        array = np.asarray(column)
        parts = [array[piece] for piece in pieces]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
