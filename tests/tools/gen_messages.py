"""What can arrive in place of a plain message: the mutations of gen_streams.py's replay mode.

message(rng, event, last) gives the bytes for an event: most often plain JSON, else one of the
TRICKS, each aimed at a row of the reasons of rejection in extractors/README.md or at a way in
which two JSON readers are known to differ.
"""
import json

PLAIN_SHARE = 0.8
MESSAGE_MAX = 65536

NUMBERS = ["0", "-0", "-0.0", "1", "-1", "1.0", "1e3", "1E3", "1e+3", "0.1e1", "1e-400", "1e400", "-1e400", "1e999999999999",
           "0e999999999999", "1000000", "1000000.0", "1000000.0000000001", "1000000.1", "-1000000", "-1000001", "1e6", "10000", "10001",
           "-10000", "-10001", "1e4", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
           "18446744073709551616", "1" + "0" * 30, "1" + "0" * 400, "9" * 5000, "-" + "9" * 5000, "0." + "1" * 400,
           "0.30000000000000004", "123456.789012345678901234567890", "4.9406564584124654e-324", "2.2250738585072011e-308",
           "179769313486231580793728971405301e277", "5e-1", "3.0e0"]
NOT_NUMBERS = ["01", "-01", "+1", ".5", "5.", "1e", "1e+", "-", "--1", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "nan", "inf", "1f", "1 2"]
VALUES = ["null", "true", "false", '""', '"1"', '"x"', "[]", "{}", "[1]", '{"a":1}', '" "']
TS_VALUES = ["0", "1", "4102444800000000", "4102444800000001"]
STRINGS = ['""', '"' + "k" * 100 + '"', '"' + "k" * 101 + '"', '"' + "\u00e9" * 50 + '"', '"' + "\u00e9" * 51 + '"', '"' + "n" * 500 + '"',
           '"' + "n" * 501 + '"', '"\\u004bey\\u0041"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ude00\\ud83d"', '"\\ud83d\\u0041"',
           '"\\ud83dx"', '"\\ud83d\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"a\\u0000b"', '"\\u0000"', '"\\/"', '"\\b\\f\\n\\r\\t\\"\\\\"',
           '"' + "\\u00e9" * 50 + '"', '"' + "\\u00e9" * 51 + '"', '"\x7f"', '"\u2028"', '"\ufeff"', '"\U0010ffff"', '"\ufffe"']
NOT_STRINGS = ['"\\x41"', '"\\u12"', '"\\u12G4"', '"\\u 123"', '"\\"', '"\\', '"abc', "'abc'", "abc", '"\x01"', '"\x1f"', '"\t"', '"\0"', '"\\a"',
               '"\\u-123"', '"\\u+123"', '"\\u0x12"', '"\\U0041"']
EVENTS = ['"press"', '"release"', '"move"', '"scroll"', '"click"', '"focus"', '"Press"', '"press "', '""', '"pre\\u0073s"', '"unknown"']
TYPES = ['"keystroke"', '"mouse"', '"app"', '"Keystroke"', '"apps"', '""', '"mo\\u0075se"', '" app"', '"key\\u0000stroke"']
MEMBERS = ["type", "ts", "key", "event", "x", "y", "button", "scroll_delta", "app_name", "window_class"]
NAMES = MEMBERS + ["Type", "TS", "", "typ\\u0065", "t\\u0073", "x\\u0000", "\\u0078", "user", "key ", "\\ud800", "n" * 300]
BAD_UTF8 = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80",
            b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xfe", b"\xff", b"\xc3", b"\xe6\x97", b"\xf0\x9f\x98"]
