"""C, Python and the oracle say the same, on the golden vectors, on generated streams and on replays.

Three implementations of spec/features.md that share no code for the features: `build/$VARIANT/bin`,
`baselines/python`, `harness/oracle`.  The golden vectors are a fourth voice.  A failure names the
case and the first member that differs.
"""
import json

import pytest
from compare import difference, point, point_difference, read
from subjects import MAX_BUFFER, ROOT, SUBJECTS, Run, count, generate, oracle, path_of

GOLDEN = ROOT / "tests" / "fixtures" / "golden"
GOLDEN_FILES = [("keystroke", "keystroke.jsonl"), ("mouse", "mouse.jsonl"), ("app", "app-1.jsonl"), ("app", "app-2.jsonl")]


# ---- --extract -----------------------------------------------------------------

def extract(tmp, kind, path, max_buffer):
    """Start C, Python and the oracle on a file of cases; their results, one a case."""
    settings = {"MAX_BUFFER_SIZE": str(max_buffer)}
    runs = [Run(tmp, f"{s}-{path.name}", [path_of(s, kind), "--extract", path], settings) for s in SUBJECTS]
    runs.append(Run(tmp, f"oracle-{path.name}", [oracle("oracle_extract"), "--type", kind, "--extract", path, "--max-buffer", max_buffer]))
    return {name: [read(line) for line in run.lines()] for name, run in zip([*SUBJECTS, "oracle"], runs)}


def app_difference(got, want, points):
    """`transitions` and `patterns` as they are; `points` to the letter but for the form of numbers."""
    got = dict(got)
    lines = got.pop("points", None)
    diff = difference(got, want)
    if diff or not isinstance(lines, list) or len(lines) != len(points):
        return diff or f".points: got {str(lines)[:200]}, expected {len(points)} lines"
    return next(filter(None, (point_difference(g, w, f".points[{i}]") for i, (g, w) in enumerate(zip(lines, points)))), None)


def case_difference(kind, name, got, want, points):
    if kind != "app":
        return difference(got, want)
    if name == "oracle":  # it makes no line protocol; ask the subjects against lines made from its transitions
        got = {**got, "points": points}
    return app_difference(got, want, points)


def check_cases(kind, cases, results, expected, points):
    problems = []
    for name, got in results.items():
        if len(got) != len(cases):
            problems.append(f"{name}: {len(got)} results for {len(cases)} cases")
        for case, g, w, p in zip(cases, got, expected, points):
            diff = case_difference(kind, name, g, w, p)
            if diff:
                problems.append(f"{name}: case {case['id']}: {diff}")
    assert not problems, f"{len(problems)} differences\n" + "\n".join(problems[:20])


@pytest.mark.parametrize("kind, name", GOLDEN_FILES)
def test_golden_vectors_come_out_alike(tmp_path, kind, name):
    cases = [read(line) for line in (GOLDEN / name).read_text().splitlines()]
    expected = [c["expected"] for c in cases]
    points = [e.pop("points") if kind == "app" else None for e in expected]
    check_cases(kind, cases, extract(tmp_path, kind, GOLDEN / name, MAX_BUFFER[kind]), expected, points)
    count(f"golden {kind} cases, C = Python = oracle = expected", len(cases))


def own_points(case, transitions):
    """The lines for the oracle's transitions, each at the time of the event that made it."""
    current, times = None, []
    for e in case["events"]:
        if not isinstance(e, dict) or e.get("type") != "app" or not isinstance(e.get("app_name"), str):
            continue
        if current not in (None, e["app_name"]):
            times.append(e["ts"])
        current = e["app_name"]
    return [point(t, ts) for t, ts in zip(transitions, times, strict=True)]


# kind, seed, cases, MAX_BUFFER_SIZE, more.  The last rows fill the buffers and push events out.
STREAMS = [(kind, seed, n, MAX_BUFFER[kind], ()) for kind, n in (("keystroke", 250), ("mouse", 250), ("app", 150)) for seed in range(4)] + [
    ("keystroke", 100, 8, 1000, ("--sizes", "900,3000")),
    ("keystroke", 101, 2, 10000, ("--sizes", "12000,12000")),
    ("mouse", 100, 8, 1000, ("--sizes", "900,3000")),
    ("mouse", 101, 1, 50000, ("--sizes", "52000,52000")),
    ("mouse", 102, 1, 50000, ("--sizes", "50000,50000", "--steady")),
    ("app", 100, 4, 1000, ("--sizes", "2000,3000")),
]


