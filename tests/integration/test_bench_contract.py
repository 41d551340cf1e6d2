"""`bench run` of the scenarios `integration` and `tuning`: honest subjects pass, liars are named."""
import contextlib
import os
import subprocess

import pytest

from servers import Redis
from test_bench import ROOT, bench, command, nothing_left, results, subject  # noqa: F401

SCENARIO = """
[scenario]
kind = {kind}
extractors = {extractors}
compare = {compare}
database = {database}
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.1
"""

# The baseline, but for what it is told to lie about.
LIAR = """
import os, sys
sys.path.insert(0, "{root}/baselines/python")
from seclyzer import bus, daemon, notify, signals, wire
from seclyzer.main import main
lies = os.environ["LIES"].split()
publish, message_json, influx_line = bus.Bus.publish, wire.message_json, wire.influx_line
said = [0]

def message(feature):
    said[0] += 1
    text = message_json(feature)
    if "trace" in lies and feature.trace is None:
        text = text[:-1] + ',"trace":{{"events":1}}}}'
    if "member" in lies and said[0] % 5 == 0:
        text = text.replace('"total_keys":', '"total_keys":1')
    return text

if "channel" in lies:
    bus.Bus.publish = lambda self, channel, text: (publish(self, b"seclyzer:features:extra", text), publish(self, channel, text))
if "measurement" in lies:
    daemon.influx_line = lambda feature: influx_line(feature).replace("keystroke_features", "keystrokes", 1)
if "deaf" in lies:
    signals.Signals._on_stop = lambda self, signum, frame: None
if "watchdog" in lies:
    notify.Notifier.watchdog = lambda self: None
if "stopping" in lies:
    notify.Notifier.stopping = lambda self: None
daemon.message_json = message
sys.exit(main("keystroke"))
"""


def scenario(tmp_path, kind="integration", extractors="keystroke", compare="c:c", database="influxdb", more=""):
    path = tmp_path / f"{kind}.ini"
    path.write_text(SCENARIO.format(kind=kind, extractors=extractors, compare=compare, database=database) + more)
    return path


def liar(tmp_path, lies):
    program = tmp_path / "liar.py"
    program.write_text(LIAR.format(root=ROOT))
    return subject(tmp_path, f"command = /usr/bin/python3 {program}\nreadiness = notify\nhas_counters = yes\n"
                             f"has_trace = yes\ninflux = yes\n[environment]\nLIES = {lies}\n")


def items(tmp_path, outcome):
    """Name to value of the items with that outcome."""
    return {i["item"]: i["value"] for i in results(tmp_path)["items"] if i["outcome"] == outcome}


def test_c_and_python_keep_every_item_of_the_contract(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, extractors="keystroke mouse app", compare="python:c"))
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    assert not items(tmp_path, "fail")
    assert set(items(tmp_path, "unavailable")) == {"UPDATE_INTERVAL kept"}  # app has none
    subjects = {(i["extractor"], i["implementation"]) for i in data["items"]}
    assert subjects == {(e, i) for e in ("keystroke", "mouse", "app") for i in ("c", "python")}
    runs = {r["id"] for r in data["runs"]}
    assert all(i["run"] in runs for i in data["items"])
    assert all(r["status"] == "ok" for r in data["runs"]), data["runs"]
    assert "| exact members | pass | pass | pass | pass | pass | pass |" in run.stdout


def test_a_subject_that_lies_in_what_it_publishes_and_stores_is_named_item_by_item(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:theirs"), "--subject",
                liar(tmp_path, "channel member measurement watchdog stopping"))
    assert run.returncode == 4
    failed = items(tmp_path, "fail")
    assert failed["no other channel"] == "traced: a message on seclyzer:features:extra"
    assert "total_keys: got 1" in failed["member values"]
    assert failed["measurement"] == "the database has keystrokes, expected keystroke_features"
    assert failed["points = messages"].startswith("0 points in keystroke_features")
    assert failed["watchdog"] == "WATCHDOG=1 came 0 times, expected 3"
    assert failed["STOPPING=1 in order"] == "no STOPPING=1"
    assert "own channel, every message" not in failed and "end on SIGTERM" not in failed
    assert "**FAIL**" in run.stdout and "- measurement, keystroke theirs: the database has keystrokes" in run.stdout


def test_a_subject_that_does_not_end_and_traces_unasked_is_named(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:theirs", database="none"), "--subject",
                liar(tmp_path, "deaf trace"))
    assert run.returncode == 4
    failed = items(tmp_path, "fail")
    assert "after SIGTERM" in failed["end on SIGTERM"]
    assert failed["no trace unasked"].startswith('plain, message 1: trace is {"events":1}')
    assert items(tmp_path, "unavailable")["tags"] == "the scenario has no database"


