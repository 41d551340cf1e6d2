"""Log lines on stderr: `<level> <program>: <text>`, no time stamp (the journal has one)."""

import logging
import os
import re
import sys
import time

logger = logging.getLogger("seclyzer")


class _OneLine(logging.Formatter):
    """A line break in a text of somebody else's could pass for a line of its own."""

    def format(self, record):
        return re.sub(r"[\x00-\x1f\x7f]", " ", super().format(record))


def init(program, level):
    """Send `logger` to stderr; nothing else is configured, libraries stay silent."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(f"%(levelname)s {program}: %(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    # A closed stderr must not turn into a second error about the first one.
    logging.raiseExceptions = False


def internal_error(error):
    """One line about a bug: where, and of which kind, but not the text, which may be private."""
    places = []
    step = error.__traceback__
    while step:
        code = step.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    logger.error("internal error: %s in %s", type(error).__name__, " > ".join(places))


class Limited:
    """At most one line a second for a thing that can happen a million times."""

    INTERVAL_S = 1.0

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._next = None
        self._since = 0

    def due(self, happened=1):
        """Count; return how often it happened since the last line when a line is due, else 0."""
        self._since += happened
        now = self._clock()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + self.INTERVAL_S
        return self.rest()

    def rest(self):
        """What no line has told yet, for the last words of the process."""
        since, self._since = self._since, 0
        return since
