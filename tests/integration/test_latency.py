"""The scenario latency: one answer to each trigger, a planted stop, subjects that lie, and its report."""
import json
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BENCH = ROOT / "build" / os.environ.get("VARIANT", "release") / "bin" / "bench"
WARM = 5

SCENARIO = """
[scenario]
kind = latency
extractors = {extractors}
compare = {compare}
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
window_s = 600
update_interval_s = {interval}
[quick]
pairs = {pairs}
aa_pairs = {pairs}
triggers = {triggers}
phases = {phases}
attribution_triggers = {traced}
"""


def bench(tmp_path, compare, *more, extractors="app", triggers=60, phases="alone-10pct", interval="2ms",
          pairs=1, traced=0, under=()):
    path = tmp_path / "small.ini"
    path.write_text(SCENARIO.format(compare=compare, extractors=extractors, triggers=triggers, phases=phases,
                                    interval=interval, pairs=pairs, traced=traced))
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    run = subprocess.run([*under, BENCH, "run", "--anyway", "--scenario", path, "--out", tmp_path / "out", *more],
                         capture_output=True, text=True, timeout=120, env=env)
    return run, json.loads((tmp_path / "out/latest/results.json").read_text()) if run.returncode in (0, 4) else None


def subject(tmp_path, text):
    path = tmp_path / "theirs.ini"
    path.write_text("[subject]\nimplementation = theirs\n" + text)
    return path


def lines_of(row):
    return {line["name"]: line for line in row["ledger"]}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """C, Python and the relay for each extractor."""
    tmp_path = tmp_path_factory.mktemp("session")
    run, data = bench(tmp_path, "python:c relay:c", extractors="keystroke mouse app", triggers=30, phases="busy-10pct")
    assert run.returncode == 0, run.stdout + run.stderr
    return (tmp_path / "out/latest").resolve(), data


def test_one_message_answers_each_trigger_under_other_events(session):
    folder, data = session
    assert len(data["runs"]) == 3 * 4
    for row in data["runs"]:
        assert row["status"] == "ok", row
        lines = lines_of(row)
        assert lines["triggers answered"]["got"] == 30 + WARM
        assert row["plan_events"] > row["plan_own_events"]
        response, service = row["latency"]["response_ns"], row["latency"]["service_ns"]
        assert len(response) == len(service) == 30
        assert all(r >= s > 0 for r, s in zip(response, service))
        if row["implementation"] != "relay":
            assert row["oracle"]["checked"] >= 30 + WARM and row["oracle"]["wrong"] == 0
    report = (folder / "report.md").read_text()
    assert "### small, busy-10pct: mouse" in report
    assert "unavailable: 30 samples, it needs 36 |" in report  # Python's and the relay's p90
    assert "unavailable: 60 samples, it needs 368 |" in report  # C's p99
    assert "### Where a response time goes\n\nunavailable: attribution_triggers is 0\n" in report


PARTS = ("redis_ns", "runq_ns", "compute_ns", "delivery_ns")


