"""The spool: order, bounds, restarts, torn and damaged records."""

import errno
import os
import random

import pytest
from seclyzer.spool import RejectedFile, Spool, SpoolError


def line(i, size=40):
    return f"m,user_id=default n={i} {i}".encode().ljust(size, b"0")


def lines(start, stop, size=40):
    return [line(i, size) for i in range(start, stop)]


def spool(directory, max_bytes=1 << 20):
    return Spool(str(directory), "prog", max_bytes)


def drain(s, n=7):
    """Take everything out; the lines and the number lost."""
    got, lost = [], 0
    while True:
        some, lost_now = s.peek(n)
        lost += lost_now
        if not some:
            return got, lost
        got += some
        s.done(len(some))


def segments(directory):
    return sorted(directory.glob("*.spool"))


def disk_bytes(directory):
    return sum(path.stat().st_size for path in segments(directory))


def test_points_come_out_in_the_order_they_went_in(tmp_path):
    s = spool(tmp_path)
    assert s.append(lines(0, 100)) == 100
    assert s.append(lines(100, 130)) == 30
    assert s.points == 130
    assert drain(s) == (lines(0, 130), 0)
    assert s.points == 0 and segments(tmp_path) == []


def test_points_may_be_added_while_others_are_taken(tmp_path):
    s = spool(tmp_path, 8192)
    rng = random.Random(1)
    went_in, came_out = 0, []
    for _ in range(500):
        n = rng.randrange(20)
        went_in += s.append(lines(went_in, went_in + n))
        some, lost = s.peek(rng.randrange(1, 20))
        assert not lost
        if some and rng.random() < 0.8:
            came_out += some
            s.done(len(some))
        assert s.points == went_in - len(came_out)
    came_out += drain(s)[0]
    assert came_out == lines(0, went_in) and went_in > 1000


def test_points_are_found_again_after_a_restart(tmp_path):
    s = spool(tmp_path, 8192)
    s.append(lines(0, 100))
    s.close()
    again = spool(tmp_path, 8192)
    assert again.points == 100
    again.append(lines(100, 110))
    assert drain(again) == (lines(0, 110), 0)


def test_after_an_orderly_end_nothing_that_was_done_is_found_again(tmp_path):
    s = spool(tmp_path)
    s.append(lines(0, 100))
    some, _ = s.peek(30)
    s.done(30)
    s.peek(10)
    s.close()
    again = spool(tmp_path)
    assert again.points == 70
    assert drain(again)[0] == lines(30, 100)


def test_the_spool_never_takes_more_disk_than_allowed_and_says_what_it_kept(tmp_path):
    s = spool(tmp_path, 4096)
    kept = s.append(lines(0, 1000))
    assert 60 < kept < 84 and s.points == kept
    assert disk_bytes(tmp_path) <= 4096
    assert s.append(lines(0, 1)) == 0
    assert drain(s)[0] == lines(0, kept)
    assert s.append(lines(0, 10)) == 10


def test_room_is_given_back_while_the_spool_is_not_empty(tmp_path):
    s = spool(tmp_path, 4096)
    n = s.append(lines(0, 1000))
    first = []
    for _ in range(n // 2):
        some, _ = s.peek(1)
        s.done(1)
        first += some
    added = s.append(lines(n, n + 1000))
    assert added >= n // 4
    assert disk_bytes(tmp_path) <= 4096
    assert first + drain(s)[0] == lines(0, n + added)


def test_a_record_larger_than_a_segment_is_kept(tmp_path):
    s = spool(tmp_path, 4096)
    assert s.append([line(0, 3000)]) == 1
    assert s.append([line(1, 3000)]) == 0
    assert s.append([line(2)]) == 1
    assert drain(s)[0] == [line(0, 3000), line(2)]


@pytest.mark.parametrize("cut", [1, 5, 20, 48])
def test_a_torn_record_at_the_end_is_cut_off_and_the_rest_is_kept(tmp_path, cut):
    s = spool(tmp_path)
    s.append(lines(0, 10))
    s.close()
    path = segments(tmp_path)[0]
    os.truncate(path, path.stat().st_size - cut)
    again = spool(tmp_path)
    assert (again.points, again.torn) == (9, 1)
    again.append(lines(50, 51))
    assert drain(again) == (lines(0, 9) + lines(50, 51), 0)


def test_any_cut_leaves_whole_records(tmp_path):
    s = spool(tmp_path)
    s.append(lines(0, 5))
    s.close()
    path = segments(tmp_path)[0]
    data = path.read_bytes()
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        again = spool(tmp_path)
        whole = size * 5 // len(data)
        assert again.points == whole
        assert drain(again) == (lines(0, whole), 0)
        again.close()


def test_damage_in_the_middle_costs_the_records_it_hits_and_is_counted(tmp_path):
    rng = random.Random(2)
    for _ in range(200):
        s = spool(tmp_path)
        s.append(lines(0, 20))
        s.close()
        path = segments(tmp_path)[0]
        data = bytearray(path.read_bytes())
        at = rng.randrange(len(data) - 1)
        data[at] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        again = spool(tmp_path)
        found = again.points
        got, lost = drain(again)
        assert len(got) + lost == found and 1 <= 20 - len(got) <= 2
        assert set(got) <= set(lines(0, 20)) and again.points == 0
        again.close()


def test_a_segment_that_has_gone_is_counted_as_lost(tmp_path):
    s = spool(tmp_path)
    s.append(lines(0, 10))
    segments(tmp_path)[0].unlink()
    assert drain(s) == ([], 10)
    assert s.append(lines(0, 3)) == 3


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EACCES, errno.EIO])
def test_a_segment_that_cannot_be_read_now_stays(tmp_path, monkeypatch, number):
    s = spool(tmp_path)
    s.append(lines(0, 10))

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("builtins.open", fail)
    for _ in range(3):
        with pytest.raises(OSError):
            s.peek(5)
    monkeypatch.undo()
    s.append(lines(10, 12))
    assert s.points == 12 and len(segments(tmp_path)) == 2
    assert drain(s) == (lines(0, 12), 0)


