"""The harness' statistics beside numpy's and scipy's, on the same samples."""
import math
import os
import pathlib
import subprocess

import numpy as np
import pytest
from scipy import stats

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = ROOT / "build" / os.environ.get("VARIANT", "release") / "stats" / "stats_driver"
ABOUT = {"rel": 1e-9, "abs": 1e-12}


def ask(questions):
    """Lists of numbers, one for each question."""
    done = subprocess.run([DRIVER], input="".join(q + "\n" for q in questions), text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [[float(w) for w in line.split()] for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


def values(v):
    return ": " + " ".join(repr(float(x)) for x in v)


def samples(sizes, seed=1):
    rng = np.random.default_rng(seed)
    for n in sizes:
        yield rng.normal(size=n)
        yield rng.exponential(size=n)
        yield rng.integers(0, 5, size=n).astype(float)  # ties


def walsh(v):
    i, j = np.triu_indices(len(v))
    return np.sort((v[i] + v[j]) / 2)


def test_quantiles_are_numpys():
    cases = [(v, q) for v in samples([1, 2, 3, 10, 101]) for q in (0, 0.01, 0.25, 0.5, 0.77, 0.99, 1)]
    got = ask([f"quantile {q} {values(v)}" for v, q in cases])
    for (v, q), (answer,) in zip(cases, got):
        assert answer == pytest.approx(np.quantile(v, q), **ABOUT)


def test_normal_quantiles_are_scipys():
    tails = [1e-12, 1e-6, 1e-3, 0.005, 0.025, 0.3, 0.5, 0.9, 0.999]
    for tail, (answer,) in zip(tails, ask([f"normal_upper {t!r}" for t in tails])):
        assert answer == pytest.approx(stats.norm.isf(tail), rel=1e-9, abs=1e-9)


def test_students_quantiles_are_scipys():
    cases = [(df, tail) for df in (1, 2, 3.7, 10, 40, 3000) for tail in (0.45, 0.025, 1e-3, 1e-7)]
    for (df, tail), (answer,) in zip(cases, ask([f"student_upper {df} {tail}" for df, tail in cases])):
        assert answer == pytest.approx(stats.t.isf(tail, df), rel=1e-8)  # scipy's own error near 0: 2e-9


@pytest.mark.parametrize("n", [1, 2, 5, 9, 24, 50])
def test_signed_rank_probabilities_are_scipys(n):
    """scipy's exact two-sided p-value of a sample is twice the probability of the smaller rank sum."""
    rng = np.random.default_rng(n)
    cases = []
    for _ in range(10):
        v = rng.normal(0.3, 1, size=n)
        done = stats.wilcoxon(v, mode="exact")
        cases.append((done.statistic, done.pvalue))
    for (w, p), (answer,) in zip(cases, ask([f"signed_rank_cdf {n} {int(w)}" for w, _ in cases])):
        assert min(1, 2 * answer) == pytest.approx(p, rel=1e-9)


def exact_cdf(n):
    """P(W+ <= w) in whole numbers, by the same rule but without rounding."""
    ways = [1]
    for rank in range(1, n + 1):
        longer = ways + [0] * rank
        for w, count in enumerate(ways):
            longer[w + rank] += count
        ways = longer
    return ways


@pytest.mark.parametrize("n", [6, 30, 120, 200, 201, 205, 230])
def test_cuts_are_those_of_whole_numbers(n):
    """Above 200 the harness takes Edgeworth's approximation."""
    tails = [0.025, 0.005, 0.0005, 0.00005]
    ways = exact_cdf(n)
    for tail, (answer,) in zip(tails, ask([f"signed_rank_cut {n} {t}" for t in tails])):
        cut, below = 0, ways[0]
        while below <= tail * 2**n:
            cut += 1
            below += ways[cut]
        assert abs(answer - cut) <= (n > 200)


@pytest.mark.parametrize("n", [1, 6, 9, 40, 500])
def test_sign_probabilities_are_scipys(n):
    w = sorted({0, n // 3, n // 2, n})
    for k, (answer,) in zip(w, ask([f"sign_cdf {n} {k}" for k in w])):
        assert answer == pytest.approx(stats.binom.cdf(k, n, 0.5), rel=1e-9)
    tails = [0.025, 0.005]
    for tail, (answer,) in zip(tails, ask([f"sign_cut {n} {t}" for t in tails])):
        below = stats.binom.cdf(np.arange(n), n, 0.5)
        assert answer == np.count_nonzero(below <= tail)


def test_hodges_lehmann_and_its_exact_interval():
    cases = list(samples([6, 7, 8, 15, 40, 90]))
    for v, (value, low, high, level, _) in zip(cases, ask([f"exact 0.95 1 {values(v)}" for v in cases])):
        averages = walsh(v)
        ways = exact_cdf(len(v))
        cut = int(np.count_nonzero(np.cumsum([w / 2 ** len(v) for w in ways]) <= 0.025))
        assert value == pytest.approx(np.median(averages), **ABOUT)
        assert low == pytest.approx(averages[cut - 1], **ABOUT)
        assert high == pytest.approx(averages[-cut], **ABOUT)
        assert level == 0.95


def test_the_exact_interval_ends_where_scipy_begins_to_reject():
    """A hypothesis just inside is accepted, just outside rejected: the interval inverts the test."""
    rng = np.random.default_rng(5)
    for n in (6, 10, 25):
        v = rng.normal(size=n)
        (_, low, high, _, _), = ask([f"exact 0.95 1 {values(v)}"])
        for edge, inward in ((low, 1e-7), (high, -1e-7)):
            assert stats.wilcoxon(v - edge - inward, mode="exact").pvalue > 0.05
            assert stats.wilcoxon(v - edge + inward, mode="exact").pvalue <= 0.05


def boot(v, statistic, resamples, rng):
    return np.array([statistic(rng.choice(v, len(v))) for _ in range(resamples)])


@pytest.mark.parametrize("verb,statistic", [("median", np.median), ("hl", lambda v: np.median(walsh(v)))])
def test_intervals_are_the_bootstraps_within_monte_carlo_error(verb, statistic):
    """
    Never inside a bootstrap of numpy's by more than the percentile's own error: the
    wanted quantile of 2,000 draws lies between those 5 standard deviations of the rank away.
    """
    rng = np.random.default_rng(9)
    resamples = 2000
    for n in (12, 33, 60):
        v = rng.laplace(size=n)
        draws = boot(v, statistic, resamples, rng)
        (value, low, high, _, se), = ask([f"{verb} 0.9 7 {values(v)}"])
        away = 5 * np.sqrt(2 * 0.05 * 0.95 / resamples)  # of either bootstrap
        assert value == pytest.approx(statistic(v), **ABOUT)
        assert low <= np.quantile(draws, 0.05 + away)
        assert high >= np.quantile(draws, 0.95 - away)
        if verb == "hl":  # where the exact interval is nearly the same
            (_, exact_low, exact_high, _, _), = ask([f"exact 0.9 7 {values(v)}"])
            assert low >= min(exact_low, np.quantile(draws, 0.05 - away))
            assert high <= max(exact_high, np.quantile(draws, 0.95 + away))
        # scipy's standard error is the spread of draws; ours with the bias of few values taken out
        expected = np.std(draws) * np.sqrt(n / (n - 1))
        assert se == pytest.approx(expected, rel=0.15)


def test_bootstrap_agrees_with_scipys():
    rng = np.random.default_rng(10)
    v = rng.normal(size=80)
    done = stats.bootstrap((v,), np.median, confidence_level=0.95, n_resamples=2000, method="percentile",
                           vectorized=False, random_state=rng)
    (_, low, high, _, se), = ask([f"median 0.95 3 {values(v)}"])
    width = done.confidence_interval.high - done.confidence_interval.low
    assert low <= done.confidence_interval.low + 0.15 * width
    assert high >= done.confidence_interval.high - 0.15 * width
    assert se == pytest.approx(done.standard_error, rel=0.15)


def test_ratios_are_on_the_log_scale():
    rng = np.random.default_rng(11)
    a, b = rng.lognormal(0, 0.1, size=30), rng.lognormal(0.3, 0.1, size=30)
    pairs = np.column_stack((a, b)).ravel()
    (value, low, high, _, se), = ask([f"ratio 0.95 4 {values(pairs)}"])
    (log_value, log_low, log_high, _, log_se), = ask([f"hl 0.95 4 {values(np.log(b / a))}"])
    assert (value, low, high) == pytest.approx(tuple(np.exp((log_value, log_low, log_high))), rel=1e-9)
    assert se == pytest.approx(log_se, rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 20, 300])
def test_slopes_are_scipys_theil_sen(n):
    rng = np.random.default_rng(n)
    x = np.sort(rng.integers(0, 3 * n, size=n)).astype(float)
    x[-1] += 1
    y = 0.5 * x + rng.standard_t(2, size=n)
    (value, *_), = ask([f"slope 0.99 1 {values(np.column_stack((x, y)).ravel())}"])
    assert value == pytest.approx(stats.theilslopes(y, x)[0], rel=1e-9)


def test_a_thinned_slope_is_near_the_whole_ones():
    rng = np.random.default_rng(13)
    x = np.arange(4000.0)
    y = 0.01 * x + rng.normal(size=4000)
    whole = stats.theilslopes(y, x, alpha=0.99)
    (value, low, high, level, _), = ask([f"slope 0.99 1 {values(np.column_stack((x, y)).ravel())}"])
    assert abs(value - whole[0]) < whole[3] - whole[2]
    assert low <= whole[0] <= high and level == 0.99


@pytest.mark.parametrize("n", [8, 20, 60])
def test_power_is_that_of_scipys_noncentral_t(n):
    spread, level = 0.05, 0.95
    (cut,), = ask([f"signed_rank_cut {n} 0.025"])
    (tail,), = ask([f"signed_rank_cdf {n} {int(cut) - 1}"])
    for ratio in (1.01, 1.03, 1.08, 1 / 1.05):
        shift = abs(np.log(ratio)) * np.sqrt(n) / spread
        (got,), = ask([f"power {spread} {level} 0 {n} {ratio!r}"])
        assert got == pytest.approx(stats.nct.sf(stats.t.isf(tail, n - 1), n - 1, shift), abs=1e-4)


def test_levels_of_a_plan_are_what_the_distribution_attains():
    for n in (8, 11, 15, 20, 27, 36, 40):
        (level,), = ask([f"level 40 0.05 {n}"])
        cut, = ask([f"signed_rank_cut {n} {(1 - level) / 2!r}"])[0]
        (below,), = ask([f"signed_rank_cdf {n} {int(cut) - 1}"])
        assert 1 - 2 * below == pytest.approx(level, abs=1e-12)


def rank_sums(m, n):
    """How many of the C(m + n, m) choices of ranks have each U, in whole numbers: rank by rank."""
    ways = [[0] * (m * n + 1) for _ in range(m + 1)]  # by ranks chosen and by U so far
    ways[0][0] = 1
    for rank in range(m + n):
        for k in range(min(m, rank + 1), 0, -1):
            below = rank - (k - 1)  # of the other sample
            if below <= n:
                for u in range(m * n, below - 1, -1):
                    ways[k][u] += ways[k - 1][u - below]
    return ways[m]


@pytest.mark.parametrize("m,n", [(1, 1), (2, 3), (8, 8), (6, 20), (25, 30)])
def test_rank_sum_probabilities_are_those_of_whole_numbers_and_scipys(m, n):
    ways, choices = rank_sums(m, n), math.comb(m + n, m)
    assert sum(ways) == choices
    us = sorted({0, 1, m * n // 10, m * n // 3, m * n // 2, m * n - 1})
    for u, (answer,) in zip(us, ask([f"rank_sum_cdf {n} {m} {u}" for u in us])):
        assert answer == pytest.approx(sum(ways[:u + 1]) / choices, rel=1e-9)
    tails = [0.025, 0.005, 0.0005, 0.00001]
    for tail, (answer,) in zip(tails, ask([f"rank_sum_cut {m} {n} {t}" for t in tails])):
        below = np.cumsum([w / choices for w in ways])
        assert answer == np.count_nonzero(below <= tail)
    rng = np.random.default_rng(m)
    a, b = rng.normal(size=m), rng.normal(0.5, 1, size=n)
    done = stats.mannwhitneyu(a, b, method="exact")
    (tail,), = ask([f"rank_sum_cdf {m} {n} {int(min(done.statistic, m * n - done.statistic))}"])
    assert min(1, 2 * tail) == pytest.approx(done.pvalue, rel=1e-9)


def test_large_rank_sums_are_near_the_exact_ones():
    """Above 341 and 341 Edgeworth's approximation: beside numbers made by another recurrence."""
    m, n = 342, 345
    p = np.zeros(m * n // 2 + 1)  # the Gaussian binomial, all divisions first
    p[0] = 1
    for i in range(1, m + 1):
        for start in range(i):
            p[start::i] = np.cumsum(p[start::i])
        p *= i / (n + i)
        p[n + i:] = p[n + i:] - p[:len(p) - n - i] if n + i < len(p) else p[n + i:]
    cdf = np.cumsum(p)
    for tail, (answer,) in zip([0.025, 0.0005], ask([f"rank_sum_cut {m} {n} {t}" for t in (0.025, 0.0005)])):
        exact = np.count_nonzero(cdf <= tail)
        assert abs(answer - exact) <= 1 + exact // 2000


def test_shifts_are_the_median_of_all_differences_and_end_where_scipys_tests_both_reject():
    rng = np.random.default_rng(21)
    for m, n, level in ((6, 8, 0.95), (9, 5, 0.9), (14, 14, 0.999)):
        a, b = rng.normal(size=m), rng.laplace(0.3, 1, size=n)
        (value, low, high, got, _), = ask([f"shift {level} {m} {values(np.concatenate((a, b)))}"])
        assert value == pytest.approx(np.median(np.subtract.outer(b, a)), **ABOUT)
        assert got == level
        for edge, inward in ((low, 1e-7), (high, -1e-7)):
            inside, outside = ((stats.mannwhitneyu(a, b - at, method="exact").pvalue,
                                stats.ttest_ind(a, b - at, equal_var=False).pvalue)
                               for at in (edge + inward, edge - inward))
            assert max(inside) > 1 - level >= max(outside) - 1e-12


def test_where_ranks_are_too_few_the_interval_is_welchs():
    rng = np.random.default_rng(22)
    for m, n in ((4, 6), (6, 6), (7, 5)):
        a, b = rng.normal(size=m), rng.normal(3, 4, size=n)
        (_, low, high, level, _), = ask([f"shift 0.9998 {m} {values(np.concatenate((a, b)))}"])
        assert level == 0.9998
        for edge, inward in ((low, 1e-4), (high, -1e-4)):
            assert stats.ttest_ind(a, b - edge - inward, equal_var=False).pvalue > 0.0002
            assert stats.ttest_ind(a, b - edge + inward, equal_var=False).pvalue < 0.0002
