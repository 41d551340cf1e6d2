"""Channels, and the two forms of a feature: JSON for Redis, line protocol for InfluxDB."""

import json
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from math import isfinite

EVENTS_CHANNEL = "seclyzer:events"

# kind: whose feature; members: name -> number or bool; labels: name -> text (JSON
# members and tags); time_us: since the epoch; trace: a dict, or None.
Feature = namedtuple("Feature", "kind members labels time_us trace")


def of_transition(transition, trace=None):
    """The feature that a change of the application is."""
    return Feature(
        "app",
        {"duration_ms": transition.duration_ms},
        {"from_app": transition.from_app, "to_app": transition.to_app},
        transition.ts,
        trace,
    )


Route = namedtuple("Route", "channel measurement tags")

ROUTES = {
    "keystroke": Route(
        "seclyzer:features:keystroke",
        "keystroke_features",
        {"user_id": "default", "device_id": "keyboard_0"},
    ),
    "mouse": Route("seclyzer:features:mouse", "mouse_features", {"user_id": "default"}),
    "app": Route("seclyzer:features:app", "app_transitions", {"user_id": "default"}),
}

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# Compact and not ASCII-only.  No feature can be infinite (the inputs are bounded), so
# a non-finite number here is a bug, and no message is better than one that is not JSON.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def timestamp(us):
    """ISO 8601 in UTC, the microseconds only when they are not zero."""
    return (_EPOCH + timedelta(microseconds=us)).isoformat()


def message_members(feature):
    """The feature message as a dict, in the contract's order."""
    message = {
        **feature.labels,
        **feature.members,
        "timestamp": timestamp(feature.time_us),
        "type": feature.kind,
    }
    if feature.trace is not None:
        message["trace"] = feature.trace
    return message


def message_json(feature):
    return to_json(message_members(feature))


_TAG_ESCAPES = str.maketrans(
    {",": "\\,", "=": "\\=", " ": "\\ ", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
)


def _tag_value(text):
    text = text.translate(_TAG_ESCAPES)
    # A backslash at the end would escape the separator behind the tag.
    return text + " " if text.endswith("\\") else text


def _field_value(value):
    if isinstance(value, bool):
        return "1.0" if value else "0.0"
    return repr(value)


def influx_line(feature):
    """The point in line protocol, at nanosecond precision, tags and fields sorted."""
    route = ROUTES[feature.kind]
    tags = {**route.tags, **feature.labels}
    tag_set = "".join(f",{name}={_tag_value(tags[name])}" for name in sorted(tags) if tags[name])
    field_set = ",".join(
        f"{name}={_field_value(value)}"
        for name, value in sorted(feature.members.items())
        if isfinite(value)
    )
    return f"{route.measurement}{tag_set} {field_set} {feature.time_us}000"
