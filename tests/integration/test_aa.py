"""`bench run` of aa: all pairs are made, and only a subject against itself is allowed."""
from test_bench import bench, nothing_left, results  # noqa: F401

AA = """
[scenario]
kind = aa
extractors = keystroke
compare = {compare}
database = none
steal_limit_frac = 1
foreign_limit_frac = 1
[subjects]
update_interval_s = 5ms
[quick]
aa_pairs = 2
aa_drain_pairs = 1
drain_events = 2000
"""


def scenario(tmp_path, compare):
    path = tmp_path / "small.ini"
    path.write_text(AA.format(compare=compare))
    return path


def test_each_phase_makes_its_own_number_of_pairs(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, "c:c"))
    assert run.returncode == 0, run.stdout + run.stderr
    made = {}
    for row in results(tmp_path)["runs"]:
        assert row["status"] == "ok", row
        made.setdefault((row["phase"], row["implementation"]), set()).add((row["pair"], row["side"]))
    assert {key: len(pairs) for key, pairs in made.items()} == {
        ("aa-start", "c"): 4, ("aa-drain", "c"): 2}
    assert "| aa-start | C | exec to first features | 2 |" in run.stdout
    assert "unavailable: fewer than 16 pairs of an extractor" in run.stdout


def test_two_different_ones_are_refused(tmp_path, nothing_left):  # noqa: F811
    run = bench(tmp_path, scenario(tmp_path, "c:c python:c"))
    assert run.returncode == 2 and "compare=python:c: aa sets each against itself" in run.stderr
