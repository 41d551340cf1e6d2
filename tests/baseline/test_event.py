"""Which messages are events, and why the others are not."""

import json
import math

import pytest
from seclyzer import event
from seclyzer.event import MOVE, PRESS, SCROLL, Decoder, Rejected

TS = 1795430000332346
KEY = {"type": "keystroke", "ts": TS, "key": "KeyA", "event": "press"}
MOUSE = {"type": "mouse", "ts": TS, "x": 1.5, "y": 2, "event": "move", "button": None}
APP = {"type": "app", "ts": TS, "app_name": "vlc"}
OWN = {"keystroke": KEY, "mouse": MOUSE, "app": APP}


def decode(kind, message):
    if isinstance(message, dict):
        message = json.dumps(message)
    if isinstance(message, str):
        message = message.encode()
    return Decoder(kind).decode(message)


def reason(kind, message):
    with pytest.raises(Rejected) as rejected:
        decode(kind, message)
    return rejected.value.reason


def test_valid_events_become_tuples():
    assert decode("keystroke", KEY) == (TS, "KeyA", 1)
    assert decode("keystroke", {**KEY, "event": "release"}) == (TS, "KeyA", 0)
    assert decode("mouse", MOUSE)[:5] == (TS, MOVE, 1.5, 2, None)
    assert decode("app", APP) == (TS, "vlc")


def test_null_and_absent_numbers_of_a_mouse_event_become_nan():
    for members in ({"x": None, "y": None, "scroll_delta": None}, {}):
        fields = {"type": "mouse", "ts": TS, "event": "press", "button": "Left", **members}
        ts, kind, x, y, button, scroll = decode("mouse", fields)
        assert (ts, kind, button) == (TS, PRESS, "Left")
        assert x != x and y != y and scroll != scroll


def test_members_come_in_any_order_and_unknown_ones_are_ignored():
    fields = dict(reversed({**KEY, "host": {"name": [1, None]}}.items()))
    assert decode("keystroke", fields) == (TS, "KeyA", 1)


def test_of_a_repeated_member_the_last_one_counts():
    text = '{"type":"mouse","ts":1,"ts":%d,"key":"b","key":"a","event":"press","type":"keystroke"}'
    assert decode("keystroke", text.replace('"type":"mouse"', '"type" :"mouse"') % TS) == (
        TS,
        "a",
        1,
    )


@pytest.mark.parametrize("kind", OWN)
def test_the_other_types_are_skipped(kind):
    for other, fields in OWN.items():
        if other != kind:
            assert decode(kind, fields) is None
            assert decode(kind, {"ts": "nonsense", **fields}) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"mouse",broken}',
        '{"type": "mouse",broken}',
        '{"type":"mouse"}',
        '{"type":"mouse"},}',
        '{"type":"mouse","type":"keystroke","ts":0}',
        '{"type":"mouse",' + " " * 60000 + "}",
    ],
)
def test_a_message_that_begins_with_another_type_is_not_looked_at(text):
    assert decode("keystroke", text) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"mouse",broken',
        '{"type":  "mouse",broken}',
        '{ "type":"mouse",broken}',
        '{"type":"mouse"broken}',
        '{"type":"mice",broken}',
    ],
)
def test_a_message_that_begins_in_another_way_is_parsed_whole(text):
    assert reason("keystroke", text) == "not_json"


def test_one_byte_over_the_limit_is_too_long():
    def padded(fields, size):
        text = json.dumps(fields)
        return text[:-1] + " " * (size - len(text)) + "}"

    assert decode("keystroke", padded(KEY, 65536)) == (TS, "KeyA", 1)
    assert reason("keystroke", padded(KEY, 65537)) == "too_long"
    assert reason("keystroke", padded(MOUSE, 65537)) == "too_long"


@pytest.mark.parametrize(
    "part",
    [b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xe6\x97"],
)
def test_invalid_utf8_is_rejected_wherever_it_stands(part):
    assert reason("keystroke", b'{"type":"keystroke","note":"' + part + b'"}') == "not_utf8"


def test_utf16_is_not_read_as_json():
    assert reason("keystroke", json.dumps(KEY).encode("utf-16-le")) == "not_json"
    assert reason("keystroke", json.dumps(KEY).encode("utf-16")) == "not_utf8"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        '{"a":1,}',
        "{'a':1}",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":01}',
        '{"a":.5}',
        '{"a":5.}',
        '{"a":+1}',
        '{"a":"\t"}',
        '{"a":"\\x41"}',
        '{"a":"\\u12"}',
        "{} {}",
        "{}x",
        "\ufeff{}",
        "\u00a0{}",
        "{}\x0c",
        "// comment\n{}",
        '{"a":"\\',
        '{"a":' + "9" * 5000 + ",}",
    ],
)
def test_what_rfc_8259_does_not_allow_is_not_json(text):
    assert reason("keystroke", text) == "not_json"