@pytest.mark.parametrize("kind, seed, n, max_buffer, more", STREAMS)
def test_generated_streams_come_out_alike(tmp_path, kind, seed, n, max_buffer, more):
    path = generate(tmp_path, "cases", kind, seed, n, *more)
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    results = extract(tmp_path, kind, path, max_buffer)
    expected = results.pop("oracle")
    points = [own_points(c, e["transitions"]) if kind == "app" else None for c, e in zip(cases, expected)]
    check_cases(kind, cases, results, expected, points)
    count(f"generated {kind} streams, C = Python = oracle", len(cases))


@pytest.mark.parametrize("max_buffer", [1, 2, 7, 30])
def test_bounded_patterns_come_out_alike(tmp_path, max_buffer):
    """The oracle keeps every app: its transitions hold whatever the bound, the patterns are C against Python."""
    path = generate(tmp_path, "cases", "app", max_buffer, 60)
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    results = extract(tmp_path, "app", path, max_buffer)
    transitions = [e["transitions"] for e in results.pop("oracle")]
    points = [own_points(c, t) for c, t in zip(cases, transitions)]
    expected = [{"transitions": t, "patterns": py["patterns"]} for t, py in zip(transitions, results["Python"])]
    check_cases("app", cases, results, expected, points)
    count("generated app streams with bounded patterns, C = Python", len(cases))


# ---- --replay --------------------------------------------------------------------

# seed, messages, UPDATE_INTERVAL, WINDOW_SECONDS, MAX_BUFFER_SIZE (None: default), SECLYZER_DEV_MODE
REPLAYS = [(1, 12000, 5, 30, None, 0), (2, 12000, 0.5, 10, 500, 1), (3, 8000, 0, 7.5, 300, 0), (4, 12000, 1.7, 30, None, 0)]


class Replay:
    """One file of messages and one configuration, for the subjects and for the oracle."""

    def __init__(self, tmp, kind, row):
        seed, self.messages, interval, window, max_buffer, dev = row
        self.tmp, self.kind = tmp, kind
        self.path = generate(tmp, "replay", kind, seed, self.messages)
        size = max_buffer or MAX_BUFFER[kind]
        self.settings = {"UPDATE_INTERVAL": str(interval), "WINDOW_SECONDS": str(window), "MAX_BUFFER_SIZE": str(size),
                         "SECLYZER_DEV_MODE": str(dev), "SECLYZER_TRACE": "1"}
        self.oracle_flags = ["--update-interval", interval, "--window", window, "--max-buffer", size, *(["--dev-mode"] if dev else [])]

    def start(self, subject):
        return Run(self.tmp, subject, [path_of(subject, self.kind), "--replay", self.path], self.settings)

    def start_oracle(self, output, name="oracle"):
        return Run(self.tmp, name, [oracle("oracle_replay"), "--type", self.kind, "--replay", self.path, "--output", output, *self.oracle_flags])


def message_of(line):
    channel, _, text = line.partition(b" ")
    return [channel.decode(), read(text)]


def counters_of(run):
    """The one `stats ` line."""
    lines = [line for line in run.stderr.read_bytes().split(b"\n") if line.startswith(b"stats ")]
    assert len(lines) == 1, f"{run.name}: {len(lines)} lines of counters"
    return read(lines[0].removeprefix(b"stats "))


def check_closure(name, c):
    rejected = sum(c["rejected"].values())
    assert c["received"] == c["accepted"] + c["other_type"] + rejected, f"{name}: the counters do not add up: {c}"


