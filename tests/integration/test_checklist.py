"""`bench checklist`, `signoff`, `verify`: a session judged, signed by a real key, and every change to it refused."""
import json
import os
import pathlib
import pty
import re
import select
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANT = os.environ.get("VARIANT", "release")
BENCH = ROOT / "build" / VARIANT / "bin" / "bench"
ADA = "Ada Lovelace <ada@example.org>"
FACTS = {"build.commit": "76a12d2", "build.variant": "release", "git.state": "clean", "host.kernel": "Linux 6.1",
         "host.cpu_model": "a CPU", "host.cpus": "2 online, 2 allowed"}
RULES = """
[startup]
exec to ready = startup/warm ready_ms: c/keystroke <= 100 ms, python/keystroke, python:c/keystroke >= 80 %
[redis]
right JSON = integration "valid JSON": c/keystroke
"""


def run_of(pair, side, implementation, ready_ms):
    """A run as results.json has it; what the checklist does not ask for is 0."""
    instrument = dict.fromkeys(
        "generator_cpu_ns_per_event tap_cpu_ns_per_event pacing_p50_us pacing_p99_us pacing_max_us little_ratio held_back_frac "
        "prober_cpu_us ebpf_cpu_us_per_10s ebpf_cpu_and_wait_us_per_10s ebpf_switches ebpf_faults ebpf_cpu_within "
        "ebpf_cpu_and_wait_within ebpf_unseen_frac generator_work_ns_per_event wake_p50_us wake_p99_us "
        "generator_behind_ms".split())
    instrument |= dict.fromkeys("outstanding_max_bytes stats_asked prober_samples generator_connections generator_writes "
                                "generator_batched_events generator_largest_batch".split(), 0)
    return {"id": f"keystroke-warm-{pair:02}-{implementation}", "scenario": "startup", "phase": "warm",
            "subject": f"{implementation}-keystroke", "implementation": implementation, "extractor": "keystroke",
            "comparison": 0, "pair": pair, "side": side, "started_wall_us": 0, "seconds": 1, "plan_events": 0,
            "plan_own_events": 0, "plan_checksum": "0", "plan_seed": "0", "books_until_s": None, "status": "ok", "why": "",
            "metrics": {"ready_ms": ready_ms}, "unavailable": {}, "ledger": [],
            "oracle": {"checked": 0, "wrong": 0, "unchecked": 0, "note": ""},
            "instrument": instrument | {"ebpf_why": ""}, "noise": {"steal_frac": 0, "foreign_frac": 0}}


def results(c_ms=2, facts=FACTS, outcome="pass"):
    runs = [run_of(pair, side, i, ms + pair / 10) for pair in range(12) for side, i, ms in (("a", "python", 80), ("b", "c", c_ms))]
    return {"format": "seclyzer-bench-results", "version": 2,
            "session": {"id": "20261124-120000-startup", "profile": "standard", "started_wall_us": 1795521600000000,
                        "finished_wall_us": 1795521660000000, "seed": "7", "complete": True, "stopped_by": ""},
            "facts": facts,
            "comparisons": [{"scenario": "startup", "phase": "warm", "extractor": "keystroke", "a": "python", "b": "c",
                             "pairs_planned": 12, "end": "undecided"}],
            "runs": runs, "trials": [],
            "items": [{"scenario": "integration", "extractor": "keystroke", "implementation": "c", "item": "valid JSON",
                       "what": "", "outcome": outcome, "value": "12 messages", "run": ""}],
            "settings": [], "opinions": []}


def bench(*arguments, **more):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, **more)


class Session:
    """A session's folder that was judged by RULES, and keys."""

    def __init__(self, folder, **how):
        self.dir = folder / "session"
        self.dir.mkdir(parents=True)
        (self.dir / "results.json").write_text(json.dumps(results(**how)))
        self.rules = folder / "rules.ini"
        self.rules.write_text(RULES)
        self.allowed = folder / "allowed_signers"
        self.folder = folder

    def judge(self, *more):
        return bench("checklist", "--rules", self.rules, *more, self.dir)

    def key(self, name, passphrase="", mail="ada@example.org", allow=True):
        path = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", path], check=True)
        if allow:
            with open(self.allowed, "a") as f:
                f.write(f"{mail} {path.with_suffix('.pub').read_text()}")
        return path

    def sign(self, key, *more, signer=ADA, **how):
        return bench("signoff", "--signer", signer, "--key", key, *more, self.dir, **how)

    def verify(self, *more, **how):
        return bench("verify", "--allowed", self.allowed, *more, self.dir, **how)


