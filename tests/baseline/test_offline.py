"""--extract and --replay."""

import json

import pytest
from support import app, check_closure, keystroke, mouse, run

T0 = 1795430000000000
KEYS = [json.loads(keystroke(T0 + i * 100_000, "KeyA" if i % 2 else "KeyB")) for i in range(12)]


def case(**members):
    return json.dumps({"now_us": T0 + 2_000_000, "window": 30, "events": KEYS, **members})


def extract(tmp_path, text, kind="keystroke", **env):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run(kind, "--extract", path, env=env, cwd=tmp_path)


def replay(tmp_path, messages, kind="keystroke", **env):
    path = tmp_path / "messages"
    lines = (m if isinstance(m, bytes) else m.encode() for m in messages)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    result = run(kind, "--replay", path, env=env, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = [line.split(" ", 1) for line in result.stdout.decode().splitlines()]
    stats = result.stderr.decode().splitlines()[-1]
    assert stats.startswith("stats ")
    counters = check_closure(json.loads(stats.removeprefix("stats ")))
    return [(channel, json.loads(text)) for channel, text in lines], counters


def test_extract_prints_a_line_for_each_case_and_null_for_too_few(tmp_path):
    result = extract(tmp_path, case() + "\n" + case(events=KEYS[:9]) + "\n")
    assert result.returncode == 0
    first, second = result.stdout.decode().splitlines()
    assert json.loads(first)["total_keys"] == 6 and " " not in first
    assert second == "null"


def test_extract_takes_the_window_from_the_configuration_when_the_case_has_none(tmp_path):
    text = json.dumps({"now_us": T0 + 2_000_000, "events": KEYS})
    assert extract(tmp_path, text).stdout != b"null\n"
    assert extract(tmp_path, text, WINDOW_SECONDS="1.5").stdout == b"null\n"


def test_extract_skips_what_is_not_an_own_event(tmp_path):
    odd = [1, None, {}, {**KEYS[0], "ts": 0}, {**KEYS[0], "key": "\ud800"}, json.loads(mouse(T0))]
    assert extract(tmp_path, case(events=KEYS + odd)).stdout == extract(tmp_path, case()).stdout


def test_extract_reads_events_as_they_are_written(tmp_path):
    """A coordinate -0 is a negative zero: the angle of the movement turns by pi."""
    event = '{"type":"mouse","ts":%d,"event":"move","x":%s,"y":%s}'
    results = []
    for zero in ("-0", "-0.0", "0"):
        rows = [event % (T0 + i * 1000, -i, zero if i % 2 else "0") for i in range(60)]
        text = '{ "events" : [1], "now_us": %d, "window":30,\t"e\\u0076ents" : [ %s ] , "x":[{}]}'
        result = extract(tmp_path, text % (T0 + 100_000, " , ".join(rows)), "mouse")
        results.append(json.loads(result.stdout))
    assert results[0] == results[1] != results[2]


def test_extract_keeps_the_last_events_that_the_buffer_holds(tmp_path):
    result = extract(tmp_path, case(), MAX_BUFFER_SIZE="11")
    assert json.loads(result.stdout)["total_keys"] == 5


def test_extract_and_replay_read_standard_input(tmp_path):
    result = run("keystroke", "--extract", "-", input=case().encode(), cwd=tmp_path)
    assert json.loads(result.stdout)["total_keys"] == 6
    result = run("app", "--replay=-", input=app(T0, "a").encode(), cwd=tmp_path)
    assert b'"accepted":1,' in result.stderr


@pytest.mark.parametrize(
    "line",
    ["", "nonsense", "[]", "{}", '{"now_us":1}', '{"now_us":1,"events":{}}', '{"events":[]}']
    + ['{"now_us":1.5,"events":[]}', '{"now_us":1,"window":0,"events":[]}', '{"now_us":NaN}']
    + ['{"now_us":1,"window":"30","events":[]}', '{"now_us":1,"events":[]} x'],
)
def test_a_line_that_is_no_case_ends_extract_with_its_number(tmp_path, line):
    result = extract(tmp_path, case() + "\n" + line + "\n" + case() + "\n")
    assert result.returncode == 2
    assert result.stderr.count(b"\n") == 1 and b"cases.jsonl:2: " in result.stderr
    assert result.stdout.count(b"\n") == 1


def test_a_case_that_is_not_utf8_ends_extract(tmp_path):
    result = extract(tmp_path, b'{"now_us":1,"events":[],"id":"\xff"}')
    assert result.returncode == 2 and b"cases.jsonl:1: " in result.stderr


def test_a_file_that_is_not_there_is_exit_2(tmp_path):
    for flag in ("--extract", "--replay"):
        result = run("mouse", flag, "absent", cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr.count(b"\n") == 1 and b"absent" in result.stderr


def test_extract_of_app_gives_transitions_points_and_patterns(tmp_path):
    events = [json.loads(app(T0, "a,b")), json.loads(app(T0 + 1_500_000, "c d"))]
    result = extract(tmp_path, json.dumps({"events": events}), "app")
    got = json.loads(result.stdout)
    assert got["transitions"] == [
        {
            "from_app": "a,b",
            "to_app": "c d",
            "duration_ms": 1500,
            "timestamp": "2026-11-23T10:33:21.500000+00:00",
            "type": "app",
        }
    ]
    assert got["points"] == [
        "app_transitions,from_app=a\\,b,to_app=c\\ d,user_id=default"
        " duration_ms=1500 1795430001500000000"
    ]
    assert got["patterns"]["transition_matrix"] == {"a,b->c d": 1.0}


def test_replay_attempts_when_the_interval_has_passed_on_the_clock_of_the_messages(tmp_path):
    messages = [keystroke(T0 + i * 100_000) for i in range(31)]
    got, counters = replay(tmp_path, messages, UPDATE_INTERVAL="1", SECLYZER_TRACE="1")
    assert [m["trace"]["events"] for _, m in got] == [11, 21, 31]
    assert got[0][1]["trace"] == {
        "trigger_ts": T0 + 1_000_000,
        "events": 11,
        "now_us": T0 + 1_000_000,
    }
    assert got[0][0] == "seclyzer:features:keystroke"
    assert got[0][1]["timestamp"] == "2026-11-23T10:33:21+00:00"
    assert got[0][1]["type"] == "keystroke"
    assert counters["accepted"] == 31 and counters["features"] == 3


def test_a_message_has_no_trace_unless_asked_for(tmp_path):
    got, _ = replay(tmp_path, [keystroke(T0 + i * 10**6) for i in range(12)], UPDATE_INTERVAL="0")
    assert got and all("trace" not in m for _, m in got)


def test_replay_counts_attempts_without_features(tmp_path):
    got, counters = replay(
        tmp_path, [keystroke(T0 + i) for i in range(12)], UPDATE_INTERVAL="0"
    )
    assert counters["no_features"] == {"too_few": 9}
    assert counters["features"] == len(got) == 3


def test_replay_starts_at_the_first_valid_message_of_any_type(tmp_path):
    keys = [keystroke(T0 + 3_000_000 + i) for i in range(10)]
    broken = '{"type":"mouse",broken}'
    for first, features in (([], 0), ([mouse(T0)], 1), ([broken], 0), ([broken, mouse(T0)], 1)):
        got, counters = replay(
            tmp_path, [*first, *keys[:9], keystroke(T0 + 5_000_000)], UPDATE_INTERVAL="4"
        )
        assert len(got) == features, first
        assert counters["other_type"] == len(first)


def test_replay_counts_what_it_rejects(tmp_path):
    messages = [
        keystroke(T0),
        "",
        b"\xff",
        "nonsense",
        "[]",
        "{}",
        keystroke(0),
        keystroke(T0, event="hold"),
        keystroke(T0, key=""),
        " " * 65537,
        mouse(T0),
    ]
    _, counters = replay(tmp_path, messages)
    rejected = {name: n for name, n in counters["rejected"].items() if n}
    assert rejected == {
        "too_long": 1,
        "not_utf8": 1,
        "not_json": 2,
        "not_object": 1,
        "bad_type": 1,
        "bad_ts": 1,
        "bad_event": 1,
        "bad_key": 1,
    }
    assert (counters["received"], counters["accepted"], counters["other_type"]) == (11, 1, 1)


def test_the_counters_stand_in_the_order_agreed_on(tmp_path):
    _, counters = replay(tmp_path, [])
    assert list(counters) == [
        "received", "accepted", "other_type", "rejected", "evicted", "features", "no_features",
        "publish_errors", "points_queued", "points_written", "points_spooled", "points_dropped",
        "points_pending", "points_refused", "reconnects", "uptime_ms",
    ]  # fmt: skip
    assert list(counters["rejected"]) == [
        "too_long", "not_utf8", "not_json", "not_object", "bad_type", "bad_ts", "bad_event",
        "bad_key", "bad_coordinate", "bad_button", "bad_scroll", "bad_app_name",
    ]  # fmt: skip


def test_replay_counts_evictions(tmp_path):
    messages = [keystroke(T0 + i) for i in range(25)]
    _, counters = replay(tmp_path, messages, MAX_BUFFER_SIZE="10")
    assert counters["evicted"] == 15


def test_messages_are_compact_and_not_ascii_only(tmp_path):
    path = tmp_path / "messages"
    path.write_text(app(T0, "日本\n\x01\x7f") + "\n" + app(T0 + 1, "b") + "\n")
    result = run("app", "--replay", path, env={"LC_ALL": "C"}, cwd=tmp_path)
    text = result.stdout.decode()
    assert text.startswith(
        'seclyzer:features:app {"from_app":"日本\\n\\u0001\x7f","to_app":"b","duration_ms":0,'
    )


def test_replay_does_not_touch_the_database_of_patterns(tmp_path):
    database = tmp_path / "patterns.db"
    replay(tmp_path, [app(T0, "a"), app(T0 + 1, "b")], "app", SQLITE_DB_PATH=str(database))
    assert not database.exists()
