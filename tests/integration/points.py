"""What must lie in the database for the feature messages that were heard on Redis."""
import datetime

MEASUREMENTS = {"keystroke": "keystroke_features", "mouse": "mouse_features", "app": "app_transitions"}
TAGS = {"keystroke": {"user_id": "default", "device_id": "keyboard_0"}, "mouse": {"user_id": "default"}, "app": {"user_id": "default"}}
NO_FIELDS = ("timestamp", "type", "trace", "from_app", "to_app")


def time_ns(feature):
    return round(datetime.datetime.fromisoformat(feature["timestamp"]).timestamp() * 1e6) * 1000


def fields(feature):
    return {k: float(v) for k, v in feature.items() if k not in NO_FIELDS}


def points_of(kind, features):
    """The rows that a query must give, in order of time."""
    names = [{k: f[k] for k in ("from_app", "to_app") if k in f} for f in features]
    rows = [{"time": time_ns(f), **TAGS[kind], **n, **fields(f)} for f, n in zip(features, names)]
    rows.sort(key=lambda row: row["time"])
    assert len({row["time"] for row in rows}) == len(rows), "the test needs points of different times"
    return rows


def check_points(influx, kind, features, database="behavioral_data"):
    """Every message is a point, there is no other, and all values are the same to the bit."""
    got, want = influx.points(MEASUREMENTS[kind], database), points_of(kind, features)
    assert [row["time"] for row in got] == [row["time"] for row in want]
    for g, w in zip(got, want):
        assert {k: v for k, v in g.items() if v is not None} == w
