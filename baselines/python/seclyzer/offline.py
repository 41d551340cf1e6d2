"""--extract and --replay: the engine on files, without Redis, database or clock."""

import sys
from math import isfinite

from . import stats
from .app import AppTracker
from .engine import make_engine, make_window
from .event import Decoder, Rejected, decode_any, elements_as_written, parse_json
from .wire import ROUTES, influx_line, message_json, message_members, of_transition, to_json


class OfflineError(Exception):
    """One line for the user; the process ends with exit code 2."""


def _lines(path):
    """(number, bytes without the newline) of each line; `-` is standard input."""
    try:
        with sys.stdin.buffer if path == "-" else open(path, "rb") as f:
            for number, line in enumerate(f, 1):
                yield number, line[:-1] if line.endswith(b"\n") else line
    except OSError as e:
        raise OfflineError(f"{path}: {e.strerror}") from None


def extract(kind, settings, path):
    """For each case of a file one line with the features."""
    decode = Decoder(kind).decode
    make = _app_result if kind == "app" else _window_result
    for number, line in _lines(path):
        try:
            case = _parse_case(kind, line)
        except ValueError as e:
            raise OfflineError(f"{path}:{number}: not a case: {e}") from None
        events = _decoded(decode, elements_as_written(line.decode(), "events"))
        print(to_json(make(kind, settings, case, events)))


def _parse_case(kind, line):
    try:
        case = parse_json(line.decode())
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(case, dict) or not isinstance(case.get("events"), list):
        raise ValueError("no object with an array `events`")
    if kind != "app":
        if type(case.get("now_us")) is not int:
            raise ValueError("`now_us` is not an integer")
        window = case.get("window", 1)
        if type(window) not in (int, float) or not (isfinite(window) and window > 0):
            raise ValueError("`window` is not a number of seconds")
    return case


def _decoded(decode, events):
    """The own events among them; each goes through the decoder as a message of its own."""
    for text in events:
        try:
            event = decode(text.encode())
        except Rejected:
            continue
        if event is not None:
            yield event


def _window_result(kind, settings, case, events):
    window = make_window(kind, settings.max_buffer_size)
    for event in events:
        window.add(event)
    window_s = case.get("window", settings.window_seconds)
    return window.features(case["now_us"], window_s, settings.dev_mode)


def _app_result(kind, settings, _case, events):
    tracker = AppTracker(settings.max_buffer_size, settings.dev_mode)
    transitions = [transition for event in events if (transition := tracker.add(event))]
    features = [of_transition(transition) for transition in transitions]
    return {
        "transitions": [message_members(feature) for feature in features],
        "points": [influx_line(feature) for feature in features],
        "patterns": tracker.patterns.to_dict(),
    }


def replay(kind, settings, path):
    """Each line a message as from Redis; what would be published, and the counters."""
    engine = None

    # The clock is the ts of the message being handled: only an own event asks for it.
    def now_us():
        return engine.last_ts

    def now():
        return engine.last_ts / 1e6

    engine = make_engine(kind, settings, now, now_us)
    channel = ROUTES[kind].channel
    has_begun = False
    for _, message in _lines(path):
        if not has_begun:
            has_begun = _begin(engine, message)
        feature = engine.feed(message)
        if feature is not None:
            print(channel, message_json(feature))
    sys.stdout.flush()
    stats.write(engine)


def _begin(engine, message):
    """The first valid message, of whatever type, is the start of the process."""
    try:
        ts = decode_any(message)[0]
    except Rejected:
        return False
    engine.begin(ts / 1e6)
    return True
