"""What loadgen writes about a run, read by a second implementation of HdrHistogram's formats.

The decoder follows the published form: HdrHistogram's AbstractHistogram.java (encodeIntoByteBuffer,
encodeIntoCompressedByteBuffer), ZigZagEncoding.java and HistogramLogWriter.java.
"""
import base64
import json
import os
import pathlib
import re
import struct
import subprocess
import zlib

import pytest
import servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOADGEN = ROOT / "build" / os.environ.get("VARIANT", "release") / "bin" / "loadgen"


def leb128(data, at):
    """ZigZag LEB128-64b9B: the ninth byte has eight bits of its own."""
    value = 0
    for i in range(9):
        byte = data[at + i]
        value |= (byte if i == 8 else byte & 0x7F) << (7 * i)
        if i == 8 or not byte & 0x80:
            break
    return (value >> 1) ^ -(value & 1), at + i + 1


def decode(text):
    """(range, digits, {bucket: count}) of a V2 compressed histogram."""
    outer = base64.b64decode(text, validate=True)
    cookie, length = struct.unpack(">II", outer[:8])
    assert cookie == 0x1C849314 and length == len(outer) - 8
    plain = zlib.decompress(outer[8:])
    cookie, payload, shifted, digits, lowest, highest, ratio = struct.unpack(">IIIIQQd", plain[:40])
    assert (cookie, shifted, lowest, ratio) == (0x1C849313, 0, 1, 1.0) and payload == len(plain) - 40
    counts, bucket, at = {}, 0, 40
    while at < len(plain):
        value, at = leb128(plain, at)
        if value > 0:
            counts[bucket] = value
        bucket += -value if value < 0 else 1
    return highest, digits, counts


def highest_value(bucket, digits):
    """The layout of counts: 2048 buckets of 1, then 1024 for each doubling (three digits)."""
    assert digits == 3
    shift = max(bucket // 1024 - 1, 0)
    return ((bucket - shift * 1024 + 1) << shift) - 1


def read_log(path):
    lines = path.read_text().splitlines()
    assert lines[0] == "#[Histogram log format version 1.2]"
    assert re.fullmatch(r"#\[StartTime: \d+\.\d{3} \(seconds since epoch\), .+\]", lines[1])
    # HdrHistogram_c takes comments above the names only
    names = lines.index('"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"')
    assert all(line.startswith("#") for line in lines[:names])
    entries = {}
    for line in lines[names + 1:]:
        tag, start, length, most, text = line.split(",")
        assert tag.startswith("Tag=") and float(start) == 0 and float(length) > 0
        entries[tag.removeprefix("Tag=")] = float(most), *decode(text)
    return entries


def percentile(counts, digits, q):
    total, below = sum(counts.values()), 0
    for bucket in sorted(counts):
        below += counts[bucket]
        if below >= q * total - 1e-6:
            return highest_value(bucket, digits)
    return None


@pytest.fixture
def run(folder, closing):
    def start(*options):
        redis = servers.Redis(folder / "redis", ())
        (folder / "redis").mkdir()
        closing.callback(redis.kill)
        redis.start()
        done = subprocess.run([LOADGEN, "-S", redis.socket, "--json", "-q", *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


def test_the_log_has_the_run_and_its_percentiles(run, folder):
    log = folder / "run.hlog"
    summary = run("-r", "2000", "-n", "1500", "-a", "poisson", "--hlog", str(log))
    entries = read_log(log)
    names = {"pacing": "pacing_error_us", "wake": "wake_error_us", "reply": "reply_us", "response": "response_us"}
    assert entries.keys() == names.keys()
    for tag, name in names.items():
        most_ns, highest, digits, counts = entries[tag]
        assert (highest, digits) == (3_600_000_000_000, 3)
        assert sum(counts.values()) == summary[name]["n"]
        for q, key in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99")):
            if not isinstance(summary[name][key], str):  # too few beyond it
                assert percentile(counts, digits, q) == pytest.approx(1000 * summary[name][key], abs=0.51)
        assert most_ns == pytest.approx(summary[name]["max"] * 1000, abs=1)


def test_the_percentile_text_agrees_with_the_log(run, folder):
    prefix, log = folder / "run", folder / "run.hlog"
    summary = run("-r", "2000", "-n", "1000", "-a", "constant", "--hlog", str(log), "--hgrm", str(prefix))
    for tag, (_, _, digits, counts) in read_log(log).items():
        text = (folder / f"run.{tag}.hgrm").read_text()
        rows = [line.split() for line in text.splitlines() if re.match(r"\s+\d", line)]
        assert int(rows[-1][2]) == sum(counts.values())
        for value, q, below, _ in rows:
            upto = sum(n for bucket, n in counts.items() if highest_value(bucket, digits) <= float(value) * 1000 + 0.5)
            assert upto == int(below)
            assert upto >= float(q) * sum(counts.values()) - 1e-3
    assert summary["ledger"]["closed"]


def test_a_plan_is_the_same_bytes_for_the_same_seed_and_seq_numbers_it():
    def plan(*options):
        return subprocess.run([LOADGEN, "-n", "3000", "--print", *options], capture_output=True, check=True).stdout

    assert plan("-s", "7") == plan("-s", "7") != plan("-s", "8")
    numbered = [json.loads(line) for line in plan("-s", "7", "--seq").splitlines()]
    assert [event.pop("seq") for event in numbered] == list(range(3000))
    assert numbered == [json.loads(line) for line in plan("-s", "7").splitlines()]