@pytest.mark.parametrize("row", REPLAYS, ids=lambda row: f"seed{row[0]}-interval{row[2]}")
@pytest.mark.parametrize("kind", MAX_BUFFER)
def test_replays_give_the_same_messages_and_counters(tmp_path, kind, row):
    replay = Replay(tmp_path, kind, row)
    runs = [replay.start(s) for s in SUBJECTS]
    (c_name, c), (py_name, py) = [(r.name, [message_of(line) for line in r.lines()]) for r in runs]
    assert len(c) == len(py), f"{len(c)} messages from {c_name}, {len(py)} from {py_name}"
    for i, (a, b) in enumerate(zip(c, py)):
        diff = difference(a, b)
        assert not diff, f"message {i + 1}: {c_name} against {py_name}: {diff}"

    counters = [counters_of(r) for r in runs]
    for run, counts in zip(runs, counters):
        check_closure(run.name, counts)
        assert counts.pop("uptime_ms") >= 0
    diff = difference(*counters)
    assert not diff, f"counters: {c_name} against {py_name}: {diff}"
    assert counters[0]["received"] == replay.messages

    judged = read(replay.start_oracle(runs[0].stdout).lines()[0])
    if kind == "app":  # what the bound of the patterns pushes out is no matter of the oracle's
        judged.pop("evicted")
    diff = difference({name: counters[0][name] for name in judged}, judged)
    assert not diff, f"counters: {c_name} against the oracle: {diff}"
    assert len(c) == judged["features"] > 0
    count(f"replayed messages ({kind}), C = Python", replay.messages)
    count(f"feature messages ({kind}), C = Python = oracle", len(c))


# ---- a planted error is found ----------------------------------------------------------

def off_by_a_millionth(v):
    return v + 1e-6 * max(1, abs(v))


def plants(message):
    """(member named in the error, message) for every way to be a little wrong."""
    for name, v in message.items():
        rest = {k: w for k, w in message.items() if k != name}
        if isinstance(v, bool):
            yield name, {**rest, name: not v}
            yield name, {**rest, name: int(v)}
        elif isinstance(v, (int, float)):
            yield name, {**rest, name: off_by_a_millionth(v)}
            yield name, {**rest, name: str(v)}
        elif isinstance(v, str):
            yield name, {**rest, name: v[:-1] + chr(ord(v[-1]) ^ 1)}
        yield name, rest
    for name in message["trace"]:
        yield "trace", {**message, "trace": {**message["trace"], name: message["trace"][name] + 1}}
    yield "no_such", {**message, "no_such": 0}


@pytest.mark.parametrize("kind", MAX_BUFFER)
def test_an_error_of_a_millionth_in_any_member_is_found(tmp_path, kind):
    replay = Replay(tmp_path, kind, (7, 1500, 1, 30, None, 0))
    lines = replay.start("C").lines()
    at = max(range(len(lines)), key=lambda i: len(message_of(lines[i])[1]))  # the first with the most members
    channel, message = message_of(lines[at])
    planted = tmp_path / "planted"
    n = 0
    for n, (member, wrong) in enumerate(plants(message), 1):
        text = f"{channel} {json.dumps(wrong)}".encode()
        planted.write_bytes(b"\n".join([*lines[:at], text, *lines[at + 1:]]) + b"\n")
        run = replay.start_oracle(planted, f"plant-{n}")
        run.lines(want_status=1)
        why = run.stderr.read_text()
        assert member in why and f"message {at + 1}:" in why, f"planted in {member}, the oracle says: {why}"
    assert n > {"keystroke": 100, "mouse": 80, "app": 6}[kind]
    count(f"planted errors ({kind}), all found", n)


@pytest.mark.parametrize("kind", ["keystroke", "mouse"])
def test_a_missing_and_a_repeated_message_are_found(tmp_path, kind):
    replay = Replay(tmp_path, kind, (7, 1500, 1, 30, None, 0))
    lines = replay.start("C").lines()
    middle = len(lines) // 2
    for name, wrong in (("missing", lines[:middle] + lines[middle + 1:]), ("last", lines[:-1]), ("twice", lines[:middle] + lines[middle - 1:])):
        planted = tmp_path / f"output-{name}"
        planted.write_bytes(b"\n".join(wrong) + b"\n")
        replay.start_oracle(planted, name).lines(want_status=1)
