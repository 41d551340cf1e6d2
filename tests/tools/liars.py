#!/usr/bin/python3
"""Subjects that lie, against every scenario: what becomes of each, as a matrix.

A liar is a real extractor behind subject_proxy (harness/selfcheck), which loses events, alters features, stops
reading or says READY=1 early.  Each cell is a session of its own; found means that every run of the liar is
void or failed, or that the checklist has a failed item of it, with the words that say why.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

COMMON = """[scenario]
kind = {kind}
extractors = {extractor}
compare = {compare}
database = {database}
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = {interval}
{subjects}
[quick]
pairs = 1
aa_pairs = {aa_pairs}
searches = 0
"""


class Scenario:
    """Small, and large enough that the 1,000th event is part of it wherever `drop` says so."""

    def __init__(self, keys, interval="0.1", compare="liar:c", database="none", aa_pairs=0, drop=1000, stop=500,
                 subjects=""):
        self.keys, self.interval, self.compare, self.database = keys, interval, compare, database
        self.aa_pairs, self.drop, self.stop, self.subjects = aa_pairs, drop, stop, subjects

    def text(self, kind, extractor):
        return COMMON.format(kind=kind, extractor=extractor, compare=self.compare, database=self.database,
                             interval=self.interval, aa_pairs=self.aa_pairs, subjects=self.subjects) + self.keys


SCENARIOS = {
    "startup": Scenario("", interval="5ms"),
    "memory": Scenario("idle_s = 0.1\nhuman_s = 0.5\nflood_s = 0\n"),
    "cpu": Scenario("idle_s = 0.1\nhuman_s = 0.2\nflood_s = 1.2\n"),
    "latency": Scenario("triggers = 40\nphases = alone-10pct\n", interval="3ms", subjects="window_s = 600\n"),
    "throughput": Scenario("drain_events = 3000\n"),
    # Its plans are shorter than 1,000 events.
    "integration": Scenario("", drop=50, stop=40, database="influxdb"),
    "tuning": Scenario("drain_events = 3000\nbuffer_sizes = 5000\n", interval="0.05", compare="liar:liar",
                       database="influxdb"),
    # 15 key and 60 mouse events a second: in two seconds no 1,000th.
    "soak": Scenario("soak_s = 2\n", drop=50, stop=40),
    "aa": Scenario("aa_drain_pairs = 1\ndrain_events = 3000\n", interval="50ms", compare="liar:liar", aa_pairs=1),
}

LIES = {
    "none": "",
    "ready early": "--claim-ready",
    "drops": "--drop-every {drop}",
    "drops and denies": "--drop-every {drop} --deny",
    "alters": "--alter any",
    "stops reading": "--stop-after {stop}",
}

SUBJECT = """[subject]
extractor = {extractor}
implementation = liar
command = ${{bin}}/subject_proxy {lie} -- ${{bin}}/{program}
readiness = notify
has_counters = yes
has_trace = yes
influx = yes
"""
PROGRAMS = {"keystroke": "keystroke_extractor", "mouse": "mouse_extractor", "app": "app_tracker"}


class Verdict:
    """What a session said of the liar."""

    def __init__(self, run, results):
        self.code, self.stderr, self.results = run.returncode, run.stderr, results
        self.report = run.stdout
        self.runs = [r for r in results["runs"] if r["implementation"].startswith("liar")]
        self.items = [i for i in results.get("items", []) if i["implementation"].startswith("liar") and i["outcome"] == "fail"]

    @property
    def found(self):
        bad = [r for r in self.runs if r["status"] in ("void", "failed")]
        return self.code in (1, 4) and bool(self.items or (self.runs and len(bad) == len(self.runs)))

    @property
    def why(self):
        words = [f"{i['item']}: {i['value']}" for i in self.items] + [r["why"] for r in self.runs if r.get("why")]
        return words[0] if words else ""


def session(kind, lie, folder, variant="release", extractor="keystroke"):
    """One cell of the matrix, in `folder`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scenario = SCENARIOS[kind]
    options = LIES[lie].format(drop=scenario.drop, stop=scenario.stop)
    (folder / "small.ini").write_text(scenario.text(kind, extractor))
    (folder / "liar.ini").write_text(SUBJECT.format(extractor=extractor, lie=options, program=PROGRAMS[extractor]))
    env = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL")}
    run = subprocess.run([ROOT / "build" / variant / "bin/bench", "run", "--anyway", "-q", "--scenario",
                          folder / "small.ini", "--subject", folder / "liar.ini", "--out", folder / "out"],
                         capture_output=True, text=True, timeout=240, env=env)
    results = folder / "out/latest/results.json"
    if not results.exists():
        raise RuntimeError(f"no session: exit {run.returncode}: {run.stderr}")
    return Verdict(run, json.loads(results.read_text()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", default="release")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--lie", choices=LIES, action="append")
    args = parser.parse_args()
    wrong = 0
    print("| scenario | lie | found | what was said |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="liars-") as folder:
        for kind in args.scenario or SCENARIOS:
            for lie in args.lie or LIES:
                try:
                    v = session(kind, lie, f"{folder}/{kind}-{lie.replace(' ', '-')}", args.variant)
                    found, why = v.found, v.why or f"exit {v.code}"
                except (RuntimeError, subprocess.TimeoutExpired) as e:
                    found, why = None, str(e)
                right = found is (lie != "none")
                wrong += not right
                print(f"| {kind} | {lie} | {'yes' if found else 'no'}{'' if right else ' (WRONG)'} | {why} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
