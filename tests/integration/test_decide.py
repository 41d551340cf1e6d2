"""`bench decide` on sessions that were really measured: files, rules, and subjects that lie."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

import liars  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build" / os.environ.get("VARIANT", "release") / "bin" / "bench"
FILES = ["decision.ini", "decision.md", "decision.html", "decision.json"]

SCENARIO = """[scenario]
kind = throughput
extractors = keystroke
compare = c:liar
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.1
[quick]
pairs = 1
aa_pairs = 0
searches = 0
drain_events = 3000
"""

# Of a host that is busy with other tests nothing is asked but that what came out is right.
RULES = """[decision]
from = c
to = liar
[correct]
integration = ignored
[session]
accept_unfit_host = yes
[throughput]
scenario = small
"""


def decide(*args):
    return subprocess.run([BENCH, "decide", *args], capture_output=True, text=True, timeout=60)


def session(tmp_path, lie):
    (tmp_path / "small.ini").write_text(SCENARIO)
    (tmp_path / "rules.ini").write_text(RULES)
    (tmp_path / "liar.ini").write_text(liars.SUBJECT.format(
        extractor="keystroke", program="keystroke_extractor", lie=liars.LIES[lie].format(drop=1000, stop=500)))
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    run = subprocess.run([BENCH, "run", "--anyway", "-q", "--scenario", tmp_path / "small.ini", "--subject",
                          tmp_path / "liar.ini", "--out", tmp_path / "out"], capture_output=True, text=True,
                         timeout=120, env=env)
    assert (tmp_path / "out/latest/results.json").exists(), run.stderr
    return tmp_path / "out/latest"


def validated(folder):
    jsonschema = pytest.importorskip("jsonschema")
    decision = json.loads((folder / "decision.json").read_text())
    schema = json.loads((ROOT / "reports/decision.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(decision)
    return decision


@pytest.mark.parametrize("lie, verdict, rules", [
    ("alters", "keep", {"right"}),
    ("drops", "keep", {"right", "ledger"}),
    ("none", "undecided", {"measured"}),
])
def test_a_subject_that_lies_is_never_switched_to(tmp_path, lie, verdict, rules):
    folder = session(tmp_path, lie)
    run = decide("--out", tmp_path / "out", "--rules", tmp_path / "rules.ini")
    assert run.returncode == 0, run.stderr
    decision = validated(folder)
    keystroke = decision["extractors"][0]
    assert (keystroke["verdict"], keystroke["rule"]) == (verdict, keystroke["rule"])
    assert keystroke["rule"] in rules, keystroke
    assert decision["verdict"] == "undecided"  # two extractors were not measured
    assert (folder / "decision.md").read_text() in run.stdout
    if lie == "none":
        rules_stay_with_their_session(tmp_path, folder)


def rules_stay_with_their_session(tmp_path, folder):
    before = {name: (folder / name).read_bytes() for name in FILES}
    assert before["decision.ini"] == RULES.encode()
    run = decide("--out", tmp_path / "out")  # by its own copy
    assert run.returncode == 0, run.stderr
    assert {name: (folder / name).read_bytes() for name in FILES} == before

    (tmp_path / "bad.ini").write_text(RULES + "loss_frac = much\n")
    run = decide("--out", tmp_path / "out", "--rules", tmp_path / "bad.ini")
    assert run.returncode == 2
    assert f"{tmp_path}/bad.ini:10: loss_frac=much: must be a number from 0 to 1000" in run.stderr
    assert {name: (folder / name).read_bytes() for name in FILES} == before

    run = decide("--out", tmp_path / "out", "--rules", ROOT / "scenarios/decision.ini")
    assert run.returncode == 2 and "compares python and c in none of the metrics" in run.stderr


def test_no_session_is_one_line(tmp_path):
    run = decide("nowhere", "--out", tmp_path)
    assert run.returncode == 2 and len(run.stderr.splitlines()) == 1
