"""The texts of a feature: JSON for Redis, line protocol for InfluxDB."""

import json

import pytest
from seclyzer import wire
from seclyzer.wire import Feature

T0 = 1795461034278528


@pytest.mark.parametrize(
    "us, text",
    [
        (1795461034278528, "2026-11-23T19:10:34.278528+00:00"),
        (1795461034000000, "2026-11-23T19:10:34+00:00"),
        (1795461034000001, "2026-11-23T19:10:34.000001+00:00"),
        (1, "1970-01-01T00:00:00.000001+00:00"),
        (4102444800000000, "2100-01-01T00:00:00+00:00"),
    ],
)
def test_timestamps_show_microseconds_only_when_there_are_some(us, text):
    assert wire.timestamp(us) == text


def test_a_message_has_the_members_then_timestamp_and_type_then_the_trace():
    feature = Feature("mouse", {"move_0": 1.5, "dev_mode": False}, {}, T0, {"events": 3})
    assert wire.message_json(feature) == (
        '{"move_0":1.5,"dev_mode":false,"timestamp":"2026-11-23T19:10:34.278528+00:00",'
        '"type":"mouse","trace":{"events":3}}'
    )


def test_numbers_come_back_as_they_were():
    values = {"a": 0.1 + 0.2, "b": 5e-324, "c": 1.7976931348623157e308, "d": 2**53, "e": -0.0}
    message = json.loads(wire.message_json(Feature("mouse", values, {}, T0, None)))
    assert {name: message[name] for name in values} == values


def test_a_point_has_sorted_tags_and_float_fields_and_nanoseconds():
    members = {"move_2": 2, "move_10": 0.5, "dev_mode": True, "click_2": 3}
    assert wire.influx_line(Feature("mouse", members, {}, T0, None)) == (
        "mouse_features,user_id=default click_2=3,dev_mode=1.0,move_10=0.5,move_2=2"
        " 1795461034278528000"
    )
    line = wire.influx_line(Feature("keystroke", {"dev_mode": False}, {}, T0, None))
    assert line.startswith("keystroke_features,device_id=keyboard_0,user_id=default dev_mode=0.0 ")


def test_numbers_that_are_not_finite_are_left_out_of_a_point():
    members = {"a": float("inf"), "b": 1.0, "c": float("nan"), "d": float("-inf")}
    assert " b=1.0 " in wire.influx_line(Feature("mouse", members, {}, T0, None))


@pytest.mark.parametrize(
    "name, tag",
    [
        ("plain", "plain"),
        ("a,b=c d", "a\\,b\\=c\\ d"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("back\\slash", "back\\slash"),
        ("ends\\", "ends\\ "),
        ('"quoted"', '"quoted"'),
        ("\u65e5\u672c", "\u65e5\u672c"),
    ],
)
def test_tag_values_are_escaped(name, tag):
    labels = {"from_app": name, "to_app": "x"}
    line = wire.influx_line(Feature("app", {"duration_ms": 0}, labels, T0, None))
    assert line.startswith(f"app_transitions,from_app={tag},to_app=x,user_id=default ")


def test_an_empty_tag_is_left_out():
    labels = {"from_app": "", "to_app": "x"}
    line = wire.influx_line(Feature("app", {"duration_ms": 0}, labels, T0, None))
    assert line.startswith("app_transitions,to_app=x,user_id=default ")
