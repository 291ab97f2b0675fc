"""A real Prometheus, with what deploy/ gives it, before the demo whose server is lost.

usage: test_prometheus.py PROMETHEUS PACKAGE_INDEX

Time runs fifteen times as fast as in deploy/: every duration in alerts.yml and the intervals of
prometheus.yml are divided by 15, so that a scrape is one second after the other and `for: 30s` is two
seconds. What an alert says of scrapes is thereby the same as with the files as they are.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
WITH_SERVER = ROOT / "scripts" / "with-server"
SCRATCH = ROOT / "build" / "prometheus-runs"

SPEED = 15
LIMIT = 120  # seconds for what must come, whatever the machine is busy with
GRACE = 15  # seconds for who is told to end
SECONDS = {"s": 1, "m": 60}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
# A proxy has no business on loopback.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def faster(duration):
    """A duration as Prometheus writes it, divided by SPEED; never below a second."""
    seconds = int(duration[:-1]) * SECONDS[duration[-1]]
    return f"{max(1, seconds // SPEED)}s"


def faster_alerts():
    """deploy/alerts.yml with every `for` and every window shortened."""
    text = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
    text, waits = re.subn(r"^( +for: )(\d+[sm])$", lambda m: m[1] + faster(m[2]), text,
                          flags=re.MULTILINE)
    text, windows = re.subn(r"\[(\d+[sm])\]", lambda m: f"[{faster(m[1])}]", text)
    assert waits > 6 and windows > 6, "alerts.yml is written otherwise than this test expects"
    return text


def faster_configuration(target):
    """deploy/prometheus.yml with short intervals and `target` instead of its own."""
    text = (DEPLOY / "prometheus.yml").read_text(encoding="utf-8")
    for old, new in [("scrape_interval: 15s", "scrape_interval: 1s"),
                     ("evaluation_interval: 15s", "evaluation_interval: 1s"),
                     ("scrape_timeout: 5s", "scrape_timeout: 1s"),  # at most the interval
                     ('targets: ["127.0.0.1:9464"]', f'targets: ["{target}"]')]:
        assert text.count(old) == 1, f"prometheus.yml does not say {old} once"
        text = text.replace(old, new)
    return text


def die_with_parent(number):
    return lambda: libc.prctl(PR_SET_PDEATHSIG, number)


def end(process):
    """By force if it takes its time."""
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def get_json(url):
    with opener.open(url, timeout=GRACE) as answer:
        return json.load(answer)


def eventually(what, attempt):
    """Tries until the result is true, and returns it."""
    limit = time.monotonic() + LIMIT
    while not (result := attempt()):
        assert time.monotonic() < limit, f"never: {what}"
        time.sleep(0.2)
    return result


class Demo:
    """The demo beside a server that is no replica set, since it gives up if its change stream dies."""

    def __init__(self, program, directory):
        self.output = directory / "demo.out"
        self.errors = directory / "demo.err"
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("MOOR_", "MONGODB_", "DB_"))}
        script = 'echo "server              $MOOR_SERVER_PID"; exec "$0" "$@"'
        # Four clients never saturate ten connections, and on a slow machine nothing is slow.
        arguments = ["--seconds=300", "--clients=4", "--moor.http-listen=127.0.0.1:0",
                     "--moor.slow-query-threshold=0"]
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [WITH_SERVER, "--server-args", "--standalone", "sh", "-c", script, program,
                 *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=kept,
                preexec_fn=die_with_parent(signal.SIGTERM))

    def fact(self, name):
        """What the line of that name says, or None as long as there is none."""
        found = re.search(rf"^{name} +(.+)$", self.output.read_text(encoding="utf-8"), re.MULTILINE)
        assert found or self.process.poll() is None, self.errors.read_text(encoding="utf-8")
        return found and found[1]

    def wait_until_busy(self):
        """Returns the address of its endpoint."""
        eventually("the demo answers questions",
                   lambda: "answering" in self.output.read_text(encoding="utf-8")
                   or self.fact("no such line"))
        return re.fullmatch(r"http://(.+)/", self.fact("live page"))[1]

    def lose_server(self):
        os.kill(int(self.fact("server")), signal.SIGKILL)


class Prometheus:
    def __init__(self, program, directory, target):
        self.log = directory / "prometheus.log"
        (directory / "alerts.yml").write_text(faster_alerts(), encoding="utf-8")
        config = directory / "prometheus.yml"
        config.write_text(faster_configuration(target), encoding="utf-8")
        for attempt in range(3):  # somebody else may take the port meanwhile
            with socket.create_server(("127.0.0.1", 0)) as free:
                address = f"127.0.0.1:{free.getsockname()[1]}"
            self.url = f"http://{address}"
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(
                    [program, f"--config.file={config}", f"--web.listen-address={address}",
                     f"--storage.tsdb.path={directory / 'data'}", "--log.level=warn"],
                    cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    preexec_fn=die_with_parent(signal.SIGKILL))
            if eventually("Prometheus serves or ends", lambda: self.ready() or self.ended()) == 1:
                return
        raise AssertionError(f"Prometheus does not start: {self.log.read_text(encoding='utf-8')}")

    def ready(self):
        try:
            with opener.open(f"{self.url}/-/ready", timeout=GRACE) as answer:
                return 1 if answer.status == 200 else 0
        except OSError:
            return 0

    def ended(self):
        return 2 if self.process.poll() is not None else 0

    def ask(self, path, **parameters):
        answer = get_json(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, query):
        """Of the one series that the query finds; None if there is none."""
        found = self.ask("query", query=query)["result"]
        assert len(found) < 2, f"{query} finds {len(found)} series"
        return float(found[0]["value"][1]) if found else None

    def alerts(self, *states):
        """{name: alert} of those in one of the states."""
        return {a["labels"]["alertname"]: a for a in self.ask("alerts")["alerts"]
                if a["state"] in states}

    def evaluations(self):
        """How often the alerts were looked at, at least."""
        groups = self.ask("rules")["groups"]
        assert groups and all(rule["health"] != "err" for g in groups for rule in g["rules"]), groups
        last = groups[0]["lastEvaluation"]
        self.seen = getattr(self, "seen", set()) | {last}
        return len(self.seen)


def figures(pool):
    """{query: what /stats says} of what stands still while the server is lost."""
    view = pool["view"]
    stats = view["stats"]
    expected = {
        "moor_pool_up": 1,
        "db_client_connection_max": stats["max_size"],
        "db_client_connection_idle_min": stats["min_size"],
        "moor_pool_generation": stats["generation"],
        "moor_leases_granted_total": stats["granted"],
        "moor_leases_returned_total": stats["returned"],
        "moor_leases_revoked_total": stats["revoked"],
        "moor_leases_out": stats["out"],
        "moor_requests_shed_total{rule='overload'}": stats["shed_overload"],
        "moor_reconnections_total": stats["reconnections"],
        "moor_connections{state='in_use'}": stats["in_use"],
        "moor_connections{state='available'}": stats["available"],
        "sum(moor_restarts_total)": stats["restarts"],
        "db_client_connection_create_time_seconds_count": view["create_time"]["count"],
        "db_client_connection_use_time_seconds_count": view["use_time"]["count"],
        "db_client_connection_wait_time_seconds_count": view["wait_time"]["count"],
        "sum(moor_health_checks_total{outcome='answered'})":
            pool["health"]["checks"] - pool["health"]["failed_checks"],
    }
    for one in view["operations"]["operations"]:
        for outcome, key in [("success", "succeeded"), ("error", "failed")]:
            labels = f"db_operation_name='{one['operation']}',outcome='{outcome}'"
            name = "db_client_operation_duration_seconds"
            expected[f"sum({name}_count{{{labels}}}) or vector(0)"] = one[key]["count"]
            expected[f"sum({name}_sum{{{labels}}}) * 1000 or vector(0)"] = one[key]["total_ms"]
        expected[f"moor_slow_commands_total{{operation='{one['operation']}'}}"] = one["slow"]
    return expected


class RealPrometheus(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=SCRATCH))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.demo = Demo(PACKAGE_INDEX, self.directory)
        self.addCleanup(end, self.demo.process)
        self.address = self.demo.wait_until_busy()
        self.prometheus = Prometheus(PROMETHEUS, self.directory, self.address)
        self.addCleanup(end, self.prometheus.process)

    def pool(self):
        return get_json(f"http://{self.address}/stats")["pools"][0]

    def wrong_figures(self):
        """{query: (scraped, in /stats)} of those that differ."""
        expected = figures(self.pool())
        scraped = {query: self.prometheus.value(query) for query in expected}
        return {query: (scraped[query], wanted) for query, wanted in expected.items()
                if scraped[query] is None or abs(scraped[query] - wanted) > 0.001}

    def wait_until_figures_agree(self):
        limit = time.monotonic() + LIMIT
        while wrong := self.wrong_figures():
            self.assertLess(time.monotonic(), limit, wrong)
            time.sleep(0.5)

    def check_between(self, query, of_stats):
        """A counter was scraped between two looks at /stats, and lies between what these say."""
        before = self.pool()
        since = before["at_unix_ms"] / 1000
        eventually(f"{query} is scraped",
                   lambda: (self.prometheus.value(f"timestamp({query})") or 0) > since + 0.5)
        scraped = self.prometheus.value(query)
        read = time.time()
        after = eventually("a later look",
                           lambda: (now := self.pool())["at_unix_ms"] / 1000 > read and now)
        self.assertGreater(scraped, 0)
        self.assertLessEqual(of_stats(before), scraped)
        self.assertLessEqual(scraped, of_stats(after))

    def test_outage(self):
        prometheus = self.prometheus

        # All is well, and nothing fires.
        eventually("a scrape", lambda: prometheus.value("up{job='moor'}") == 1)
        eventually("figures", lambda: prometheus.value("moor_pool_up") == 1)
        eventually("five evaluations", lambda: prometheus.evaluations() > 5)
        self.check_between("moor_leases_granted_total", lambda p: p["view"]["stats"]["granted"])
        self.assertEqual(prometheus.value("moor_health_state{state='unavailable'}"), 0)
        self.assertEqual(prometheus.alerts("firing"), {})

        # The server is lost.
        self.demo.lose_server()
        alert = eventually("MoorPoolUnavailable is pending or fires",
                           lambda: prometheus.alerts("pending", "firing").get("MoorPoolUnavailable"))
        alert = eventually("MoorPoolUnavailable fires",
                           lambda: prometheus.alerts("firing").get("MoorPoolUnavailable"))
        self.assertEqual(alert["labels"], {
            "alertname": "MoorPoolUnavailable", "severity": "critical", "job": "moor",
            "instance": self.address, "pool": "default", "state": "unavailable"})
        self.assertEqual(alert["annotations"]["summary"],
                         f"Pool default of {self.address} has lost its server")
        self.wait_until_figures_agree()
        self.assertNotIn("MoorScrapeFailing", prometheus.alerts("firing"))
        self.assertNotIn("MoorPoolDown", prometheus.alerts("firing"))

        # The backend itself is gone.
        end(self.demo.process)
        eventually("MoorScrapeFailing fires",
                   lambda: "MoorScrapeFailing" in prometheus.alerts("firing"))
        eventually("MoorPoolUnavailable has ended",
                   lambda: "MoorPoolUnavailable" not in prometheus.alerts("pending", "firing"))


if __name__ == "__main__":
    PROMETHEUS, PACKAGE_INDEX = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