WHOLE = ["", " ", "  \t ", "\r", "null", "true", "false", "tru", "nul", "1", "-", "1.5", '"text"', '"keystroke"', "[]", "[1,2]", "[", "]", "{", "}", "{}",
         "{} ", "{}x", "{} {}", "{},", "{}\0", "[]]", "{]", "[}", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a" 1}', "{a:1}",
         "{'a':1}", '{"a":1}}', "[1,]", "[,1]", "[1 2]", "// comment", "/**/{}", "\ufeff{}", '\ufeff{"type":"app"}', "\u00a0{}", "\x0c{}", "\x0b{}", "{\x0c}",
         "NaN", "Infinity", "[NaN]", "\0", '"\\ud800"', '"open', '{"type"', '{"type":', '{"type":"', '{"type":"mouse', '{"type":"mouse"',
         '{"type":"mouse"}', '{"type":"keystroke"}', '{"type":"app"}', '{"type": "app"}', '{"type":  "app"}', '{"type":\t"app"}', ' {"type":"mouse"}']
SHORT_CUTS = ['{"type":"%s",}', '{"type":"%s",garbage}', '{"type": "%s",garbage}', '{"type":  "%s",garbage}', '{"type":"%s",garbage', '{"type":"%s" ,"a":1}',
              '{"type":"%s"garbage}', '{"type":"%s"}garbage}', '{"type":"%s","ts":1}', '{"type":"%s","ts":1} ', '{"type" :"%s","ts":1}', '{ "type":"%s","ts":1}',
              '{"type":"%s","type":"keystroke","ts":1}', '{"type":"%s","type":"mouse"}', '{"type":"%s",' + " " * 40 + "}", '{"type":"%s"}}', '{"type":"%s",\0}',
              '{"type":"%s","long":"garbage without an end}', '{"type":\t"%s","ts":12}', '{"typ\\u0065":"%s","ts":12,"key":"KeyA","event":"press"}']


def dump(members, rng=None):
    """Members (name text, value text) as an object; with rng, white space between the tokens."""
    gap = (lambda: rng.choice(["", "", " ", "\t", "\r", "  "])) if rng else (lambda: "")
    inner = ",".join(f'{gap()}"{n}"{gap()}:{gap()}{v}{gap()}' for n, v in members)
    return gap() + "{" + inner + "}" + gap()


def members_of(event):
    return [(n, json.dumps(v, ensure_ascii=False)) for n, v in event.items()]


def encode(text):
    return text.encode("utf-8", "surrogatepass")


def set_member(rng, event, names, values):
    """One of the names gets one of the values, whether the event had it or not."""
    m = dict(members_of(event))
    m[rng.choice(names)] = rng.choice(values)
    return encode(dump(list(m.items())))


def reordered(rng, event):
    m = members_of(event)
    rng.shuffle(m)
    return encode(dump(m, rng))


def repeated(rng, event):
    """A member twice, in either order, perhaps with its name escaped."""
    m = members_of(event)
    name, value = rng.choice(m)
    escaped = rng.choice([name, name, "\\u%04x" % ord(name[0]) + name[1:]])
    other = (escaped, rng.choice([value, "null", "1", '"press"', '"mouse"', '"keystroke"', '"app"', "true", str(event["ts"])]))
    m.insert(rng.randrange(len(m) + 1), other)
    return encode(dump(m))


def without(rng, event):
    m = members_of(event)
    m.pop(rng.randrange(len(m)))
    return encode(dump(m))


def more_members(rng, event):
    """Members nobody knows, whose values must still be JSON."""
    m = members_of(event)
    values = NUMBERS + VALUES + STRINGS + (NOT_NUMBERS + NOT_STRINGS if rng.random() < 0.3 else [])
    for _ in range(rng.randrange(1, 4)):
        m.insert(rng.randrange(len(m) + 1), ("z" + rng.choice(NAMES), rng.choice(values)))
    return encode(dump(m))


def nested(rng, event):
    """Nesting around the depth that is allowed (512), and far beyond what recursion survives."""
    depth = rng.choice([1, 5, 100, 509, 510, 511, 512, 513, 600, 1000, 1100, 5000, 30000])
    opens = [rng.choice(["[", '{"a":']) if depth < 6000 else "[" for _ in range(depth)]
    closes = ["]" if o == "[" else "}" for o in reversed(opens)]
    value = "".join(opens) + rng.choice(["1", "null", '"x"']) + "".join(closes)
    if rng.random() < 0.1:
        value = value[:-1]
    if rng.random() < 0.2:
        return encode(value)
    m = members_of(event)
    m.insert(rng.randrange(len(m) + 1), ("deep", value))
    return encode(dump(m))


