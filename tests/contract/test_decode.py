"""The verdict on every message: what the C extractors count, against the rules of extractors/README.md.

The expectation is worked out here, from Python's json module and the table of reasons alone; it
shares no code with baselines/python.  Messages are made by seed, class by class, and replayed in
batches; a batch whose counters differ is halved until the message that did it is found.
"""
import json
import os
import random
import re
import subprocess

import pytest
from subjects import KEPT_ENVIRONMENT, count, path_of

KINDS = ("keystroke", "mouse", "app")
BATCH = 500
MESSAGE_MAX, DEPTH_MAX, TS_MAX = 65536, 512, 4102444800000000
EVENTS = {"keystroke": {"press", "release"}, "mouse": {"move", "press", "release", "scroll", "click"}, "app": {"focus"}}

# ---- what must come out ---------------------------------------------------------------


class NotJson(Exception):
    pass


def refuse(_):
    raise NotJson


def whole(digits):
    """No check lets 25 digits through; int() itself refuses 4,301."""
    return int(digits) if len(digits) < 25 else 10**25 * (-1 if digits[0] == "-" else 1)


STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def depth(text):
    deepest = now = 0
    for c in STRINGS.sub("", text):
        now += (c in "[{") - (c in "]}")
        deepest = max(deepest, now)
    return deepest


def parse(text):
    try:
        value = json.loads(text, parse_constant=refuse, parse_int=whole)
    except (ValueError, RecursionError, NotJson):
        raise NotJson from None
    if text.count("[") + text.count("{") > DEPTH_MAX and depth(text) > DEPTH_MAX:
        raise NotJson
    return value


def is_text(value, least, most):
    if type(value) is not str:
        return False
    try:
        return least <= len(value.encode()) <= most
    except UnicodeEncodeError:  # an unpaired surrogate
        return False


def is_whole(value, least, most):
    return type(value) is int and least <= value <= most


def is_coordinate(value):
    return value is None or (type(value) in (int, float) and abs(value) <= 1e6)


def fault(o, kind):
    """The first reason to reject an object of this type, or `accepted`."""
    if not is_whole(o.get("ts"), 1, TS_MAX):
        return "bad_ts"
    event = o.get("event", "focus" if kind == "app" else None)
    if type(event) is not str or event not in EVENTS[kind]:
        return "bad_event"
    if kind == "keystroke":
        return "accepted" if is_text(o.get("key"), 1, 100) else "bad_key"
    if kind == "app":
        return "accepted" if is_text(o.get("app_name"), 1, 500) else "bad_app_name"
    x, y = o.get("x"), o.get("y")
    if not is_coordinate(x) or not is_coordinate(y) or (event == "move" and (x is None) != (y is None)):
        return "bad_coordinate"
    if o.get("button") is not None and not is_text(o["button"], 0, 100):
        return "bad_button"
    if o.get("scroll_delta") is not None and not is_whole(o["scroll_delta"], -10000, 10000):
        return "bad_scroll"
    return "accepted"


SHORT_CUT = re.compile(rb'\{"type": ?"(keystroke|mouse|app)"[,}]')


def verdict(message, own):
    first = SHORT_CUT.match(message)
    if first and first[1].decode() != own and message.endswith(b"}") and len(message) <= MESSAGE_MAX:
        return "other_type"
    if len(message) > MESSAGE_MAX:
        return "too_long"
    try:
        value = parse(message.decode())
    except UnicodeDecodeError:
        return "not_utf8"
    except NotJson:
        return "not_json"
    if type(value) is not dict:
        return "not_object"
    kind = value.get("type")
    if type(kind) is not str or kind not in KINDS:
        return "bad_type"
    return "other_type" if kind != own else fault(value, kind)


# ---- what goes in: one function a class of messages --------------------------------------

NUMBERS = """0 -0 -0.0 1 -1 1.0 1e3 1E3 1e+3 0.1e1 1e-400 1e400 -1e400 1e999999999999 0e999999999999 1000000 1000000.0
    1000000.0000000001 1000000.00000000001 -1000000 -1000001 1e6 10000 10001 -10000 -10001 1e4 4102444800000000 4102444800000001
    9223372036854775807 9223372036854775808 -9223372036854775808 18446744073709551615 18446744073709551617 4294967296
    123456789.123456789012345678901234567890 0.30000000000000004 5e-324""".split() + ["9" * 400, "1" + "0" * 5000, "0." + "3" * 300]
