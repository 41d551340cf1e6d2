"""reports/golden: an example that is kept, made again from its raw values, and what its guide says of it."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANT = os.environ.get("VARIANT", "release")
BENCH = ROOT / "build" / VARIANT / "bin" / "bench"
GOLDEN = ROOT / "reports/golden"
MADE = ["report.md", "decision.md", "decision.json", "checklist.md", "checklist.json"]


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The example without anything that can be made, and then made."""
    folder = tmp_path_factory.mktemp("golden") / "example"
    shutil.copytree(GOLDEN, folder)
    for name in MADE:
        (folder / name).unlink()
    subprocess.run([BENCH, "report", f"{folder}/"], check=True, capture_output=True, timeout=120)
    return folder


@pytest.mark.parametrize("name", MADE)
def test_the_example_is_what_its_raw_values_give(again, name):
    # `make golden` makes it again after a change that is meant.
    assert (again / name).read_text() == (GOLDEN / name).read_text()


def test_every_line_that_the_guide_quotes_stands_in_the_example():
    documents = "\n".join((GOLDEN / name).read_text() for name in MADE if name.endswith(".md"))
    quotes = re.findall(r"^> (.+)$", (GOLDEN / "README.md").read_text(), flags=re.M)
    assert len(quotes) >= 8
    for quote in quotes:
        assert quote in documents, quote
