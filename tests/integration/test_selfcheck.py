"""`bench selfcheck`: the knowns that take no time to measure, and its exit codes."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / os.environ.get("VARIANT", "release") / "bin"


def selfcheck(tmp_path, *more):
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    return subprocess.run([BIN / "bench", "selfcheck", "--anyway", "--quick", "-q", "--out", tmp_path / "out", *more],
                          capture_output=True, text=True, timeout=120, env=env)


def rows(text):
    cells = [[c.strip() for c in line.strip("| ").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in cells if row[0] != "what"}


def test_23_events_are_23_in_the_ledger_the_counters_and_the_probe(tmp_path):
    run = selfcheck(tmp_path, "--only", "counts")
    assert run.returncode == 0, run.stdout + run.stderr
    table = rows(run.stdout)
    assert len(table) == 3
    for row in table.values():
        assert row[0] == "exactly 23" and row[1] == "23" and row[4] == "ok"
    assert (tmp_path / "out/latest/selfcheck.md").read_text() in run.stdout


def test_every_altered_message_is_found(tmp_path):
    run = selfcheck(tmp_path, "--only", "altered")
    assert run.returncode == 0, run.stdout + run.stderr
    (row,) = rows(run.stdout).values()
    assert row[1] == f"{row[3]} found" and int(row[3]) >= 100 and row[4] == "ok"


def test_a_known_that_cannot_be_measured_is_exit_5_and_a_row(tmp_path):
    """The proxy is not there: build/VARIANT/bin holds everything else."""
    folder = tmp_path / "root/build/release/bin"
    folder.mkdir(parents=True)
    for name in ("harness", "scenarios", "baselines"):
        (tmp_path / "root" / name).symlink_to(ROOT / name)
    for program in BIN.iterdir():
        if program.name == "bench":
            os.link(program, folder / "bench")
        elif program.name != "subject_proxy":
            (folder / program.name).symlink_to(program)
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    run = subprocess.run([folder / "bench", "selfcheck", "--anyway", "--quick", "-q", "--only", "altered", "--out",
                          tmp_path / "out"], capture_output=True, text=True, timeout=120, env=env)
    assert run.returncode == 5, run.stdout + run.stderr
    row = rows(run.stdout)["altered"]
    assert row[4] == "WRONG" and "subject_proxy" in row[5]


def test_goals_measured_elsewhere_say_where(tmp_path):
    run = selfcheck(tmp_path, "--only", "elsewhere")
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(row[1].startswith("unavailable: ") for row in rows(run.stdout).values())


def test_wrong_usage_is_one_line_and_exit_2():
    run = subprocess.run([BIN / "bench", "selfcheck", "--anyway", "--quik"], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and "did you mean --quick?" in run.stderr