def test_white_space_around_the_value_is_json():
    assert decode("keystroke", " \t\r\n" + json.dumps(KEY) + " \n\r\t") == (TS, "KeyA", 1)


def test_a_value_nested_512_deep_is_json_and_513_is_not():
    def nested(depth):
        return json.dumps(KEY)[:-1] + ',"deep":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"

    assert decode("keystroke", nested(512)) == (TS, "KeyA", 1)
    assert reason("keystroke", nested(513)) == "not_json"
    assert reason("keystroke", "[" * 60000) == "not_json"
    assert reason("keystroke", '{"a":' * 10000 + "1" + "}" * 10000) == "not_json"


def test_brackets_in_strings_do_not_count_as_depth():
    text = json.dumps({**KEY, "note": '[{"\\' * 1000})
    assert decode("keystroke", text) == (TS, "KeyA", 1)


@pytest.mark.parametrize("text", ["null", "true", "1", '"keystroke"', "[]", "[1]"])
def test_another_value_than_an_object_is_not_an_object(text):
    assert reason("keystroke", text) == "not_object"


@pytest.mark.parametrize(
    "value", [None, 1, True, [], {}, ["keystroke"], "", "Keystroke", "keystroke ", "\ud800"]
)
def test_a_type_that_is_none_of_the_three_is_rejected(value):
    assert reason("keystroke", {**KEY, "type": value}) == "bad_type"


def test_a_missing_type_is_rejected():
    assert reason("mouse", {"ts": TS}) == "bad_type"


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize(
    "text",
    ["0", "-1", "4102444800000001", "1e3", "1.0", "1795430000332346.0", "true", "null", '"1"', "[]"]
    + ["9" * 5000, "-" + "9" * 5000, "18446744073709551617"],
)
def test_a_ts_that_is_no_integer_in_range_is_rejected(kind, text):
    message = json.dumps({**OWN[kind], "ts": 0}).replace('"ts": 0', f'"ts": {text}')
    assert reason(kind, message) == "bad_ts"


@pytest.mark.parametrize("kind", OWN)
def test_the_limits_of_ts_are_valid(kind):
    assert decode(kind, {**OWN[kind], "ts": 1})[0] == 1
    assert decode(kind, {**OWN[kind], "ts": 4102444800000000})[0] == 4102444800000000


def test_a_huge_number_in_an_unknown_member_does_no_harm():
    text = json.dumps(KEY)[:-1] + ',"n":' + "9" * 5000 + ',"m":1e999999}'
    assert decode("keystroke", text) == (TS, "KeyA", 1)


@pytest.mark.parametrize(
    "kind, value",
    [(kind, v) for kind in OWN for v in (None, 1, [], {}, "", "Press", "press ", "unknown")]
    + [("keystroke", "move"), ("keystroke", "focus"), ("mouse", "focus"), ("app", "press")],
)
def test_an_event_outside_the_list_is_rejected(kind, value):
    assert reason(kind, {**OWN[kind], "event": value}) == "bad_event"


def test_only_app_may_leave_the_event_out():
    without = {kind: {k: v for k, v in f.items() if k != "event"} for kind, f in OWN.items()}
    assert reason("keystroke", without["keystroke"]) == "bad_event"
    assert reason("mouse", without["mouse"]) == "bad_event"
    assert decode("app", without["app"]) == (TS, "vlc")
    assert decode("app", {**APP, "event": "focus"}) == (TS, "vlc")


