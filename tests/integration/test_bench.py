"""`bench` as a user meets it: sessions with real servers, faults found, nothing left behind."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANT = os.environ.get("VARIANT", "release")
BENCH = ROOT / "build" / VARIANT / "bin" / "bench"

SCENARIO = """
[scenario]
kind = throughput
extractors = {extractors}
compare = {compare}
database = {database}
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.1
[quick]
pairs = {pairs}
aa_pairs = 1
drain_events = 3000
searches = {searches}
search_trials = 1
hold_s = 0.3
"""


def scenario(tmp_path, extractors="keystroke", compare="null:c", database="none", pairs=1, searches=0):
    """Small, and without a database where the test is not about one: starting it takes the most time."""
    path = tmp_path / "small.ini"
    path.write_text(SCENARIO.format(extractors=extractors, compare=compare, database=database, pairs=pairs,
                                    searches=searches))
    return path


def command(tmp_path, scenario_path, *more):
    return [BENCH, "run", "--anyway", "--scenario", scenario_path, "--out", tmp_path / "out", *more]


def bench(tmp_path, scenario_path, *more):
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    return subprocess.run(command(tmp_path, scenario_path, *more), capture_output=True, text=True, timeout=120, env=env)


def results(tmp_path):
    return json.loads((tmp_path / "out/latest/results.json").read_text())


def working_in(folder):
    """Processes that name the folder in their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if folder in line:
                found.append(f"{entry.name} {line}")
    return found


@pytest.fixture
def nothing_left(monkeypatch):
    """Sessions have a directory for their temporary ones: what is left there afterwards is theirs alone."""
    folder = tempfile.mkdtemp(prefix="left-")  # short: the path of a socket has 107 characters
    monkeypatch.setenv("TMPDIR", folder)
    yield
    deadline = time.monotonic() + 15
    while True:
        left = working_in(folder) + os.listdir(folder)
        if not left:
            os.rmdir(folder)
            return
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)


@pytest.mark.parametrize("database", ["influxdb", "victoria-metrics", "none"])
def test_every_extractor_in_c_and_python_closes_its_ledger(tmp_path, nothing_left, database):
    run = bench(tmp_path, scenario(tmp_path, "keystroke mouse app", "python:c null:c", database))
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    assert data["session"]["complete"]
    assert len(data["runs"]) == 3 * 2 * 2
    for row in data["runs"]:
        assert row["status"] == "ok", row
        lines = {line["name"]: line for line in row["ledger"]}
        assert lines["received by the subject"]["got"] == row["plan_events"]
        if row["implementation"] != "null":
            assert row["oracle"]["checked"] > 0 and row["oracle"]["wrong"] == 0
            state = "unavailable" if database == "none" else "closed"
            assert lines["points in the database"]["state"] == state
            if database == "influxdb":
                assert lines["points that differ from their message"]["state"] == "closed"
        assert row["metrics"]["drain_events_per_s"] > 0
        assert row["metrics"]["cpu_ns_per_event"] > 0
    report = (tmp_path / "out/latest/report.md").read_text()
    assert report in run.stdout
    page = tmp_path / "out/latest/report.html"
    assert f"report: {page.resolve()}" in run.stdout
    assert page.read_text().startswith("<!DOCTYPE html>") and "<svg" in page.read_text()
    assert (tmp_path / "out/latest/runs-small.png").read_bytes().startswith(b"\x89PNG")


def test_discarded_pairs_are_made_again_but_no_more_than_were_planned(tmp_path, nothing_left):
    path = scenario(tmp_path, pairs=2)
    # Every program that runs at all disturbs.
    path.write_text(path.read_text().replace("foreign_limit_frac = 1", "foreign_limit_frac = 0"))
    run = bench(tmp_path, path)
    assert run.returncode == 0, run.stdout + run.stderr
    statuses = {}
    for row in results(tmp_path)["runs"]:
        statuses.setdefault(row["pair"], []).append(row["status"])
    discarded = sum("disturbed" in sides for sides in statuses.values())
    assert discarded > 0
    assert all(set(sides) <= {"ok", "disturbed"} and len(sides) == 2 for sides in statuses.values())
    assert len(statuses) == min(4, 2 + discarded)


