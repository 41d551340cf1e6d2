"""What is made of a session's raw data: the same bytes anywhere; and the schema of that data."""
import copy
import json
import os
import shutil
import subprocess

import pytest

import validate_json
from test_bench import BENCH, ROOT, bench

# One pair each of what has values, trials, histograms, timelines and a series.
SCENARIOS = {
    "throughput": "kind = throughput\ncompare = python:c null:c\ndatabase = none\n[quick]\npairs = 1\n"
                  "drain_events = 3000\nsearches = 1\nsearch_trials = 1\nhold_s = 0.3\n",
    "latency": "kind = latency\ncompare = relay:c\ndatabase = none\n[quick]\npairs = 1\ntriggers = 60\n"
               "phases = alone-10pct\n",
    "memory": "kind = memory\ncompare = null:c\ndatabase = none\n[quick]\npairs = 1\nidle_s = 0.1\nhuman_s = 0.2\n"
              "settle_s = 0.1\n",
    "soak": "kind = soak\ncompare = c:c\ndatabase = none\n[quick]\nsoak_s = 1\n",
}
COMMON = "[scenario]\nextractors = app\nsteal_limit_frac = 1\nforeign_limit_frac = 1\n"
SUBJECTS = "[subjects]\nwindow_s = 600\nupdate_interval_s = 5ms\n"

# Not made from anything: what the folder holds when the session has been measured.
RAW = ("results.json", "soak/*.csv", "timeline/*.csv", "*.ini")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The folder of a small session with a bit of everything."""
    folder = tmp_path_factory.mktemp("whole")
    paths = []
    for name, text in SCENARIOS.items():
        path = folder / f"{name}.ini"
        path.write_text(COMMON + text.replace("[quick]", SUBJECTS + "[quick]"))
        paths.append(str(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C")  # the other test has another one
        run = bench(folder, ",".join(paths))
    assert run.returncode == 0, run.stdout + run.stderr
    session = (folder / "out/latest").resolve()
    judge(session)
    return session


def judge(folder, **how):
    """What is made of a session besides its report; the exit code says what came out, not whether it could be made."""
    for verb in "checklist", "decide":
        run = subprocess.run([BENCH, verb, folder], capture_output=True, text=True, timeout=120, **how)
        assert run.returncode in (0, 1, 4) and run.stderr == "", run


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_output_is_made_again_elsewhere_to_the_byte(session, tmp_path):
    """Another folder, working directory, time zone, language, umask and home: only the raw data is the same."""
    copied = tmp_path / "copy of it"
    for pattern in RAW:
        for raw in session.glob(pattern):
            to = copied / raw.relative_to(session)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(raw, to)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gnuplot").write_text("set title 'mine'\nset decimalsign ','\n")
    env = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "HOME": str(home),
           "GNUTERM": "dumb"}
    how = {"env": env, "cwd": home, "preexec_fn": lambda: os.umask(0o077)}
    again = subprocess.run([BENCH, "report", "../copy of it"], capture_output=True, text=True, timeout=120, **how)
    assert again.returncode == 0, again.stderr
    judge("../copy of it", **how)
    before, after = files(session), files(copied)
    assert {"report.md", "report.html", "checklist.json", "decision.md", "runs-throughput.svg", "pairs-memory.png",
            "timeline-memory.svg", "latency.png", "soak.svg", "hist/latency-alone-10pct-app-c.response.hgrm"} <= before.keys()
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == []


def twisted(data):
    """(where, a copy with one thing wrong): a member too many, one too few, one of another type; each place once."""
    seen = set()

    def walk(node, path, place):
        if isinstance(node, list):
            for i, value in enumerate(node):
                if i == 0 or isinstance(value, dict):
                    yield from walk(value, (*path, i), place + "[]")
            return
        first = place not in seen
        seen.add(place)
        if isinstance(node, dict):
            if first:
                yield place + " and more", path, lambda n: n.update({"unheard of": 1})
                if not place.endswith(("facts", "metrics", "unavailable")):
                    for name in node.keys() - {"latency", "split"}:
                        yield f"{place} without {name}", path, lambda n, name=name: n.pop(name)
            for name, value in node.items():
                yield from walk(value, (*path, name), f"{place}/{name}")
        elif first:
            wrong = 7 if isinstance(node, str) else "a text"
            yield f"{place} = {wrong}", path[:-1], lambda n: n.__setitem__(path[-1], wrong)

    for where, path, change in walk(data, (), ""):
        whole = copy.deepcopy(data)
        node = whole
        for step in path:
            node = node[step]
        change(node)
        yield where, whole


def test_the_schema_refuses_whatever_is_not_as_it_is_written(session):
    data = json.loads((session / "results.json").read_text())
    checker = validate_json.validator(ROOT / "reports/results.schema.json")
    assert validate_json.errors(checker, data) == []
    # One of each kind says as much as all.
    data["runs"] = list({run["phase"]: run for run in data["runs"]}.values())
    for run in data["runs"]:
        del run["ledger"][1:]
        for samples in run.get("latency", {}).values():
            del samples[1:]
    cases = list(twisted(data))
    assert [where for where, whole in cases if checker.is_valid(whole)] == []
    assert len(cases) > 200
    assert {"/runs[]/latency without service_ns", "/trials[]/held = a text", "/session and more"} <= {c[0] for c in cases}
