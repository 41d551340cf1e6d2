"""`bench run --duet`: both sides of a pair at once, each with its own books; swapped cores; faults of one side."""
import os
import subprocess

import pytest

from test_bench import ROOT, VARIANT, bench, command, nothing_left, results  # noqa: F401

# A sanitized C program on the core that servers and harness are on was seen not to end within the 5 s that a
# subject has after SIGTERM, outside of duets too, though its work and its counters were right.
OTHER, TITLE = ("c", "C") if VARIANT == "release" else ("python", "Python")

DUET = """
[scenario]
kind = {kind}
extractors = keystroke
compare = {compare}
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.05
[quick]
pairs = {pairs}
aa_pairs = 1
drain_events = 1000
searches = 0
idle_s = 0.1
human_s = 0.1
flood_s = 0.1
settle_s = 0.1
duet_s = 0.2
duet_events_per_s = 1000
"""

# The Python baseline, and what it does besides in a duet, at its n-th event.
THEIRS = """
import atexit, os, sys
sys.path.insert(0, {folder!r})
from seclyzer import engine, main
duet, feed, seen = "/duet" in os.environ["REDIS_SOCKET"], engine.Engine.feed, 0
if duet:
    first = os.sched_getaffinity(0)

    def note():
        with open({places!r}, "a") as f:
            print(os.environ["REDIS_SOCKET"], *first, *os.sched_getaffinity(0), file=f)
    atexit.register(note)
def faulty(self, message):
    global seen
    seen += 1
    if duet and seen == 200:
        {fault}
    return feed(self, message)
for cls in [engine.Engine] + engine.Engine.__subclasses__():
    if "feed" in vars(cls):
        cls.feed = faulty
sys.exit(main.main("keystroke"))
"""


def scenario(tmp_path, compare, kind="throughput", pairs=1):
    path = tmp_path / "small.ini"
    path.write_text(DUET.format(kind=kind, compare=compare, pairs=pairs))
    return path


def theirs(tmp_path, fault="pass"):
    script = tmp_path / "theirs.py"
    script.write_text(THEIRS.format(folder=str(ROOT / "baselines/python"), places=str(tmp_path / "places"), fault=fault))
    path = tmp_path / "theirs.ini"
    path.write_text(f"[subject]\nextractor = keystroke\nimplementation = theirs\ncommand = /usr/bin/python3 {script}\n"
                    "has_counters = yes\nhas_trace = yes\ninflux = yes\n")
    return path


def duets(tmp_path):
    """Runs of the duets by comparison and pair, sides in order."""
    pairs = {}
    for row in results(tmp_path)["runs"]:
        if row["phase"] == "duet":
            pairs.setdefault((row["comparison"], row["pair"]), []).append(row)
    return {key: sorted(rows, key=lambda row: row["side"]) for key, rows in pairs.items()}


def began_and_ended(row):
    began_us = row["started_wall_us"]
    return began_us, began_us + row["seconds"] * 1e6


needs_two_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="both sides at once need two cores")


