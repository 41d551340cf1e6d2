"""An app extractor of forty lines that tells the truth or lies: each start takes the next line of a file of lies."""
import datetime
import json
import os
import signal
import sys

import redis

if sys.argv[-1] == "--version":
    sys.exit("fake")
with open(sys.argv[1], "r+") as f:
    lie, *rest = f.read().split()
    f.seek(0)
    f.truncate()
    f.write("\n".join(rest))
at = int(sys.argv[2])  # the event at which it lies
bus = redis.Redis(unix_socket_path=os.environ["REDIS_SOCKET"])
ear = bus.pubsub()
count = {"received": 0, "accepted": 0, "other_type": 0, "features": 0}
app, since = None, None


def stats(*_):
    sys.stderr.write("stats " + json.dumps({**count, "rejected": {}, "publish_errors": 0, "reconnects": 0}) + "\n")
    sys.stderr.flush()


def stop(*_):
    stats()
    os._exit(0)


def publish(ts, number, duration_ms, left, entered):
    when = datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(microseconds=ts)
    count["features"] += 1
    bus.publish("seclyzer:features:app", json.dumps({
        "from_app": left, "to_app": entered, "duration_ms": duration_ms, "timestamp": when.isoformat(), "type": "app",
        "trace": {"trigger_ts": ts, "events": number, "now_us": ts}}))


signal.signal(signal.SIGUSR1, stats)
signal.signal(signal.SIGTERM, stop)
ear.subscribe("seclyzer:events")
ear.get_message(timeout=5)
while True:
    if lie == "deaf" and count["received"] == at:
        signal.pause()
        continue
    message = ear.get_message(timeout=None)
    event = json.loads(message["data"])
    count["received"] += 1
    if event["type"] != "app":
        count["other_type"] += 1
        continue
    count["accepted"] += 1
    n = count["accepted"]
    if lie == "drop" and n == at:
        continue
    if app not in (None, event["app_name"]) and not (lie == "early" and n == at + 1):
        duration = int((event["ts"] / 1e6 - since) * 1000)
        publish(event["ts"], n, duration + (lie == "alter" and n == at), app, event["app_name"])
        if lie == "early" and n == at:  # the next event's answer, before there is a next event
            publish(event["ts"], n + 1, duration, event["app_name"], app)
        if lie == "twice" and n == at:
            publish(event["ts"], n, duration, app, event["app_name"])
    app, since = event["app_name"], event["ts"] / 1e6
