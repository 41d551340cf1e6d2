"""The `stats ` line: every counter as one JSON object on stderr."""

import sys

from .wire import to_json

_POINTS = ("queued", "written", "spooled", "dropped", "pending", "refused")


def write(engine, publish_errors=0, points=None, reconnects=0, uptime_ms=0):
    points = points or {}
    line = to_json(
        {
            "received": engine.received,
            "accepted": engine.accepted,
            "other_type": engine.other_type,
            "rejected": engine.rejected,
            "evicted": engine.evicted,
            "features": engine.features,
            "no_features": {"too_few": engine.too_few},
            "publish_errors": publish_errors,
            **{f"points_{name}": points.get(name, 0) for name in _POINTS},
            "reconnects": reconnects,
            "uptime_ms": uptime_ms,
        }
    )
    sys.stderr.write(f"stats {line}\n")
    sys.stderr.flush()