def test_the_parts_of_a_traced_trigger_add_up_and_c_computes_less_than_python(tmp_path):
    run, data = bench(tmp_path, "python:c relay:c", extractors="keystroke", triggers=10, phases="alone-full", traced=40)
    assert run.returncode == 0, run.stdout + run.stderr
    why = data["facts"].get("small, where the time goes", "")
    if why.startswith("unavailable: "):
        pytest.skip(why)
    traced = {row["implementation"]: row for row in data["runs"] if row["phase"] == "attribution"}
    assert list(traced) == ["python", "c", "relay"]
    compute_ns = {}
    for name, row in traced.items():
        assert row["status"] == "ok", row
        assert row["metrics"] == {} and row["comparison"] == -1  # not scored
        assert lines_of(row)["triggers answered"]["got"] == 40 + WARM
        split, service = row["split"], row["latency"]["service_ns"]
        assert split["lost"] == 0 and len(split["outcome"]) == len(service) == 40
        parts = [p for p in zip(service, *(split[part] for part in PARTS)) if p[1] is not None]
        assert len(parts) >= 0.95 * 40, split["outcome"]
        assert all(whole == sum(of) and min(of) >= 0 for whole, *of in parts)
        # Alone, it sleeps before each trigger, unless a busy host has not let it.
        assert split["outcome"].count("whole") >= 0.8 * 40
        compute_ns[name] = sorted(p[3] for p in parts)[len(parts) // 2]
    assert compute_ns["c"] < compute_ns["python"]
    report = (tmp_path / "out/latest/report.md").read_text()
    assert "| keystroke | Python | " in report.split("### Where a response time goes")[1]


def test_without_ebpf_the_parts_are_unavailable_with_the_reason(tmp_path):
    under = ["setpriv", "--bounding-set", "-bpf,-sys_admin,-perfmon"] if os.geteuid() == 0 else []
    run, data = bench(tmp_path, "relay:c", triggers=10, traced=10, under=under)
    assert run.returncode == 0, run.stdout + run.stderr
    why = data["facts"]["small, where the time goes"]
    assert why.startswith("unavailable: ") and len(why) > len("unavailable: ")
    assert {row["phase"] for row in data["runs"]} == {"alone-10pct"}
    report = (tmp_path / "out/latest/report.md").read_text()
    assert f"### Where a response time goes\n\n{why}\n" in report


# The subject's process is app_tracker; the child stops it once it has slept for its 120th event.
STOPPER = """
import os, signal, sys, time
if sys.argv[-1] == "--version":
    os.execv(sys.argv[1], [sys.argv[1], "--version"])
subject, child = os.getpid(), os.fork()
if child:
    os.waitpid(child, 0)
    os.execv(sys.argv[1], sys.argv[1:2])
if os.fork():
    os._exit(0) # no child of the subject's: it does not expect one
def sleeps():
    with open(f"/proc/{subject}/status") as f:
        return int(next(line.split()[1] for line in f if line.startswith("voluntary_ctxt_switches")))
while sleeps() < 120:
    time.sleep(0.01)
os.kill(subject, signal.SIGSTOP)
begin = time.monotonic()
time.sleep(1.4)
os.kill(subject, signal.SIGCONT)
with open(sys.argv[2], "w") as f:
    f.write(str(time.monotonic() - begin))
"""


def session_with_a_stop(tmp_path):
    stopper, took = tmp_path / "stopper.py", tmp_path / "took"
    stopper.write_text(STOPPER)
    theirs = subject(tmp_path, f"extractor = app\ncommand = /usr/bin/python3 {stopper} ${{bin}}/app_tracker {took}\n"
                               "readiness = numsub\nhas_counters = yes\nhas_trace = yes\n")
    run, data = bench(tmp_path, "relay:theirs", "--subject", theirs, triggers=300)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(r for r in data["runs"] if r["implementation"] == "theirs"), 1e3 * float(took.read_text())


def test_a_stop_of_1_4_s_shows_in_the_response_time_and_not_in_the_service_time(tmp_path):
    for last in (False, False, True):  # a busy host stops everybody now and then: it gets three sessions
        row, stop_ms = session_with_a_stop(tmp_path)
        # Triggers come every 4 ms; behind the stop they follow every 2 ms (the update interval) and the service
        # time of the subject.  The k-th of them is late by the stop, less k times what is made up on the way.
        made_up_ms = 4 - 2 - row["metrics"]["service_p50_us"] / 1e3
        by_hand_ms = stop_ms - 0.01 * 300 * made_up_ms
        if last or row["metrics"]["response_p99_us"] / 1e3 == pytest.approx(by_hand_ms, rel=0.05):
            break
    assert row["metrics"]["response_p99_us"] / 1e3 == pytest.approx(by_hand_ms, rel=0.05)
    assert row["metrics"]["service_p99_us"] / 1e3 < stop_ms / 10
    assert max(row["latency"]["service_ns"]) / 1e6 > stop_ms / 2  # of the one that was on its way
    assert max(row["latency"]["response_ns"]) / 1e6 > stop_ms / 2


LIES = [  # what is done at event 100, a line of the ledger that opens, and the reason given
    ("none", None, ""),
    ("early", "messages before their trigger", "triggers answered: expected 65, got 64"),
    ("twice", "messages without a trigger", "transitions expected: expected 134, got 135"),
    ("drop", "triggers answered", "transitions expected: expected 134, got 133"),
    ("alter", None, "oracle: 1 of 134 feature messages wrong; message 99: member duration_ms: got "),
    ("deaf", "received by the subject", "transitions expected: expected 134, got 99"),
]


def test_a_subject_that_lies_gets_no_score_and_is_named_and_an_honest_one_is_believed(tmp_path):
    lies = tmp_path / "lies"
    lies.write_text("\n".join(lie for lie, _, _ in LIES))
    theirs = subject(tmp_path, f"extractor = app\ncommand = /usr/bin/python3 {HERE}/app_fake.py {lies} 100\n"
                               "readiness = numsub\nhas_counters = yes\nhas_trace = yes\n")
    run, data = bench(tmp_path, "theirs:theirs", "--subject", theirs, pairs=3)
    assert run.returncode == 4
    assert lies.read_text() == ""
    for row, (lie, line, why) in zip(data["runs"], LIES, strict=True):
        if lie == "deaf" and row["status"] == "failed":  # on a busy host its counters are waited for in vain
            assert row["why"] and row["why"] in run.stdout, row
            continue
        assert row["status"] == ("void" if why else "ok"), (lie, row["why"])
        assert row["why"].startswith(why), (lie, row["why"])
        assert line is None or lines_of(row)[line]["state"] == "open", lie
        assert not why or f"void: {why}" in run.stdout


def test_an_unknown_phase_is_refused_with_those_there_are(tmp_path):
    run, _ = bench(tmp_path, "relay:c", phases="alone-60pct")
    assert run.returncode == 2
    assert 'phases: "alone-60pct" is none of alone-10pct' in run.stderr
