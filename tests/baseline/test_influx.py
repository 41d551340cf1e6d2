"""The writer thread against a database that the test plays: batches, failures, the spool."""

import errno
import os
import queue
import socket
import threading
import time

import pytest
from seclyzer import config, influx
from seclyzer.influx import InfluxClient, InfluxWriter, Refused, Unavailable
from seclyzer.spool import RejectedFile, Spool
from support import DEADLINE_S, FakeInflux, SilentServer, free_port, until


def line(i):
    return b"m,user_id=default n=%d %d" % (i, i)


def lines(*span):
    return [line(i) for i in range(*span)]


class Database:
    """Takes batches when the test lets it."""

    name = "http://test"

    def __init__(self):
        self.taken = []
        self.attempts = queue.Queue()
        self.failure = None  # raised instead of taking a batch
        self.is_open = threading.Event()
        self.is_open.set()

    def write(self, batch):
        self.attempts.put(list(batch))
        assert self.is_open.wait(DEADLINE_S)
        if self.failure is not None:
            raise self.failure
        self.taken += batch

    def next_attempt(self):
        return self.attempts.get(timeout=DEADLINE_S)


class Writer:
    def __init__(self, database, batch_size=10, flush_s=3600.0, spool=None, rejected=None):
        self.database = database
        self.writer = InfluxWriter(database, batch_size, flush_s, spool, rejected)
        self.writer.start()
        self.put, self.stop = self.writer.put, self.writer.stop

    def counters(self):
        c = self.writer.counters()
        assert c["queued"] == c["written"] + c["spooled"] + c["dropped"] + c["pending"], c
        return c

    def until(self, **wanted):
        def reached():
            c = self.counters()
            return all(c[name] == value for name, value in wanted.items())

        until(reached, lambda: f"{wanted}; at the end {self.counters()}")


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def spool(tmp_path):
    return Spool(str(tmp_path), "prog", 1 << 20)


@pytest.fixture
def impatient(monkeypatch):
    """No waiting between attempts, so that a test need not."""
    monkeypatch.setattr(influx.Backoff, "next_s", lambda self: 0.001)


def stop(writer, seconds=1.0):
    writer.stop(time.monotonic() + seconds)
    return writer.counters()


def test_a_full_batch_goes_out_at_once(database):
    w = Writer(database, batch_size=3)
    w.put(lines(0, 2))
    until(lambda: w.writer._changed._waiters, "the thread waits for more")
    assert w.counters()["pending"] == 2
    w.put(lines(2, 3))
    assert database.next_attempt() == lines(0, 3)
    w.until(written=3, pending=0)


def test_a_batch_goes_out_when_it_is_old_enough(database):
    w = Writer(database, flush_s=0.01)
    w.put(lines(0, 2))
    assert database.next_attempt() == lines(0, 2)
    w.until(written=2)
    w.put(lines(2, 3))
    assert database.next_attempt() == lines(2, 3)


def test_a_request_carries_all_that_wait(database):
    w = Writer(database, batch_size=10)
    w.put(lines(0, 35))
    assert database.next_attempt() == lines(0, 35)
    assert stop(w)["written"] == 35


def test_no_request_has_more_points_than_allowed(database, monkeypatch):
    monkeypatch.setattr(influx, "REQUEST_POINTS", 100)
    w = Writer(database, batch_size=10)
    w.put(lines(0, 250))
    for n in (100, 200):
        assert database.next_attempt() == lines(n - 100, n)
    assert database.next_attempt() == lines(200, 250)
    w.until(written=250)


@pytest.mark.parametrize("spooled", [False, True])
def test_no_request_has_more_bytes_than_allowed(database, monkeypatch, tmp_path, spooled):
    monkeypatch.setattr(influx, "REQUEST_BYTES", 1000)
    spool = Spool(str(tmp_path), "prog", 1 << 20)
    if spooled:
        spool.append(lines(0, 200))
    w = Writer(database, batch_size=1, spool=spool)
    if not spooled:
        w.put(lines(0, 200))
    w.until(written=200)
    sizes = [len(b"\n".join(batch)) for batch in list(database.attempts.queue)]
    assert max(sizes) <= 1000 and min(sizes[:-1]) > 900
    assert database.taken == lines(0, 200)


