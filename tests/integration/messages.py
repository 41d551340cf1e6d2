"""Input events as their senders write them."""
import json
import time

# Own events before the first feature message.
SILENT = {"keystroke": 9, "mouse": 49, "app": 1}
# A window in which every event of a test lies, whenever the extraction happens: then features do
# not depend on the clock.  An attempt on every event.
ALL_IN_WINDOW = {"WINDOW_SECONDS": "86400", "UPDATE_INTERVAL": "0"}


def encode(members):
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def keystroke(i, ts):
    """Every press has its release; dwell and flight times vary."""
    return {"type": "keystroke", "ts": ts, "key": f"Key{'ETAOIN'[i // 2 * 7 % 6]}", "event": ("press", "release")[i % 2]}


def mouse(i, ts):
    """Moves on a curve, now and then a click and a turn of the wheel."""
    event = {7: "press", 8: "release", 9: "scroll"}.get(i % 10, "move")
    moves = event == "move"
    return {"type": "mouse", "ts": ts, "x": i * 3.5 % 700 if moves else None, "y": i * i % 400 / 2 if moves else None,
            "event": event, "button": "Left" if event in ("press", "release") else None,
            "scroll_delta": i % 3 - 1 if event == "scroll" else None}


def app(i, ts, names=("code", "web browser", "mail")):
    """A transition with every event but the first."""
    return {"type": "app", "ts": ts, "app_name": names[i % len(names)]}


MAKERS = {"keystroke": keystroke, "mouse": mouse, "app": app}


class Sender:
    """The events of one kind, one after the other, the first a minute ago."""

    def __init__(self, kind):
        self.kind = kind
        self.sent = 0
        self._start_us = time.time_ns() // 1000 - 60_000_000

    def next(self, n=1):
        """The next n messages."""
        events = range(self.sent, self.sent + n)
        self.sent += n
        return [encode(MAKERS[self.kind](i, self._start_us + i * 40_000 + i * i % 7 * 1000)) for i in events]

    def silent(self):
        """Those before the first that makes a feature message."""
        return self.next(SILENT[self.kind])


def without_clock(feature):
    """What of a feature message does not depend on when it was made; app's time is its event's."""
    kept = {k: v for k, v in feature.items() if k != "timestamp" or feature["type"] == "app"}
    if "trace" in kept:
        kept["trace"] = {k: v for k, v in kept["trace"].items() if k != "now_us"}
    return kept
