"""The features: golden vectors, and the ends and quirks that features.md names."""

import json
import random

import pytest
from seclyzer.engine import make_window
from seclyzer.event import CLICK, MOVE, NAN, PRESS, RELEASE, SCROLL
from seclyzer.wire import to_json
from support import GOLDEN, difference, run

T0 = 1795430000000000
FILES = [("keystroke", "keystroke"), ("mouse", "mouse"), ("app", "app-1"), ("app", "app-2")]


@pytest.mark.parametrize("kind, name", FILES)
def test_golden_vectors_come_out_of_extract(kind, name, tmp_path):
    path = GOLDEN / f"{name}.jsonl"
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    result = run(kind, "--extract", path, cwd=tmp_path)
    assert result.returncode == 0 and result.stderr == b""
    lines = result.stdout.decode().splitlines()
    assert len(lines) == len(cases) > 15
    wrong = [
        f"{case['id']}{problem}"
        for case, line in zip(cases, lines)
        if (problem := difference(json.loads(line), case["expected"]))
    ]
    assert not wrong


def keystrokes(events, now_us=None, window_s=30, capacity=10000, dev_mode=False):
    window = make_window("keystroke", capacity)
    for event in events:
        window.add(event)
    return window.features(now_us or T0, window_s, dev_mode)


def mice(events, now_us=None, window_s=30, capacity=50000):
    window = make_window("mouse", capacity)
    for event in events:
        window.add(event)
    return window.features(now_us or T0, window_s, False)


def presses(gaps_ms, key="KeyA", start=T0):
    """Presses of one key, these gaps apart."""
    events = [(start, key, 1)]
    for gap in gaps_ms:
        events.append((events[-1][0] + int(gap * 1000), key, 1))
    return events


def moves(n, step_us=10000, x=lambda i: float(i), y=lambda i: 0.0):
    return [(T0 + i * step_us, MOVE, x(i), y(i), None, NAN) for i in range(n)]


def test_nine_keystrokes_are_too_few_and_ten_are_enough():
    assert keystrokes(presses([100] * 8)) is None
    assert keystrokes(presses([100] * 9))["total_keys"] == 5


def test_forty_nine_mouse_events_are_too_few_and_any_kind_counts():
    assert mice(moves(49)) is None
    assert mice([*moves(49), (T0, CLICK, NAN, NAN, None, NAN)])["move_19"] == 49 / 30


def test_the_window_is_open_at_its_beginning():
    events = presses([0] * 9)
    assert keystrokes(events, now_us=T0 + 5_000_000, window_s=5) is None
    assert keystrokes(events, now_us=T0 + 4_999_999, window_s=5) is not None


def test_the_window_goes_by_time_and_not_by_position():
    late = (T0 - 60_000_000, "Backspace", 1)
    inside = presses([100] * 10)
    events = inside[:5] + [late] + inside[5:]
    assert keystrokes(events)["backspace_count"] == 0


def test_dev_mode_is_passed_on():
    assert keystrokes(presses([100] * 9), dev_mode=True)["dev_mode"] is True


@pytest.mark.parametrize("kind", ["keystroke", "mouse"])
def test_a_ring_that_has_turned_gives_what_a_fresh_one_gives(kind):
    rng = random.Random(5)
    t = T0
    events = []
    for _ in range(1000):
        t += rng.randrange(200_000)
        if kind == "keystroke":
            events.append((t, rng.choice(["a", "b", "a_b", "Delete"]), rng.getrandbits(1)))
        else:
            what = rng.choice([MOVE, MOVE, MOVE, PRESS, RELEASE, SCROLL])
            xy = (rng.random() * 99, rng.random() * 99) if what == MOVE else (NAN, NAN)
            delta = rng.choice([1, -1, NAN]) if what == SCROLL else NAN
            events.append((t, what, *xy, rng.choice(["Left", None]), delta))
    for n in (300, 301, 600, 999, 1000):
        turned = make_window(kind, 300)
        for event in events[:n]:
            turned.add(event)
        fresh = make_window(kind, 300)
        for event in events[n - 300 : n]:
            fresh.add(event)
        last = events[n - 1][0]
        features = turned.features(last, 20, False)
        assert features == fresh.features(last, 20, False) and features is not None
        assert len(turned) == 300


def test_dwell_is_measured_from_the_last_press_and_only_once():
    events = [(T0, "a", 1), (T0 + 100_000, "a", 1), (T0 + 150_000, "a", 0), (T0 + 160_000, "a", 0)]
    features = keystrokes(events + presses([100] * 9, "b", T0 + 10_000_000))
    assert features["dwell_mean"] == pytest.approx(50, abs=1e-3)
    assert features["dwell_std"] == 0 and features["dwell_range"] == 0


def test_dwell_is_absent_when_none_is_between_0_and_1000_ms():
    pairs = [(T0, "a", 1), (T0, "a", 0), (T0 + 1_000_000, "b", 1), (T0 + 2_000_000, "b", 0)]
    features = keystrokes(pairs * 3)
    assert not [name for name in features if name.startswith("dwell")]


