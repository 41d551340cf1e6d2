#!/usr/bin/python3
"""Streams for the contract tests: hostile, edge-hugging, and the same for the same seed.

  gen_streams.py cases  --kind keystroke|mouse|app --seed N --count N [--sizes MIN,MAX] [--steady]  > cases.jsonl
  gen_streams.py replay --kind keystroke|mouse|app --seed N --count N                               > messages

`cases` writes the format of tests/fixtures/golden without `expected`: `now_us`, `window`, `events`.
`replay` writes one message a line, bytes as Redis might carry them: most are valid events of a
plausible stream, the rest is what gen_messages.py makes of them.  No message holds a newline byte.
"""
import argparse
import json
import random
import sys

sys.dont_write_bytecode = True
import gen_messages  # noqa: E402  (beside this file)

START_US = 1795430000000000
TS_MAX = 4102444800000000
KEYS = ["KeyA", "KeyB", "KeyE", "KeyT", "Space", "Return", "ShiftLeft", "Backspace", "Delete",
        "NumpadBackspace", "DeleteForward", "backspace", "a", "a_b", "b", "b_c", "c", "_", "__", "a_", "_b",
        "\u00f6", "\u65e5\u672c", "\U0001f600", "x" * 100, "\u00e9" * 50, '"', "\\", "a\nb", "nul\0nul", "\x7f"]
COLLIDING = ["a", "a_b", "b", "b_c", "c", "_", "a_", "_b"]  # many pairs of these have one text
APPS = ["firefox", "code", "gnome-terminal", "Slack Web", "a,b=c d", "vlc", "\u65e5\u672c", "trail\\", "\\", "new\nline",
        "tab\there", "cr\rhere", "a\\,b", "\\ ", "a->b", "b->c", "a", "b", "c", "->", "=", ",", " ", "  two  ",
        "y" * 500, "\u00e9" * 250, "nul\0nul", '"quoted"', "\U0001f980", "user_id=eve", "\\n"]
BUTTONS = ["Left", "Left", "Left", "Right", "Middle", None, "Back", "left", "", "Unknown", "\u00f6", "b" * 100]

# Microseconds between two events.  The limits of features.md stand here exactly, and one beside them.
EDGES_US = [0, 0, 1, 999, 1000, 1001, 99999, 100000, 100001, 499999, 500000, 500001, 999999, 1000000,
            1000001, 1999999, 2000000, 2000001, 4999999, 5000000, 5000001]
WINDOWS_S = [30, 30, 30, 10, 5, 1, 0.5, 0.1, 2.5, 7.3, 0.001, 86400]


def steps(rng):
    """A clock: a function that gives the next interval in us."""
    style = rng.randrange(7)
    if style == 0:  # a microsecond clock
        return lambda: int(rng.lognormvariate(11.5, 1.2))
    if style == 1:  # a millisecond clock: equal intervals, ties with the median, dt beside 0.1
        return lambda: 1000 * rng.choice([1, 2, 8, 16, 50, 99, 100, 101, 150, 200, 500, 1000])
    if style == 2:  # two intervals only
        pair = [1000 * rng.randrange(1, 400), 1000 * rng.randrange(1, 400)]
        return lambda: rng.choice(pair)
    if style == 3:  # edges
        return lambda: rng.choice(EDGES_US)
    if style == 4:  # nearly all at once
        return lambda: rng.choice([0, 0, 0, 0, 0, 1, 1000])
    if style == 5:  # one interval for ever
        same = rng.choice([1000, 8000, 100000, 123457, 143000])
        return lambda: same
    return lambda: rng.choice([rng.randrange(1, 300000), rng.choice(EDGES_US), 30000000 if rng.random() < 0.1 else 7])


def stamps(rng, n, steady=False):
    """n times in order of arrival: mostly rising, some equal, some late."""
    if steady:
        return [START_US] * n
    # Beside today: small times, between which doubles differ by exactly 0.1, and the coarsest.
    start = rng.choice([START_US, START_US, START_US + rng.randrange(10**9), 1, 100000, 10**6, TS_MAX - 10**11])
    step = steps(rng)
    late = rng.choice([0, 0, 0, 0.02, 0.2, 1])
    t, out = start, []
    for _ in range(n):
        t = min(t + step(), TS_MAX - 10**10)
        out.append(t)
    if late == 1:
        rng.shuffle(out)
    else:
        for i in range(1, n):
            if rng.random() < late:
                j = rng.randrange(max(0, i - 20), i)
                out[i], out[j] = out[j], out[i]
    return out


