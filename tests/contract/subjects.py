"""The programs that test_contract.py compares, and how they are run: offline, each in an empty folder."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANT = os.environ.get("VARIANT", "release")
BUILD = ROOT / "build" / VARIANT
PYTHON = "/usr/bin/python3"
PROGRAMS = {"keystroke": "keystroke_extractor", "mouse": "mouse_extractor", "app": "app_tracker"}
SUBJECTS = {"C": BUILD / "bin", "Python": ROOT / "baselines" / "python"}
MAX_BUFFER = {"keystroke": 10000, "mouse": 50000, "app": 1000}
KEPT_ENVIRONMENT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
DEADLINE_S = 300
counted = {}  # what was compared: how many


def count(what, n):
    counted[what] = counted.get(what, 0) + n


def path_of(subject, kind):
    path = SUBJECTS[subject] / PROGRAMS[kind]
    if not path.exists():
        pytest.fail(f"{path.relative_to(ROOT)}: not there; `make VARIANT={VARIANT} test-bins` builds the C programs", pytrace=False)
    return path


def oracle(name):
    path = BUILD / "contract" / name
    if not path.exists():
        pytest.fail(f"{path.relative_to(ROOT)}: not there; `make VARIANT={VARIANT} test-bins` builds it", pytrace=False)
    return path


class Run:
    """A program started now; its output goes to files, so that several run at once."""

    def __init__(self, tmp, name, command, settings=None):
        self.name = name
        self.folder = tmp / name
        self.folder.mkdir()
        self.stdout, self.stderr = self.folder / "stdout", self.folder / "stderr"
        work = self.folder / "work"
        work.mkdir()
        env = {k: os.environ[k] for k in KEPT_ENVIRONMENT if k in os.environ}
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen([str(c) for c in command], env={**env, **(settings or {})}, cwd=work,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    def status(self):
        try:
            return self.process.wait(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"no end after {DEADLINE_S} s"

    def lines(self, want_status=0):
        """What it printed, as lines of bytes, after it ended as it should."""
        status = self.status()
        if status != want_status:
            tail = self.stderr.read_bytes()[-2000:].decode(errors="replace")
            pytest.fail(f"{self.name}: exit {status}, expected {want_status}\n{tail}", pytrace=False)
        text = self.stdout.read_bytes()
        return text.removesuffix(b"\n").split(b"\n") if text else []


def generate(tmp, mode, kind, seed, count, *more):
    """A file made by gen_streams.py."""
    path = tmp / f"{mode}-{kind}-{seed}"
    with path.open("wb") as f:
        subprocess.run([PYTHON, ROOT / "tests/tools/gen_streams.py", mode, "--kind", kind, "--seed", str(seed), "--count", str(count), *more],
                       stdout=f, check=True)
    return path
