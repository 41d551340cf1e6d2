"""From the bytes of a message to an event, or to the reason of its rejection.

The reasons and the order of the checks are those of extractors/README.md, which
the C side shares.  Pure: no clock, no I/O.

An event is a plain tuple whose first member is `ts` (µs since the epoch):
    keystroke  (ts, key, pressed)                     pressed: 1 or 0
    mouse      (ts, kind, x, y, button, scroll)       x, y, scroll: NAN where null
    app        (ts, app_name)
"""

import json
import re

TYPES = ("keystroke", "mouse", "app")

REASONS = (
    "too_long", "not_utf8", "not_json", "not_object", "bad_type", "bad_ts", "bad_event",
    "bad_key", "bad_coordinate", "bad_button", "bad_scroll", "bad_app_name",
)  # fmt: skip

MESSAGE_MAX = 65536
DEPTH_MAX = 512
TS_MAX = 4_102_444_800_000_000  # 2100-01-01
KEY_MAX = 100
BUTTON_MAX = 100
APP_NAME_MAX = 500
COORDINATE_MAX = 1e6
SCROLL_MAX = 10_000

MOVE, PRESS, RELEASE, SCROLL, CLICK = range(5)
_MOUSE_KINDS = {"move": MOVE, "press": PRESS, "release": RELEASE, "scroll": SCROLL, "click": CLICK}

NAN = float("nan")