def keystroke(rng, state, ts):
    pool = state.setdefault("pool", rng.choice([COLLIDING, *(rng.sample(KEYS, n) for n in (1, 2, 5, len(KEYS)))]))
    style = state.setdefault("style", rng.randrange(4))
    down = state.setdefault("down", [])
    kind = "press"
    if style == 0:
        kind = rng.choice(["press", "release"])
    elif down and (style == 1 or rng.random() < 0.5):
        kind = "release"
    key = rng.choice(pool)
    if kind == "press":
        down.append(key)
    elif down and rng.random() < 0.95:
        key = down.pop(rng.randrange(len(down)))
    return {"type": "keystroke", "ts": ts, "key": key, "event": kind}


def move(rng, state):
    """The next point: a walk, whole steps of known length, standing still, leaps, or just no point."""
    style = state.setdefault("move", rng.randrange(7))
    x, y = state.get("at", (500, 400))
    if style == 0:
        x, y = x + rng.gauss(0, 40), y + rng.gauss(0, 40)
    elif style == 1:  # lengths 5, 10, 100: over 1 ms exactly at the limits of v, a and j
        dx, dy = rng.choice([(3, 4), (6, 8), (-6, -8), (10, 0), (0, -10), (60, 80), (0, 0), (1, 0)])
        x, y = x + dx, y + dy
    elif style == 2:
        x, y = x + rng.randrange(-3, 4), y + rng.randrange(-3, 4)
    elif style == 3:  # constant velocity: spreads that are 0 but for rounding
        x, y = x + 0.1, y + 0.1
    elif style == 4:
        x, y = rng.uniform(-1e6, 1e6), rng.choice([-1e6, 1e6, 0, -0.0, 1e-300])
    elif style == 5:  # back and forth on a diagonal: one length that is no whole number
        x, y = (505, 405) if x == 500 else (500, 400)
    else:  # back and forth: angles of pi, zeros of both signs
        x, y = rng.choice([(1, 0), (-1, 0), (-1, -0.0), (1, -0.0), (0, 0), (-0.0, -0.0)])
    if abs(x) > 1e6 or abs(y) > 1e6:
        x, y = 0, 0
    state["at"] = (x, y)
    return (None, None) if rng.random() < 0.01 else (x, y)


def single_click(state, ts):
    """Press and release in turn, each time of a button not seen before: every click has its duration."""
    n = state["clicks"] = state.get("clicks", -1) + 1
    return {"type": "mouse", "ts": ts, "event": ("press", "release")[n % 2], "button": f"B{n // 2}"}


def mouse(rng, state, ts):
    weights = state.setdefault("weights", rng.choice(
        [[87, 4, 4, 5, 0], [20, 20, 20, 20, 20], [98, 0, 0, 1, 1], [0, 1, 1, 0, 0], [0, 0, 0, 1, 0], [2, 40, 40, 2, 1], [1, 0, 0, 0, 0], None]))
    if weights is None:
        return single_click(state, ts)
    kind = rng.choices(["move", "press", "release", "scroll", "click"], weights)[0]
    e = {"type": "mouse", "ts": ts, "x": None, "y": None, "event": kind, "button": None, "scroll_delta": None}
    if kind == "move" or (kind == "click" and rng.random() < 0.5):
        e["x"], e["y"] = move(rng, state)
    elif kind in ("press", "release", "click"):
        e["button"] = rng.choice(BUTTONS)
        if rng.random() < 0.1:
            e["x"] = rng.choice([5, None])  # alone: allowed off a move
    if kind == "scroll":
        e["scroll_delta"] = rng.choice(state.setdefault("deltas", rng.choice(
            [[1, -1], [1], [None], [0], [0, None, 1, -1, 3, -10000, 10000]])))
    for name in ("button", "scroll_delta", "x", "y"):
        if e[name] is None and rng.random() < 0.1 and (name not in "xy" or e["x"] is e["y"] is None):
            e.pop(name)
            if name in "xy":
                e.pop("x" if name == "y" else "y", None)
                break
    return e


def app(rng, state, ts):
    pool = state.setdefault("pool", rng.sample(APPS, rng.choice([1, 2, 5, 12, len(APPS)])))
    e = {"type": "app", "ts": ts, "app_name": rng.choice(pool), "window_class": "X", "event": "focus"}
    for name in ("window_class", "event"):
        if rng.random() < 0.1:
            e.pop(name)
    return e


