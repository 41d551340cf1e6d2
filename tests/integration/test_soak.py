"""`bench run` of a soak: everything at once, faults over the borders of segments, stopped, killed, gone on with."""
import json
import os
import signal
import subprocess
import time

import pytest

from test_bench import BENCH, ROOT, VARIANT, nothing_left, results  # noqa: F401

SOAK = """
[scenario]
kind = soak
extractors = {extractors}
compare = {compare}
database = {database}
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
window_s = 5
update_interval_s = 0.1
[quick]
soak_s = {seconds}
"""

# The Python baseline, with what a test wants to be wrong with it.
FAULTY = """
import os, sys
sys.path.insert(0, {folder!r})
from seclyzer import engine, main
kept, feed = [], engine.Engine.feed
seen = 0
def faulty(self, message):
    global seen
    own = b'"keystroke"' in bytes(message)
    seen += own
    if seen >= 10000:  # the buffer is full
        kept.append(bytes({leak}))
    return None if own and seen == {lose} else feed(self, message)
for cls in [engine.Engine] + engine.Engine.__subclasses__():
    if "feed" in vars(cls):
        cls.feed = faulty
sys.exit(main.main("keystroke"))
"""


def scenario(tmp_path, extractors="keystroke", compare="c:c", database="none", seconds=1.5):
    path = tmp_path / "small.ini"
    path.write_text(SOAK.format(extractors=extractors, compare=compare, database=database, seconds=seconds))
    return path


def command(tmp_path, path, *more):
    return [BENCH, "run", "--anyway", "--seed", "7", "--scenario", path, "--out", tmp_path / "out", *more]


def environment():
    return {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}


def bench(tmp_path, path, *more):
    return subprocess.run(command(tmp_path, path, *more), capture_output=True, text=True, timeout=120,
                          env=environment())


def series(tmp_path, run):
    lines = (tmp_path / "out/latest/soak" / f"{run}.csv").read_text().splitlines()
    names = lines[1].split(",")
    return [dict(zip(names, line.split(","))) for line in lines[2:]]


def faulty(tmp_path, leak=0, lose=0):
    script = tmp_path / "faulty.py"
    script.write_text(FAULTY.format(folder=str(ROOT / "baselines/python"), leak=leak, lose=lose))
    path = tmp_path / "faulty.ini"
    path.write_text(f"[subject]\nextractor = keystroke\nimplementation = faulty\n"
                    f"command = /usr/bin/python3 {script}\nhas_counters = yes\nhas_trace = yes\ninflux = yes\n")
    return path


def test_all_subjects_at_once_close_every_ledger_over_the_borders(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, "keystroke mouse app", "python:c", "influxdb", 1.5))
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    assert data["session"]["complete"]
    assert sorted(row["id"] for row in data["runs"]) == sorted(
        f"{e}-soak-1-{i}" for e in ("keystroke", "mouse", "app") for i in ("python", "c"))
    checksums = {row["plan_events"] for row in data["runs"]}
    assert len(checksums) == 1  # one load for all of them
    for row in data["runs"]:
        assert row["status"] == "ok", row
        states = {line["name"]: line["state"] for line in row["ledger"]}
        assert set(states.values()) == {"closed"}, states
        assert {"delivered to exactly 4", "received by the subject", "points in the database",
                "points that differ from their message"} <= set(states)
        assert row["oracle"]["checked"] > 0 and row["oracle"]["wrong"] == 0
        rows = series(tmp_path, row["id"])
        assert len(rows) > 5 and all(float(r["uss_bytes"]) > 0 for r in rows)
        assert row["metrics"]["reconnects"] == 0
    report = (tmp_path / "out/latest/report.md").read_text()
    assert "## soak" in report and "1 of 1 stretches count" in report
    assert "undecided: too short to tell settling from leaking" in report
    assert (tmp_path / "out/latest/soak.png").read_bytes().startswith(b"\x89PNG")


def test_an_event_lost_after_a_border_makes_the_run_void_and_a_leak_shows_beside_one_that_has_none(
        tmp_path, nothing_left):  # noqa: F811
    # 10,000 events fill the buffer; the fourth key event after them is lost.
    path = scenario(tmp_path, compare="faulty:python", seconds=1.5)
    run = bench(tmp_path, path, "--subject", faulty(tmp_path, leak=20000, lose=10004))
    assert run.returncode == 4, run.stdout + run.stderr
    rows = {row["implementation"]: row for row in results(tmp_path)["runs"]}
    assert rows["python"]["status"] == "ok", rows["python"]
    assert rows["faulty"]["status"] == "void"
    assert rows["faulty"]["why"].startswith("received by the subject: expected ")
    assert "off by -1" in rows["faulty"]["why"]
    assert "trigger_ts is not that of" in rows["faulty"]["oracle"]["note"]

    def growth(implementation):
        memory = [float(r["uss_bytes"]) for r in series(tmp_path, f"keystroke-soak-1-{implementation}")]
        events = [float(r["events"]) for r in series(tmp_path, f"keystroke-soak-1-{implementation}")]
        return (memory[-1] - memory[0]) / (events[-1] - events[0])
    assert 15000 < growth("faulty") < 30000
    assert growth("python") < 5000
    assert "0 of 1 stretches count; **received by the subject: expected" in run.stdout


