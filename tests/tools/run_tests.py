#!/usr/bin/python3
"""Run the test suites, show what fails, and count.

A suite is a function that yields (name, outcome, detail) with outcome one of
"pass", "fail", "skip".  The last line is `N passed, N failed, N skipped`; the
exit code is 1 when anything failed (or, with SKIPS_AS_FAILS=1, was skipped).
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"
CMOCKA_LINE = re.compile(r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\S+)$", re.M)
OUTCOMES = {"OK": "pass", "FAILED": "fail", "SKIPPED": "skip"}
SANITIZERS = {
    # A sanitizer's own exit code, so that no test takes it for the program's.
    "ASAN_OPTIONS": "abort_on_error=0:exitcode=99:detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:exitcode=99",
}


def make(*args, variant="release"):
    cmd = ["make", "--no-print-directory", f"-j{os.cpu_count()}", f"VARIANT={variant}", *args]
    return subprocess.run(cmd, cwd=ROOT, text=True, capture_output=True)


def variable(name, variant):
    return make("-s", f"print-{name}", variant=variant).stdout.split()


def build(variant, target="test-bins"):
    done = make(target, variant=variant)
    if done.returncode:
        yield f"build {target} ({variant})", "fail", (done.stdout + done.stderr)[-4000:]


def environment(variant):
    return {**os.environ, **SANITIZERS, "VARIANT": variant, "PYTHONDONTWRITEBYTECODE": "1"}


def cmocka(binaries, variant, seconds):
    """Each binary's tests; a crash or time-out is a failure of its own."""
    for binary in binaries:
        name = binary.split("/", 2)[2]
        try:
            run = subprocess.run([ROOT / binary], cwd=ROOT, capture_output=True, timeout=seconds,
                                 env=environment(variant), stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            yield f"{name} ({variant})", "fail", f"no end after {seconds} s"
            continue
        text = (run.stdout + run.stderr).decode(errors="replace")
        rows = {test: OUTCOMES[word] for word, test in CMOCKA_LINE.findall(text)}
        for test, outcome in rows.items():
            yield f"{name} {test} ({variant})", outcome, text[-3000:]
        failed = "fail" in rows.values()
        if (run.returncode and not failed) or not rows:
            yield f"{name} ({variant})", "fail", f"exit {run.returncode}\n{text[-3000:]}"


def pytest(folder, variant, seconds):
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        cmd = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report.name}", folder]
        try:
            run = subprocess.run(cmd, cwd=ROOT, capture_output=True, text=True, timeout=seconds,
                                 env=environment(variant), stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            yield f"{folder} ({variant})", "fail", f"no end after {seconds} s"
            return
        try:
            cases = list(xml.parse(report.name).iter("testcase"))
        except xml.ParseError:
            cases = []
        slow = sorted(((float(case.get("time", 0)), case.get("name")) for case in cases), reverse=True)[:5]
        print("   slowest: " + ", ".join(f"{name} {seconds:.0f} s" for seconds, name in slow), flush=True)
        for case in cases:
            kinds = {child.tag: child.get("message", "") + "\n" + (child.text or "") for child in case}
            outcome = "fail" if kinds.keys() & {"failure", "error"} else "skip" if "skipped" in kinds else "pass"
            yield f"{case.get('classname')} {case.get('name')} ({variant})", outcome, "\n".join(kinds.values())[-3000:]
        if run.returncode not in (0, 1) or not cases:
            yield f"{folder} ({variant})", "fail", f"exit {run.returncode}\n{run.stdout[-3000:]}{run.stderr[-2000:]}"


def command(name, cmd, seconds=300, **env):
    run = subprocess.run(cmd, cwd=ROOT, text=True, capture_output=True, timeout=seconds, env={**os.environ, **env})
    yield name, "fail" if run.returncode else "pass", (run.stdout + run.stderr)[-3000:]


def suite_checks(_variant):
    yield from command("layers: includes point downwards", [PYTHON, "tests/tools/check_layers.py"])
    yield from build("release", "all")
    yield from command("docs: the generated READMEs are current", [PYTHON, "tests/tools/generated_docs.py", "--check"])
    sources = [str(p.relative_to(ROOT)) for d in ("extractors", "harness", "tests") for p in sorted((ROOT / d).rglob("*.[ch]"))]
    yield from command("format: every source is in the house style", ["clang-format", "--dry-run", "-Werror", *sources])
    flags = [f for f in variable("STD", "release") + variable("WARN", "release") if f != "-Wno-format-truncation"]
    for compiler in ("gcc", "clang"):
        bad = []
        for header in make("-s", "list-headers").stdout.split():
            unit = f'#include "{header}"\ntypedef int not_empty;\n'
            run = subprocess.run([compiler, *flags, "-Werror", "-I.", "-Ibuild/release/gen", "-x", "c", "-fsyntax-only", "-"],
                                 input=unit, text=True, cwd=ROOT, capture_output=True)
            if run.returncode:
                bad.append(f"{header}:\n{run.stderr}")
        yield f"headers: each compiles alone ({compiler})", "fail" if bad else "pass", "\n".join(bad)[-3000:]
    with tempfile.TemporaryDirectory() as tmp:
        yield from command("clang: every program compiles without a warning",
                           ["make", "--no-print-directory", f"-j{os.cpu_count()}", "CC=clang", f"B={tmp}/clang", "all"], 900)


def suite_unit(variant):
    yield from build(variant)
    yield from cmocka(variable("UNIT_BINS", variant), variant, 300)


def suite_contract(variant):
    yield from build(variant)
    yield from pytest("tests/contract", variant, 900)


def suite_stats(variant):
    yield from build(variant)
    yield from pytest("tests/stats", variant, 300)


def suite_integration(variant):
    yield from build(variant)
    yield from cmocka(variable("INTEG_BINS", variant), variant, 600)
    yield from pytest("tests/integration", variant, 900)


def suite_browser(variant):
    yield from build(variant, "browser-bins")
    yield from pytest("tests/browser", variant, 300)


def suite_baseline(variant):
    yield from pytest("tests/baseline", variant, 600)


def suite_fuzz(_variant, seconds):
    yield from build("fuzz", "fuzz-bins")
    for binary in variable("FUZZ_BINS", "fuzz"):
        name = pathlib.Path(binary).name
        corpus = ROOT / "tests/fuzz/corpus" / name.removeprefix("fuzz_")
        with tempfile.TemporaryDirectory() as new:
            inputs = [new] + ([str(corpus)] if corpus.is_dir() else [])
            yield from command(f"{name}: {seconds} s without a finding",
                               [binary, f"-max_total_time={seconds}", "-verbosity=0", "-rss_limit_mb=2048",
                                f"-artifact_prefix={ROOT}/build/fuzz/", *inputs], seconds + 120)


# Suites that wait for servers and intervals most of the time: their variants run at once.
WAITING = {"integration"}


class Awaited:
    """The results of a suite that runs meanwhile."""

    def __init__(self, future):
        self.future = future

    def __iter__(self):
        return iter(self.future.result())


def suites(args):
    release, asan = ("release",), ("release", "asan")
    table = {
        "checks": (suite_checks, release),
        "unit": (suite_unit, asan),
        "contract": (suite_contract, asan),
        "stats": (suite_stats, asan),
        "baseline": (suite_baseline, release),
        "browser": (suite_browser, release),
        "integration": (suite_integration, asan),
        "fuzz": (lambda v: suite_fuzz(v, args.fuzz_seconds), release),
    }
    names = list(table) if "all" in args.suites else args.suites
    for name in names:
        run, variants = table[name]
        variants = [args.variant] if args.variant else variants
        if name in WAITING:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                done = [pool.submit(lambda v=v: list(run(v))) for v in variants]
                for variant, results in zip(variants, done):
                    yield name, variant, Awaited(results)
        else:
            for variant in variants:
                yield name, variant, run(variant)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="+", help="checks, unit, contract, stats, baseline, browser, integration, fuzz, or all")
    parser.add_argument("--variant", help="only this build variant (default: release, and asan where it applies)")
    parser.add_argument("--fuzz-seconds", type=int, default=5, help="for each fuzz target (default 5)")
    args = parser.parse_args()
    count = {"pass": 0, "fail": 0, "skip": 0}
    for name, variant, results in suites(args):
        start, before = time.monotonic(), dict(count)
        print(f"== {name} ({variant})", flush=True)
        for test, outcome, detail in results:
            count[outcome] += 1
            if outcome != "pass":
                print(f"{outcome.upper()} {test}\n{detail.rstrip()}", flush=True)
        print(f"   {count['pass'] - before['pass']} passed, {count['fail'] - before['fail']} failed, "
              f"{count['skip'] - before['skip']} skipped in {time.monotonic() - start:.0f} s", flush=True)
    print(f"{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
    skips_fail = os.environ.get("SKIPS_AS_FAILS") == "1" and count["skip"]
    sys.exit(bool(count["fail"] or skips_fail or not count["pass"]))


if __name__ == "__main__":
    main()
