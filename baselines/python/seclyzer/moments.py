"""Mean, deviation and quantiles as numpy computes them, without its per-call overhead.

np.mean, np.std and above all np.percentile spend tens of microseconds on checking
their arguments; a window of human input has a few hundred values and some forty
such figures.
"""

import numpy as np

_sum = np.add.reduce


def mean(values):
    return float(_sum(values) / len(values))


def mean_std(values):
    """Mean and population standard deviation (ddof 0)."""
    n = len(values)
    average = _sum(values) / n
    deviations = values - average
    return float(average), float(np.sqrt(_sum(deviations * deviations) / n))


def median(ordered):
    """Of values already sorted: the middle one, or the mean of the middle two."""
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return float((ordered[middle - 1] + ordered[middle]) / 2)


def quantile(ordered, q):
    """Of values already sorted: linear interpolation at index q * (n - 1)."""
    index = q * (len(ordered) - 1)
    low = int(index)
    if low == len(ordered) - 1:
        return float(ordered[low])
    a, b = ordered[low], ordered[low + 1]
    part = index - low
    # numpy interpolates from the nearer end.
    return float(a + (b - a) * part if part < 0.5 else b - (b - a) * (1 - part))
