"""Subjects that lie get no score, and the report says why.  The whole matrix is `make liars`."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

import liars  # noqa: E402

VARIANT = os.environ.get("VARIANT", "release")


@pytest.mark.parametrize("scenario, lie, extractor, words", [
    ("throughput", "ready early", "app", "said READY=1 but is not subscribed"),
    ("throughput", "alters", "mouse", "wrong; message 1: member "),
    ("startup", "drops and denies", "keystroke", "trace.trigger_ts is not that of event number trace.events"),
    ("startup", "stops reading", "keystroke", "received by the subject: expected 1500, got 500"),
    ("integration", "alters", "keystroke", "wrong; message 1: member "),
])
def test_a_lie_is_found_and_the_report_names_it(tmp_path, scenario, lie, extractor, words):
    verdict = liars.session(scenario, lie, tmp_path, VARIANT, extractor)
    assert verdict.found, verdict.stderr
    assert words in verdict.why
    assert words in verdict.report


def test_the_proxy_alone_is_believed(tmp_path):
    verdict = liars.session("throughput", "none", tmp_path, VARIANT)
    assert verdict.code == 0, verdict.report + verdict.stderr
    assert verdict.runs and all(r["status"] == "ok" for r in verdict.runs)