def test_an_event_that_is_not_sent_is_named_with_its_segment(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, seconds=1), "--drop-event", "10005")
    assert run.returncode == 4, run.stdout + run.stderr
    (row,) = results(tmp_path)["runs"]
    assert row["status"] == "void"
    assert row["why"].startswith("sent: expected ") and "first in segment 2, its event 5" in row["why"]


def start(tmp_path, path, rows):
    """A soak under way: its series has as many rows."""
    running = subprocess.Popen(command(tmp_path, path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=environment())
    deadline = time.monotonic() + 60
    while True:
        try:
            if len(series(tmp_path, "keystroke-soak-1-c")) >= rows:
                return running
        except OSError:
            pass
        assert running.poll() is None and time.monotonic() < deadline, running.communicate()
        time.sleep(0.02)


# One each: they take their time, and what the sanitizers look for is in the orderly end.
@pytest.mark.parametrize("how", [signal.SIGINT if VARIANT == "asan" else signal.SIGKILL])
def test_a_soak_that_was_ended_is_gone_on_with(tmp_path, nothing_left, how):  # noqa: F811
    path = scenario(tmp_path, seconds=1.6)
    running = start(tmp_path, path, 10)  # more than two segments of a third of a second
    running.send_signal(how)
    running.communicate(timeout=30)
    first = series(tmp_path, "keystroke-soak-1-c")
    (row,) = results(tmp_path)["runs"]
    assert row["status"] == ("ok" if how == signal.SIGINT else "unfinished"), row
    assert row["oracle"]["wrong"] == 0
    assert {line["state"] for line in row["ledger"]} - {"unavailable"} == {"closed"}
    run = bench(tmp_path, path, "--resume", "latest")
    assert run.returncode == 0, run.stdout + run.stderr
    assert series(tmp_path, "keystroke-soak-1-c") == first
    second = series(tmp_path, "keystroke-soak-2-c")
    booked = [r for r in first if row["books_until_s"] is None or float(r["elapsed_s"]) <= row["books_until_s"]]
    assert (len(booked) < len(first)) == (how == signal.SIGKILL)
    assert float(second[0]["elapsed_s"]) >= float(booked[-1]["elapsed_s"])
    assert float(second[-1]["elapsed_s"]) > 1.4
    data = results(tmp_path)
    assert data["session"]["complete"] and [r["id"] for r in data["runs"]] == [
        "keystroke-soak-1-c", "keystroke-soak-2-c"]
    assert "2 of 2 stretches count" in run.stdout
    again = bench(tmp_path, path, "--resume", "latest")
    assert again.returncode == 2 and "nothing is left of 1.6 s" in again.stderr
    report = (tmp_path / "out/latest/report.md").read_text()
    subprocess.run([BENCH, "report", "--out", tmp_path / "out"], check=True, capture_output=True)
    assert (tmp_path / "out/latest/report.md").read_text() == report


def test_a_soak_that_was_killed_before_its_books_is_gone_on_with(tmp_path, nothing_left):  # noqa: F811
    path = scenario(tmp_path, seconds=4)
    running = start(tmp_path, path, 1)  # the first segment takes 0.8 s more
    running.kill()
    running.communicate(timeout=30)
    folder = tmp_path / "out/latest/soak"
    # As of one that was killed while it started its subjects: no result knows it.
    (folder / "keystroke-soak-2-c.csv").write_text("")
    run = bench(tmp_path, path, "--resume", "latest", "--duration", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    first, second = results(tmp_path)["runs"]
    assert (first["id"], first["status"], first["ledger"]) == ("keystroke-soak-1-c", "unfinished", [])
    assert (second["id"], second["status"]) == ("keystroke-soak-3-c", "ok")
    assert (folder / "keystroke-soak-2-c.csv").read_text() == ""


def test_what_is_no_session_cannot_be_gone_on_with(tmp_path):
    run = bench(tmp_path, scenario(tmp_path), "--resume", "nowhere")
    assert run.returncode == 2 and "nowhere" in run.stderr


@pytest.mark.parametrize("more", [("--resume", "latest"), ("--duration", "2")])
@pytest.mark.parametrize("named", ["startup", "soak,startup"])
def test_only_a_soak_alone_goes_on_or_lasts(tmp_path, named, more):
    run = bench(tmp_path, named, *more)
    assert run.returncode == 2, run.stdout + run.stderr
    assert len(run.stderr.splitlines()) == 1 and "are of one scenario, a soak" in run.stderr
    assert not (tmp_path / "out").exists()