WRONG = ["01", "-01", "+1", ".5", "-.5", "5.", "1.e1", "1e", "1e+", "-", "--1", "0x10", "1_0", "NaN", "Infinity", "-Infinity", "nul", "True",
         '"\\x41"', '"\\u12"', '"\\u12G4"', '"\\u 123"', '"\\u+123"', '"\\U0041"', '"\\', '"open', '"\t"', '"\x00"', '"\x1f"', "'a'", "[1,]", "{,}",
         '{"a"}', '{"a":}', '{"a":1,}', "[1 2]", "[", "{", "]", "", "/**/1", "1//", "\ufeff1", "\x0b1", "\u00a01"]
TEXTS = ['""', '"a"', '"Backspace"', '"' + "k" * 100 + '"', '"' + "k" * 101 + '"', '"' + "\u00e9" * 50 + '"', '"' + "\u00e9" * 50 + 'k"',
         '"' + "n" * 500 + '"', '"' + "n" * 501 + '"', '"\\u00e9' + "n" * 498 + '"', '"\\u00e9' + "n" * 499 + '"', '"\\u004bey"', '"\\ud83d\\ude00"',
         '"\\ud83d"', '"\\ude00"', '"\\ude00\\ud83d"', '"\\ud83d\\u0041"', '"\\ud83dx"', '"\\ud83d\\ud83d\\ude00"', '"\\u0000"', '"a\\u0000b"', '"\\/"',
         '"\\b\\f\\n\\r\\t\\"\\\\"', '"\x7f"', '"\u2028"', '"\U0010ffff"', '"\U0001f600"']
OTHERS = ["null", "true", "false", "[]", "{}", "[1]", '{"type":"app"}', "[[],{}]"]
WORDS = ['"press"', '"release"', '"move"', '"scroll"', '"click"', '"focus"', '"Press"', '"press "', '"pres"', '"pre\\u0073s"',
         '"keystroke"', '"mouse"', '"app"', '"Mouse"', '"mo\\u0075se"', '"apps"', '"app\\u0000"']
VALUES = NUMBERS + TEXTS + OTHERS + WORDS
NAMES = ["type", "ts", "key", "event", "x", "y", "button", "scroll_delta", "app_name", "window_class"]
ODD_NAMES = ["Type", "", "t\\u0073", "typ\\u0065", "\\u0078", "x\\u0000", "event ", "scroll_delta_", "\\ud800", "n" * 200, "app_nam", "keys"]
BAD_UTF8 = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
            b"\xf5\x80\x80\x80", b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"]


def members(rng):
    """The members of a valid message of any type, as (name, text of the value)."""
    kind = rng.choice(KINDS)
    m = [("type", f'"{kind}"'), ("ts", str(rng.randrange(1, TS_MAX)))]
    if kind == "keystroke":
        return m + [("key", rng.choice(['"KeyA"', '"Space"', '"\u00df"'])), ("event", rng.choice(['"press"', '"release"']))]
    if kind == "app":
        return m + [("app_name", rng.choice(['"firefox"', '"code"', '"a\\"b"']))] + rng.choice([[], [("event", '"focus"')], [("window_class", '"w"')]])
    event = rng.choice(sorted(EVENTS["mouse"]))
    xy = [("x", repr(rng.uniform(-2000, 2000))), ("y", str(rng.randrange(1080)))] if event == "move" else [("x", "null"), ("y", "null")]
    return m + xy + [("event", f'"{event}"'), ("button", rng.choice(["null", '"Left"'])), ("scroll_delta", rng.choice(["null", "-3", "1"]))]


def write(m, gap=lambda: ""):
    text = ",".join(f'{gap()}"{name}"{gap()}:{gap()}{value}{gap()}' for name, value in m)
    return f"{gap()}{{{text}}}{gap()}".encode("utf-8", "surrogatepass")


def plain(rng):
    return write(members(rng))


