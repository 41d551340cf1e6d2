"""`bench doctor` and what `bench run` makes of an unfit host, on this host.

One allowed core is unfit wherever the tests run; everything else depends on the host.
"""
import json
import os
import subprocess

from test_bench import BENCH, VARIANT, bench, command, nothing_left, results, scenario  # noqa: F401

VERDICTS = {"good", "usable", "unfit", "unavailable"}


def doctor(*args, prefix=()):
    return subprocess.run([*prefix, BENCH, "doctor", *args], capture_output=True, text=True, timeout=120)


def one_core():
    return "taskset", "-c", str(min(os.sched_getaffinity(0)))


def test_every_row_of_this_host_has_a_verdict_and_the_exit_code_is_their_sum():
    run = doctor("--json")
    data = json.loads(run.stdout)
    rows = {row["item"]: row for row in data["rows"]}
    assert run.returncode == (3 if any(r["verdict"] == "unfit" for r in rows.values()) else 0)
    assert data["verdict"] == ("unfit" if run.returncode else "fit")
    assert data["noise_score_pct"] > 0
    assert {r["verdict"] for r in rows.values()} <= VERDICTS and len(rows) >= 30
    assert all(r["found"] for r in rows.values())
    assert rows["Redis"]["found"].startswith("Redis server v=")
    assert f"{os.cpu_count()} online, {len(os.sched_getaffinity(0))} allowed" in rows["cores"]["found"]


def test_one_core_is_unfit_and_the_table_says_so():
    run = doctor(prefix=one_core())
    assert run.returncode == 3, run.stdout
    row = next(line for line in run.stdout.splitlines() if line.startswith("cores "))
    assert "unfit" in row and "1 allowed" in row
    assert "This host is unfit to measure" in run.stdout


def test_a_session_on_an_unfit_host_is_refused_or_marked(tmp_path, nothing_left):  # noqa: F811
    path = scenario(tmp_path)
    cmd = [*one_core(), *command(tmp_path, path)]
    run = subprocess.run(cmd, capture_output=True, text=True, timeout=120)
    assert run.returncode in (0, 4), run.stderr  # measured; on one core a run may well be void
    reason = results(tmp_path)["facts"]["unfit"]
    assert "cores: " in reason and "1 allowed" in reason
    assert run.stdout.index("**The host was unfit to measure: ") < run.stdout.index("- ")
    if VARIANT == "release":  # another variant is refused before, with exit 2
        cmd.remove("--anyway")
        run = subprocess.run(cmd, capture_output=True, text=True, timeout=120)
        assert run.returncode == 3
        assert "host unfit: cores: " in run.stderr
        assert run.stdout == ""


def test_a_session_says_what_the_noise_score_was(tmp_path, nothing_left):  # noqa: F811
    assert bench(tmp_path, scenario(tmp_path)).returncode == 0
    assert " % (bench doctor explains it)" in results(tmp_path)["facts"]["noise score"]