@pytest.mark.parametrize(
    "kind, member, limit, bad",
    [("keystroke", "key", 100, "bad_key"), ("app", "app_name", 500, "bad_app_name")],
)
def test_names_are_strings_of_bounded_length_in_bytes(kind, member, limit, bad):
    for good in ("x", "x" * limit, "\u00e9" * (limit // 2), "\0", "\U0001f600"):
        assert decode(kind, {**OWN[kind], member: good})[1] == good
    too_long = ("x" * (limit + 1), "\u00e9" * (limit // 2 + 1))
    for wrong in (None, "", 1, True, [], ["x"], {}, "\ud800", "\udc00x", *too_long):
        assert reason(kind, {**OWN[kind], member: wrong}) == bad
    assert reason(kind, {k: v for k, v in OWN[kind].items() if k != member}) == bad


def test_a_pair_of_escaped_surrogates_is_one_character():
    text = json.dumps(KEY).replace('"KeyA"', '"\\ud83d\\ude00"')
    assert decode("keystroke", text) == (TS, "\U0001f600", 1)


@pytest.mark.parametrize("kind", ["move", "press", "release", "scroll", "click"])
@pytest.mark.parametrize(
    "text",
    ['"1"', "true", "[]", "{}", "1000000.1", "-1000001", "1e400", "-1e400", "9" * 5000],
)
def test_a_coordinate_that_is_no_number_in_range_is_rejected_on_every_kind(kind, text):
    for x, y in ((text, "1"), ("1", text), (text, "null"), ("null", text)):
        message = f'{{"type":"mouse","ts":{TS},"x":{x},"y":{y},"event":"{kind}"}}'
        assert reason("mouse", message) == "bad_coordinate"


@pytest.mark.parametrize("value", [1000000, -1000000, 1e6, 0, -0.0, 5e-324])
def test_the_limits_of_a_coordinate_are_valid(value):
    assert decode("mouse", {**MOUSE, "x": value, "y": value})[2:4] == (value, value)


def test_one_null_coordinate_is_wrong_on_a_move_only():
    for one in ({"x": None}, {"y": None}):
        assert reason("mouse", {**MOUSE, **one}) == "bad_coordinate"
        assert decode("mouse", {**MOUSE, **one, "event": "press"})[1] == PRESS
    without_y = {k: v for k, v in MOUSE.items() if k != "y"}
    assert reason("mouse", without_y) == "bad_coordinate"
    assert decode("mouse", {**MOUSE, "x": None, "y": None})[1] == MOVE


def test_a_button_is_any_short_string_or_null():
    for good in (None, "Left", "", "Unknown", "b" * 100, "\u00e9" * 50):
        assert decode("mouse", {**MOUSE, "button": good})[4] == good
    for wrong in (1, True, [], "b" * 101, "\u00e9" * 51, "\ud800"):
        assert reason("mouse", {**MOUSE, "button": wrong}) == "bad_button"


def test_a_scroll_delta_is_a_small_integer_or_null():
    fields = {**MOUSE, "event": "scroll"}
    for good in (0, 1, -1, 10000, -10000):
        assert decode("mouse", {**fields, "scroll_delta": good})[1::4] == (SCROLL, good)
    for text in ("1.0", "1e2", "true", '"1"', "[]", "10001", "-10001", "9" * 5000):
        message = json.dumps({**fields, "scroll_delta": 77}).replace("77", text)
        assert reason("mouse", message) == "bad_scroll"


def test_the_first_check_that_fails_gives_the_reason():
    every = {"type": "mouse", "ts": 0, "event": 1, "x": "", "button": 1, "scroll_delta": ""}
    mends = [
        ("bad_ts", {"ts": 1}),
        ("bad_event", {"event": "press"}),
        ("bad_coordinate", {"x": None}),
        ("bad_button", {"button": None}),
        ("bad_scroll", {"scroll_delta": None}),
    ]
    for expected, mend in mends:
        assert reason("mouse", every) == expected
        every.update(mend)
    assert decode("mouse", every)[1] == PRESS


def test_any_type_is_checked_whole_for_the_clock_of_a_replay():
    assert event.decode_any(json.dumps(MOUSE).encode())[0] == TS
    with pytest.raises(Rejected):
        event.decode_any(b'{"type":"mouse",broken}')


@pytest.mark.parametrize("zero", ["-0", "-0.0", "-0e5"])
def test_a_negative_zero_is_one_however_it_is_written(zero):
    text = f' {{"type":"mouse","ts":{TS},"\\u0078":{zero},"y":0,"n":-0,"event":"move"}}'
    _, _, x, y, _, _ = decode("mouse", text)
    assert (math.copysign(1, x), math.copysign(1, y)) == (-1, 1)


def test_a_negative_zero_is_an_integer_where_one_is_asked_for():
    text = json.dumps({**MOUSE, "event": "scroll", "x": 0, "scroll_delta": 77})
    assert decode("mouse", text.replace("77", "-0"))[5] == 0
    assert reason("mouse", text.replace("77", "-0.0")) == "bad_scroll"
    assert reason("mouse", text.replace(str(TS), "-0")) == "bad_ts"