class Rejected(Exception):
    """The message is not a valid event; `reason` is one of REASONS."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


# --- JSON, strictly by RFC 8259 ------------------------------------------------

# json accepts NaN and Infinity, raises ValueError for integers of more than 4300
# digits and is only as strict about depth as the interpreter's stack; bytes given
# to it may be UTF-16 or begin with a byte order mark.  So: decode first, refuse
# constants, and leave the odd cases to a second, slower decoder.


def _refuse_constant(name):
    raise ValueError(name)


def _bounded_int(digits):
    """No check lets a number of twenty digits through: its exact value is of no interest."""
    if len(digits) < 20:
        return int(digits)
    return -(10**20) if digits[0] == "-" else 10**20


_decode = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
_decode_slowly = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_int=_bounded_int
).raw_decode

_decode_with_minus_zero = json.JSONDecoder(
    parse_int=lambda digits: -0.0 if digits == "-0" else _bounded_int(digits)
).raw_decode

# A string that does not end runs to the end of the text: without the \Z every
# quote in it would be tried as a beginning, which is quadratic.
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[][{}]', re.DOTALL)


def _is_too_deep(text):
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return False
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                return True
        elif first in "]}":
            depth -= 1
    return False


def parse_json(text):
    """The one JSON value in `text`; ValueError for anything else."""
    if len(text) > DEPTH_MAX and _is_too_deep(text):
        raise ValueError("too deep")
    try:
        value, end = _decode(text)
    except ValueError:
        end = None
    if end != len(text):  # white space around it, a number of 5000 digits, or not JSON
        text = text.strip(" \t\n\r")
        value, end = _decode_slowly(text)
        if end != len(text):
            raise ValueError("something follows the value")
    return value


# Only for where a value ends: digits need not become a number.
_skip = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode
_SPACE = re.compile("[ \t\n\r]*")


def elements_as_written(text, name):
    """The text of each element of the array that is member `name` of an object.

    `text` is valid JSON and has such a member; of several with the name the last counts.
    """
    elements = []
    at = _past_space(text, _past_space(text, 0) + 1)  # behind the "{"
    while text[at] != "}":
        member, at = _skip(text, at)
        at = _past_space(text, _past_space(text, at) + 1)  # behind the ":"
        if member == name and text[at] == "[":
            elements, at = _elements_at(text, at)
        else:
            _, at = _skip(text, at)
        at = _past_comma(text, at)
    return elements


def _past_space(text, at):
    return _SPACE.match(text, at).end()


def _past_comma(text, at):
    at = _past_space(text, at)
    return _past_space(text, at + 1) if text[at] == "," else at


def _elements_at(text, at):
    elements = []
    at = _past_space(text, at + 1)
    while text[at] != "]":
        start = at
        _, at = _skip(text, start)
        elements.append(text[start:at])
        at = _past_comma(text, at)
    return elements, at + 1


def parse_object(message):
    """The JSON object in the bytes of a message."""
    if len(message) > MESSAGE_MAX:
        raise Rejected("too_long")
    try:
        text = message.decode()
    except UnicodeDecodeError:
        raise Rejected("not_utf8") from None
    try:
        value = parse_json(text)
    except ValueError:
        raise Rejected("not_json") from None
    if type(value) is not dict:
        raise Rejected("not_object")
    return value


# --- the three types --------------------------------------------------------------


def _is_name(value, limit):
    """A string of at most `limit` bytes of UTF-8 without unpaired surrogates."""
    if type(value) is not str:
        return False
    if value.isascii():
        return len(value) <= limit
    try:
        return len(value.encode()) <= limit
    except UnicodeEncodeError:
        return False


def is_app_name(value):
    return bool(value) and _is_name(value, APP_NAME_MAX)


def _check_ts(fields):
    ts = fields.get("ts")
    # A bool is an int in Python, and 1.0 is not written as an integer.
    if type(ts) is not int or not 1 <= ts <= TS_MAX:
        raise Rejected("bad_ts")
    return ts


def _keystroke(fields, _message):
    ts = _check_ts(fields)
    kind = fields.get("event")
    if kind == "press":
        pressed = 1
    elif kind == "release":
        pressed = 0
    else:
        raise Rejected("bad_event")
    key = fields.get("key")
    if not key or not _is_name(key, KEY_MAX):
        raise Rejected("bad_key")
    return ts, key, pressed


def _is_coordinate(value):
    return (type(value) is float or type(value) is int) and (
        -COORDINATE_MAX <= value <= COORDINATE_MAX
    )


def _zeros_with_sign(message):
    """x and y of a message where json has read the number `-0` as the integer 0.

    As a double it is negative, which turns the angle of a movement around.
    """
    text = message.decode().strip(" \t\n\r")
    fields, _ = _decode_with_minus_zero(text)
    return fields.get("x"), fields.get("y")


def _mouse(fields, message):
    ts = _check_ts(fields)
    get = fields.get
    kind = get("event")
    if type(kind) is not str or kind not in _MOUSE_KINDS:
        raise Rejected("bad_event")
    kind = _MOUSE_KINDS[kind]
    x = get("x")
    y = get("y")
    if (x == 0 or y == 0) and b"-0" in message:
        x, y = _zeros_with_sign(message)
    if x is None or y is None:
        if kind == MOVE and x is not y:
            raise Rejected("bad_coordinate")
        if not (x is None or _is_coordinate(x)) or not (y is None or _is_coordinate(y)):
            raise Rejected("bad_coordinate")
        x = NAN if x is None else x
        y = NAN if y is None else y
    elif not _is_coordinate(x) or not _is_coordinate(y):
        raise Rejected("bad_coordinate")
    button = get("button")
    if button is not None and not _is_name(button, BUTTON_MAX):
        raise Rejected("bad_button")
    scroll = get("scroll_delta")
    if scroll is None:
        scroll = NAN
    elif type(scroll) is not int or not -SCROLL_MAX <= scroll <= SCROLL_MAX:
        raise Rejected("bad_scroll")
    return ts, kind, x, y, button, scroll


def _app(fields, _message):
    ts = _check_ts(fields)
    if fields.get("event", "focus") != "focus":  # absent is allowed, null is not
        raise Rejected("bad_event")
    name = fields.get("app_name")
    if not is_app_name(name):
        raise Rejected("bad_app_name")
    return ts, name


_CHECKS = {"keystroke": _keystroke, "mouse": _mouse, "app": _app}


def decode_any(message):
    """The event of a message of any of the three types, checked whole."""
    fields = parse_object(message)
    kind = fields.get("type")
    if type(kind) is not str or kind not in TYPES:
        raise Rejected("bad_type")
    return _CHECKS[kind](fields, message)


class Decoder:
    """Decodes the messages of one type and skips those of the other two."""

    def __init__(self, own):
        self._own = own
        self._others = tuple(t for t in TYPES if t != own)
        self._check = _CHECKS[own]
        # {"type":"mouse",  {"type": "mouse"}  ... : enough to know that it is not ours
        self._other_prefixes = tuple(
            f'{{"type":{space}"{other}"{end}'.encode()
            for other in self._others
            for space in ("", " ")
            for end in ",}"
        )

    def decode(self, message):
        """The event, or None when the message is of another type.  Raises Rejected."""
        if (
            message.startswith(self._other_prefixes)
            and message.endswith(b"}")
            and len(message) <= MESSAGE_MAX
        ):
            return None
        fields = parse_object(message)
        kind = fields.get("type")
        if kind == self._own:
            return self._check(fields, message)
        if type(kind) is str and kind in self._others:
            return None
        raise Rejected("bad_type")
