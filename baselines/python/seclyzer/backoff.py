"""Waiting longer after every failure, and never in step with others."""

import random

FIRST_S = 0.1
LAST_S = 5.0


class Backoff:
    """Delays between 100 ms and a ceiling that doubles up to 5 s.

    The delay is drawn over the whole range ("full jitter"), so that three
    extractors that lost the same server do not come back at the same instant.
    """

    def __init__(self):
        self.reset()

    def reset(self):
        self._ceiling_s = FIRST_S

    def next_s(self):
        delay = random.uniform(FIRST_S, self._ceiling_s)
        self._ceiling_s = min(self._ceiling_s * 2, LAST_S)
        return delay