@pytest.fixture
def session(tmp_path):
    s = Session(tmp_path)
    assert s.judge().returncode == 0
    return s


def test_a_session_is_judged_and_its_files_fit_the_schema(tmp_path):
    schema = json.loads((ROOT / "reports/checklist.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    rows = [({}, 0, "PASS"), ({"c_ms": 120}, 1, "FAIL"), ({"c_ms": 99}, 1, "FAIL"), ({"outcome": "unavailable"}, 4, "UNDECIDED"),
            ({"outcome": "fail"}, 1, "FAIL"), ({"facts": {**FACTS, "unfit": "load 9"}}, 4, "UNDECIDED")]
    for i, (how, code, verdict) in enumerate(rows):
        s = Session(tmp_path / str(i), **how)
        run = s.judge()
        assert run.returncode == code, run.stdout + run.stderr
        told = json.loads((s.dir / "checklist.json").read_text())
        jsonschema.validate(told, schema)
        assert told["verdict"] == verdict
        assert (s.dir / "checklist.md").read_text() in run.stdout
        assert (s.dir / "checklist.ini").read_text() == RULES
        assert verdict in (s.dir / "checklist.html").read_text()
        before = {p.name: p.read_bytes() for p in s.dir.iterdir()}
        s.rules.write_text(RULES.replace("100 ms", "1 ms"))
        assert bench("checklist", s.dir).returncode == code  # the session's own rules count
        assert {p.name: p.read_bytes() for p in s.dir.iterdir()} == before
    assert s.judge().returncode == 4  # unless others are named
    assert (s.dir / "checklist.ini").read_text() == s.rules.read_text()


def test_the_projects_own_rules_judge_what_is_there_and_say_what_is_not(tmp_path):
    s = Session(tmp_path)
    run = bench("checklist", s.dir)
    assert run.returncode == 4, run.stderr
    told = json.loads((s.dir / "checklist.json").read_text())
    by_item = {}
    for row in told["rows"]:
        by_item.setdefault(row["item"], []).append(row)
    assert set(by_item) == {"startup", "memory", "cpu", "latency", "throughput", "influxdb", "redis"}
    assert all({r["extractor"] for r in rows} == {"keystroke", "mouse", "app"} for rows in by_item.values())
    ready = next(r for r in told["rows"] if r["name"] == "exec to ready" and r["extractor"] == "keystroke" and not r["against"]
                 and r["implementation"] == "c")
    assert ready["verdict"] == "PASS" and ready["measured"]["n"] == 12 and ready["evidence"]["runs"] == 12
    assert next(r for r in by_item["memory"] if r["target"])["why"].startswith("not measured: the session has no memory/memory")


DIFFERS = "judged by the copy in the session's folder, which differs from scenarios/checklist.ini; --rules scenarios/checklist.ini"


def test_an_edit_of_the_projects_rules_is_not_lost_in_silence(tmp_path):
    s = Session(tmp_path)
    run = bench("checklist", s.dir)  # never judged before
    assert f"\njudged by: {ROOT}/scenarios/checklist.ini\n" in run.stdout and not run.stderr
    run = bench("checklist", s.dir)
    assert f"\njudged by: {s.dir}/checklist.ini\n" in run.stdout and not run.stderr
    (s.dir / "checklist.ini").write_text(RULES)  # as if the project's were edited since
    run = bench("checklist", s.dir)
    assert run.returncode == 0 and f"\njudged by: {s.dir}/checklist.ini\n" in run.stdout
    assert len(run.stderr.splitlines()) == 1 and DIFFERS in run.stderr
    written = [p.read_text() for p in s.dir.iterdir()]
    assert not any(str(s.dir) in text or "differs from" in text for text in written)
    run = bench("checklist", "--rules", "scenarios/checklist.ini", s.dir, cwd=ROOT)
    assert "\njudged by: scenarios/checklist.ini\n" in run.stdout and not run.stderr
    assert (s.dir / "checklist.ini").read_bytes() == (ROOT / "scenarios/checklist.ini").read_bytes()


def test_rules_that_are_wrong_are_told_with_their_line(tmp_path):
    s = Session(tmp_path)
    s.rules.write_text("[startup]\nexec to ready = startup/warm redy_ms: c <= 100 ms\n")
    run = s.judge()
    assert run.returncode == 2
    assert run.stderr == f'ERROR bench: {s.rules}:2: exec to ready: unknown figure "redy_ms" (did you mean "ready_ms"?)\n'
    assert not (s.dir / "checklist.json").exists()


def test_a_signature_holds_until_a_byte_of_any_file_changes(session):
    key = session.key("ada")
    run = session.sign(key)
    assert run.returncode == 0, run.stderr
    statement = (session.dir / "signoff.txt").read_text()
    assert f"signer: {ADA}\n" in statement and "commit: 76a12d2\n" in statement and "in spite of: nothing\n" in statement
    assert "items: 3 PASS, 0 FAIL, 0 UNDECIDED, 1 without a target\n" in statement
    for name in ("results.json", "checklist.ini", "checklist.json", "checklist.md", "checklist.html"):
        digest = subprocess.run(["sha256sum", session.dir / name], capture_output=True, text=True, check=True).stdout[:64]
        assert f"{name}: {digest}\n" in statement
    good = session.verify()
    assert good.returncode == 0, good.stderr
    assert "for ada@example.org with ED25519 key" in good.stdout and "NOT CHECKED" not in good.stdout
    for path in sorted(session.dir.iterdir()):
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            run = session.verify()
            assert run.returncode == 1, f"{path.name} at {at}: {run.stdout}{run.stderr}"
            assert f"REFUSED: {session.dir}: " in run.stderr and path.name in run.stderr, run.stderr
        path.write_bytes(whole + b"\n")
        assert session.verify().returncode == 1, path.name
        path.write_bytes(whole)
    assert session.verify().returncode == 0


def test_who_signed_is_checked_against_the_allowed_signers_alone(session):
    ada, eve = session.key("ada"), session.key("eve", allow=False)
    session.key("bob", mail="bob@example.org")
    assert session.sign(eve).returncode == 0
    run = session.verify()
    assert run.returncode == 1 and "signoff.txt.sig is no signature of it by ada@example.org" in run.stderr
    run = bench("verify", session.dir)
    assert run.returncode == 0 and "WHO SIGNED WAS NOT CHECKED" in run.stdout
    assert session.sign(ada, signer="Bob <bob@example.org>").returncode == 0  # Ada's key under Bob's name
    assert session.verify().returncode == 1
    assert session.sign(ada).returncode == 0
    assert session.verify().returncode == 0
    assert "a new signature replaces that one" in session.sign(ada).stderr
    assert "was signed off: bench verify says" in session.judge().stderr
    assert session.verify().returncode == 0
    # a signature of the same text for another purpose is none
    os.remove(session.dir / "signoff.txt.sig")
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", ada, "-n", "file", session.dir / "signoff.txt"], check=True,
                   capture_output=True)
    run = session.verify()
    assert run.returncode == 1 and "signoff.txt.sig" in run.stderr
    run = session.verify("--allowed", session.folder / "nobody")
    assert run.returncode == 2 and "nobody: No such file" in run.stderr


