"""SIGTERM, SIGINT and SIGUSR1 as flags, and a descriptor that wakes a poll()."""

import signal
import socket
import time


class Signals:
    """The flags are looked at between messages, so no signal ever sees half of one."""

    def __init__(self):
        self.stopped_at = None  # monotonic
        self.wants_stats = False
        # The interpreter writes a byte into one end for every signal.
        self._wake, self._end = socket.socketpair()
        self._wake.setblocking(False)
        self._end.setblocking(False)
        self.fd = self._wake.fileno()
        signal.set_wakeup_fd(self._end.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGUSR1, self._on_stats)

    def _on_stop(self, _signum, _frame):
        if self.stopped_at is None:
            self.stopped_at = time.monotonic()

    def _on_stats(self, _signum, _frame):
        self.wants_stats = True

    def drain(self):
        """Take what has been written, so that the descriptor can wake again."""
        try:
            self._wake.recv(512)
        except BlockingIOError:
            pass
