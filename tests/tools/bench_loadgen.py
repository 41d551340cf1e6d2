#!/usr/bin/python3
"""The load generator against its goals, beside redis-benchmark, on a private redis-server.

Rates are compared in pairs whose order alternates (ABBA), with the same server, payload size and number of
subscribers, all of which read; on loadgen's side one of them is its tap, which compares every
delivery with the plan.  A median of n pairs is given with the interval from the smallest to the largest, which
covers the true median with probability 1 - 2 ^ (1 - n) whatever the distribution.
"""
import argparse
import contextlib
import csv
import ctypes
import io
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("LOADGEN_BIN", ROOT / "build/release/bin"))
CHANNEL = "seclyzer:events"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(*cmd, **env):
    return subprocess.Popen([str(c) for c in cmd], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, preexec_fn=die_with_parent, env={**os.environ, **env})


@contextlib.contextmanager
def running(*cmd, **env):
    process = start(*cmd, **env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ask(socket, *words):
    done = subprocess.run(["redis-cli", "-s", socket, *words], capture_output=True, text=True)
    return done.stdout.split()


def await_answer(what, question, answer, seconds=10):
    end = time.monotonic() + seconds
    while question() != answer:
        if time.monotonic() > end:
            sys.exit(f"bench_loadgen: {what} did not come within {seconds} s")
        time.sleep(0.005)


@contextlib.contextmanager
def redis(folder):
    socket = f"{folder}/redis.sock"
    with running("redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
                 "--appendonly", "no"):
        await_answer("redis-server", lambda: ask(socket, "PING"), ["PONG"])
        yield socket


@contextlib.contextmanager
def subscribers(socket, n):
    """Floors: they subscribe and discard."""
    with contextlib.ExitStack() as stack:
        for _ in range(n):
            stack.enter_context(running(BIN / "null_subject", REDIS_SOCKET=socket))
        await_answer(f"{n} subscribers", lambda: ask(socket, "PUBSUB", "NUMSUB", CHANNEL)[-1:], [str(n)])
        yield
    await_answer("their end", lambda: ask(socket, "PUBSUB", "NUMSUB", CHANNEL)[-1:], ["0"])


def loadgen(socket, *options):
    """The summary, and the most memory it had."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([BIN / "loadgen", "-S", socket, "--json", "-q", *map(str, options)], stdout=out,
                                   preexec_fn=die_with_parent)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench_loadgen: loadgen {' '.join(map(str, options))}: exit {process.returncode}")
        out.seek(0)
        summary = json.load(out)
    return {**summary, "rss_mb": usage.ru_maxrss / 1000}


def redis_benchmark(socket, payload, events):
    done = subprocess.run(["redis-benchmark", "-s", socket, "-c", "50", "-P", "64", "-n", str(events), "--csv", "PUBLISH",
                           CHANNEL, payload], capture_output=True, text=True, check=True)
    return float(list(csv.reader(io.StringIO(done.stdout)))[-1][1])


MOUSE = ["--keystroke", "0", "--app", "0"]


def mean_message(options):
    """Bytes; what redis-benchmark's are to have too."""
    text = subprocess.run([BIN / "loadgen", *options, "-n", "20000", "--print"], capture_output=True, check=True).stdout
    return round(len(text) / 20000) - 1


class Table:
    def __init__(self):
        self._rows = [("what", "goal", "reached", "met", "n", "interval", "method")]

    def add(self, what, goal, values, met, unit, method, spread=None):
        """`values` of runs: their median; met(median) is what the goal asks."""
        if not values:
            self._rows.append((what, goal, f"unavailable: {method}", "-", "0", "-", "-"))
            return
        middle = statistics.median(values)
        interval = spread or (f"{min(values):.4g} … {max(values):.4g}" if len(values) > 1 else "one run")
        self._rows.append((what, goal, f"{middle:.4g} {unit}".strip(), "yes" if met(middle) else "NO", str(len(values)), interval,
                           method))

    def show(self):
        print("\n## The load generator\n")
        for i, row in enumerate(self._rows):
            print("| " + " | ".join(row) + " |")
            if not i:
                print("|" + "---|" * len(row))


def drain_pairs(table, socket, n_subscribers, args):
    ratios, ours, theirs = [], [], []
    events = args.events // (1 + n_subscribers // 2)
    for pair in range(args.pairs):
        for side in ("lr" if pair % 2 == 0 else "rl"):
            tap = side == "l" and n_subscribers > 0
            with subscribers(socket, n_subscribers - tap):
                if side == "l":
                    run = loadgen(socket, "--drain", "-n", events, *MOUSE,
                                  *(["--verify"] if tap else []))
                    ours.append(run["answered_hz"])
                else:
                    theirs.append(redis_benchmark(socket, "x" * args.payload, events))
        ratios.append(ours[-1] / theirs[-1])
    table.add(f"highest PUBLISH rate, {n_subscribers} subscribers, against redis-benchmark", "≥ 1.0×", ratios, lambda v: v >= 1, "×",
              f"pairs ABBA of {events} events of {args.payload} bytes; {statistics.median(ours) / 1e6:.2f} against {statistics.median(theirs) / 1e6:.2f} M/s; "
              + ("every delivery compared" if n_subscribers else "replies counted"))


def pacing(table, socket, rate, seconds, realtime, goals):
    """A run for each of `seconds`; returns the first."""
    options = ["-r", rate, "-a", "constant", "--lazy-replies", *(["--realtime"] if realtime else [])]
    runs = [loadgen(socket, *options, "-d", f"{s} s") for s in seconds]
    name = f"pacing error at {rate // 1000} k/s" + (", --realtime" if realtime else "")
    if realtime and runs[0]["scheduling"] != "real time":
        table.add(name, "-", [], None, "", runs[0]["scheduling"].removeprefix("unavailable: "))
        return runs[0]
    errors, wakes = [r["pacing_error_us"] for r in runs], [r["wake_error_us"] for r in runs]
    wake = {q: statistics.median(w[q] for w in wakes) for q in ("p50", "p99")}
    for q, goal in goals.items():
        table.add(f"{name}, {q}", f"≤ {goal} µs", [e[q] for e in errors], lambda v, g=goal: v <= g, "µs",
                  f"median of runs, {sum(e['n'] for e in errors)} events; largest {max(e['max'] for e in errors):.0f} µs; sleeps ended late by "
                  f"p50 {wake['p50']:.0f}, p99 {wake['p99']:.0f} µs")
    return runs[0]


def paced_rate(table, socket, realtime, args):
    """Upwards until two runs of three are late."""
    options = ["-a", "constant", "-d", "2 s", "--verify", "--lazy-replies", *(["--realtime"] if realtime else [])]
    best, late, tried = 0, [], []
    for rate in args.rates:
        pcts = sorted(loadgen(socket, "-r", rate, *options)["late_over_1ms_pct"] for _ in range(3))
        tried.append(f"{rate // 1000} k/s: {pcts[1]:.2g} %")
        if pcts[1] > 1:
            break
        best, late = rate, pcts
    table.add("highest paced rate, ≤ 1 % over 1 ms late, all delivered" + (", --realtime" if realtime else ""), "≥ 200 k/s", [best / 1e3],
              lambda v: v >= 200, "k/s", "median of 3 runs of 2 s a rate, every delivery compared; " + ", ".join(tried),
              f"{late[0]:.2g} … {late[-1]:.2g} % late" if late else "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=6, help="pairs with redis-benchmark")
    parser.add_argument("--events", type=int, default=400000, help="of a drain without subscribers")
    parser.add_argument("--seconds", type=int, default=60, help="of the first run at 1 k/s; the others have a sixth")
    parser.add_argument("--rates", type=int, nargs="+", default=[100000, 200000, 300000, 400000, 600000])
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    args.payload = mean_message(MOUSE)
    table = Table()
    print(f"load average before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-loadgen-") as folder, redis(folder) as socket:
        short = max(args.seconds // 6, 2)
        slow_goals, fast_goals = {"p50": 5, "p99": 100}, {"p50": 2, "p99": 60}
        slow = pacing(table, socket, 1000, [args.seconds, short, short], False, slow_goals)
        fast = pacing(table, socket, 10000, [short] * 3, False, fast_goals)
        table.add("own CPU at 10 k/s", "≤ 60 % of a core", [fast["cpu_pct"]], lambda v: v <= 60, "%", "CLOCK_THREAD_CPUTIME_ID of that run")
        pacing(table, socket, 1000, [short] * 3, True, slow_goals)
        pacing(table, socket, 10000, [short] * 3, True, fast_goals)
        ledger = slow["ledger"]
        table.add("sent against planned", "equal", [ledger["sent"] - ledger["planned"]], lambda v: v == 0, "", f"{ledger['planned']} events")
        table.add(f"mean rate over {args.seconds} s", "within 0.01 %", [abs(slow["rate_error_pct"])], lambda v: v <= 0.01, "%",
                  "first to last event, sent against planned")
        for n in (0, 1, 3, 6):
            drain_pairs(table, socket, n, args)
        paced_rate(table, socket, False, args)
        paced_rate(table, socket, True, args)
        batched = [loadgen(socket, "--drain", "-n", args.events) for _ in range(5)]
        table.add("own CPU, batched", "≤ 150 ns", [1e3 * r["cpu_us_per_event"] for r in batched], lambda v: v <= 150, "ns",
                  f"drains of {args.events} events, {batched[0]['events_per_write']:.0f} a write; putting the message together included")
        single = [loadgen(socket, "-r", 30000, "-a", "constant", "-d", "2 s", "--lazy-replies") for _ in range(5)]
        table.add("own CPU, single", "≤ 10 µs", [r["work_us_per_event"] for r in single], lambda v: v <= 10, "µs",
                  f"30 k/s, {statistics.median(r['events_per_write'] for r in single):.2f} events a write, without spinning")
        cold = [loadgen(socket, "--drain", "--unanswered", 1, "-n", 20000) for _ in range(5)]
        table.add("own CPU, single, one at a time", "≤ 10 µs", [r["cpu_us_per_event"] for r in cold], lambda v: v <= 10, "µs",
                  "each waits for its reply: two wakeups of an idle core an event")
        table.add("Little's law closure", "within 3 %", [abs(1 - r["littles_law"]) * 100 for r in [slow, fast, *batched]],
                  lambda v: v <= 3, "%", "outstanding / (rate × reply time) − 1")
        big = loadgen(socket, "--drain", "-r", 1000000, "-a", "constant", "-d", "10 s")
        table.add("memory, 1 M events/s for 10 s", "≤ 600 MB", [big["rss_mb"]], lambda v: v <= 600, "MB", "peak RSS of plan and run")
    table.show()
    print(f"\nload average after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