def blanks(rng):
    m = members(rng)
    rng.shuffle(m)
    return write(m, lambda: rng.choice(["", "", "", " ", "\t", "\r", "  "]))


def one_value(rng):
    m = dict(members(rng))
    m[rng.choice(list(m))] = rng.choice(VALUES)
    return write(list(m.items()))


def two_values(rng):
    m = dict(members(rng))
    for _ in range(2):
        m[rng.choice(NAMES)] = rng.choice(VALUES)
    items = list(m.items())
    rng.shuffle(items)
    return write(items)


def no_json(rng):
    m = dict(members(rng))
    m[rng.choice(list(m) + ["other"])] = rng.choice(WRONG)
    return write(list(m.items()))


def left_out(rng):
    m = members(rng)
    for _ in range(rng.choice([1, 1, 2])):
        m.pop(rng.randrange(len(m)))
    return write(m)


def repeated(rng):
    m = members(rng)
    name, value = rng.choice(m)
    name = rng.choice([name, f"\\u{ord(name[0]):04x}{name[1:]}", f"{name[:-1]}\\u{ord(name[-1]):04X}"])
    m.insert(rng.randrange(len(m) + 1), (name, rng.choice([value] + VALUES)))
    return write(m)


def odd_names(rng):
    m = members(rng)
    m.insert(rng.randrange(len(m) + 1), (rng.choice(ODD_NAMES), rng.choice(VALUES + WRONG[:20])))
    return write(m)


def bytes_changed(rng):
    message = bytearray(plain(rng))
    for _ in range(rng.choice([1, 1, 2, 5])):
        at, how = rng.randrange(len(message)), rng.randrange(3)
        if how == 0:
            message[at] = rng.randrange(256)
        elif how == 1:
            message.insert(at, rng.choice(b'"\\{}[]:,0123456789.eE-+ \x00\x7f\xc3'))
        else:
            del message[at]
    return bytes(message)


def cut(rng):
    message = plain(rng)
    return message[: rng.randrange(len(message))] if rng.random() < 0.7 else message + message[: rng.randrange(1, len(message))]


def utf8(rng):
    message = plain(rng)
    at = rng.choice([0, len(message), rng.randrange(len(message)), message.rfind(b'"')])
    piece = rng.choice(BAD_UTF8 + [c.encode() for c in "\u00e9\u07ff\u0800\uffff\U00010000\U0010ffff"])
    return message[:at] + piece + message[at:]


def first_bytes(rng):
    form = rng.choice(['{"type":"%s",}', '{"type":"%s"}', '{"type": "%s"}', '{"type":  "%s"}', '{"type":\t"%s",x}', '{"type":"%s",x}', '{"type": "%s",x}',
                       '{"type":"%s",x', '{"type":"%s",x} ', '{"type":"%s" ,"a":1}', '{"type":"%sx",x}', '{"type":"%s"x}', '{"type":"%s"}x}', '{"type":"%s"}}',
                       '{"type" :"%s",x}', '{ "type":"%s",x}', ' {"type":"%s","ts":1}', '{"type":"%s","type":"mouse","ts":1}', '{"type":"%s","type":1}',
                       '{"Type":"%s",x}', '{"type":"%s', '{"type":"%s"', '{"type":%s}', '{"type":"%s","ts":0}', '{"typ\\u0065":"%s"}', '{"type":"%s",\x00}'])
    message = (form % rng.choice(KINDS + ("", "Mouse", "key", "keystrokes"))).encode()
    return message if rng.random() < 0.9 else message.replace(b"x", b"\xff")


def nested(rng):
    n = rng.choice([1, 2, 64, 65, 128, 500, 509, 510, 511, 512, 513, 514, 600, 3000, 20000])
    opens = [rng.choice(["[", '{"a":', "[1,", "[{},", '[[],{"b":[]},'])[: None if n < 5000 else 1] for _ in range(n)]
    closes = ["}" if o.startswith("{") else "]" for o in reversed(opens)]
    value = "".join(opens) + "1" + "".join(closes)
    if rng.random() < 0.2:
        value = value[:-1] + rng.choice(["", "]", "}", "]]"])
    m = members(rng)
    m.insert(rng.randrange(len(m) + 1), ("z", value))
    return write(m) if rng.random() < 0.8 else value.encode()