def test_a_false_statement_is_refused_whoever_signed_it(session):
    key = session.key("ada")
    assert session.sign(key).returncode == 0
    path = session.dir / "signoff.txt"
    true = path.read_text()
    for old, new in (("items: 3 PASS", "items: 4 PASS"), ("commit: 76a12d2", "commit: 0000000"), ("verdict: PASS", "verdict: FINE")):
        path.write_text(true.replace(old, new))
        os.remove(session.dir / "signoff.txt.sig")
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "seclyzer-checklist", path], check=True, capture_output=True)
        run = session.verify()
        assert run.returncode == 1
        assert re.search(f'signoff.txt: says "{new.split(":")[0]}: .*", the results say "', run.stderr), run.stderr


def test_what_speaks_against_signing_refuses_it_unless_told(tmp_path):
    rows = [({"c_ms": 120}, "2 failed"), ({"facts": {**FACTS, "build.commit": "76a12d2-dirty"}}, "the build was dirty"),
            ({"facts": {**FACTS, "git.state": "dirty: differs from the commit"}}, "the tree was not clean"),
            ({"facts": {**FACTS, "unfit": "load 9"}}, "the host was unfit to measure: load 9")]
    for i, (how, why) in enumerate(rows):
        s = Session(tmp_path / str(i), **how)
        key = s.key("ada")
        s.judge()
        run = s.sign(key)
        assert run.returncode == 1 and f"not signed: " in run.stderr and why in run.stderr
        assert not (s.dir / "signoff.txt").exists()
        assert s.sign(key, "--anyway").returncode == 0
        assert why in re.search("^in spite of: (.*)$", (s.dir / "signoff.txt").read_text(), re.M)[1]
        assert s.verify().returncode == 0


