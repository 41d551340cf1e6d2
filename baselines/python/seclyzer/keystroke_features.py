"""The keystroke features (spec: features.md, "Keystroke"). Pure functions of arrays."""

import numpy as np

from .moments import mean, mean_std, median, quantile

EVENTS_MIN = 10
DIGRAPHS = 20

DWELL_MAX_MS = 1000
FLIGHT_MAX_MS = 2000
DIGRAPH_MAX_MS = 2000
INTERVAL_MAX_MS = 5000


def extract(t, keys, pressed, dev_mode):
    """The features of the events in the window, given in order of arrival.

    t: seconds; keys: list of names; pressed: 1 for a press, 0 for a release.
    """
    n = len(t)
    if n < EVENTS_MIN:
        return None
    names = list(dict.fromkeys(keys))  # in the order in which they were first seen
    number_of = {name: number for number, name in enumerate(names)}
    key = np.fromiter(map(number_of.__getitem__, keys), dtype=np.int32, count=n)
    pressed = pressed.astype(bool)

    by_time = np.argsort(t, kind="stable")
    t_sorted, pressed_sorted = t[by_time], pressed[by_time]
    t_presses, key_presses = t_sorted[pressed_sorted], key[by_time][pressed_sorted]

    features = {}
    _describe(features, "dwell", _between(_dwell_ms(t, key, pressed), DWELL_MAX_MS))
    _describe(features, "flight", _between(_flight_ms(t_sorted, pressed_sorted), FLIGHT_MAX_MS))
    intervals = (t_presses[1:] - t_presses[:-1]) * 1000
    _digraphs(features, intervals, key_presses, names)
    _corrections(features, key_presses, names)
    _rhythm(features, _between(intervals, INTERVAL_MAX_MS))
    features["dev_mode"] = dev_mode
    features["total_keys"] = n // 2
    return features


def _between(values, limit):
    """The values in the open interval (0, limit)."""
    return values[(values > 0) & (values < limit)]


def _dwell_ms(t, key, pressed):
    # Per key, a release ends the press just before it: a repeated press replaces the
    # remembered one and a release forgets it, so only direct neighbours make a pair.
    by_key = np.argsort(key, kind="stable")
    t, key, pressed = t[by_key], key[by_key], pressed[by_key]
    pair = (key[1:] == key[:-1]) & pressed[:-1] & ~pressed[1:]
    return (t[1:][pair] - t[:-1][pair]) * 1000


def _flight_ms(t, pressed):
    # For each event the position of the last release up to it, -1 before the first.
    last_release = np.maximum.accumulate(np.where(pressed, -1, np.arange(len(t))))
    presses = (pressed & (last_release >= 0)).nonzero()[0]
    return (t[presses] - t[last_release[presses]]) * 1000


def _describe(features, name, values):
    if not len(values):
        return
    values.sort()
    average, deviation = mean_std(values)
    least, most = float(values[0]), float(values[-1])
    features[f"{name}_mean"] = average
    features[f"{name}_std"] = deviation
    features[f"{name}_min"] = least
    features[f"{name}_max"] = most
    features[f"{name}_median"] = median(values)
    features[f"{name}_q25"] = quantile(values, 0.25)
    features[f"{name}_q75"] = quantile(values, 0.75)
    features[f"{name}_range"] = most - least


def _digraphs(features, intervals, key, names):
    means = ()
    kept = ((intervals > 0) & (intervals < DIGRAPH_MAX_MS)).nonzero()[0]
    if len(kept):
        pairs = key[kept].astype(np.int64) * len(names) + key[kept + 1]
        pairs, first, pair_of = np.unique(pairs, return_index=True, return_inverse=True)
        # A digraph is its text, and "a_b" before "c" has the same text as "a" before
        # "b_c".  Numbered in the order in which they were first kept.
        digraphs = {}
        digraph_of_pair = np.empty(len(pairs), dtype=np.int64)
        for i in np.argsort(first).tolist():
            one, two = divmod(int(pairs[i]), len(names))
            text = f"{names[one]}_{names[two]}"
            digraph_of_pair[i] = digraphs.setdefault(text, len(digraphs))
        digraph_of = digraph_of_pair[pair_of]
        counts = np.bincount(digraph_of)
        sums = np.bincount(digraph_of, weights=intervals[kept])
        ranked = np.argsort(-counts, kind="stable")[:DIGRAPHS]
        means = (sums[ranked] / counts[ranked]).tolist()
    for i in range(DIGRAPHS):
        features[f"digraph_{i}_mean"] = means[i] if i < len(means) else 0.0


def _corrections(features, key_presses, names):
    n = len(key_presses)
    corrects = np.array(["Backspace" in name or "Delete" in name for name in names])
    b = int(np.count_nonzero(corrects[key_presses]))
    features["backspace_frequency"] = b / max(n, 1)
    features["backspace_count"] = b
    features["correction_rate"] = b / max(n - b, 1)
    features["clean_typing_ratio"] = (n - b) / max(n, 1)


def _rhythm(features, intervals):
    n = len(intervals)
    if not n:
        for i in range(8):
            features[f"rhythm_{i}"] = 0.0
        return
    average, deviation = mean_std(intervals)
    threshold = median(np.sort(intervals))
    is_burst = intervals < threshold
    bursts, pauses = intervals[is_burst], intervals[~is_burst]
    features["rhythm_consistency"] = 1 - deviation / max(average, 1)
    features["burst_frequency"] = len(bursts) / n
    features["pause_frequency"] = len(pauses) / n
    features["avg_burst_speed"] = mean(bursts) if len(bursts) else 0.0
    features["avg_pause_duration"] = mean(pauses) if len(pauses) else 0.0
    features["rhythm_variation"] = deviation
    features["typing_speed_wpm"] = 60000 / max(average, 1) / 5
    features["rhythm_stability"] = 1 / (1 + deviation * deviation)
