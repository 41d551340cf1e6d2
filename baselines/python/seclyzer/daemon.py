"""The live extractor: from Redis through the engine to Redis and InfluxDB.

One loop in the main thread: wait for messages, feed them to the engine, publish
the features, and only then hand them to the thread that writes to InfluxDB.
"""

import json
import select
import time

from . import stats
from .backoff import Backoff
from .bus import Bus, BusError
from .config import TRACKERS, ConfigError
from .engine import make_engine
from .log import Limited, logger
from .notify import Notifier
from .wire import EVENTS_CHANNEL, ROUTES, influx_line, message_json

STOP_S = 1.7  # contract: flushed or spooled within 2 s, the interpreter's end included
PUBLISH_ACK_S = 0.4  # the parts of it that others may use for answers
INFLUX_ANSWER_S = 1.4
PATTERNS_S = 60.0


class Daemon:
    def __init__(self, kind, settings, signals):
        self._started = time.monotonic()
        self._kind = kind
        self._channel = ROUTES[kind].channel.encode()
        self._signals = signals
        self._notifier = Notifier()
        self._engine = make_engine(kind, settings)
        self._engine.begin(self._started)
        self._bus = Bus(settings, signals)
        self._influx = _make_influx(kind, settings)
        self._patterns = _Patterns(kind, settings, self._engine, self._started)
        self._backoff = Backoff()
        self._reconnects = 0
        self._is_away = False
        self._ever_subscribed = False
        self._rejected_seen = 0
        self._rejected_limit = Limited()

    # --- life cycle --------------------------------------------------------------------

    def run(self, exit_when_ready=False):
        try:
            self._run(exit_when_ready)
        finally:
            # After a bug, too: what is pending can still be kept.
            self._finish()

    def _run(self, exit_when_ready):
        self._patterns.load()
        if self._influx:
            self._influx.start()
        while self._signals.stopped_at is None:
            if not self._connect():
                continue
            if exit_when_ready:
                return
            # READY=1 means subscribed, and events wait in the socket for this.
            self._engine.warm_up()
            try:
                self._serve()
            except BusError as e:
                self._bus.unsubscribe()
                self._went_away(e)
                self._rest(self._backoff.next_s())

    def _connect(self):
        """One attempt; False after it failed and the backoff is over."""
        try:
            self._bus.open()
        except BusError as e:
            self._went_away(e)
            self._rest(self._backoff.next_s())
            return False
        if self._is_away:
            self._is_away = False
            logger.info("Redis at %s is back", self._bus.name)
        if self._ever_subscribed:
            self._reconnects += 1
        else:
            self._ever_subscribed = True
            logger.info("ready: subscribed to %s", EVENTS_CHANNEL)
        self._backoff.reset()
        self._notifier.ready()
        return True

    def _went_away(self, error):
        if not self._is_away:
            self._is_away = True
            logger.warning("Redis at %s is away: %s", self._bus.name, error)

    def _rest(self, seconds):
        """Wait while there is no connection, but not through a signal to stop."""
        until = time.monotonic() + seconds
        while self._signals.stopped_at is None:
            left = until - time.monotonic()
            if left <= 0:
                return
            beat = self._notifier.watchdog()
            select.select([self._signals.fd], [], [], left if beat is None else min(left, beat))
            self._signals.drain()
            self._say_stats()

    def _serve(self):
        """Until a signal to stop, or BusError."""
        signals, bus, feed = self._signals, self._bus, self._engine.feed
        watchdog = self._notifier.watchdog
        while signals.stopped_at is None:
            messages = bus.wait(watchdog())
            if messages:
                features = []
                for message in messages:
                    feature = feed(message)
                    if feature is not None:
                        bus.publish(self._channel, message_json(feature).encode())
                        features.append(feature)
                        # Behind each may be an extraction of milliseconds.
                        if signals.stopped_at is not None:
                            break
                self._after_messages(features)
            if signals.wants_stats:
                self._say_stats()

    def _after_messages(self, features):
        if features:
            self._bus.flush()
            if self._influx:
                self._influx.put([influx_line(feature).encode() for feature in features])
        if self._engine.rejected_total != self._rejected_seen:
            self._say_rejected()
        self._patterns.refresh()

    def _finish(self):
        asked_at = self._signals.stopped_at or time.monotonic()
        deadline = asked_at + STOP_S
        self._notifier.stopping()
        self._patterns.save_last()
        self._bus.finish(min(time.monotonic() + PUBLISH_ACK_S, deadline))
        if self._influx:
            self._influx.stop(asked_at + INFLUX_ANSWER_S)
        self._patterns.finish(deadline)
        if rest := self._rejected_limit.rest():
            logger.warning("%d more messages rejected", rest)
        self._print_stats()

    # --- what is said ------------------------------------------------------------------

    def _say_rejected(self):
        new = self._engine.rejected_total - self._rejected_seen
        self._rejected_seen = self._engine.rejected_total
        if since := self._rejected_limit.due(new):
            # Never the content: the names of keys are private.
            logger.warning(
                "%d messages rejected since the last such line; in all: %s",
                since,
                json.dumps({r: n for r, n in self._engine.rejected.items() if n}),
            )

    def _say_stats(self):
        if self._signals.wants_stats:
            self._signals.wants_stats = False
            self._print_stats()

    def _print_stats(self):
        stats.write(
            self._engine,
            publish_errors=self._bus.publish_errors,
            points=self._influx.counters() if self._influx else {},
            reconnects=self._reconnects,
            uptime_ms=int((time.monotonic() - self._started) * 1000),
        )


