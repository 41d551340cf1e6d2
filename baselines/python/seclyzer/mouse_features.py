"""The mouse features (spec: features.md, "Mouse"). Pure functions of arrays."""

import numpy as np

from .event import MOVE, PRESS, RELEASE, SCROLL
from .moments import mean, mean_std, median

EVENTS_MIN = 50

DT_MIN_S = 0.001
SPEED_MAX = 10_000
ACCELERATION_MAX = 100_000
JERK_MAX = 1_000_000
PAUSE_S = 0.1
CLICK_MAX_MS = 5000
DOUBLE_CLICK_S = 0.5


def extract(t, kind, x, y, buttons_of, scroll, window_s, dev_mode):
    """The features of the events in the window, given in order of arrival.

    t: seconds; kind: event.MOVE ...; x, y, scroll: NaN where null;
    buttons_of: gives the list of buttons at an array of places.
    """
    if len(t) < EVENTS_MIN:
        return None
    features = {}
    moves = (kind == MOVE) & ~np.isnan(x)
    _number(features, "move", _movement(t[moves], x[moves], y[moves], window_s), 20)
    _number(features, "click", _clicks(t, kind, buttons_of, window_s), 10)
    scrolls = kind == SCROLL
    _number(features, "scroll", _scrolling(t[scrolls], scroll[scrolls], window_s), 8)
    features["dev_mode"] = dev_mode
    return features


def _number(features, name, values, n):
    for i in range(n):
        features[f"{name}_{i}"] = values[i] if values else 0.0


def _movement(t, x, y, window_s):
    n = len(t)
    if n <= 2:
        return None
    dx, dy = x[1:] - x[:-1], y[1:] - y[:-1]
    dist = np.sqrt(dx * dx + dy * dy)
    dt = np.maximum(t[1:] - t[:-1], DT_MIN_S)
    v = dist / dt
    a = (v[1:] - v[:-1]) / dt[:-1]
    j = (a[1:] - a[:-1]) / dt[:-2] if len(a) > 1 else np.zeros(1)
    angle = np.arctan2(dy, dx)
    turn = np.abs(angle[1:] - angle[:-1])

    path = float(np.add.reduce(dist))
    straight = float(np.sqrt((x[-1] - x[0]) ** 2 + (y[-1] - y[0]) ** 2))
    straightness = straight / max(path, 1)

    # Only for the statistics: the series above were made from unfiltered values.
    v = v[v < SPEED_MAX]
    a = a[np.abs(a) < ACCELERATION_MAX]
    j = j[np.abs(j) < JERK_MAX]
    v_mean, v_std = mean_std(v) if len(v) else (0.0, 0.0)
    a_abs_mean, a_std, a_abs_max = _of_signed(a)
    j_abs_mean, j_std, _ = _of_signed(j)
    turn_mean, turn_std = mean_std(turn)
    dt_mean, dt_std = mean_std(dt)
    return (
        v_mean,
        v_std,
        float(v.max()) if len(v) else 0.0,
        median(np.sort(v)) if len(v) else 0.0,
        a_abs_mean,
        a_std,
        a_abs_max,
        1 - straightness,
        turn_mean,
        turn_std,
        j_abs_mean,
        j_std,
        path,
        straight,
        path / n,
        np.count_nonzero(dt > PAUSE_S) / len(dt),
        dt_mean,
        dt_std,
        straightness,
        n / window_s,
    )


def _of_signed(values):
    """Mean of the absolute values, deviation, largest absolute value; 0 of no value."""
    if not len(values):
        return 0.0, 0.0, 0.0
    absolute = np.abs(values)
    return mean(absolute), mean_std(values)[1], float(absolute.max())


def _clicks(t, kind, buttons_of, window_s):
    presses = (kind == PRESS).nonzero()[0]
    releases = (kind == RELEASE).nonzero()[0]
    if not len(presses) and not len(releases):
        return None
    counts = {"Left": 0, "Right": 0, "Middle": 0}
    last_press = {}
    for button, time in zip(buttons_of(presses), t[presses].tolist()):
        last_press[button] = time
        if button in counts:
            counts[button] += 1
    durations = []
    for button, time in zip(buttons_of(releases), t[releases].tolist()):
        pressed_at = last_press.pop(button, None)
        if pressed_at is not None:
            duration = (time - pressed_at) * 1000
            if 0 < duration < CLICK_MAX_MS:
                durations.append(duration)
    durations = np.sort(np.array(durations))
    average, deviation = mean_std(durations) if len(durations) else (0.0, 0.0)

    press_times = np.sort(t[presses])
    doubles = int(np.count_nonzero(press_times[1:] - press_times[:-1] < DOUBLE_CLICK_S))
    left, right, middle = counts.values()
    return (
        average,
        deviation,
        left,
        right,
        middle,
        left / max(left + right + middle, 1),
        doubles,
        doubles / max(len(presses), 1),
        len(presses) / window_s,
        median(durations) if len(durations) else 0.0,
    )


def _scrolling(t, scroll, window_s):
    deltas = scroll[~np.isnan(scroll)]
    if not len(deltas):
        return None
    up = int(np.count_nonzero(deltas > 0))
    gaps = t[1:] - t[:-1]
    gap_mean, gap_std = mean_std(gaps) if len(gaps) else (0.0, 0.0)
    return (
        mean(np.abs(deltas)),
        mean_std(deltas)[1],
        up,
        int(np.count_nonzero(deltas < 0)),
        up / len(deltas),
        len(t) / window_s,
        gap_mean,
        gap_std,
    )