def test_full_batches_gather_while_requests_are_not_full(database):
    w = Writer(database, batch_size=1)
    for i in range(2000):
        w.put([line(i)])
    w.until(written=2000)
    assert database.attempts.qsize() < 200 and database.taken == lines(0, 2000)


def test_a_batch_that_failed_is_sent_again_before_anything_else(database, impatient):
    database.failure = Unavailable("503")
    w = Writer(database, batch_size=2)
    w.put(lines(0, 2))
    assert database.next_attempt() == lines(0, 2)
    w.put(lines(2, 6))
    for _ in range(3):
        assert database.next_attempt() == lines(0, 2)
    database.failure = None
    w.until(written=6)
    assert database.taken == lines(0, 6)


def test_a_refused_batch_is_not_sent_again(database, tmp_path):
    database.failure = Refused("400 Bad Request: no such field")
    w = Writer(database, batch_size=2, rejected=RejectedFile(str(tmp_path), "prog", 4096))
    w.put(lines(0, 2))
    w.until(dropped=2, refused=2)
    database.failure = None
    w.put(lines(2, 4))
    w.until(written=2)
    assert database.taken == lines(2, 4)
    kept = (tmp_path / "rejected" / "prog.lp").read_bytes()
    assert b"400 Bad Request: no such field" in kept and line(1) in kept


def test_put_does_not_wait_for_the_database(database, spool):
    database.is_open.clear()
    w = Writer(database, batch_size=1, spool=spool)
    began = time.monotonic()
    for i in range(5000):
        w.put([line(i)])
    assert time.monotonic() - began < 2  # 0.1 s on an idle machine; the database takes for ever
    assert w.counters()["queued"] == 5000
    database.is_open.set()


def test_what_memory_does_not_hold_goes_to_the_spool_and_comes_back_in_order(
    database, spool, impatient, monkeypatch
):
    small_memory(monkeypatch)
    database.failure = Unavailable("away")
    w = Writer(database, batch_size=50, flush_s=0.01, spool=spool)
    for i in range(0, 5000, 10):
        w.put(lines(i, i + 10))
        w.counters()
    assert w.counters()["spooled"] >= 3000
    database.failure = None
    w.until(written=5000, spooled=0, pending=0)
    assert list(dict.fromkeys(database.taken)) == lines(0, 5000)


def test_points_come_in_order_while_the_database_comes_and_goes(
    database, spool, impatient, monkeypatch
):
    small_memory(monkeypatch)
    w = Writer(database, batch_size=7, flush_s=0.0, spool=spool)
    for i in range(0, 6000, 20):
        database.failure = Unavailable("away") if i // 1500 % 2 else None
        w.put(lines(i, i + 20))
        w.counters()
    database.failure = None
    w.until(written=6000)
    assert list(dict.fromkeys(database.taken)) == lines(0, 6000)


def small_memory(monkeypatch):
    """Room for some 1,000 points, in requests of some 100."""
    monkeypatch.setattr(influx, "MEMORY_BYTES", 32_000)
    monkeypatch.setattr(influx, "REQUEST_BYTES", 3_200)


def test_without_a_spool_the_oldest_points_are_dropped_but_not_those_on_the_way(
    database, monkeypatch
):
    small_memory(monkeypatch)
    database.is_open.clear()
    w = Writer(database, batch_size=50)
    w.put(lines(0, 50))
    assert database.next_attempt() == lines(0, 50)
    for i in range(50, 3000, 50):
        w.put(lines(i, i + 50))
    c = w.counters()
    size = len(b"\n".join(lines(3000 - (c["pending"] - 50), 3000))) + 1
    size += len(b"\n".join(lines(0, 50))) + 1
    assert 32_000 - 50 < size <= 32_000 and c["dropped"] == 3000 - c["pending"]
    database.is_open.set()
    assert stop(w)["written"] == c["pending"]
    assert database.taken == lines(0, 50) + lines(3000 - (c["pending"] - 50), 3000)


