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
kind = {kind}
extractors = keystroke
compare = {compare}
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = {interval}
[quick]
pairs = 1
aa_pairs = 0
searches = 0
drain_events = 3000
"""

# Of a host that is busy with other tests nothing is asked but that what came out is right.
RULES = """[decision]
from = {old}
to = {new}
[correct]
integration = ignored
[session]
accept_unfit_host = yes
[startup]
scenario = small
[throughput]
scenario = small
"""


def decide(*args):
    return subprocess.run([BENCH, "decide", *args], capture_output=True, text=True, timeout=60)


def session(folder, lie, compare, kind, interval):
    """Measured; the folder has rules for each comparison.  Returns where sessions are."""
    (folder / "small.ini").write_text(SCENARIO.format(compare=compare, kind=kind, interval=interval))
    (folder / "liar.ini").write_text(liars.SUBJECT.format(
        extractor="keystroke", program="keystroke_extractor", lie=liars.LIES[lie].format(drop=1000, stop=500)))
    for words in compare.split():
        old, new = words.split(":")
        (folder / f"rules-{new}.ini").write_text(RULES.format(old=old, new=new))
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    run = subprocess.run([BENCH, "run", "--anyway", "-q", "--scenario", folder / "small.ini", "--subject",
                          folder / "liar.ini", "--out", folder / "out"], capture_output=True, text=True,
                         timeout=120, env=env)
    assert (folder / "out/latest/results.json").exists(), run.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return session(tmp_path_factory.mktemp("decide"), "alters", "python:c c:liar", "throughput", "0.1")


def validated(folder):
    jsonschema = pytest.importorskip("jsonschema")
    decision = json.loads((folder / "decision.json").read_text())
    schema = json.loads((ROOT / "reports/decision.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(decision)
    return decision


def judged(out, new):
    run = decide("--out", out, "--rules", out.parent / f"rules-{new}.ini")
    assert run.returncode == 0 and not run.stderr, run.stderr
    decision = validated(out / "latest")
    assert decision["verdict"] == "undecided"  # two extractors were not measured
    assert (out / "latest/decision.md").read_text() in run.stdout
    keystroke = decision["extractors"][0]
    return keystroke["verdict"], keystroke["rule"]


def test_a_subject_that_alters_features_is_not_switched_to(out):
    assert judged(out, "liar") == ("keep", "right")


def test_one_pair_decides_nothing(out):
    assert judged(out, "c") == ("undecided", "measured")


def test_a_subject_that_loses_events_is_not_switched_to(tmp_path):
    # Start-up, where nobody waits long for what does not come.
    verdict, rule = judged(session(tmp_path, "stops reading", "c:liar", "startup", "5ms"), "liar")
    assert verdict == "keep" and rule in ("right", "ledger")


def files(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_rules_stay_with_their_session(out, tmp_path):
    rules = out.parent / "rules-c.ini"
    assert decide("--out", out, "--rules", rules).returncode == 0
    before = files(out / "latest")
    assert before["decision.ini"] == rules.read_bytes()
    run = decide("--out", out)  # by its own copy
    assert run.returncode == 0, run.stderr
    assert f"\njudged by: {out}/latest/decision.ini\n" in run.stdout
    assert "which differs from scenarios/decision.ini; --rules scenarios/decision.ini judges by that" in run.stderr
    assert files(out / "latest") == before

    (tmp_path / "bad.ini").write_text(rules.read_text() + "loss_frac = much\n")
    run = decide("--out", out, "--rules", tmp_path / "bad.ini")
    assert run.returncode == 2
    assert f"{tmp_path}/bad.ini:12: loss_frac=much: must be a number from 0 to 1000" in run.stderr
    assert files(out / "latest") == before

    run = decide("--out", out, "--rules", ROOT / "scenarios/decision.ini")
    assert run.returncode == 2 and "compares python and c in none of the metrics" in run.stderr


def test_no_session_is_one_line(tmp_path):
    run = decide("nowhere", "--out", tmp_path)
    assert run.returncode == 2 and len(run.stderr.splitlines()) == 1
