"""The systemd notification protocol (sd_notify(3)): READY=1 and WATCHDOG=1."""

import os
import socket
import time

from .log import logger


INTERVAL_MAX_S = 7200  # more often than asked for harms nobody; poll() takes milliseconds in 31 bits


class Notifier:
    """Tells systemd, or whoever set NOTIFY_SOCKET, how we are."""

    def __init__(self, environ=os.environ):
        address = environ.get("NOTIFY_SOCKET", "")
        # "@name" is the abstract socket "\0name".
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._interval_s = self._watchdog_interval_s(environ) if address else None
        self._next = 0.0

    @staticmethod
    def _watchdog_interval_s(environ):
        """Half of what systemd allows, as sd_watchdog_enabled(3) advises; None without one."""
        usec = environ.get("WATCHDOG_USEC", "")
        pid = environ.get("WATCHDOG_PID", "")
        if not (usec.isascii() and usec.isdigit() and int(usec) > 0):
            return None
        if pid and pid != str(os.getpid()):
            return None
        return min(int(usec) / 1e6, INTERVAL_MAX_S) / 2

    def ready(self):
        self._send(b"READY=1")

    def stopping(self):
        self._send(b"STOPPING=1")

    def watchdog(self):
        """Send WATCHDOG=1 when one is due; seconds until the next, None without a watchdog."""
        if self._interval_s is None:
            return None
        now = time.monotonic()
        if now >= self._next:
            self._send(b"WATCHDOG=1")
            self._next = now + self._interval_s
        return self._next - now

    def _send(self, text):
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as s:
                # A supervisor that does not read must not stop us.
                s.setblocking(False)
                s.sendto(text, self._address)
        except OSError as e:
            logger.warning("NOTIFY_SOCKET: cannot send %s: %s", text.decode(), e.strerror)