class _Patterns:
    """When the patterns of app_tracker are saved; for the other extractors, nothing."""

    def __init__(self, kind, settings, engine, now):
        self._engine = engine
        self._db = None
        self._saved_at = now
        self._seen = 0  # events at the last refresh()
        self._saved = 0  # events at the last save
        if kind == "app" and settings.sqlite_db_path:
            from .patterns_db import PatternsDb

            self._db = PatternsDb(settings.sqlite_db_path)

    def load(self):
        if self._db is None:
            return
        try:
            saved = self._db.load()
            if saved is not None:
                self._engine.tracker.load(saved)
        except ValueError as e:
            logger.warning("patterns start empty: %s", e)

    def refresh(self):
        """Save when there was an event and the last save is long enough ago."""
        if self._db is None or self._engine.accepted == self._seen:
            return
        self._seen = self._engine.accepted
        now = time.monotonic()
        if now - self._saved_at >= PATTERNS_S and self._save():
            self._saved_at = now

    def _save(self):
        if not self._db.save(self._engine.tracker.patterns.to_saved()):
            return False
        self._saved = self._engine.accepted
        return True

    def save_last(self):
        """Begin to save what came since the last time."""
        if self._db is not None and self._engine.accepted != self._saved:
            self._db.join(PUBLISH_ACK_S)  # of a save that is running, which is rare
            self._save()

    def finish(self, deadline):
        """Wait for the last save."""
        if self._db is not None:
            self._db.join(max(0.0, deadline - time.monotonic()))


def _make_influx(kind, settings):
    """The writer, or None without a database.  Raises ConfigError."""
    if not settings.influx_url:
        logger.info("INFLUX_URL is not set: features go to Redis only")
        return None
    from .influx import InfluxClient, InfluxWriter
    from .spool import RejectedFile, Spool, SpoolError

    spool = rejected_file = None
    if settings.spool_dir:
        where = (settings.spool_dir, TRACKERS[kind], settings.spool_max_bytes)
        try:
            spool = Spool(*where)
        except SpoolError as e:
            raise ConfigError(
                f"SPOOL_DIR: {settings.spool_dir!r} is not allowed: "
                f"a directory to write to is ({e})"
            ) from None
        rejected_file = RejectedFile(*where)
    return InfluxWriter(
        InfluxClient(settings),
        settings.influx_batch_size,
        settings.influx_flush_ms / 1000,
        spool,
        rejected_file,
    )