def test_a_disk_that_is_full_at_the_end_leaves_the_old_segment(tmp_path, monkeypatch):
    s = spool(tmp_path)
    s.append(lines(0, 10))
    s.peek(4)
    s.done(4)
    written = segments(tmp_path)[0].read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    s.close()
    monkeypatch.undo()
    assert segments(tmp_path)[0].read_bytes() == written
    assert not list(tmp_path.glob("*.new"))
    assert drain(spool(tmp_path))[0] == lines(0, 10)


def test_peek_gives_no_more_bytes_than_asked_for_but_a_line(tmp_path):
    s = spool(tmp_path)
    s.append(lines(0, 10))
    assert s.peek(10, 1)[0] == lines(0, 1)
    assert s.peek(10, 3 * 41)[0] == lines(0, 3)
    assert s.peek(2, 3 * 41)[0] == lines(0, 2)


def test_a_disk_that_is_full_keeps_nothing_of_a_record(tmp_path, monkeypatch):
    s = spool(tmp_path)
    s.append(lines(0, 3))
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[: len(data) // 2]))
    assert s.append(lines(3, 6)) == 0
    monkeypatch.undo()
    assert s.append(lines(6, 8)) == 2
    assert drain(s)[0] == lines(0, 3) + lines(6, 8)


def test_one_process_has_a_spool_at_a_time(tmp_path):
    s = spool(tmp_path)
    with pytest.raises(SpoolError):
        spool(tmp_path)
    Spool(str(tmp_path), "another", 4096).close()
    s.close()
    spool(tmp_path).close()


def test_nobody_else_can_read_the_spool(tmp_path):
    s = spool(tmp_path / "new")
    s.append(lines(0, 1))
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600} and (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_other_files_in_the_directory_are_left_alone(tmp_path):
    others = ["prog.spool", "prog.py.1.spool", "xprog.py.000000001.spool", "keep"]
    for name in others:
        (tmp_path / name).write_text("x")
    s = spool(tmp_path)
    assert s.points == 0
    assert all((tmp_path / name).read_text() == "x" for name in others)


def test_refused_batches_are_kept_with_their_reason(tmp_path):
    rejected = RejectedFile(str(tmp_path), "prog", 1 << 20)
    rejected.append(lines(0, 2), "2026-11-23T19:10:34+00:00", "400 Bad Request: why")
    rejected.append(lines(2, 3), "2026-11-23T19:10:35+00:00", "404 Not Found")
    assert (tmp_path / "rejected" / "prog.lp").read_bytes().split(b"\n") == [
        b"# 2026-11-23T19:10:34+00:00 2 points: 400 Bad Request: why",
        *lines(0, 2),
        b"# 2026-11-23T19:10:35+00:00 1 points: 404 Not Found",
        *lines(2, 3),
        b"",
    ]


def test_the_file_of_refused_batches_is_bounded(tmp_path):
    rejected = RejectedFile(str(tmp_path), "prog", 4096)
    for i in range(100):
        rejected.append(lines(i * 10, i * 10 + 10), "now", "no")
        total = sum(p.stat().st_size for p in (tmp_path / "rejected").iterdir())
        assert total <= 4096
    rejected.append(lines(0, 1000), "now", "no")
    last = (tmp_path / "rejected" / "prog.lp").read_bytes()
    assert last.startswith(b"# now 1000 points: no\n" + line(0)) and last.endswith(b"\n")
