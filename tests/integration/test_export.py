"""`bench export`: a real session, and one whose texts mean harm, read as other tools read them."""
import json
import math
import os
import pathlib
import re
import subprocess
import sys

import pytest

import servers
from support import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build" / os.environ.get("VARIANT", "release") / "bin" / "bench"
sys.path.insert(0, str(ROOT / "tests" / "export"))

import validators  # noqa: E402

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = "\"'<&>|]]>\n\r\t\x01\x7f\\,;= /%{}# é\u2028\ufffe😀" + 40 * "x"
SECRETS = ("INFLUX_USER", "INFLUX_PASSWORD", "INFLUX_TOKEN")
WRITER = "ada", "pass word&=#"

COMMON = """
extractors = app
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 0.1
[quick]
aa_pairs = 0
"""
THROUGHPUT = "[scenario]\nkind = throughput\ncompare = null:c\n" + COMMON + """
pairs = 2
drain_events = 2000
searches = 0
"""
LATENCY = "[scenario]\nkind = latency\ncompare = relay:c\n" + COMMON.replace("0.1", "0.002") + """
pairs = 1
triggers = 40
phases = alone-10pct
"""

STARTUP = "[scenario]\nkind = startup\ncompare = null:c\n" + COMMON.replace("0.1", "0.005") + """
pairs = 2
"""


def clean_environment(**more):
    return {**{k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "INFLUX_URL", *SECRETS)}, **more}


