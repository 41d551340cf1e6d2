"""The patterns of app_tracker in SQLite: table `config`, key `app_patterns`.

A save runs in a thread of its own: committing waits for the disk, and another program
may hold the database's lock.
"""

import sqlite3
import threading
from contextlib import closing

from .event import parse_json
from .log import logger
from .wire import to_json

KEY = "app_patterns"
LOCK_TIMEOUT_S = 0.5

_CREATE = (
    "CREATE TABLE IF NOT EXISTS config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)"
)
_SAVE = (
    "INSERT INTO config(key, value, updated_at) VALUES(?, ?, CURRENT_TIMESTAMP)"
    " ON CONFLICT(key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
)


class PatternsDb:
    def __init__(self, path):
        self._path = path
        self._thread = None

    def load(self):
        """What was saved, or None.  Raises ValueError when it cannot be read."""
        try:
            with closing(self._connect()) as db, db:
                db.execute(_CREATE)
                row = db.execute("SELECT value FROM config WHERE key = ?", (KEY,)).fetchone()
        except sqlite3.Error as e:
            raise ValueError(f"{self._path}: {e}") from None
        if row is None:
            return None
        if not isinstance(row[0], str):
            raise ValueError(f"{self._path}: {KEY} is not text")
        try:
            return parse_json(row[0])
        except ValueError:
            raise ValueError(f"{self._path}: {KEY} is not JSON") from None

    def save(self, patterns):
        """Begin to save; False when the save before is still running."""
        if self._thread is not None and self._thread.is_alive():
            return False
        text = to_json(patterns)
        self._thread = threading.Thread(target=self._write, args=(text,), daemon=True)
        self._thread.start()
        return True

    def join(self, timeout_s):
        """Wait for the save that is running."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _write(self, text):
        try:
            with closing(self._connect()) as db, db:
                db.execute(_CREATE)
                db.execute(_SAVE, (KEY, text))
        except sqlite3.Error as e:
            logger.warning("%s: patterns not saved: %s", self._path, e)

    def _connect(self):
        return sqlite3.connect(self._path, timeout=LOCK_TIMEOUT_S)