@needs_two_cores
def test_both_sides_do_the_same_work_at_the_same_time_and_swap_their_cores(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, f"theirs:{OTHER}", pairs=2), "--duet", "--subject", theirs(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    pairs = duets(tmp_path)
    assert [[row["implementation"] for row in rows] for rows in pairs.values()] == [["theirs", OTHER]] * 2
    for a, b in pairs.values():
        assert a["status"] == b["status"] == "ok", (a, b)
        assert a["plan_checksum"] == b["plan_checksum"]
        assert max(began_and_ended(a)[0], began_and_ended(b)[0]) < min(began_and_ended(a)[1], began_and_ended(b)[1])
        for row in (a, b):
            lines = {line["name"]: line for line in row["ledger"]}
            assert lines["received by the subject"]["got"] == row["plan_events"]
            assert {"delivered to exactly two", "features of the last event"} <= set(lines)
            assert row["oracle"]["checked"] > 0 and row["oracle"]["wrong"] == 0
            assert row["metrics"]["cpu_ns_per_event"] > 0
    places = [line.split() for line in (tmp_path / "places").read_text().splitlines()]
    (redis_1, first_1, last_1), (redis_2, first_2, last_2) = places
    assert redis_1 != redis_2
    assert first_1 == last_2 != last_1 == first_2  # halfway to the other core, in the next pair the other way round
    report = (tmp_path / "out/latest/report.md").read_text()
    section = report[report.index("## small, duet: keystroke"):report.index("## Ledger")]
    assert f"| {TITLE} / theirs | CPU per event |" in section
    assert "| duet of small | 1000 events/s to both sides at once for 0.2 s; one side: subject on " in report


@needs_two_cores
def test_a_side_that_drops_an_event_is_void_and_the_pair_does_not_count(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, f"theirs:{OTHER}"), "--duet", "--subject", theirs(tmp_path, "return None"))
    assert run.returncode == 4, run.stdout + run.stderr
    ((liar, other),) = duets(tmp_path).values()
    assert liar["status"] == "void", liar
    (received,) = [line for line in liar["ledger"] if line["name"] == "received by the subject"]
    assert received["got"] == received["expected"] - 1
    assert other["status"] == "ok", other
    section = run.stdout[run.stdout.index("## small, duet: keystroke"):run.stdout.index("## Ledger")]
    (line,) = [row for row in section.splitlines() if row.startswith(f"| {TITLE} / theirs | CPU per event |")]
    assert "unavailable: no pair with both sides valid" in line and line.endswith("| **void** |")


@needs_two_cores
def test_the_end_of_one_side_is_the_failure_of_both(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, f"theirs:{OTHER}"), "--duet", "--subject", theirs(tmp_path, "os._exit(3)"))
    assert run.returncode == 4, run.stdout + run.stderr
    ((ended, other),) = duets(tmp_path).values()
    assert ended["status"] == other["status"] == "failed"
    assert ended["why"] == other["why"]
    assert "theirs: ended in the middle of the run: exit 3" in other["why"]


@needs_two_cores
def test_cpu_has_duets_under_its_own_load_and_one_of_a_subject_with_itself(tmp_path, nothing_left):  # noqa: F811
    compare = f"theirs:{OTHER} {OTHER}:{OTHER}"
    # cpu's own runs are too short for features, so the exit code is no matter
    bench(tmp_path, scenario(tmp_path, compare, kind="cpu"), "--duet", "--subject", theirs(tmp_path))
    pairs = sorted(duets(tmp_path).items())
    assert [[row["implementation"] for row in rows] for _, rows in pairs] == [["theirs", OTHER], [OTHER, OTHER]]
    for row in pairs[0][1] + pairs[1][1]:
        assert row["status"] == "ok", row
        assert 0 < row["plan_own_events"] < row["plan_events"]  # all types, in a person's mix
    report = (tmp_path / "out/latest/report.md").read_text()
    assert f"| {TITLE} / {TITLE} | CPU per event |" in report[report.index("## small, duet: keystroke"):report.index("## Ledger")]


def test_on_one_core_there_is_none_and_the_report_says_so(tmp_path, nothing_left):  # noqa: F811
    core = min(os.sched_getaffinity(0))
    run = subprocess.run(command(tmp_path, scenario(tmp_path, f"{OTHER}:{OTHER}"), "--duet"), capture_output=True, text=True,
                         timeout=120, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    assert run.returncode == 0, run.stdout + run.stderr
    assert not duets(tmp_path)
    assert "| duet of small | unavailable: one core only" in run.stdout


def test_a_scenario_without_duets_is_refused(tmp_path):
    run = bench(tmp_path, ROOT / "scenarios/startup.ini", "--duet")
    assert run.returncode == 2 and "--duet is of scenarios throughput and cpu" in run.stderr
