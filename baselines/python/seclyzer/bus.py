"""Redis: one subscription, and the connections that publish.

redis-py opens the connections and logs in; after that the sockets are read here, with
hiredis itself: `Connection.read_response()` costs 0.9 µs a message, the parser 0.25 µs.
The sockets do not block and publishing does not wait for its answer, so a Redis
that stands still cannot hold the process.
"""

import math
import re
import select
import socket
import time

import hiredis
import redis

from .log import Limited, logger
from .wire import EVENTS_CHANNEL

CONNECT_TIMEOUT_S = 1.0
READ_BYTES = 65536
SEND_AT_BYTES = 16384
UNSENT_BYTES_MAX = 8 << 20

# A peer that has vanished is noticed by the kernel, without waking this process.
_KEEPALIVE = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}

# pack_command() of redis-py does the same in ten times the time.
_PUBLISH = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"


class BusError(Exception):
    """Redis is away; the text says why."""


class _Link:
    """A connection that redis-py has opened, read and written without blocking."""

    def __init__(self, connection, first_command=()):
        connection.connect()
        if first_command:
            connection.send_command(*first_command)
        self._connection = connection  # closes the socket when it goes
        self._socket = connection._sock
        self._socket.setblocking(False)
        self._reader = hiredis.Reader()
        self.fd = self._socket.fileno()

    def receive(self, buffer):
        """Read once; then next_reply() gives what is complete.  Raises BusError."""
        try:
            n = self._socket.recv_into(buffer)
        except BlockingIOError:
            return
        except OSError as e:
            raise BusError(e.strerror) from None
        if n == 0:
            raise BusError("the connection was closed")
        self._reader.feed(buffer, 0, n)

    def replies(self):
        """The complete replies that have come."""
        replies = []
        gets = self._reader.gets
        try:
            while (reply := gets()) is not False:
                replies.append(reply)
        except hiredis.ProtocolError as e:
            raise BusError(str(e)) from None
        return replies

    def close(self):
        self._connection.disconnect()


class _Publisher(_Link):
    def __init__(self, connection):
        super().__init__(connection)
        self.unsent = bytearray()
        self.unanswered = 0  # messages, sent or not
        self.waits_for_room = False

    def add(self, channel, message):
        self.unsent += _PUBLISH % (len(channel), channel, len(message), message)
        self.unanswered += 1

    def send(self):
        """Send what the socket takes now.  Raises BusError."""
        try:
            del self.unsent[: self._socket.send(self.unsent)]
        except BlockingIOError:
            pass
        except OSError as e:
            raise BusError(e.strerror) from None