def test_a_slow_database_has_every_point_that_is_counted_as_written(database, monkeypatch):
    small_memory(monkeypatch)
    w = Writer(database, batch_size=1)
    database.is_open.clear()
    for i in range(0, 20_000, 40):
        w.put(lines(i, i + 40))
        w.counters()
        if i % 1000 == 0:  # it takes what is on the way, and then waits again
            database.is_open.set()
            database.next_attempt()
            database.is_open.clear()
    assert w.counters()["dropped"] > 5000
    database.is_open.set()
    c = stop(w, DEADLINE_S)
    assert c["written"] == len(database.taken) == len(set(database.taken))
    assert c["dropped"] == 20_000 - len(database.taken)


def test_a_full_spool_drops_the_oldest_points_in_memory_and_keeps_the_files(
    database, tmp_path, monkeypatch
):
    small_memory(monkeypatch)
    database.is_open.clear()
    w = Writer(database, 50, 0.01, Spool(str(tmp_path), "prog", 8192))
    for i in range(0, 4000, 50):
        w.put(lines(i, i + 50))
    c = w.counters()
    assert c["dropped"] > 1000 and c["spooled"] > 150 and 900 < c["pending"] < 1100
    database.is_open.set()
    w.until(pending=0, spooled=0)
    got = list(dict.fromkeys(database.taken))
    assert got == sorted(got, key=lambda text: int(text.rsplit(b" ", 1)[1]))
    assert got[0] == line(0) and got[-1] == line(3999)


def test_stopping_sends_what_is_pending(database):
    w = Writer(database)
    w.put(lines(0, 5))
    assert stop(w) == {
        "queued": 5, "written": 5, "spooled": 0, "dropped": 0, "pending": 0, "refused": 0,
    }  # fmt: skip
    assert database.taken == lines(0, 5)


def test_stopping_while_the_database_is_away_spools_what_is_pending(database, spool, tmp_path):
    database.failure = Unavailable("away")
    w = Writer(database, batch_size=2, spool=spool)
    w.put(lines(0, 5))
    database.next_attempt()
    c = stop(w)
    assert (c["spooled"], c["pending"], c["written"]) == (5, 0, 0)
    assert Spool(str(tmp_path), "prog", 1 << 20).peek(10)[0] == lines(0, 5)


def test_stopping_gives_up_a_request_without_an_answer_in_time(database, spool):
    database.is_open.clear()
    w = Writer(database, batch_size=2, spool=spool)
    w.put(lines(0, 5))
    database.next_attempt()
    began = time.monotonic()
    c = stop(w, 0.2)
    assert time.monotonic() - began < 1
    assert (c["spooled"], c["pending"]) == (5, 0)
    database.is_open.set()


def test_an_answer_that_comes_after_the_stop_changes_no_counter(database, spool):
    database.is_open.clear()
    w = Writer(database, batch_size=2, spool=spool)
    w.put(lines(0, 2))
    database.next_attempt()
    before = stop(w, 0.05)
    database.is_open.set()
    w.writer._thread.join(DEADLINE_S)
    assert w.counters() == before


def test_stopping_without_a_spool_drops_and_counts_what_cannot_be_sent(database):
    database.failure = Unavailable("away")
    w = Writer(database, batch_size=2)
    w.put(lines(0, 5))
    database.next_attempt()
    c = stop(w, 0.3)
    assert (c["dropped"], c["pending"]) == (5, 0)


def test_stopping_without_a_spool_tries_again_until_the_deadline(database):
    database.failure = Unavailable("away")
    w = Writer(database)
    w.put(lines(0, 5))

    def come_back():
        for _ in range(3):
            database.next_attempt()
        database.failure = None

    helper = threading.Thread(target=come_back)
    helper.start()
    c = stop(w, DEADLINE_S)
    helper.join()
    assert (c["written"], c["dropped"]) == (5, 0)


