"""Waiting for a condition, with a deadline: the only way in which these tests wait."""
import time

# Generous, because it is only waited out by a test that fails; the host may be busy, the build sanitized.
DEADLINE_S = 30


def wait_until(condition, what, seconds=DEADLINE_S):
    """Ask until `condition()` is true; its value.  `what` may be a function, asked when it is too late."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.005)