MAKERS = {"keystroke": keystroke, "mouse": mouse, "app": app}
SIZES = {"keystroke": [0, 3, 9, 10, 10, 11, 11, 12, 20, 21, 40, 60, 200],
         "mouse": [0, 10, 49, 50, 50, 51, 51, 52, 80, 200, 300],
         "app": [0, 1, 2, 3, 10, 40, 100, 200]}


def events(rng, kind, n, steady):
    """n own events, a few of other types and a few that must be skipped between them."""
    foreign = rng.choice([0, 0, 0.1, 0.5])
    states = {k: {} for k in MAKERS}
    if steady:
        states["mouse"] = {"move": 5, "weights": [1, 0, 0, 0, 0]}
    out = []
    for ts in stamps(rng, n, steady):
        if rng.random() < foreign:
            other = rng.choice([k for k in MAKERS if k != kind])
            out.append(MAKERS[other](rng, states[other], ts))
        if rng.random() < foreign / 5:
            out.append(rng.choice([{}, {"type": kind}, {"type": kind, "ts": True, "key": "KeyA", "event": "press"}, 7, None, [],
                                   {"type": "keystroke", "ts": ts, "key": "", "event": "press"},
                                   {"type": "mouse", "ts": ts, "x": 1, "y": None, "event": "move"},
                                   {"type": "app", "ts": ts, "app_name": None}]))
        out.append(MAKERS[kind](rng, states[kind], ts))
    return out


def now_for(rng, own, window):
    """The wall clock: after the last event, or such that the window is cut exactly at one of them."""
    if not own:
        return START_US
    last = max(e["ts"] for e in own)
    how = rng.randrange(5)
    if how < 2:
        return last + rng.randrange(0, 1000)
    if how == 2:
        return last
    cut = rng.choice(own)["ts"] if how == 3 else min(e["ts"] for e in own)
    return max(1, cut + round(window * 1e6) + rng.choice([-1, 0, 0, 0, 1]))


def case(rng, number, args):
    kind, sizes = args.kind, args.sizes
    n = rng.randrange(sizes[0], sizes[1] + 1) if sizes else rng.choice(SIZES[kind])
    ev = events(rng, kind, n, args.steady)
    c = {"id": f"{kind}-{args.seed}-{number}", "kind": kind}
    if kind != "app":
        window = rng.choice(WINDOWS_S) if not sizes else 86400
        c["now_us"] = now_for(rng, [e for e in ev if isinstance(e, dict) and e.get("type") == kind and "ts" in e], window)
        if window != 30 or rng.random() < 0.9:
            c["window"] = window
    c["events"] = ev
    return c


def write_cases(rng, args, out):
    for i in range(args.count):
        line = json.dumps(case(rng, i, args), ensure_ascii=rng.random() < 0.5)
        out.write(line.encode() + b"\n")


def write_replay(rng, args, out):
    """A stream of about ten own events a second whose clock now and then stands, leaps, or goes back."""
    states = {k: {} for k in MAKERS}
    t = START_US
    for i in range(args.count):
        if i % 997 == 0:  # another person now: other pools, other styles
            states = {k: {} for k in MAKERS}
        t += rng.choice(EDGES_US) if rng.random() < 0.05 else rng.choice([0, 1000, rng.randrange(50000), rng.randrange(50000)])
        if rng.random() < 0.0005:
            t += rng.choice([31, 60, 3600]) * 1000000
        ts = max(1, t - rng.randrange(2000000)) if rng.random() < 0.03 else t
        kind = args.kind if rng.random() < 0.8 else rng.choice(list(MAKERS))
        message = gen_messages.message(rng, MAKERS[kind](rng, states[kind], ts), last=i >= args.count - 200)
        out.write(message.replace(b"\n", b" ") + b"\n")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("mode", choices=["cases", "replay"])
    p.add_argument("--kind", choices=list(MAKERS), required=True)
    p.add_argument("--seed", type=int, required=True)
    p.add_argument("--count", type=int, required=True)
    p.add_argument("--sizes", type=lambda s: [int(v) for v in s.split(",")], help="MIN,MAX own events of a case")
    p.add_argument("--steady", action="store_true", help="all at one time, a mouse at one speed: spreads are 0 but for rounding")
    args = p.parse_args()
    rng = random.Random(f"{args.mode} {args.kind} {args.seed}")
    {"cases": write_cases, "replay": write_replay}[args.mode](rng, args, sys.stdout.buffer)


if __name__ == "__main__":
    main()