def test_a_spool_that_cannot_be_read_now_is_read_later(database, tmp_path, impatient, monkeypatch):
    spool = Spool(str(tmp_path), "prog", 1 << 20)
    spool.append(lines(0, 5))
    read, failures = spool._begin_reading, iter(range(3))

    def fail_at_first():
        if next(failures, None) is not None:
            raise OSError(errno.EMFILE, "too many")
        return read()

    monkeypatch.setattr(spool, "_begin_reading", fail_at_first)
    w = Writer(database, spool=spool)
    w.until(written=5, dropped=0)
    assert database.taken == lines(0, 5) and next(failures, None) is None


def test_the_end_counts_to_the_end_when_the_disk_is_full(database, tmp_path, monkeypatch):
    monkeypatch.setattr(influx, "REQUEST_BYTES", 60)
    spool = Spool(str(tmp_path), "prog", 1 << 20)
    spool.append(lines(0, 20))
    w = Writer(database, spool=spool)
    database.next_attempt()

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    c = stop(w)
    assert c["pending"] == 0 and c["queued"] == 20


def test_points_found_in_the_spool_count_as_queued_and_spooled_and_are_sent_first(
    database, tmp_path
):
    earlier = Spool(str(tmp_path), "prog", 1 << 20)
    earlier.append(lines(0, 25))
    earlier.close()
    database.is_open.clear()
    w = Writer(database, batch_size=10, spool=Spool(str(tmp_path), "prog", 1 << 20))
    w.put(lines(25, 34))
    c = w.counters()
    assert (c["queued"], c["spooled"], c["pending"]) == (34, 25, 9)
    database.is_open.set()
    w.until(written=25)
    w.put(lines(34, 40))
    assert stop(w)["written"] == 40
    assert database.taken == lines(0, 40)


def test_a_damaged_record_of_the_spool_is_counted_as_dropped(database, tmp_path):
    earlier = Spool(str(tmp_path), "prog", 1 << 20)
    earlier.append(lines(0, 10))
    earlier.close()
    path = next(tmp_path.glob("*.spool"))
    path.write_bytes(path.read_bytes().replace(b"n=4", b"n=5"))
    w = Writer(database, batch_size=3, spool=Spool(str(tmp_path), "prog", 1 << 20))
    w.until(written=9, dropped=1, spooled=0)
    assert database.taken == lines(0, 4) + lines(5, 10)


def test_away_and_back_are_one_line_each(database, impatient, caplog):
    caplog.set_level("INFO", "seclyzer")
    database.failure = Unavailable("503 Service Unavailable")
    w = Writer(database, batch_size=1)
    w.put(lines(0, 3))
    for _ in range(20):
        database.next_attempt()
    database.failure = None
    w.until(written=3)
    assert caplog.text.count("is away: 503 Service Unavailable") == 1
    until(lambda: "is back" in caplog.text, "the line that it is back")
    assert caplog.text.count("is back") == 1


# --- the client -------------------------------------------------------------------------


def client(url, **environ):
    return InfluxClient(config.load("mouse", {"INFLUX_URL": url, **environ}, "/nonexistent"))


def request(fake):
    return fake.requests.get(timeout=DEADLINE_S)


def test_v2_writes_with_organisation_bucket_precision_and_token(fake_influx):
    client(fake_influx.url, INFLUX_TOKEN="t0ken", INFLUX_ORG="an org").write(lines(0, 2))
    method, path, headers, body = request(fake_influx)
    assert method == "POST"
    assert path == "/api/v2/write?org=an%20org&bucket=behavioral_data&precision=ns"
    assert headers["Authorization"] == "Token t0ken"
    assert body == line(0) + b"\n" + line(1)