def test_flight_goes_from_the_last_release_of_any_key_and_a_release_may_serve_twice():
    events = [(T0, "a", 0), (T0 + 100_000, "b", 1), (T0 + 300_000, "c", 1)]
    features = keystrokes(events + [(T0 - 1000 - i, "x", 1) for i in range(7)])
    assert features["flight_min"] == pytest.approx(100, abs=1e-3)
    assert features["flight_max"] == pytest.approx(300, abs=1e-3)


def test_digraphs_are_named_by_their_text():
    # a_b then c, and a then b_c: both are "a_b_c".  Two seconds apart, the pairs do not join.
    events = []
    for i, (one, two) in enumerate([("a_b", "c"), ("a", "b_c")] * 3):
        at = T0 + i * 4_000_000
        events += [(at, one, 1), (at + 100_000 * (1 + i % 2), two, 1)]
    features = keystrokes(events)
    assert features["digraph_0_mean"] == pytest.approx(150, abs=1e-3)
    assert features["digraph_1_mean"] == 0.0


def test_digraphs_used_as_often_are_ranked_by_first_use():
    keys = "zyxwvutsrqponmlkjihgfedcba"
    events, t = [], T0
    for i, key in enumerate(keys):
        events.append((t, key, 1))
        t += (i + 1) * 10_000
    features = keystrokes(events)
    got = [features[f"digraph_{i}_mean"] for i in range(20)]
    assert got == pytest.approx([10.0 * (i + 1) for i in range(20)], abs=1e-3)


def test_an_interval_equal_to_the_median_is_a_pause():
    events = presses([500] * 9, start=1_000_000)  # exact in binary
    features = keystrokes(events, now_us=10_000_000)
    assert (features["burst_frequency"], features["pause_frequency"]) == (0, 1)
    assert features["avg_burst_speed"] == 0.0


def test_the_rhythm_has_other_names_when_there_is_none():
    releases = [(T0 + i, "a", 0) for i in range(10)]
    features = keystrokes(releases)
    assert [features[f"rhythm_{i}"] for i in range(8)] == [0.0] * 8
    assert "rhythm_stability" not in features
    assert features["clean_typing_ratio"] == 0 and features["correction_rate"] == 0


def test_two_moves_are_not_a_movement():
    others = [(T0, SCROLL, NAN, NAN, None, NAN)] * 48
    still = mice(moves(2) + others)
    assert [still[f"move_{i}"] for i in range(20)] == [0.0] * 20
    assert mice(moves(3) + others)["move_12"] == 2.0


def test_a_turn_is_not_wrapped():
    # To the left and a little down, then to the left and a little up: nearly 2 pi.
    features = mice(moves(50, x=lambda i: -100.0 * i, y=lambda i: float(i % 2)))
    assert features["move_8"] > 6


def test_values_beyond_the_limits_do_not_count_but_stay_in_the_series():
    fast = mice(moves(50, step_us=1000, x=lambda i: 1000.0 * (i % 2)))
    assert fast["move_0"] == fast["move_2"] == fast["move_3"] == 0  # a million px/s
    assert fast["move_12"] == 49000


def test_a_pause_is_longer_than_a_tenth_of_a_second_by_the_doubles():
    # 0.2 - 0.1 is 0.1 in doubles, 0.7 - 0.6 is less and 1.1 - 1.0 is more.
    for first, pauses in ((100_000, 0), (600_000, 0), (1_000_000, 0.5)):
        three = [(first + i, MOVE, 1.0, 1.0, None, NAN) for i in (0, 100_000, 100_001)]
        others = [(first, SCROLL, NAN, NAN, None, NAN)] * 50
        assert mice(three + others, now_us=2_000_000)["move_15"] == pauses


def test_a_later_press_hides_the_duration_of_an_earlier_click():
    def click(at_ms):
        at = T0 + at_ms * 1000
        return [(at, PRESS, NAN, NAN, "Left", NAN), (at + 80_000, RELEASE, NAN, NAN, "Left", NAN)]

    one = mice(click(2000) + moves(50))
    assert one["click_0"] == one["click_9"] == pytest.approx(80, abs=1e-3)
    two = mice(click(2000) + click(2300) + moves(50))
    assert two["click_0"] == two["click_9"] == 0  # release 1 lies before press 2
    assert (two["click_2"], two["click_6"], two["click_7"]) == (2, 1, 0.5)


def test_null_is_a_button_of_its_own():
    events = [(T0, PRESS, NAN, NAN, None, NAN), (T0 + 50_000, RELEASE, NAN, NAN, None, NAN)]
    features = mice(events + moves(50))
    assert features["click_0"] == pytest.approx(50, abs=1e-3)
    assert (features["click_2"], features["click_5"]) == (0, 0)


def test_scrolls_without_a_delta_give_zeros():
    scrolls = [(T0 + i * 1000, SCROLL, NAN, NAN, None, NAN) for i in range(5)]
    features = mice(scrolls + moves(50))
    assert [features[f"scroll_{i}"] for i in range(8)] == [0.0] * 8
    one = (T0 + 5000, SCROLL, NAN, NAN, None, 0)
    assert mice([*scrolls, one, *moves(50)])["scroll_5"] == 6 / 30


def test_every_member_is_a_plain_number_or_bool():
    for features in (keystrokes(presses([100] * 20)), mice(moves(60))):
        assert {type(v) for v in features.values()} <= {int, float, bool}
        assert json.loads(to_json(features)) == features
