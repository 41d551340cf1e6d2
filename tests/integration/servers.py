"""Real servers for a test: private, on sockets in a folder of their own or on ephemeral ports, ended by pid.

`Redis` can be killed and started again at the same path, `Influx` with the same data.
"""
import http.client
import json
import pathlib
import socket
import subprocess
import urllib.parse

import hiredis
from support import EVENTS, free_port, need
from waiting import wait_until


class Server:
    """A child process with its output in `folder`/`name`.log."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.process = None

    def _start(self, command, is_ready):
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder)
        wait_until(lambda: self._asked(is_ready), lambda: f"{self.name} is ready\n{self.log()[-2000:]}")

    def _asked(self, is_ready):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}\n{self.log()[-2000:]}")
        try:
            return is_ready()
        except (OSError, http.client.HTTPException):
            return False

    def log(self):
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def signal(self, signum):
        self.process.send_signal(signum)

    def kill(self):
        """kill -9, also of a stopped one; no harm when it is not running."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class RedisLink:
    """One connection that sends commands in bulk: 100,000 messages must not take longer than the test."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        self._reader = hiredis.Reader()

    def close(self):
        self._socket.close()

    def send(self, commands):
        """Commands as tuples of bytes or str."""
        out = []
        for words in commands:
            words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
            out.append(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words))
        self._socket.sendall(b"".join(out))

    def replies(self, n):
        got = []
        while len(got) < n:
            reply = self._reader.gets()
            if reply is False:
                data = self._socket.recv(1 << 18)
                if not data:
                    raise AssertionError("Redis closed a connection of the test's own")
                self._reader.feed(data)
                continue
            if isinstance(reply, Exception):
                raise reply
            got.append(reply)
        return got

    def call(self, *words):
        self.send([words])
        return self.replies(1)[0]


class Redis(Server):
    def __init__(self, folder, options=(), password=None):
        super().__init__(folder, "redis")
        self.socket = self.folder / "redis.sock"
        self.password = password
        self._options = list(options)
        self._link = None

    def start(self):
        self._start([need("redis-server"), "--port", "0", "--unixsocket", self.socket, "--save", "",
                     "--dir", self.folder, *(["--requirepass", self.password] if self.password else []),
                     *self._options], self._answers)
        return self

    def _answers(self):
        link = RedisLink(self.socket)
        try:
            if self.password:
                link.call("AUTH", self.password)
            return link.call("PING") == b"PONG"
        except hiredis.ReplyError:
            return False
        finally:
            link.close()

    def kill(self):
        if self._link:
            self._link.close()
            self._link = None
        super().kill()

    def link(self):
        link = RedisLink(self.socket)
        if self.password:
            link.call("AUTH", self.password)
        return link

    def call(self, *words):
        if not self._link:
            self._link = self.link()
        return self._link.call(*words)

    def clients(self):
        """CLIENT LIST as dicts."""
        text = self.call("CLIENT", "LIST").decode()
        return [dict(pair.split("=", 1) for pair in line.split(" ")) for line in text.splitlines()]

    def subscribers(self, channel=EVENTS):
        return self.call("PUBSUB", "NUMSUB", channel)[1]

    def publish(self, messages, receivers=1):
        """Publish all of them; every one must have reached `receivers` subscribers (None: no matter)."""
        if not self._link:
            self._link = self.link()
        self._link.send(("PUBLISH", EVENTS, m) for m in messages)
        reached = self._link.replies(len(messages))
        assert receivers is None or set(reached) <= {receivers}, f"messages reached {set(reached)} subscribers, expected {receivers}"

    def publish_bounded(self, messages, chunk=2000, unread_bytes=4 << 20):
        """The same, as fast as Redis takes them while its buffer for no subscriber gets near the limit (32 MB)."""
        for i in range(0, len(messages), chunk):
            self.publish(messages[i:i + chunk])
            wait_until(lambda: all(int(c["omem"]) < unread_bytes for c in self.clients()),
                       "the subscriber reads what is published")

    def tap(self, channel):
        return Tap(self.link(), channel)


class Tap:
    """Hears a channel from now on."""

    def __init__(self, link, channel):
        self._link = link
        assert link.call("SUBSCRIBE", channel)[0] == b"subscribe"

    def take(self, n):
        """The next n messages as they are; waits for them."""
        return [payload for _, _, payload in self._link.replies(n)]

    def take_json(self, n=1):
        return [json.loads(m) for m in self.take(n)]

    def assert_silent(self):
        """Nothing more has come: a message sent to itself is the next one."""
        self._link.send([("PING", "end of what was sent")])
        reply = self._link.replies(1)[0]
        assert reply[0] == b"pong", f"one more message: {reply[2][:200]!r}"

    def close(self):
        self._link.close()


def http_request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Influx(Server):
    """influxd 1.6."""

    def __init__(self, folder, users=False):
        super().__init__(folder, "influxd")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.credentials = None  # user, password
        (self.folder / "influxd.conf").write_text(f"""
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "{self.folder}/influx/meta"
[data]
dir = "{self.folder}/influx/data"
wal-dir = "{self.folder}/influx/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
auth-enabled = {str(users).lower()}
""")

    def start(self, database="behavioral_data"):
        self._start([need("influxd"), "-config", self.folder / "influxd.conf"],
                    lambda: http_request(self.port, "GET", "/ping")[0] == 204)
        if database:
            self.query(f'CREATE DATABASE "{database}"', database)
        return self

    def query(self, text, database="behavioral_data"):
        """Rows as dicts, from every series."""
        query = urllib.parse.urlencode({"db": database, "q": text, "epoch": "ns",
                                        **(dict(zip("up", self.credentials)) if self.credentials else {})})
        status, body = http_request(self.port, "POST", "/query?" + query)
        assert status == 200, body
        result = json.loads(body)["results"][0]
        assert "error" not in result, result
        return [{**s.get("tags", {}), **dict(zip(s["columns"], row))}
                for s in result.get("series", []) for row in s.get("values", [])]

    def points(self, measurement, database="behavioral_data"):
        return self.query(f'SELECT * FROM "{measurement}"', database)


class Victoria(Server):
    """victoria-metrics: a second real server for /api/v2/write.  It keeps milliseconds and one series a field."""

    def __init__(self, folder):
        super().__init__(folder, "victoria")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        self._start([need("victoria-metrics"), f"-httpListenAddr=127.0.0.1:{self.port}",
                     f"-storageDataPath={self.folder}/victoria", "-retentionPeriod=100y"],
                    lambda: http_request(self.port, "GET", "/ping")[0] == 204)
        return self

    def series(self, measurement):
        """{field: {time in ms: value}}, labels left out."""
        http_request(self.port, "GET", "/internal/force_flush")
        match = urllib.parse.quote(f'{{__name__=~"{measurement}_.*"}}')
        _, body = http_request(self.port, "GET", f"/api/v1/export?match[]={match}")
        found = {}
        for line in body.splitlines():
            row = json.loads(line)
            field = row["metric"]["__name__"].removeprefix(measurement + "_")
            found.setdefault(field, {}).update(zip(row["timestamps"], row["values"]))
        return found