def test_v1_writes_to_a_database_with_user_and_password(fake_influx):
    more = {"INFLUX_API": "v1", "INFLUX_USER": "u", "INFLUX_PASSWORD": "p:w"}
    client(fake_influx.url + "/base/", INFLUX_BUCKET="d&b", **more).write(lines(0, 1))
    _, path, headers, _ = request(fake_influx)
    assert path == "/base/write?db=d%26b&precision=ns"
    assert headers["Authorization"] == "Basic dTpwOnc="


@pytest.mark.parametrize(
    "version, path",
    [("1.6.7", "/write?"), ("1.8", "/write?"), ("2.7.1", "/api/v2/"), ("10.1", "/api/v2/")],
)
def test_auto_asks_the_server_for_its_version(fake_influx, version, path):
    fake_influx.ping_headers = {"X-Influxdb-Version": version}
    c = client(fake_influx.url, INFLUX_API="auto", INFLUX_TOKEN="t")
    c.write(lines(0, 1))
    c.write(lines(1, 2))
    assert request(fake_influx)[:2] == ("GET", "/ping")
    assert request(fake_influx)[1].startswith(path)
    assert request(fake_influx)[1].startswith(path)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_4xx_is_a_refusal_with_the_reason_of_the_database(fake_influx, status):
    fake_influx.answer = (status, b'{"error":"partial\n write"}')
    with pytest.raises(Refused, match=f'^{status} .*partial write'):
        client(fake_influx.url).write(lines(0, 1))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 302])
def test_other_failures_are_temporary(fake_influx, status):
    fake_influx.answer = (status, b"")
    with pytest.raises(Unavailable, match=f"^{status} "):
        client(fake_influx.url).write(lines(0, 1))


def test_a_server_that_is_not_there_is_temporary():
    with pytest.raises(Unavailable, match="refused"):
        client(f"http://127.0.0.1:{free_port()}").write(lines(0, 1))
    with pytest.raises(Unavailable):
        client("http://a..b").write(lines(0, 1))


def test_a_server_that_never_answers_is_temporary(monkeypatch):
    monkeypatch.setattr(influx, "TIMEOUT_S", 0.05)
    server = SilentServer()
    with pytest.raises(Unavailable, match="no answer"):
        client(server.url).write(lines(0, 1))
    server.stop()


def test_a_server_that_speaks_something_else_is_temporary():
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        for _ in range(2):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(Unavailable):
        client(f"http://127.0.0.1:{server.getsockname()[1]}").write(lines(0, 1))
    server.close()


def test_one_connection_serves_many_batches_and_is_opened_again_when_it_was_closed(fake_influx):
    c = client(fake_influx.url)
    c.write(lines(0, 1))
    first = c._connection.sock
    c.write(lines(1, 2))
    assert c._connection.sock is first
    first.shutdown(socket.SHUT_RDWR)
    c.write(lines(2, 3))
    assert fake_influx.lines() == [text.decode() for text in lines(0, 3)]


def test_a_restarted_server_is_no_failure():
    fake = FakeInflux()
    c = client(fake.url)
    c.write(lines(0, 1))
    fake.stop()
    again = FakeInflux(fake.port)
    c._connection.sock.shutdown(socket.SHUT_RDWR)
    c.write(lines(1, 2))
    assert again.lines() == [line(1).decode()]
    again.stop()


def test_the_name_for_log_lines_has_no_path():
    assert client("http://host:8086/base").name == "http://host:8086"


def test_an_answer_about_the_spool_that_comes_after_the_stop_is_too_late(database, tmp_path):
    earlier = Spool(str(tmp_path), "prog", 1 << 20)
    earlier.append(lines(0, 5))
    earlier.close()
    database.is_open.clear()
    w = Writer(database, batch_size=3, spool=Spool(str(tmp_path), "prog", 1 << 20))
    assert database.next_attempt() == lines(0, 5)
    before = stop(w, 0.05)
    database.is_open.set()
    w.writer._thread.join(DEADLINE_S)
    assert w.counters() == before and before["spooled"] == 5
    assert Spool(str(tmp_path), "prog", 1 << 20).points == 5