def test_a_subject_that_is_never_ready_fails_that_item_and_its_visits(tmp_path, nothing_left):  # noqa: F811
    theirs = subject(tmp_path, "command = /usr/bin/sleep 2\nreadiness = notify\nready_timeout = 200ms\n")
    run = bench(tmp_path, scenario(tmp_path, compare="theirs:theirs", database="none"), "--subject", theirs)
    assert run.returncode == 4
    assert items(tmp_path, "fail")["ready when subscribed"] == "it never said READY=1"
    assert "could not be made" in items(tmp_path, "unavailable")["valid JSON"]
    assert {r["status"] for r in results(tmp_path)["runs"] if r["phase"] != "commands"} == {"failed"}


def test_strangers_on_a_shared_redis_keep_their_connections(tmp_path, folder, closing, nothing_left):  # noqa: F811
    redis = Redis(folder)
    closing.callback(redis.kill)
    redis.start()
    env = {k: v for k, v in os.environ.items() if k != "INFLUX_URL"} | {"REDIS_URL": f"unix://{redis.socket}"}
    strangers = []
    with open(tmp_path / "said", "w") as said:
        run = subprocess.Popen(command(tmp_path, scenario(tmp_path, database="none")), stdout=said, stderr=said, env=env)
    closing.callback(run.wait)
    while run.returncode is None:  # in every visit some come after the subject
        strangers.append(redis.link())
        closing.callback(strangers[-1].close)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(timeout=0.1)
    assert run.returncode == 0, (tmp_path / "said").read_text()
    assert len(strangers) > 1 and all(s.call("PING") == b"PONG" for s in strangers)
    told = items(tmp_path, "unavailable")
    assert {i for i, why in told.items() if why.startswith("its connections were not cut: this Redis is not private")} == {
        "features after lost connections", "lost connections counted", "lost connections in the log"}
    assert told["end on SIGTERM"] == "visit `away` could not be made: the scenario has no database"


TUNING = """
[quick]
pairs = 1
aa_pairs = 1
drain_events = 3000
store_events = 200
batch_sizes = 20
pool_sizes = 3
builds = {builds}
"""


def test_a_value_is_set_against_the_default_and_what_cannot_be_built_says_why(tmp_path, nothing_left):  # noqa: F811
    theirs = subject(tmp_path, "command = /usr/bin/python3 ${root}/baselines/python/keystroke_extractor\n"
                               "readiness = notify\nhas_counters = yes\nhas_trace = yes\ninflux = yes\n")
    path = scenario(tmp_path, "tuning", compare="theirs:theirs", more=TUNING.format(builds="O3"))
    run = bench(tmp_path, path, "--subject", theirs)
    assert run.returncode == 0, run.stdout + run.stderr
    data = results(tmp_path)
    assert {r["status"] for r in data["runs"]} == {"ok"}
    assert {(s["parameter"], s["value"], s["reference"]) for s in data["settings"]} == {
        ("INFLUX_BATCH_SIZE", "20", "50"), ("REDIS_POOL_SIZE", "3", "1"), ("build", "O3", "O2")}
    batch = [r for r in data["runs"] if r["phase"] == "theirs batch"]
    assert {r["implementation"] for r in batch} == {"theirs+batch=20", "theirs+batch=50"}
    assert all(r["metrics"]["stored_points_per_s"] > 0 for r in batch)
    assert "INFLUX_BATCH_SIZE=20" in data["facts"]["subject theirs+batch=20-keystroke"]
    assert "keystroke theirs: keep the default: undecided (50)" in run.stdout
    assert "its program is not one that the Makefile builds" in run.stdout


@pytest.mark.parametrize("more, expected", [
    ("[quick]\nbuilds = O9\n", "builds=O9: must be some of O2, O3, Os, lto, native, clang"),
    ("[quick]\npool_sizes = two\n", "REDIS_POOL_SIZE=two: must be whole numbers"),
])
def test_a_value_that_makes_no_sense_is_a_usage_error(tmp_path, nothing_left, more, expected):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, "tuning", database="none", more=more))
    assert run.returncode == 2
    assert expected in run.stderr


# A liar costs seconds of waiting for what does not come; what is judged of it is a unit test, which runs under asan.
if os.environ.get("VARIANT") == "asan":
    del test_a_subject_that_lies_in_what_it_publishes_and_stores_is_named_item_by_item
    del test_a_subject_that_does_not_end_and_traces_unasked_is_named