def export(*arguments, code=0, **environment):
    run = subprocess.run([BENCH, "export", *arguments], capture_output=True, text=True, timeout=60,
                         env=clean_environment(**environment))
    assert run.returncode == code, run.stdout + run.stderr
    return run


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A small real one; its commit is made up where the sources have none."""
    tmp_path = tmp_path_factory.mktemp("session")
    scenarios = {"drain": THROUGHPUT, "delay": LATENCY, "start": STARTUP}
    for name, text in scenarios.items():
        (tmp_path / f"{name}.ini").write_text(text)
    files = ",".join(f"{tmp_path}/{name}.ini" for name in scenarios)
    run = subprocess.run([BENCH, "run", "--anyway", "--scenario", files, "--out", tmp_path / "out"],
                         capture_output=True, text=True, timeout=120, env=clean_environment())
    assert run.returncode == 0, run.stdout + run.stderr
    data = json.loads((tmp_path / "out/latest/results.json").read_text())
    data["facts"].update({"build.commit": COMMIT[:12], "git.commit": COMMIT, "git.state": "clean"})
    data["facts"].pop("unfit", None)  # of the host that the tests are run on
    return saved(tmp_path / "measured", data)


def saved(folder, data):
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(data))
    return folder


@pytest.fixture(scope="module")
def hostile(session):
    """The same with every text that is free to be one turned against the readers, and a void run."""
    data = json.loads((session / "results.json").read_text())
    data["facts"] = {**{key: HOSTILE for key in data["facts"]}, "build.commit": COMMIT[:12], "unfit": HOSTILE}
    data["session"]["profile"] = "q\"<,=\n "
    void = next(run for run in data["runs"] if run["implementation"] == "c" and run["phase"] == "drain")
    void.update(status="void", why=HOSTILE)
    void["metrics"]["cpu_ns_per_event"] = 987654321
    void["oracle"]["note"] = HOSTILE
    data["items"] = [{"scenario": "integration", "extractor": "app", "implementation": "c", "item": outcome + HOSTILE[:30],
                      "what": HOSTILE[:60], "outcome": outcome, "value": HOSTILE, "run": void["id"]}
                     for outcome in ("pass", "fail", "unavailable")]
    return saved(session.parent / "hostile", data)


@pytest.fixture(scope="module", params=["session", "hostile"])
def files(request):
    """All formats of it in a folder."""
    folder = request.getfixturevalue(request.param)
    run = export(folder, "--format", "all")
    return folder / "export", run.stderr


def test_every_format_is_what_its_tool_reads_and_all_say_the_same(files):
    folder, said = files
    metrics = validators.bencher(folder / "bencher.json")
    smaller, bigger = (validators.github(folder / f"github-{d}.json") for d in ("smaller", "bigger"))
    assert not smaller.keys() & bigger.keys()
    values = {f"{group}/{key}": metric for (group, key), metric in metrics.items()}
    assert all(values[name]["value"] == row["value"] for name, row in {**smaller, **bigger}.items())

    cpu = "drain/drain/app/c/cpu_ns_per_event"
    pyperf = validators.pyperf(folder / "pyperf.json")
    hyperfine = validators.hyperfine(folder / "hyperfine.json")
    # runs of other scenarios get ready, too, with no CPU time until then
    assert hyperfine.keys() == {name for name in values if re.match("start/.*/ready_ms$", name)} != set()
    for name, row in hyperfine.items():
        assert row["times"] == pyperf[name]
        assert math.isclose(row["user"] * 1e3, values[name.replace("ready_ms", "exec_cpu_ms")]["value"])
    assert re.search(rf"hyperfine: exported {len(hyperfine)} values; .*, [1-9][0-9]* that have no place in it", said)
    times = pyperf[cpu]
    google = validators.google_benchmark(folder / "google-benchmark.json")[cpu]
    assert [row["real_time"] / 1e9 for row in google if row["run_type"] == "iteration"] == times
    go = validators.go(folder / "benchmark.txt")
    lines = go["BenchmarkSeclyzer/scenario=drain/phase=drain/extractor=app/impl=c-1"]["cpu_ns_per_event"]
    assert [value / 1e9 for value in lines] == times
    asv = validators.asv(folder / "asv")
    assert asv[cpu.replace("/", ".")]["samples"] == [lines]
    assert asv[cpu.replace("/", ".")]["result"] == [values[cpu]["value"]]

    families = validators.openmetrics(folder / "openmetrics.txt")
    labels = {"scenario": "drain", "phase": "drain", "extractor": "app", "implementation": "c", "estimate": "value"}
    assert families["seclyzer_cpu_per_event_seconds"][tuple(sorted(labels.items()))] == values[cpu]["value"] / 1e9
    otava = validators.otava(folder / "otava")
    assert otava[cpu] == [values[cpu]["value"]] and otava.keys() == smaller.keys() | bigger.keys()

    counts = validators.hlog(folder / "latency.hlog")
    assert counts == {f"delay/alone-10pct/app/{who}/{time}": 40 for who in ("relay", "c")
                      for time in ("response", "service")}
    for who in ("relay", "c"):
        assert validators.hgrm(folder / f"hgrm/delay-alone-10pct-app-{who}.response.hgrm") == 40
    assert f"bencher: exported {len(metrics)} values" in said
    assert all(b"987654321" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_junit_fails_the_void_run_the_item_and_the_unfit_session(session, hostile):
    for folder, failures in ((session, 0), (hostile, 3)):
        path = folder / "junit.xml"
        said = export(folder, "--format", "junit", "--out", path).stderr
        cases = validators.junit(path)
        failed = [case for case, outcome in cases.items() if outcome == "failure"]
        runs = json.loads((folder / "results.json").read_text())["runs"]
        assert {name for kind, name in cases if kind.startswith("runs.")} == {run["id"] for run in runs}
        assert ("1 void" in said) == bool(failures)
        assert len([kind for kind, _ in failed if not kind.startswith("verdicts")]) == failures


def test_a_dirty_build_and_an_unfit_or_incomplete_session_are_told(session, tmp_path):
    data = json.loads((session / "results.json").read_text())
    data["facts"] |= {"build.commit": COMMIT[:12] + "-dirty", "unfit": "cores: 1 allowed"}
    data["session"] |= {"complete": False, "stopped_by": "SIGTERM"}
    folder = saved(tmp_path / "against", data)
    words = ": not for decisions: unfit: cores: 1 allowed; incomplete: SIGTERM\n"
    run = export(folder, "--format", "all")
    assert run.stderr.count(words) == 1 and "asv: its files are named after the commit, and the build or" in run.stderr
    assert not (folder / "export/asv").exists()
    head = f"\ncommit: {COMMIT}-dirty\nunfit: cores: 1 allowed\nincomplete: SIGTERM\n"
    assert head in export(folder, "--format", "go").stdout
    refused = export(folder, "--format", "asv", code=2)
    assert refused.stderr.count("\n") == 2 and words in refused.stderr
    assert words not in export(session, "--format", "go").stderr


def test_the_same_session_gives_the_same_bytes_to_a_file_and_to_standard_output(session, tmp_path):
    for name, file in (("bencher", "bencher.json"), ("junit", "junit.xml"), ("line-protocol", "line-protocol.txt")):
        text = export(session, "--format", name).stdout
        export(session, "--format", name, "--out", tmp_path / file)
        assert (tmp_path / file).read_bytes().decode() == text
    assert not list(tmp_path.glob(".*.new"))


def test_otava_has_a_row_for_each_of_several_sessions(session, hostile, tmp_path):
    export(session, hostile, "--format", "otava", "--out", tmp_path)
    rows = validators.otava(tmp_path / "otava")
    assert all(len(values) == 2 for values in rows.values())


@pytest.mark.parametrize("arguments, words", [
    ([], "export wants --format NAME"),
    (["--format", "benchr"], "--format benchr: unknown"),
    (["--format", "asv", "--out", "-"], "--out wants a folder"),
    (["/nowhere/a", "/nowhere/b", "--format", "go"], "go takes one session"),
    (["/nowhere/a", "--format", "go"], "/nowhere/a/results.json: No such file"),
    (["--push", "http://ada:geheim@localhost", "--format", "go"], "--push sends line-protocol"),
    (["--push", "localhost:8086"], "not an address like http://host:8086"),
])
def test_a_wrong_call_is_one_line_and_exit_2(arguments, words, session):
    run = export(*([session] if words.startswith(("--", "not")) else []), *arguments, code=2)
    assert words in run.stderr and run.stderr.count("\n") == 1 and run.stdout == ""
    assert "geheim" not in run.stderr


def test_the_list_names_every_format(session):
    names = [line.split()[0] for line in export("--format", "list").stdout.splitlines()]
    assert len(names) == len(set(names)) == 14
    assert {"bencher", "hyperfine", "junit", "otava", "line-protocol"} <= set(names)


@pytest.fixture(scope="module")
def influx(tmp_path_factory):
    server = servers.Influx(tmp_path_factory.mktemp("influx"), users=True)
    try:
        server.start(database=None)
        server.query(f"CREATE USER {WRITER[0]} WITH PASSWORD '{WRITER[1]}' WITH ALL PRIVILEGES")
        server.credentials = WRITER
        server.query('CREATE DATABASE "seclyzer_bench"')
        yield server
    finally:
        server.kill()


def test_pushed_points_are_in_the_database_with_their_values(influx, hostile):
    secret = {"INFLUX_USER": WRITER[0], "INFLUX_PASSWORD": WRITER[1]}
    for _ in range(2):  # the same points again change nothing
        run = export(hostile, "--push", influx.url, **secret)
    lines = export(hostile, "--format", "line-protocol").stdout.split("\n")[:-1]  # U+2028 ends none
    rows = influx.query('SELECT * FROM "seclyzer_bench" GROUP BY *', "seclyzer_bench")
    runs = influx.query('SELECT * FROM "seclyzer_bench_run" GROUP BY *', "seclyzer_bench")
    assert len(rows) + len(runs) == len(lines)
    assert f'{len(lines)} points are in the database "seclyzer_bench"' in run.stderr
    export(hostile, "--format", "bencher", "--out", hostile / "pushed.json")
    metrics = validators.bencher(hostile / "pushed.json")
    found = {("/".join((r["scenario"], r["phase"], r["extractor"], r["implementation"])), r["metric"]): r for r in rows}
    assert found.keys() == metrics.keys()
    for key, metric in metrics.items():
        assert found[key]["value"] == metric["value"] and found[key]["low"] == metric.get("lower_value")
    raw = {run["id"]: run for run in json.loads((hostile / "results.json").read_text())["runs"]}
    for row in runs:
        assert raw[row["run"]]["status"] == "ok"
        for key, value in raw[row["run"]]["metrics"].items():
            assert row[key] == value


def test_more_points_than_a_request_holds_are_pushed_whole(influx, session):
    data = json.loads((session / "results.json").read_text())
    run = next(run for run in data["runs"] if run["implementation"] == "c" and run["phase"] == "drain")
    more = [{**run, "id": f"more-{i}", "phase": "more", "comparison": -1, "pair": -1, "ledger": []} for i in range(400)]
    folder = saved(session.parent / "more", {**data, "runs": data["runs"] + more})
    influx.query('CREATE DATABASE "more"')
    export(folder, "--push", influx.url, "--db", "more", INFLUX_USER=WRITER[0], INFLUX_PASSWORD=WRITER[1])
    counted, = influx.query("SELECT COUNT(cpu_ns_per_event) FROM seclyzer_bench_run WHERE phase = 'more'", "more")
    assert counted["count"] == len(more)


def test_a_refused_push_says_why_and_never_the_password(influx, session):
    run = export(session, "--push", influx.url, code=2, INFLUX_USER=WRITER[0], INFLUX_PASSWORD="geheim")
    assert "HTTP 401" in run.stderr and run.stderr.count("\n") == 1
    assert "geheim" not in run.stdout + run.stderr
    run = export(session, "--push", influx.url, "--db", "not there", code=2, INFLUX_USER=WRITER[0],
                 INFLUX_PASSWORD=WRITER[1])
    assert "database not found" in run.stderr and run.stderr.count("\n") == 1
    assert WRITER[1] not in run.stderr
    run = export(session, "--push", influx.url.replace("//", "//ada:geheim@"), code=2)
    assert "no user in the address" in run.stderr and "geheim" not in run.stderr


def test_a_database_that_does_not_answer_is_one_line(session):
    run = export(session, "--push", f"http://127.0.0.1:{free_port()}", code=2)
    assert run.stderr.count("\n") == 1 and "/ping: " in run.stderr
