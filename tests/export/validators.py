"""Reads exported files as the tools they are for read them: against schemas, grammars and real parsers.

Each function takes a path, raises when the file is not what the tool would take, and returns
what it read, so that a caller can compare values.
"""
import base64
import csv
import json
import math
import pathlib
import re
import struct
import subprocess
import xml.etree.ElementTree as xml
import zlib

import jsonschema
from prometheus_client.openmetrics import parser as openmetrics_parser

SCHEMAS = pathlib.Path(__file__).resolve().parent / "schemas"


def no_constant(text):
    raise ValueError(f"{text} is no JSON")


def no_twins(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a member stands twice in an object"
    return dict(pairs)


def load(path):
    """JSON as the strict readers take it: no NaN, no member twice."""
    return json.loads(path.read_bytes(), parse_constant=no_constant, object_pairs_hook=no_twins)


def valid(path, schema):
    data = load(path)
    rules = load(SCHEMAS / f"{schema}.schema.json")
    jsonschema.Draft7Validator.check_schema(rules)
    jsonschema.Draft7Validator(rules).validate(data)
    return data


def bencher(path):
    """{(benchmark, measure): metric}"""
    data = valid(path, "bencher")
    rows = {(name, measure): metric for name, metrics in data.items() for measure, metric in metrics.items()}
    for metric in rows.values():
        if "lower_value" in metric:
            assert metric["lower_value"] <= metric["value"] <= metric["upper_value"], metric
    return rows


def github(path):
    data = valid(path, "github")
    names = [row["name"] for row in data]
    assert len(names) == len(set(names))
    return {row["name"]: row for row in data}


def hyperfine(path):
    """What hyperfine's own scripts read, and that the statistics are those of the times."""
    rows = {row["command"]: row for row in valid(path, "hyperfine")["results"]}
    for row in rows.values():
        times = sorted(row["times"])
        assert math.isclose(row["mean"], sum(times) / len(times))
        assert (row["min"], row["max"]) == (times[0], times[-1])
        assert len(row["exit_codes"]) == len(times)
        assert (row["stddev"] is None) == (len(times) == 1)
        assert row["user"] > 0 and row["system"] == 0  # both modes together
    return rows


def pyperf(path):
    """What pyperf.BenchmarkSuite.load() checks: names that differ, metadata of runs that agree."""
    data = valid(path, "pyperf")
    rows = {}
    for benchmark in data["benchmarks"]:
        name = benchmark["metadata"]["name"]
        assert name not in rows
        rows[name] = [value for run in benchmark["runs"] for value in run["values"]]
        for run in benchmark["runs"]:
            assert not set(run.get("metadata", {})) & {"name", "unit", "hostname", "platform"}
    return rows


def google_benchmark(path):
    data = valid(path, "google-benchmark")
    rows = {}
    for row in data["benchmarks"]:
        rows.setdefault(row["run_name"], []).append(row)
    for name, group in rows.items():
        runs = [r for r in group if r["run_type"] == "iteration"]
        assert [r["repetition_index"] for r in runs] == list(range(len(runs)))
        assert {r["repetitions"] for r in group} == {len(runs)}
        assert [r["name"] for r in group if r["run_type"] == "aggregate"] == [name + "_median"]
        assert len({r["family_index"] for r in group}) == 1
    return rows


def go(path):
    """golang.org/x/perf/benchfmt: its three kinds of lines, and no other.  {name: {unit: [values]}}"""
    rows, units = {}, {}
    for line in path.read_text().split("\n")[:-1]:  # nothing else ends a line
        fields = line.split()
        if line.startswith("Benchmark"):
            name, count, *values = fields
            assert re.fullmatch(r"Benchmark[A-Z]\S*(/[a-z]+=\S+)*-[0-9]+", name), line
            assert int(count) > 0 and values and len(values) % 2 == 0, line
            for value, unit in zip(values[::2], values[1::2]):
                assert not re.search(r"[xXpP_]", value)  # no hexadecimal, no digit groups
                rows.setdefault(name, {}).setdefault(unit, []).append(float(value))
        elif fields[:1] == ["Unit"]:
            assert len(fields) == 3 and fields[2] in ("better=higher", "better=lower"), line
            assert fields[1] not in units, line
            units[fields[1]] = fields[2]
        else:
            assert re.fullmatch(r"[a-z][^\sA-Z:]*:( .*)?", line), line
    return rows


def asv(folder):
    """As asv.results and asv.benchmarks load them.  {benchmark: {column: value}}"""
    benchmarks = valid(folder / "benchmarks.json", "asv-benchmarks")
    machine_path, = folder.glob("*/machine.json")
    machine = valid(machine_path, "asv-machine")
    result_path, = (p for p in folder.glob("*/*.json") if p.name != "machine.json")
    results = valid(result_path, "asv-results")
    assert machine["machine"] == results["params"]["machine"] == machine_path.parent.name
    assert result_path.name == f"{results['commit_hash'][:8]}-{results['env_name']}.json"
    rows = {}
    for name, row in results["results"].items():
        rows[name] = columns = dict(zip(results["result_columns"], row))
        assert benchmarks[name]["name"] == name and benchmarks[name]["version"] == columns["version"]
        assert columns["stats_repeat"] == [len(columns["samples"][0])]
    assert set(benchmarks) - {"version"} == set(rows)
    return rows


def openmetrics(path):
    """Prometheus' own parser.  {family: {labels: value}}"""
    rows = {}
    for family in openmetrics_parser.text_string_to_metric_families(path.read_text()):
        assert family.type in ("gauge", "info") and family.documentation
        samples = rows.setdefault(family.name, {})
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in samples and sample.timestamp is not None
            samples[labels] = sample.value
    return rows


def junit(path):
    """libxml2 with the schema, and counts that are true.  {(class, name): outcome}"""
    run = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit.xsd", path],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    root = xml.parse(path).getroot()
    rows, failures = {}, 0
    for suite in root:
        cases = suite.findall("testcase")
        outcomes = [next((kind for kind in ("failure", "skipped") if case.find(kind) is not None), "passed")
                    for case in cases]
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == outcomes.count("failure")
        assert int(suite.get("skipped")) == outcomes.count("skipped")
        failures += outcomes.count("failure")
        for case, outcome in zip(cases, outcomes):
            rows[case.get("classname"), case.get("name")] = outcome
    assert int(root.get("failures")) == failures and int(root.get("tests")) == sum(int(s.get("tests")) for s in root)
    return rows


def leb128_zigzag(data):
    """HdrHistogram's ZigZagLEB128-64b9B: 7 bits a byte, the ninth has 8."""
    at = 0
    while at < len(data):
        value = shift = 0
        for i in range(9):
            byte = data[at]
            at += 1
            value |= (byte if i == 8 else byte & 0x7f) << shift
            shift += 7
            if i == 8 or not byte & 0x80:
                break
        yield value >> 1 ^ -(value & 1)


def hlog(path):
    """AbstractHistogram.decodeFromCompressedByteBuffer: {tag: number of samples}"""
    lines = path.read_text().splitlines()
    assert lines[0] == "#[Histogram log format version 1.2]"
    assert any(re.match(r"#\[StartTime: \d+\.\d{3} \(seconds since epoch\)", line) for line in lines)
    # HdrHistogram_c: comments of 127 bytes above the column names, none below
    names = lines.index('"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"')
    assert all(line.startswith("#") and len(line) < 127 for line in lines[:names])
    rows = {}
    for line in lines[names + 1:]:
        assert re.match(r"Tag=[^,\s]+,\d+\.\d{3},\d+\.\d{3},[1-9]\d*\.0,HISTF", line), line
        tag, _, _, _, text = line.split(",")
        packed = base64.b64decode(text, validate=True)
        cookie, size = struct.unpack(">ii", packed[:8])
        assert cookie & ~0xf0 == 0x1c849304 and size == len(packed) - 8
        plain = zlib.decompress(packed[8:])
        cookie, payload, _, digits, lowest, top, ratio = struct.unpack(">iiiiqqd", plain[:40])
        assert cookie & ~0xf0 == 0x1c849303 and payload == len(plain) - 40
        assert 1 <= digits <= 5 and lowest >= 1 and top > lowest and ratio == 1.0
        rows[tag[4:]] = sum(count for count in leb128_zigzag(plain[40:]) if count > 0)
    return rows


def hgrm(path):
    """Lines as HdrHistogram's plotter splits them: the number of samples."""
    lines = path.read_text().splitlines()
    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    rows = [[float(field) for field in line.split()] for line in lines[1:] if line and not line.startswith("#")]
    assert all(len(row) == 4 for row in rows) and rows == sorted(rows)
    return int(rows[-1][2])


def otava(folder):
    """otava.importer.CsvImporter with the tests of otava.yaml.  {metric: [values]}"""
    yaml = (folder / "otava.yaml").read_text().splitlines()
    assert yaml[0] == "tests:" and "    file: otava.csv" in yaml and "    time_column: time" in yaml
    metrics = {}
    for line in yaml[yaml.index("    metrics:") + 1:]:
        match = re.fullmatch(r'      (".*"): \{scale: 1, direction: (1|-1)\}', line)
        metrics[json.loads(match[1])] = int(match[2])
    with open(folder / "otava.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert len(header) == len(set(header)) and header[:4] == ["time", "session", "commit", "objections"]
    assert header[4:] == list(metrics) and all(len(row) == len(header) for row in rows)
    times = [row[0] for row in rows]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", time) for time in times)
    return {name: [float(row[i + 4]) for row in rows] for i, name in enumerate(metrics)}