def test_what_cannot_be_signed_says_why_and_leaves_nothing(session, tmp_path):
    key = session.key("ada")
    for signer in ("Ada", "Ada\nverdict: PASS <ada@example.org>", "Ada\u202e <ada@example.org>", ""):
        run = session.sign(key, signer=signer)
        assert run.returncode == 2 and "signer" in run.stderr
    run = session.sign(session.folder / "no-such-key")
    assert run.returncode == 2 and "no-such-key" in run.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    run = session.sign(key, env={"PATH": str(empty)})
    assert run.returncode == 2 and "ssh-keygen: not found in PATH; install it: apt install openssh-client" in run.stderr
    unjudged = Session(tmp_path / "unjudged")
    assert "judge it first" in unjudged.sign(key).stderr
    (session.dir / "checklist.md").write_text("all is well\n")
    run = session.sign(key)
    assert run.returncode == 1 and "checklist.md: is not what results.json and checklist.ini give" in run.stderr
    assert not list(session.dir.glob("signoff*"))
    assert session.judge().returncode == 0 and session.sign(key).returncode == 0
    run = session.verify(env={"PATH": str(empty)})
    assert run.returncode == 2 and "apt install openssh-client" in run.stderr
    os.remove(session.dir / "signoff.txt.sig")
    run = session.verify()
    assert run.returncode != 0 and "signoff.txt.sig" in run.stderr


def test_a_passphrase_is_asked_for_on_the_terminal(session):
    key = session.key("ada", passphrase="correct horse")
    assert session.sign(key).returncode == 2  # no terminal, no passphrase
    pid, terminal = pty.fork()
    if not pid:
        os.execv(BENCH, [BENCH, "signoff", "--signer", ADA, "--key", key, session.dir])
    said, answered = b"", False
    while select.select([terminal], [], [], 30)[0]:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        said += chunk
        if b"passphrase" in said and not answered:
            os.write(terminal, b"correct horse\n")
            answered = True
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said.decode()
    os.close(terminal)
    assert answered and session.verify().returncode == 0


def test_make_signs_and_verifies_with_names_that_a_shell_would_take_apart(session):
    key = session.key("ada")
    make = ["make", "-s", "--no-print-directory", "-o", "all", f"VARIANT={VARIANT}", f"SESSION={session.dir}"]
    signer = "Ada `id` \"O'Hara\" <ada@example.org>"
    run = subprocess.run([*make, "signoff", f"SIGNER={signer}", f"KEY={key}"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert f"signer: {signer}\n" in (session.dir / "signoff.txt").read_text()
    run = subprocess.run([*make, "verify-signoff", f"ALLOWED={session.allowed}"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and "for ada@example.org" in run.stdout, run.stderr