def test_an_event_that_is_dropped_on_purpose_makes_the_run_void_and_is_named(tmp_path, nothing_left):
    run = bench(tmp_path, scenario(tmp_path), "--drop-event", "1500")
    assert run.returncode == 4
    for row in results(tmp_path)["runs"]:
        assert row["status"] == "void"
        assert row["why"].startswith("sent: expected 3121, got 3120, off by -1; event 1500 was left out")
        seen = next(line for line in row["ledger"] if line["name"] == "seen by the tap")
        assert seen["state"] == "open" and "event 1500" in seen["note"]
    assert "void: sent: expected 3121, got 3120" in run.stdout
    assert "no valid run" in run.stdout


def subject(tmp_path, text):
    path = tmp_path / "theirs.ini"
    path.write_text("[subject]\nextractor = keystroke\nimplementation = theirs\n" + text)
    return path


def test_any_command_line_can_take_part_and_what_it_cannot_tell_is_unavailable(tmp_path, nothing_left):
    theirs = subject(tmp_path, "command = /usr/bin/python3 ${root}/baselines/python/keystroke_extractor\n"
                               "readiness = numsub\nhas_counters = no\nhas_trace = no\ninflux = no\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 0, run.stdout + run.stderr
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    lines = {line["name"]: line for line in row["ledger"]}
    assert lines["points in the database"]["state"] == "unavailable"
    assert row["oracle"]["checked"] >= 1 and row["oracle"]["wrong"] == 0
    assert row["metrics"]["cpu_ns_per_event"] > 0
    assert "no counters" in row["unavailable"]["drain_events_per_s"]
    assert "unavailable: the subject has no counters" in run.stdout


def test_a_subject_with_wrong_features_gets_no_score(tmp_path, nothing_left):
    theirs = subject(tmp_path, "command = ${bin}/keystroke_extractor\nreadiness = notify\nhas_counters = yes\n"
                               "has_trace = yes\ninflux = yes\n[environment]\nSECLYZER_DEV_MODE = 1\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 4
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    assert row["status"] == "void"
    assert row["why"].startswith("oracle: ") and "dev_mode" in row["why"]


def test_a_subject_that_makes_no_features_gets_no_score(tmp_path, nothing_left):
    theirs = subject(tmp_path, "command = ${bin}/null_subject\nreadiness = notify\nhas_counters = yes\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 4
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    assert row["status"] == "void" and row["why"].startswith("features of the last event: expected 1, got 0")


LIAR = """
import os, signal, sys
import redis
r = redis.Redis(unix_socket_path=os.environ["REDIS_SOCKET"])
p = r.pubsub()
p.subscribe("seclyzer:events")
p.get_message(timeout=5)
def answer(*_):
    sys.stderr.write('stats {"received":1000000000,"features":0}\\n')
    sys.stderr.flush()
def stop(*_):
    answer()
    os._exit(0)
signal.signal(signal.SIGUSR1, answer)
signal.signal(signal.SIGTERM, stop)
while True:
    p.get_message(timeout=None)
"""


def test_a_subject_that_counts_more_than_was_sent_is_found_out(tmp_path, nothing_left):
    liar = tmp_path / "liar.py"
    liar.write_text(LIAR)
    theirs = subject(tmp_path, f"command = /usr/bin/python3 {liar}\nreadiness = numsub\nhas_counters = yes\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 4
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    lines = {line["name"]: line for line in row["ledger"]}
    assert row["status"] == "void"
    assert lines["answers to questions that cannot be"]["state"] == "open"


def test_a_subject_that_ends_is_a_failed_run_with_its_words(tmp_path, nothing_left):
    theirs = subject(tmp_path, "command = ${bin}/keystroke_extractor --no-such-flag\nreadiness = notify\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 4
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    assert row["status"] == "failed"
    assert "no-such-flag" in row["why"]


def test_a_subject_that_claims_readiness_without_subscribing_is_found_out(tmp_path, nothing_left):
    liar = tmp_path / "liar.py"
    liar.write_text("import os, signal, socket\n"
                    "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                    "s.sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])\nsignal.pause()\n")
    theirs = subject(tmp_path, f"command = /usr/bin/python3 {liar}\nreadiness = notify\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:c"), "--subject", theirs)
    assert run.returncode == 4
    row = next(r for r in results(tmp_path)["runs"] if r["implementation"] == "theirs")
    assert row["status"] == "failed" and "not subscribed" in row["why"]


def test_the_search_finds_a_rate_that_is_held(tmp_path, nothing_left):
    run = bench(tmp_path, scenario(tmp_path, compare="null:c", searches=1))
    assert run.returncode == 0, run.stdout + run.stderr
    trials = results(tmp_path)["trials"]
    assert {t["implementation"] for t in trials} == {"null", "c"}
    assert all(t["held"] or t["why"] for t in trials)


STARTUP = """
[scenario]
kind = startup
extractors = keystroke
compare = null:c theirs:c
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 5ms
[quick]
pairs = 1
aa_pairs = 1
hyperfine_runs = 2
"""


def test_hyperfine_gives_its_opinion_and_who_does_not_know_the_option_is_told_apart(tmp_path, nothing_left):
    path = tmp_path / "small.ini"
    path.write_text(STARTUP)
    theirs = subject(tmp_path, "command = ${bin}/keystroke_extractor --help\nreadiness = notify\n")
    run = bench(tmp_path, path, "--subject", theirs)
    assert run.returncode == 4  # theirs cannot be run
    opinions = {o["implementation"]: o for o in results(tmp_path)["opinions"]}
    for name in "null", "c":
        o = opinions[name]
        assert o["n"] == 2 and 0 < o["min"] <= o["median"] <= o["max"], o
        assert o["tool"].startswith("hyperfine ") and o["why"] == ""
    assert opinions["theirs"]["n"] == 0 and opinions["theirs"]["why"].startswith("does not do --exit-when-ready")
    assert "## small: hyperfine's opinion" in run.stdout
    assert "| keystroke | theirs | unavailable: does not do --exit-when-ready" in run.stdout


COUNTED = """
[scenario]
kind = cpu
extractors = keystroke
compare = null:c
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[quick]
pairs = 1
idle_s = 0.1
human_s = 0.1
flood_s = 0.1
instruction_events = 200
"""


if VARIANT == "release":  # valgrind does not run what the sanitizers have instrumented
    def test_instructions_per_event_are_counted_for_each_subject(tmp_path, nothing_left):
        path = tmp_path / "small.ini"
        path.write_text(COUNTED)
        run = bench(tmp_path, path)
        rows = [r for r in results(tmp_path)["runs"] if r["phase"] == "instructions"]
        assert [r["implementation"] for r in rows] == ["null"] * 3 + ["c"] * 3, run.stderr
        for row in rows:
            lines = {line["name"]: line for line in row["ledger"]}
            assert row["status"] == "ok", row
            assert lines["received by the subject"]["got"] == 600
        least = {n: min(r["metrics"]["instructions_per_event"] for r in rows if r["implementation"] == n)
                 for n in ("null", "c")}
        assert 0 < least["null"] < least["c"]
        assert "| instructions per event |" in run.stdout


TRACED = """
[scenario]
kind = cpu
extractors = keystroke
compare = null:c
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.1
[quick]
pairs = 1
idle_s = 0.2
human_s = 0.3
flood_s = 0.5
attribution_events = 300
"""


def runs_over_time_are_kept_and_drawn(tmp_path, runs):
    folder = (tmp_path / "out/latest").resolve()
    for row in runs:
        lines = (folder / f"timeline/{row['id']}.csv").read_text().splitlines()
        assert lines[0] == "# seclyzer timeline 1, interval_s 0.1"
        assert lines[1] == "# stages start 1.5 idle 1.7 human 2 pause 3.5 1000/s 4"
        rows = [[float(field) for field in line.split(",")] for line in lines[3:]]
        assert 2 <= len(rows) <= 4 / 0.075  # a busy host may look seldom, never more often
        assert all(a[0] < b[0] and a[2] <= b[2] and a[3] <= b[3] for a, b in zip(rows, rows[1:]))
        assert all(elapsed < 6 and rss > 1e5 for elapsed, rss, _, _ in rows)
    before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert before[pathlib.Path("timeline-small.png")].startswith(b"\x89PNG")
    for name in before:
        if name.name != "results.json" and name.parent.name != "timeline":
            (folder / name).unlink()
    subprocess.run([BENCH, "report", "--out", folder.parent, folder.name], check=True, capture_output=True)
    assert {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_ebpf_stands_beside_procfs_and_system_calls_have_names(tmp_path, nothing_left):
    path = tmp_path / "small.ini"
    path.write_text(TRACED)
    run = bench(tmp_path, path)
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    scored = [r for r in data["runs"] if r["phase"] == "cpu"]
    traced = {r["implementation"]: r for r in data["runs"] if r["phase"] == "attribution"}
    assert len(scored) == 2
    runs_over_time_are_kept_and_drawn(tmp_path, scored)
    for row in scored:
        assert row["metrics"]["wakeups_human_per_s"] >= 0 and row["metrics"]["page_faults"] >= 0
    if scored[0]["instrument"]["ebpf_why"]:
        pytest.skip(scored[0]["instrument"]["ebpf_why"])
    for row in scored:
        assert row["instrument"]["ebpf_cpu_us_per_10s"] is not None, row["instrument"]
        assert row["instrument"]["ebpf_switches"] == 0
    assert "| eBPF − /proc, CPU time, per 10 s |" in run.stdout
    assert traced.keys() == {"null", "c"}
    for name, row in traced.items():
        assert row["status"] == "ok" and list(row["metrics"]) == ["syscalls_per_event"], row
        # One read a message at the most, and for C an epoll_wait before it.
        assert 0.1 < row["metrics"]["syscalls_per_event"] < (1.2 if name == "null" else 4), row
    facts = data["facts"]
    assert facts["system calls per event, null"].startswith("read ")
    assert "epoll_wait" in facts["system calls per event, c-keystroke"]


def start(tmp_path):
    """A session that would take long, once it has measured something."""
    running = subprocess.Popen(command(tmp_path, scenario(tmp_path, pairs=500)), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while True:
        try:
            if len(results(tmp_path)["runs"]) >= 1:
                return running
        except FileNotFoundError:
            pass
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < deadline, "no run was finished"
        time.sleep(0.05)


def test_ctrl_c_leaves_the_report_of_what_was_measured_and_nothing_else(tmp_path, nothing_left):
    running = start(tmp_path)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 4
    data = results(tmp_path)
    assert not data["session"]["complete"] and data["session"]["stopped_by"] == "stopped by a signal"
    assert "Not complete: stopped by a signal" in out


def test_kill_9_leaves_nothing_behind(tmp_path, nothing_left):
    running = start(tmp_path)
    running.kill()
    running.communicate(timeout=30)


@pytest.mark.parametrize("args, expected", [
    (["run", "--scenario", "no-such"], "no-such.ini"),
    (["run", "--profil", "quick"], "did you mean --profile?"),
    (["run", "--profile", "fast"], "must be quick, standard or full"),
    (["rum"], "unknown verb"),
    (["report", "no-such-session"], "no-such-session"),
])
def test_wrong_usage_is_one_line_and_exit_2(args, expected):
    run = subprocess.run([BENCH, *args, *(["--anyway"] if args[0] == "run" else [])], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and expected in run.stderr


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path):
    path = scenario(tmp_path)
    path.write_text(path.read_text() + "pears = 3\n")
    run = bench(tmp_path, path)
    assert run.returncode == 2
    line = len(path.read_text().splitlines())
    assert f'small.ini:{line}: unknown key "pears" (did you mean "pairs"?)' in run.stderr


def test_a_value_out_of_range_is_told_what_is_allowed(tmp_path):
    path = scenario(tmp_path, pairs=0)
    run = bench(tmp_path, path)
    assert run.returncode == 2
    assert "pairs=0: must be a whole number from 1 to 1000" in run.stderr


def test_several_scenarios_share_one_session_and_its_report(tmp_path, nothing_left):
    first = scenario(tmp_path)
    second = tmp_path / "again.ini"
    second.write_text(first.read_text().replace("update_interval_s = 0.1", "update_interval_s = 0.2"))
    run = bench(tmp_path, f"{first},{second}")
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    assert [(r["scenario"], r["implementation"]) for r in data["runs"]].count(("small", "c")) == 1
    assert {r["scenario"] for r in data["runs"]} == {"small", "again"}
    assert data["session"]["id"].endswith("-suite")
    assert "update interval 0.1 s" in data["facts"]["scenario small"]
    assert "update interval 0.2 s" in data["facts"]["scenario again"]
    assert "### small, drain: keystroke" in run.stdout and "### again, drain: keystroke" in run.stdout
    # The judgement stands first, and beside the report; nothing here compares C with Python.
    folder = tmp_path / "out/latest"
    report = (folder / "report.md").read_text()
    assert report.index("## Verdict") < report.index("## What came out")
    assert "Migration decision unavailable: " in report
    assert json.loads((folder / "checklist.json").read_text())
    # It is made again by the rules of the folder; ones that cannot be read are a line of the report.
    (folder / "checklist.ini").write_text("[memory]\nidle = nonsense\n")
    run = subprocess.run([BENCH, "report", "--out", tmp_path / "out", "latest"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "Performance checklist unavailable: " in (folder / "report.md").read_text()


def test_the_same_scenario_twice_is_refused(tmp_path, nothing_left):
    first = scenario(tmp_path)
    run = bench(tmp_path, f"{first},{first}")
    assert run.returncode == 2
    assert "a second scenario called small" in run.stderr


def test_a_budget_that_is_spent_leaves_one_pair_of_each_comparison(tmp_path, nothing_left):
    path = scenario(tmp_path, "keystroke", "null:c python:c", pairs=50)
    path.write_text(path.read_text().replace("[quick]", "[quick]\nbudget_s = 0.001"))
    run = bench(tmp_path, path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(results(tmp_path)["runs"]) == 2 * 2


def test_two_sessions_are_held_against_each_other(tmp_path, nothing_left):
    path = scenario(tmp_path, pairs=6)
    for _ in range(2):
        assert bench(tmp_path, path).returncode == 0
    ids = sorted(p.name for p in (tmp_path / "out").iterdir() if p.name != "latest")

    def compare(*args):
        return subprocess.run([BENCH, "compare", "--out", tmp_path / "out", *args], capture_output=True, text=True,
                              timeout=60)

    run = compare(*ids)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"# Sessions compared: {ids[0]} and {ids[1]}\n")
    assert "The sessions' own intervals overlap in " in run.stdout
    assert "| small, drain | keystroke | C / floor | CPU per event |" in run.stdout
    assert compare(*ids).stdout == run.stdout
    html, markdown = tmp_path / "c.html", tmp_path / "c.md"
    files = compare("--html", html, "--markdown", markdown, str(tmp_path / "out" / ids[0]), ids[1])
    assert files.returncode == 0 and files.stdout == ""
    assert markdown.read_text() == run.stdout
    assert html.read_text().startswith("<!DOCTYPE html>")
    same = compare("--agree", "1", "--fail-on-worse", ids[0], ids[0])
    assert same.returncode == 0, same.stderr
    for args, expected in (((ids[0], "none-such"), "none-such/results.json"), (ids[:1], "wants two sessions"),
                           ((*ids, "--html", markdown / "where"), "c.md/where: Not a directory")):
        run = compare(*args)
        assert run.returncode == 2 and run.stderr.count("\n") == 1 and expected in run.stderr

    # One that is worse: its values multiplied, as measuring something slower would take longer and say the same.
    text = (tmp_path / "out" / ids[0] / "results.json").read_text()
    for name, times in ("quick", 1), ("slow", 20):
        data = json.loads(text)
        data["comparisons"].append({**data["comparisons"][0], "a": "c", "b": "c", "pairs_planned": 8})
        for run in data["runs"]:
            if run["implementation"] == "c":
                run["metrics"]["cpu_ns_per_event"] *= times
                last = run
        for i in range(16):  # A/A is long to measure, too
            data["runs"].append({**last, "id": f"aa-{i}", "comparison": len(data["comparisons"]) - 1, "pair": i // 2,
                                 "side": "ab"[i % 2]})
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(json.dumps(data))

    quick, slow = (str(tmp_path / name) for name in ("quick", "slow"))
    for args, expected in (((), 0), (("--fail-on-worse",), 1), (("--agree", "1"), 1)):
        run = compare(*args, quick, slow)
        assert run.returncode == expected and run.stderr == "", run
    assert compare("--fail-on-worse", slow, quick).returncode == 0


@pytest.mark.skipif(VARIANT != "release", reason="half a minute: once is enough")
def test_a_comparison_that_is_decided_has_no_more_pairs(tmp_path, nothing_left):
    path = tmp_path / "early.ini"
    path.write_text("[scenario]\nkind = startup\nextractors = app\ncompare = python:c c:c\ndatabase = none\n"
                    "steal_limit_frac = 1\nforeign_limit_frac = 1\n[subjects]\nupdate_interval_s = 5ms\n"
                    "[quick]\npairs = 12\naa_pairs = 12\n")
    run = bench(tmp_path, path)
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    warm = [c for c in data["comparisons"] if c["phase"] == "warm"]
    assert warm[0]["end"] == "decided"
    made = [r for r in data["runs"] if r["phase"] == "warm" and r["implementation"] == "python"]
    # It must wait for an A/A that is sure, which a busy host may need every pair for.
    assert 8 <= len(made) <= 12 and (len(made) < 12 or warm[1]["end"] == "undecided")
    assert "of 12 (decided)" in run.stdout and "exec to ready" in run.stdout
