"""The browser and the pages that are looked at in it, once for all tests."""
import os
import pathlib
import subprocess

import pytest

import chromium

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / os.environ.get("VARIANT", "release")

# A picture as gnuplot writes it: with text, symbols and references to ids.
PICTURE = """
set terminal svg size 400,300 font "sans,12"
set output "linked.svg"
set title "a title & <b>what is not markup</b>"
set xlabel "events"
set key outside
plot sin(x) with linespoints lc rgb '#1f77b4' title "C", cos(x) with points title "Python"
"""


def run(*command, cwd, stdout=subprocess.DEVNULL, allowed=(0,)):
    done = subprocess.run(command, cwd=cwd, stdout=stdout, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode in allowed, command


def sample(folder):
    """Everything that a document can hold."""
    run("gnuplot", "-e", ";".join(PICTURE.strip().splitlines()), cwd=folder)
    with open(folder / "sample.html", "wb") as page:
        run(BUILD / "browser/sample_page", "linked.svg", cwd=folder, stdout=page)
    return folder / "sample.html"


def of_session(name, *verb, allowed=(0,)):
    """What a verb of `bench` makes of a session with every kind of section."""

    def make(folder):
        run(BUILD / "browser/sample_session", folder, cwd=folder)
        run(BUILD / "bin/bench", *verb, folder, cwd=folder, allowed=allowed)
        return folder / name

    return make


PAGES = {
    "sample": sample,
    "report": of_session("report.html", "report"),
    "decision": of_session("decision.html", "decide"),
    # 4: nothing failed, but an unfit host leaves everything undecided
    "checklist": of_session("checklist.html", "checklist", allowed=(4,)),
    "comparison": of_session("comparison.html", "compare", "--html", "comparison.html", "./"),
}


@pytest.fixture(scope="session")
def page_named(tmp_path_factory):
    """A page is made when it is asked for the first time."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = PAGES[name](tmp_path_factory.mktemp(name))
        return made[name]

    return get


@pytest.fixture(scope="session", params=PAGES)
def page(request, page_named):
    return page_named(request.param)


@pytest.fixture(scope="session")
def sample_page(page_named):
    return page_named("sample")


@pytest.fixture(scope="session")
def browser():
    reason = chromium.missing()
    if reason:
        pytest.skip(reason)
    window = chromium.Browser()
    yield window
    window.close()
