"""Servers that misbehave in a chosen way: what a real one cannot be told to do."""
import contextlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import http_request


class _Listener(contextlib.AbstractContextManager):
    """Accepts in a thread and hands each connection to serve(), in a thread of its own."""

    def __init__(self, listener):
        self.accepted = 0
        self._listener = listener
        self._open = []
        self._threads = []
        self._run(self._accept)

    def _run(self, what, *args):
        thread = threading.Thread(target=what, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            self._run(self.serve, connection)

    def serve(self, connection):
        raise NotImplementedError

    def stop(self):
        """No new connections, and those there are end."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(10)

    def __exit__(self, *_):
        self.stop()


class Relay(_Listener):
    """TCP in front of a server's Unix socket; what the server says goes on in pieces of so many bytes."""

    def __init__(self, path, piece):
        self._path, self._piece = str(path), piece
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        super().__init__(listener)

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._path)
        self._open.append(server)
        self._run(self._pump, connection, server, 1 << 16)
        self._pump(server, connection, self._piece)

    @staticmethod
    def _pump(source, sink, piece):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                for i in range(0, len(data), piece):
                    sink.sendall(data[i:i + piece])
            sink.shutdown(socket.SHUT_RDWR)


class Closer(_Listener):
    """Listens at the path of a Unix socket and closes every connection at once, with these as its only words."""

    def __init__(self, path, words=b""):
        self._path = str(path)
        self._words = words
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path)
        listener.listen()
        super().__init__(listener)

    def serve(self, connection):
        with contextlib.suppress(OSError):
            connection.sendall(self._words)
        connection.close()

    def stop(self):
        super().stop()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)


class Silent(_Listener):
    """Accepts on a port and never says a word."""

    def __init__(self, port):
        listener = socket.create_server(("127.0.0.1", port))
        super().__init__(listener)

    def serve(self, connection):
        pass


class Babbler(Silent):
    """Answers every connection with what is not HTTP, and closes it."""

    def serve(self, connection):
        with contextlib.suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(b"\x00\xff 220 mail.example ready\r\n\r\n" * 3)
        connection.close()


class FaultyDatabase(contextlib.AbstractContextManager):
    """HTTP in front of a real database: hands requests on, or answers as it was told.

    `answer`: None hands on, "hang" leaves the client waiting until the answer is another one,
    "reset" closes without a word, (status, headers, body) says that.
    """

    def __init__(self, port=None):
        self.answer = None
        self.requests = []  # (method, path, headers, body, status that was answered)
        self.attempts = 0
        self._released = threading.Event()
        self._database = port
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def now(self, answer):
        """Requests that hang get this answer too."""
        self.answer = answer
        self._released.set()
        self._released = threading.Event()

    def answer_to(self, method, path, body, headers):
        while self.answer == "hang":
            self._released.wait(0.05)
        if self.answer == "reset":
            return None
        if self.answer is not None:
            status, extra, text = self.answer
            return status, extra, text(headers) if callable(text) else text
        kept = {k: v for k, v in headers.items() if k.lower() in ("authorization", "content-type")}
        status, text = http_request(self._database, method, path, body, kept)
        version = {"X-Influxdb-Version": "1.6.7"} if path.endswith("/ping") else {}
        return status, version, text

    def _handler(self):
        database = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self):
                database.attempts += 1
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = database.answer_to(self.command, self.path, body, self.headers)
                database.requests.append((self.command, self.path, dict(self.headers), body, answer and answer[0]))
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, text = answer
                with contextlib.suppress(OSError):  # the client may have given up
                    self.send_response(status)
                    for name, value in {**headers, "Content-Length": len(text)}.items():
                        self.send_header(name, str(value))
                    self.end_headers()
                    self.wfile.write(text)

            do_GET = do_POST = _serve

            def log_message(self, *_):
                pass

        return Handler

    def __exit__(self, *_):
        self.now("reset")
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