def sized(rng, event):
    """A length around the longest that is allowed; padded inside, in a string, before or behind."""
    plain = encode(dump(members_of(event)))
    room = rng.choice([MESSAGE_MAX - 1, MESSAGE_MAX, MESSAGE_MAX + 1, MESSAGE_MAX + 5000, 30000]) - len(plain)
    how = rng.randrange(4)
    if how == 0:
        return plain + b" " * room
    if how == 1:
        return b" " * room + plain
    if how == 2:
        return plain[:-1] + b',"pad":"' + b"p" * (room - 9) + b'"}'
    return plain[:-1] + b" " * room + b"}"


def truncated(rng, event):
    plain = encode(dump(members_of(event)))
    return plain[:rng.randrange(len(plain))]


def flipped(rng, event):
    plain = bytearray(encode(dump(members_of(event))))
    for _ in range(rng.choice([1, 1, 2, 10])):
        plain[rng.randrange(len(plain))] = rng.choice([rng.randrange(256), ord('"'), ord("\\"), ord("{"), ord("}"), ord(","), 0, 9])
    return bytes(plain)


def bad_utf8(rng, event):
    plain = encode(dump(members_of(event)))
    at = rng.choice([0, len(plain), rng.randrange(len(plain)), plain.rfind(b'"')])
    return plain[:at] + rng.choice(BAD_UTF8) + plain[at:]


def garbage(rng, event):
    return bytes(rng.randrange(256) for _ in range(rng.choice([1, 5, 50, 300])))


def short_cut(rng, event):
    text = rng.choice(SHORT_CUTS)
    message = encode(text % rng.choice(["keystroke", "mouse", "app"]))
    if rng.random() < 0.1:
        return message.replace(b"garbage", rng.choice(BAD_UTF8))
    return message


# (weight, what).  Values that would move the clock to its end are left for the last messages.
TRICKS = [
    (8, reordered),
    (6, repeated),
    (3, without),
    (6, more_members),
    (1, nested),
    (0.15, sized),
    (3, truncated),
    (3, flipped),
    (3, bad_utf8),
    (1, garbage),
    (4, short_cut),
    (4, lambda r, e: encode(r.choice(WHOLE))),
    (4, lambda r, e: set_member(r, e, ["ts"], NOT_NUMBERS + VALUES + NUMBERS[:4] + NUMBERS[5:10] + NUMBERS[14:16] + NUMBERS[24:])),
    (2, lambda r, e: set_member(r, e, ["ts"], [str(e["ts"]) + tail for tail in (".0", "e0", ".5", "000", " ", "L", "E-0")])),
    (3, lambda r, e: set_member(r, e, ["event"], EVENTS + VALUES + NOT_STRINGS)),
    (3, lambda r, e: set_member(r, e, ["type"], TYPES + VALUES)),
    (4, lambda r, e: set_member(r, e, ["key", "app_name", "button"], STRINGS + VALUES + NOT_STRINGS + ["1", "1.5"])),
    (4, lambda r, e: set_member(r, e, ["x", "y"], NUMBERS + NOT_NUMBERS + VALUES)),
    (3, lambda r, e: set_member(r, e, ["scroll_delta"], NUMBERS + NOT_NUMBERS + VALUES)),
]
LATE_TRICKS = TRICKS + [(4, lambda r, e: set_member(r, e, ["ts"], TS_VALUES + NUMBERS))]


def message(rng, event, last=False):
    if rng.random() < PLAIN_SHARE:
        return json.dumps(event, separators=rng.choice([(",", ":"), (", ", ": ")]), ensure_ascii=rng.random() < 0.3).encode()
    tricks = LATE_TRICKS if last else TRICKS
    return rng.choices([t for _, t in tricks], [w for w, _ in tricks])[0](rng, event)
