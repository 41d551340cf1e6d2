#!/usr/bin/python3
"""Give a session's exports to the tools that they are for, as far as those are installed.

The tests read every format by its schema or a small parser (tests/export/); here the tools
themselves do, which are too large for that.  One line a tool: what it said, or that it is not
there.  Exit code 1 when one refuses.

    export_check.py [SESSION]      a folder or an ID; the latest without
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/release/bin/bench"
PYTHON = "/usr/bin/python3"
HDR = """
const hdr = require("hdr-histogram-js"), fs = require("fs");
const lines = fs.readFileSync(process.argv[1], "utf8").split("\\n").filter(l => l.startsWith("Tag="));
const n = lines.map(l => hdr.decodeFromCompressedBase64(l.split(",")[4]).totalCount);
console.log(`${lines.length} histograms of ${n.reduce((a, b) => a + b, 0)} samples`);
if (!lines.length || n.includes(0)) process.exit(1);
"""


def installed(program):
    return shutil.which(program) is not None


def module(name):
    return subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True).returncode == 0


def compare_py():
    return next((str(p) for pattern in ("share/**/compare.py", "lib/**/compare.py")
                 for p in pathlib.Path("/usr").glob(pattern) if (p.parent / "gbench").is_dir()), None)


def tools(folder, scratch):
    """(name, how to get it, is it there, command)"""
    compare = compare_py()
    google = folder / "google-benchmark.json"
    yield ("promtool (OpenMetrics)", "apt install prometheus", installed("promtool"),
           ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "openmetrics.txt", scratch / "tsdb"])
    yield ("google/benchmark's compare.py", "apt install libbenchmark-tools", compare,
           [PYTHON, compare, "--no-color", "benchmarks", google, google])
    yield ("hdr-histogram-js (.hlog)", f"npm install --prefix {ROOT}/build/npm hdr-histogram-js",
           installed("node") and (ROOT / "build/npm/node_modules/hdr-histogram-js").is_dir(),
           ["env", f"NODE_PATH={ROOT}/build/npm/node_modules", "node", "-e", HDR, folder / "latency.hlog"])
    yield ("junitparser (JUnit XML)", "apt install python3-junitparser", module("junitparser"),
           [PYTHON, "-c", "import junitparser, sys; x = junitparser.JUnitXml.fromfile(sys.argv[1]); "
            "print(x.tests, 'tests', x.failures, 'failures'); assert x.tests == sum(len(s) for s in x)",
            folder / "junit.xml"])
    yield ("pyperf", "pip install pyperf", module("pyperf"), [PYTHON, "-m", "pyperf", "show", folder / "pyperf.json"])
    yield ("benchstat (Go)", "go install golang.org/x/perf/cmd/benchstat", installed("benchstat"),
           ["benchstat", "-col", "/impl", folder / "benchmark.txt"])
    yield ("Apache Otava", "pip install apache-otava", installed("otava"),
           ["env", "-C", folder / "otava", "OTAVA_CONFIG=otava.yaml", "otava", "list-metrics", "seclyzer"])
    yield ("bencher", "the bencher CLI", installed("bencher"),
           ["bencher", "run", "--dry-run", "--adapter", "json", "--file", folder / "bencher.json"])


def main():
    session = sys.argv[1] if len(sys.argv) > 1 else "latest"
    refused = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        subprocess.run([BENCH, "export", session, "--format", "all", "--out", scratch / "export"], check=True)
        for name, how, is_there, command in tools(scratch / "export", scratch):
            if not is_there:
                print(f"{name}: unavailable: not installed ({how})")
                continue
            run = subprocess.run(command, capture_output=True, text=True, timeout=300)
            words = (run.stdout if run.returncode == 0 else run.stdout + run.stderr).strip().splitlines() or [""]
            print(f"{name}: {'read' if run.returncode == 0 else 'REFUSED'}, {len(words)} lines: {words[-1][:100]}")
            refused += run.returncode != 0
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