class Bus:
    """All connections to Redis; used by one thread."""

    def __init__(self, settings, signals):
        self.publish_errors = 0
        self._settings = settings
        self._signals = signals
        self._poll = select.poll()
        self._poll.register(signals.fd, select.POLLIN)
        self._subscriber = None
        self._publishers = [None] * settings.redis_pool_size  # None where there is none
        self._turn = 0
        self._broken = None  # why a lost publisher could not be opened again
        self._early = []  # messages that came along with the confirmation
        self._buffer = bytearray(READ_BYTES)
        self._refused = Limited()
        self.name = settings.redis_socket or f"{settings.redis_host}:{settings.redis_port}"

    # --- connecting ----------------------------------------------------------------

    def open(self):
        """Connect what is not, subscribe and wait for the confirmation.  Raises BusError."""
        self._broken = None
        try:
            self._drop_dead_publishers()
            for i, publisher in enumerate(self._publishers):
                if publisher is None:
                    self._open_publisher(i)
            self._subscriber = _Link(self._connection(), ("SUBSCRIBE", EVENTS_CHANNEL))
            self._poll.register(self._subscriber.fd, select.POLLIN)
            self._early = self._await_subscription()
        except (redis.RedisError, OSError, BusError) as e:
            self.unsubscribe()
            raise BusError(self._shown(e)) from None

    def _drop_dead_publishers(self):
        for fd, _ in self._poll.poll(0):
            self._serve_publisher(fd)

    def _connection(self):
        s = self._settings
        login = {
            "username": s.redis_username or None,
            "password": s.redis_password or None,
            "socket_timeout": CONNECT_TIMEOUT_S,
        }
        if s.redis_socket:
            return redis.UnixDomainSocketConnection(path=s.redis_socket, **login)
        return redis.Connection(
            host=s.redis_host,
            port=s.redis_port,
            socket_keepalive=True,
            socket_keepalive_options=_KEEPALIVE,
            **login,
        )

    def _open_publisher(self, i):
        self._publishers[i] = _Publisher(self._connection())
        self._poll.register(self._publishers[i].fd, select.POLLIN)

    def _await_subscription(self):
        link = self._subscriber
        poll = select.poll()
        poll.register(link.fd, select.POLLIN)
        give_up = time.monotonic() + CONNECT_TIMEOUT_S
        while poll.poll(max(0, (give_up - time.monotonic()) * 1000)):
            link.receive(self._buffer)
            replies = link.replies()
            if replies:
                if isinstance(replies[0], hiredis.ReplyError):
                    raise BusError(str(replies[0]))
                if type(replies[0]) is not list or replies[0][:1] != [b"subscribe"]:
                    raise BusError("the answer to SUBSCRIBE is another one")
                return self._messages(replies[1:])
        raise BusError("no answer to SUBSCRIBE")

    def _shown(self, error):
        """One line, without the password that a server may repeat."""
        # "unknown command 'AUTH', with args beginning with: ...": of these it may be a part.
        text = re.sub("(args beginning with:).*", r"\1 ...", str(error), flags=re.DOTALL)
        if self._settings.redis_password:
            text = text.replace(self._settings.redis_password, "***")
        return " ".join(text.split())

    def unsubscribe(self):
        """Drop the subscription; publishers that work keep what they have to send."""
        if self._subscriber is not None:
            self._poll.unregister(self._subscriber.fd)
            self._subscriber.close()
            self._subscriber = None
        self._early = []

    def close(self):
        """Drop all connections; what Redis has not acknowledged counts as an error."""
        self.unsubscribe()
        for i, publisher in enumerate(self._publishers):
            if publisher is not None:
                self._lose_publisher(i)

    # --- receiving -------------------------------------------------------------------

    def wait(self, timeout_s=None):
        """Sleep until something happens; the messages that have come.  Raises BusError."""
        if self._broken is not None:
            raise BusError(self._broken)
        if self._early:
            early, self._early = self._early, []
            return early
        messages = ()
        timeout_ms = None if timeout_s is None else math.ceil(timeout_s * 1000)
        for fd, _ in self._poll.poll(timeout_ms):
            if fd == self._signals.fd:
                self._signals.drain()
            elif self._subscriber is not None and fd == self._subscriber.fd:
                self._subscriber.receive(self._buffer)
                messages = self._messages(self._subscriber.replies())
            else:
                self._serve_publisher(fd)
        return messages

    @staticmethod
    def _messages(replies):
        return [
            reply[2]
            for reply in replies
            if type(reply) is list and len(reply) == 3 and reply[0] == b"message"
        ]

    # --- publishing -------------------------------------------------------------------

    def publish(self, channel, message):
        """Hand over one message; flush() sends it.  Never fails: what is lost is counted."""
        self._turn = (self._turn + 1) % len(self._publishers)
        publisher = self._publishers[self._turn] or self._reopen_publisher(self._turn)
        if publisher is None or len(publisher.unsent) > UNSENT_BYTES_MAX:
            self.publish_errors += 1
            return
        publisher.add(channel, message)
        if len(publisher.unsent) >= SEND_AT_BYTES:
            self._send(self._turn)

    def _reopen_publisher(self, i):
        if self._broken is None:
            try:
                self._open_publisher(i)
            except (redis.RedisError, OSError) as e:
                self._broken = self._shown(e)  # wait() says it
        return self._publishers[i]

    def flush(self):
        for i, publisher in enumerate(self._publishers):
            if publisher is not None and publisher.unsent:
                self._send(i)

    def _send(self, i):
        publisher = self._publishers[i]
        if publisher.waits_for_room:
            return  # poll() tells when there is some
        try:
            publisher.send()
        except BusError as e:
            logger.debug("Redis: a publisher was lost: %s", e)
            self._lose_publisher(i)
            return
        if publisher.unsent:
            publisher.waits_for_room = True
            self._poll.modify(publisher.fd, select.POLLIN | select.POLLOUT)

    def _serve_publisher(self, fd):
        for i, publisher in enumerate(self._publishers):
            if publisher is not None and publisher.fd == fd:
                break
        else:
            return
        try:
            publisher.receive(self._buffer)
            replies = publisher.replies()
            if len(replies) > publisher.unanswered:  # as of a server that has no room for clients
                raise BusError("an answer to nothing")
        except BusError as e:
            # Redis may close a connection that is idle; it is opened again when needed.
            logger.debug("Redis: a publisher was lost: %s", e)
            self._lose_publisher(i)
            return
        publisher.unanswered -= len(replies)
        for reply in replies:
            if isinstance(reply, hiredis.ReplyError):
                self._was_refused(reply)
        if publisher.waits_for_room:
            publisher.waits_for_room = False
            self._poll.modify(fd, select.POLLIN)
            self._send(i)

    def _was_refused(self, reply):
        self.publish_errors += 1
        if refused := self._refused.due():
            logger.warning("Redis refused %d feature messages: %s", refused, self._shown(reply))

    def _lose_publisher(self, i):
        publisher = self._publishers[i]
        self._publishers[i] = None
        self._poll.unregister(publisher.fd)
        publisher.close()
        self.publish_errors += publisher.unanswered

    def finish(self, deadline):
        """Stop reading events, wait for the acknowledgements until `deadline`, and close."""
        self.unsubscribe()
        self.flush()
        while self._broken is None and any(p and p.unanswered for p in self._publishers):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self.wait(left)
        self.close()
