"""Messages that must be rejected, each made so that one reason of extractors/README.md applies.

A maker takes a random generator and the members of a valid event, and returns the bytes of the message.
MARKER is in everything that a log could be tempted to quote.
"""
import json
import random

from messages import MAKERS, encode

MARKER = "Zq7"
MAX_BYTES = 65536
NAME = {"keystroke": "key", "mouse": "button", "app": "app_name"}
ABSENT = object()


def with_members(**changed):
    """A maker that sets members; lists give alternatives."""
    def make(rng, event):
        event = dict(event)
        for name, choices in changed.items():
            value = rng.choice(choices)
            if value is ABSENT:
                event.pop(name, None)
            else:
                event[name] = value
        members = list(event.items())
        rng.shuffle(members)
        return encode(dict(members))
    return make


def with_text(name, *texts):
    """A maker that writes the member as this very text, which json.dumps() would not."""
    def make(rng, event):
        text = encode({k: v for k, v in event.items() if k != name})
        return text[:-1] + b',"%b":%b}' % (name.encode(), rng.choice(texts).encode("utf-8", "surrogatepass"))
    return make


def padded(rng, event):
    size = rng.choice((MAX_BYTES + 1, MAX_BYTES + 2, 70_000, 200_000))
    text = encode({**event, "note": MARKER})
    return text[:-2] + b"x" * (size - len(text)) + text[-2:]


def broken_utf8(rng, event):
    bad = rng.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xf0\x80\x80\x80"))
    return encode({**event, "note": MARKER})[:-2] + bad + b'"}'


def noise(rng, _event):
    return MARKER.encode() + rng.randbytes(rng.randrange(300)) + b"\xff" + rng.randbytes(rng.randrange(300))


def cut(rng, event):
    """A proper prefix of an object is no JSON; the empty message is one."""
    text = encode({**event, "note": MARKER})
    return text[:rng.randrange(len(text))]


def no_json(rng, event):
    text = encode({**event, "note": MARKER})
    return rng.choice((
        text + text, text + b"x", b"\xef\xbb\xbf" + text, text[:-1] + b",}", text.replace(b'"', b"'"),
        text[:-2] + b"\x01" + b'"}', text[:-2] + b"\x00" + b'"}', text[:-2] + b"\\x" + b'"}', text[:-1] + b',"a"}', text[:-1] + b',"a":nul}',
        text[:-1] + b',"a":01}', text[:-1] + b',"a":+1}', text[:-1] + b',"a":1.}', text[:-1] + b',"a":.5}', text[:-1] + b',"a":NaN}',
        text[:-1] + b',"a":-Infinity}', text[:-1] + b',"a":"\\u12g4"}', text[:-1] + b',a:1}', b"[" * 513 + b"]" * 513,
        b"[" * rng.randrange(1, 60_000), b'{"a":' * rng.randrange(1, 9000), text[:-1] + b',"a":' + b"[" * 512 + b"]" * 512 + b"}",
        bytes(range(128)), MARKER.encode(), b" \n\t", b"\r\n+OK\r\n$-1\r\n", b"{" + text,
    ))


def no_object(rng, event):
    return rng.choice((b"[%b]" % encode(event), b"[]", b"12", b"-0.5e3", b"true", b"null", b'"%b"' % MARKER.encode(),
                       b"[" * 512 + b"]" * 512, encode(json.dumps(event))))


LONE_SURROGATES = ('"\\ud800"', f'"{MARKER}\\udfff"', '"\\ud83d\\ud83d"')
NO_TEXTS = (0, 1, -1.5, True, False, [], {}, [MARKER], {MARKER: 1})
BAD_TS = with_members(ts=[ABSENT, None, MARKER, "1700000000000000", True, False, 0, -1, 4102444800000001, 10**18, 10**25,
                          [1], {}, 1700000000000000.5])
BAD_TS_TEXT = with_text("ts", "1e15", "1700000000000000.0", "-0", "1.7e15", "1e400", "17000000000000000000000000000000000000000")


def bad_events(*words):
    return with_members(event=[*words, None, "", "Press", MARKER, *NO_TEXTS])


def bad_names(name, limit, *more):
    long = [MARKER + "x" * (limit - 2), MARKER + "€" * (limit // 3 + 1), MARKER + "\U0001f600" * (limit // 4 + 1), MARKER + "y" * 60_000]
    return [with_members(**{name: [*more, *NO_TEXTS, *long]}), with_text(name, *LONE_SURROGATES)]


ANY_KIND = {
    "too_long": [padded],
    "not_utf8": [broken_utf8, noise],
    "not_json": [cut, no_json],
    "not_object": [no_object],
    "bad_type": [with_members(type=[ABSENT, None, "", "Keystroke", "mouse ", MARKER, "touch", *NO_TEXTS]), with_text("type", *LONE_SURROGATES)],
    "bad_ts": [BAD_TS, BAD_TS_TEXT],
}
BY_KIND = {
    "keystroke": {
        "bad_event": [bad_events(ABSENT, "move", "click", "focus")],
        "bad_key": bad_names("key", 100, ABSENT, None, ""),
    },
    "mouse": {
        "bad_event": [bad_events(ABSENT, "focus", "down")],
        "bad_coordinate": [
            with_members(x=["1", True, False, [], {}, 1000000.5, -1000001, MARKER]), with_members(y=[MARKER, True, 1e7]),
            with_text("x", "1e400", "-1e400", "1" + "0" * 400), with_text("y", "1e999"),
            with_members(event=["move"], x=[ABSENT, None], y=[1]), with_members(event=["move"], x=[0], y=[ABSENT, None]),
        ],
        "bad_button": bad_names("button", 100),
        "bad_scroll": [with_members(scroll_delta=[1.5, "1", MARKER, True, False, [], {}, 10001, -10001, 10**30]),
                       with_text("scroll_delta", "1e2", "1.0", "-1e400")],
    },
    "app": {
        "bad_event": [bad_events("press", "move", "blur")],  # absent is allowed
        "bad_app_name": bad_names("app_name", 500, ABSENT, None, ""),
    },
}


def other_types(kind):
    """What is another extractor's business, valid or not."""
    others = [k for k in MAKERS if k != kind]

    def make(rng, _event):
        other = rng.choice(others)
        text = encode({**MAKERS[other](rng.randrange(100), 1_700_000_000_000_000), "note": MARKER})
        quick = b'{"type":%b"%b"' % (rng.choice((b"", b" ")), other.encode())
        return rng.choice((text, b" " + text, text[:-1] + b" }", quick + b"}", quick + b"," + rng.randbytes(20) + b"}", quick + b",no JSON}"))
    return make


def bad_stream(kind, n, seed):
    """n messages, and how many of them are to be counted under which reason, `other_type` among them."""
    rng = random.Random(seed)
    makers = [(reason, make) for reason, some in {**ANY_KIND, **BY_KIND[kind]}.items() for make in some]
    makers.append(("other_type", other_types(kind)))
    # Messages beyond 64 KiB are rare, so that the test measures rejection and not the copying of gigabytes.
    weights = [0.02 if reason == "too_long" else 1 for reason, _ in makers]
    messages, expected = [], {}
    for reason, make in rng.choices(makers, weights, k=n):
        i = rng.randrange(1000)
        event = MAKERS[kind](i, 1_700_000_000_000_000 + i)
        messages.append(make(rng, event))
        expected[reason] = expected.get(reason, 0) + 1
    return messages, expected