def sized(rng):
    message = plain(rng)
    n = rng.choice([MESSAGE_MAX - 1, MESSAGE_MAX, MESSAGE_MAX + 1, 2 * MESSAGE_MAX, 1000, 40]) - len(message)
    blank = b" " * max(n, 0)
    return rng.choice([message + blank, blank + message, message[:-1] + blank + b"}", message[:-1] + b',"z":"' + blank[7:] + b'"}'])


def no_object(rng):
    value = rng.choice(VALUES + WRONG + ["{}", "{} ", "{}x", "{} {}", "{},", "[]x", "null null", "\ufeff{}"])
    return (rng.choice(["", " ", "\t"]) + value + rng.choice(["", " ", "\r", "x"])).encode("utf-8", "surrogatepass")


def noise(rng):
    alphabet = rng.choice([bytes(range(256)), b'{}[]",:\\ 0123456789-+.eEtrufalsn'])
    return bytes(rng.choice(alphabet) for _ in range(rng.choice([0, 1, 2, 5, 20, 200])))


CLASSES = {plain: 3000, blanks: 4000, one_value: 8000, two_values: 6000, no_json: 4000, left_out: 2000, repeated: 5000, odd_names: 3000, bytes_changed: 6000,
           cut: 2000, utf8: 3000, first_bytes: 4000, nested: 600, sized: 300, no_object: 3000, noise: 3000}
assert sum(CLASSES.values()) >= 50000

# ---- the comparison --------------------------------------------------------------------------


def counters(binary, folder, messages):
    env = {k: os.environ[k] for k in KEPT_ENVIRONMENT if k in os.environ}
    run = subprocess.run([binary, "--replay", "-"], input=b"".join(m + b"\n" for m in messages), capture_output=True, cwd=folder, env=env, timeout=120)
    line = run.stderr.decode(errors="replace").splitlines()[-1:]
    if run.returncode or not line or not line[0].startswith("stats "):
        pytest.fail(f"exit {run.returncode}: {run.stderr[-2000:]!r}", pytrace=False)
    stats = json.loads(line[0].removeprefix("stats "))
    assert stats["received"] == len(messages)
    return {"accepted": stats["accepted"], "other_type": stats["other_type"], **stats["rejected"]}


def expected(messages, own):
    result = {}
    for message in messages:
        v = verdict(message, own)
        result[v] = result.get(v, 0) + 1
    return result


def differ(binary, folder, messages, own):
    got, want = counters(binary, folder, messages), expected(messages, own)
    return {v: (got.get(v), want.get(v, 0)) for v in got.keys() | want.keys() if got.get(v) != want.get(v, 0)}


def culprit(binary, folder, messages, own):
    while len(messages) > 1:
        half = messages[: len(messages) // 2]
        messages = half if differ(binary, folder, half, own) else messages[len(half) :]
    return messages[0]


@pytest.mark.parametrize("make", CLASSES, ids=lambda f: f.__name__)
def test_every_message_is_counted_as_the_table_says(tmp_path, make):
    rng = random.Random(f"decode {make.__name__}")
    # a line is a message: no line feeds
    messages = [make(rng).replace(b"\n", b"\r") for _ in range(CLASSES[make])]
    for own in KINDS:
        binary = path_of("C", own)
        for i in range(0, len(messages), BATCH):
            batch = messages[i : i + BATCH]
            if differ(binary, tmp_path, batch, own):
                one = culprit(binary, tmp_path, batch, own)
                pytest.fail(f"{own}: {one[:500]!r}\n(got, expected): {differ(binary, tmp_path, [one], own)}", pytrace=False)
    count("verdicts of C against the table", len(messages) * len(KINDS))


def test_every_reason_is_met_often_enough_to_mean_something():
    """What the classes above contain, by reason: a generator that misses one would test nothing."""
    seen = {}
    for make, n in CLASSES.items():
        rng = random.Random(f"decode {make.__name__}")
        for _ in range(n):
            message = make(rng).replace(b"\n", b"\r")
            for own in KINDS:
                v = verdict(message, own)
                seen[v] = seen.get(v, 0) + 1
    assert len(seen) == 14
    assert min(seen.values()) >= 100, seen
