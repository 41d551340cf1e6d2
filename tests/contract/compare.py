"""Equality as spec/features.md defines it, and strict reading of what a subject prints."""
import json

TOLERANCE = 1e-9


def once(pairs):
    """Members of an object, each there once."""
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [n for n, _ in pairs]
        raise ValueError("member twice: " + next(n for n in names if names.count(n) > 1))
    return members


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


def read(text):
    return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def equal_numbers(a, b):
    return abs(a - b) <= TOLERANCE or abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def difference(got, want, where=""):
    """The first difference as one line, or None: same members, same JSON types, numbers within 1e-9."""
    if is_number(got) and is_number(want):
        return None if equal_numbers(got, want) else f"{where}: got {got!r}, expected {want!r}"
    if type(got) is not type(want):
        return f"{where}: got {str(got)[:200]!r}, expected {str(want)[:200]!r}"
    if isinstance(want, dict):
        for name in want.keys() | got.keys():
            if name not in got:
                return f"{where}.{name}: missing"
            if name not in want:
                return f"{where}.{name}: not expected"
        parts = ((f"{where}.{n}", got[n], want[n]) for n in want)
    elif isinstance(want, list):
        if len(got) != len(want):
            return f"{where}: {len(got)} elements, expected {len(want)}"
        parts = ((f"{where}[{i}]", g, w) for i, (g, w) in enumerate(zip(got, want)))
    else:
        return None if got == want else f"{where}: got {got!r}, expected {want!r}"
    return next(filter(None, (difference(g, w, at) for at, g, w in parts)), None)


def tag_value(text):
    """A tag's value in line protocol, by spec/contract.md."""
    for raw, written in ((",", "\\,"), ("=", "\\="), (" ", "\\ "), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(raw, written)
    return text + " " if text.endswith("\\") else text


def point(transition, ts_us):
    """The line that an app transition makes."""
    return (f"app_transitions,from_app={tag_value(transition['from_app'])},to_app={tag_value(transition['to_app'])},"
            f"user_id=default duration_ms={transition['duration_ms']} {ts_us * 1000}")


def point_difference(got, want, where):
    """Two lines of line protocol: the same text, but for how a number is written."""
    (got_head, got_ms), (want_head, want_ms) = ((head, rest) for head, _, rest in (p.rpartition(" duration_ms=") for p in (got, want)))
    if got_head == want_head:
        try:
            (g, g_ts), (w, w_ts) = got_ms.split(" "), want_ms.split(" ")
            if g_ts == w_ts and equal_numbers(float(g), float(w)):
                return None
        except ValueError:
            pass
    return f"{where}: got {got!r}, expected {want!r}"
