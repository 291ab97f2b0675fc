"""The live page over a real pool before a real server: under load, saturated, in an outage, and after.

What the page shows is compared with /stats, with what the server itself says, and with the books of those
who put the load on.
"""

import json
import os
import pathlib
import random
import re
import socket
import time
import unittest
import urllib.request

from browser import ARTIFACTS, LIMIT, PageTest, Program

LIVE_POOL = os.environ["MOOR_LIVE_POOL"]
AGREEMENT = pathlib.Path(__file__).with_name("agreement.js").read_text(encoding="utf-8")
MONITOR = 1  # connection of the health monitor, which is none of the pool's
CLIENTS = 48  # most requests that are under way while books are read
OPERATIONS = ("find product", "count stock", "reserve stock")
# What the browser says of requests while nobody listens, and nothing else.
FAILED_FETCH = re.compile(r"http://127\.0\.0\.1:\d+/(events|stats) - Failed to load resource: net::ERR_"
                          r"(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)")
# A proxy has no business on loopback.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def number(text):
    """The first number of a text as the page writes it: "1,234 in all"."""
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))


def calls(figures):
    return figures["succeeded"]["count"] + figures["failed"]["count"]


def borrower(lease):
    return f"{lease['borrower_name'] or 'actor'} {lease['borrower']}"


class Books(dict):
    """What the clients know: how often each operation succeeded and failed."""

    def answered(self):
        return sum(self["succeeded"].values()) + sum(self["failed"].values())


class LivePool(Program):
    """Its page is below the ports that the kernel gives away: a later one is to have the same."""

    def __init__(self, address=None):
        for _ in range(10 if address is None else 1):
            at = address or f"127.0.0.1:{random.randrange(15000, 30000)}"
            log = ARTIFACTS / "pool.log"
            with open(log, "a" if address else "w", encoding="utf-8") as errors:
                super().__init__(LIVE_POOL, at, errors=errors)
            self.address = at
            if self.url:
                return
            self.kill()  # somebody else has the port
        raise AssertionError(f"no page: {log.read_text(encoding='utf-8')}")

    def order(self, command):
        said = self.obey(command)
        assert said == "ok", f"{command}: {said}"

    def books(self):
        return Books(json.loads(self.obey("books")))

    def connections(self):
        return int(self.obey("connections"))

    def stats(self):
        with opener.open(self.url + "stats", timeout=LIMIT) as answer:
            return json.load(answer)["pools"][0]


class LivePageOfAPool(PageTest):
    picture = "pool"
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser.set_script_timeout(2 * LIMIT)

    def setUp(self):
        super().setUp()
        self.pool = LivePool()
        self.addCleanup(lambda: self.pool.end())  # the one of that time

    # -- what must agree --------------------------------------------------------------------------

    def look(self):
        """Page and /stats at one snapshot, after it was checked that they say the same."""
        both = self.browser.execute_async_script(AGREEMENT)
        self.assertIsNotNone(both, "the page never showed what /stats says")
        self.assertNotIn("wrong", both)
        self.check(both["said"], both["shown"])
        return both["shown"]

    def check(self, said, shown):
        view, stats = said["view"], said["view"]["stats"]
        self.assertEqual(shown["state"], said["health"]["state"])
        causes = list(said["health"]["causes"])
        if not said["pool_answers"]:
            causes.append("the pool did not answer in time: its figures are older")
        self.assertEqual([c for c in shown["causes"] if not c.startswith("these figures are ")],
                         causes or ["Nothing is wrong."])
        self.assertEqual(shown["phase"].split(",")[0], stats["phase"])
        self.assertIn(f"generation {stats['generation']}", shown["phase"])
        if said["health"]["state"] != "starting":
            self.assertIn(f"{said['health']['server']['connections_current']} connections",
                          shown["role"])
        self.check_tiles(stats, view["operations_breaker"], shown["tiles"])
        self.check_slots(view, shown)
        self.assertEqual([[row[0], number(row[1]), number(row[5]), number(row[6])]
                          for row in shown["operations"] if len(row) > 1],
                         [[o["operation"], calls(o), o["slow"], o["failed"]["count"]]
                          for o in view["operations"]["operations"]])
        for name in ("granted", "returned", "revoked", "refused", "reconnections", "errors"):
            self.assertEqual(number(shown["totals"][name]), stats[name], name)
        self.assertEqual(shown["breakers"],
                         [b["state"].replace("_", " ") for b in
                          (view["operations_breaker"], said["establishing_breaker"])])
        self.check_history(said, shown)

    def check_tiles(self, stats, breaker, tiles):
        self.assertEqual(tiles["tile-in-use"], {"value": str(stats["in_use"]),
                                                "note": f"{stats['available']} available"})
        self.assertEqual(tiles["tile-waiting"]["value"], str(stats["waiting"]))
        self.assertEqual(tiles["tile-waiting"]["note"].startswith("oldest for "),
                         stats["waiting"] > 0)
        self.assertEqual(number(tiles["tile-calls"]["note"]), stats["granted"])
        self.assertEqual(tiles["tile-failed"]["note"],
                         f"{stats['errors']:,} errors, "
                         f"{stats['refused'] + stats['timed_out'] + breaker['refused']:,} refused")

    def check_slots(self, view, shown):
        """Each connection has a slot, with its lease: who, what, and for how long."""
        kinds = [slot["kind"] for slot in shown["slots"]]
        self.assertEqual(len(kinds), view["stats"]["max_size"])
        self.assertEqual(len(kinds) - kinds.count("none"), len(view["connections"]))
        leases = {lease["connection"]: lease for lease in view["leases"]}
        for one in view["connections"]:
            slot = next(s for s in shown["slots"]
                        if s["text"].split("\n")[0] == f"#{one['connection']}")
            lease = leases.get(one["connection"])
            if not lease:
                self.assertEqual(slot["kind"], one["state"])
                continue
            overdue = 0 < lease["threshold_ms"] < lease["held_ms"]
            self.assertEqual(slot["kind"], "overdue" if overdue else "in_use")
            for expected in (lease["operation"], borrower(lease), f"{lease['use']} for "):
                self.assertIn(expected, slot["text"])

    def check_history(self, said, shown):
        """The newest first, one line each."""
        def expect(lines, entries, *words):
            self.assertEqual(len(lines), max(1, len(entries)))  # "No change yet."
            for line, entry in zip(lines, reversed(entries)):
                for word in words:
                    self.assertIn(word(entry), line)
        expect(shown["health"], said["health"]["changes"], lambda c: c["to"],
               lambda c: f"was {c['from']}", lambda c: "; ".join(c["causes"]))
        expect(shown["restarts"], said["restarts"], lambda r: r["part"], lambda r: r["cause"])
        expect(shown["leaks"], said["leaks"]["latest"], lambda l: l["outcome"].replace("_", " "),
               lambda l: l["lease"]["operation"], lambda l: borrower(l["lease"]),
               lambda l: l["lease"]["where"])
        self.assertEqual([[row[0], row[1] == "runs", number(row[2])] for row in shown["parts"]],
                         [[p["name"], p["runs"], p["restarts"]] for p in said["parts"]])

    def until(self, condition, what):
        """Looks again until it is so; returns the page of that moment."""
        limit = time.monotonic() + LIMIT
        while not condition(shown := self.look()):
            self.assertLess(time.monotonic(), limit, f"never: {what}; {shown}")
        return shown

    def check_between(self):
        """The pool's counts lie between two looks into the clients' own books."""
        before = self.pool.books()
        # Of a snapshot that was made after these books.
        self.eventually(lambda: self.pool.stats()["at_unix_ms"] > before["at_unix_ms"])
        shown = self.look()
        after = self.pool.books()
        granted = number(shown["tiles"]["tile-calls"]["note"])
        refused = number(shown["tiles"]["tile-failed"]["note"].split(", ")[1])
        self.assertLessEqual(before.answered(), granted + refused)
        self.assertLessEqual(granted + refused, after.answered() + CLIENTS)
        for row in shown["operations"]:
            if row[0] in OPERATIONS:
                self.assertLessEqual(before["succeeded"][row[0]], number(row[1]))
                self.assertLessEqual(number(row[1]), after["succeeded"][row[0]]
                                     + after["failed"].get(row[0], 0) + CLIENTS)

    def check_at_rest(self):
        """Nobody asks: all books are equal, the server's too."""
        self.pool.order("load 0 0")
        books = self.pool.books()
        shown = self.until(
            lambda p: p["tiles"]["tile-in-use"]["value"] == "0"
            and sum(number(p["totals"][x]) for x in ("granted", "refused", "timed out",
                                                     "breaker refused")) == books.answered(),
            f"all {books} are accounted for")
        self.assertEqual(shown["totals"]["granted"], shown["totals"]["returned"])
        table = {row[0]: number(row[1]) - number(row[6]) for row in shown["operations"]}
        for operation in OPERATIONS:
            self.assertEqual(table[operation], books["succeeded"][operation])
        self.check_connections()
        return shown, books

    def check_connections(self):
        """As many as the server has; both may be changing."""
        def difference():
            slots = [s for s in self.look()["slots"] if s["kind"] != "none"]
            return self.pool.connections() - MONITOR - len(slots)
        self.eventually(lambda: difference() == 0, "server and page count other connections")

    def check_rate(self):
        """The throughput on the page is that of what /stats counted in the last seconds."""
        seen = []
        limit = time.monotonic() + LIMIT
        while True:
            said = self.pool.stats()
            seen.append((said["at_unix_ms"], said["view"]["stats"]["granted"]))
            both = self.browser.execute_async_script(AGREEMENT)
            end = both["said"]["at_unix_ms"], both["said"]["view"]["stats"]["granted"]
            rates = [(end[1] - granted) / (end[0] - at) * 1000
                     for at, granted in seen if 1500 <= end[0] - at <= 3000]
            shown = float(both["shown"]["tiles"]["tile-calls"]["value"].replace(",", ""))
            if len(rates) > 3 and 0.9 * min(rates) <= shown <= 1.1 * max(rates):
                return shown
            self.assertLess(time.monotonic(), limit, f"{shown}/s on the page, {rates} in /stats")

    def wait_for_plots(self, seconds):
        """So long must the plots be."""
        self.eventually(lambda: self.browser.execute_script(
            "const p = past.get('orders').points;"
            "return p[p.length - 1].t - p[0].t >= arguments[0]", seconds * 1000))

    def assert_page(self, picture):
        self.shoot(picture)
        self.assert_fits()
        self.assert_no_complaints()

    # -- what happens -----------------------------------------------------------------------------

    def test_from_load_to_loss(self):
        for step in (self.under_load, self.saturated, self.leaking, self.slow, self.lost_server,
                     self.recovered, self.restarted, self.gone):
            began = time.monotonic()
            step()
            print(f"{step.__name__:12} {time.monotonic() - began:5.1f} s", flush=True)

    def under_load(self):
        self.pool.order("load 5 50")
        self.eventually(lambda: self.pool.books().answered() > 100)
        # The pool makes snapshots every ten minutes: these figures come because somebody looks.
        self.visit(self.pool.url)
        self.until(lambda p: p["state"] == "healthy" and number(p["totals"]["granted"]) > 100,
                   "figures of the load")
        self.until(lambda p: number(p["tiles"]["tile-in-use"]["value"]) > 0
                   and any("storekeeper" in s["text"] and "load.cpp:" in s["text"]
                           for s in p["slots"]), "leases with borrower and place")
        self.check_between()
        self.check_rate()
        self.assert_page("load")

    def saturated(self):
        self.pool.order(f"load {CLIENTS} 100")
        shown = self.until(lambda p: p["state"] == "degraded"
                           and [s["kind"] for s in p["slots"]].count("in_use") == 6
                           and "refused" in p["tiles"]["tile-failed"]["note"]
                           and number(p["tiles"]["tile-waiting"]["value"]) > 20, "saturation")
        self.assertIn("requests wait for 6 connections", shown["causes"][0])
        self.check_connections()
        self.check_between()
        self.until(lambda p: not p["tiles"]["tile-wait"]["value"].startswith("–")
                   and "oldest for" in p["tiles"]["tile-waiting"]["note"], "waits")
        self.until(lambda p: number(p["totals"]["of those shed"]) > 0, "requests that are shed")
        self.wait_for_plots(12)
        self.assert_page("saturation")
        self.prefer("dark")
        self.assert_page("saturation-dark")
        self.set_width(360, 2600)
        self.assert_page("saturation-phone-dark")
        self.prefer("light")
        self.assert_page("saturation-phone")
        self.set_width(1280)
        self.check_at_rest()
        self.until(lambda p: p["state"] == "healthy", "the end of the saturation")

    def leaking(self):
        self.pool.order("hold")
        shown = self.until(lambda p: p["leaksNote"] == "1 suspected, 1 still out", "a leak")
        self.assertRegex(shown["leaks"][0], r"out audit stock, held .+by scoped_actor \d+ at"
                                            r" live_pool\.cpp:\d+ \(hold\)$")
        self.assertEqual([s["kind"] for s in shown["slots"]].count("overdue"), 1)
        self.assert_page("leak")
        self.pool.order("return")
        self.until(lambda p: "returned late" in p["leaks"][0]
                   and p["leaksNote"] == "1 suspected, 0 still out", "its return")

    def slow(self):
        self.pool.order("slow")
        self.shows("slow", "report sales")
        self.shows("slow", "aggregate on shop.products")
        self.shows("slow", "{pipeline: [{$match: {stock}}], cursor: {}}")

    def lost_server(self):
        self.pool.order("load 6 20")
        self.until(lambda p: number(p["tiles"]["tile-in-use"]["value"]) > 3, "load")
        self.pool.order("lose")
        shown = self.until(lambda p: p["state"] == "unavailable" and p["phase"].startswith("paused"),
                           "the outage")
        self.assertRegex(shown["causes"][0], r"127\.0\.0\.1:\d+")
        self.until(lambda p: p["tiles"]["tile-calls"]["value"] == "0.0"
                   and float(p["tiles"]["tile-failed"]["value"].replace(",", "")) > 0
                   and p["tiles"]["tile-rtt"]["value"] == "–"
                   and {s["kind"] for s in p["slots"]} <= {"none", "pending"},
                   "no throughput, and errors")
        self.shows("breaker-log", "operations open")
        self.check_between()
        self.assertRegex(self.text("last-error"), "Last error, .*: .*127")
        self.assert_page("outage")
        self.prefer("dark")
        self.assert_page("outage-dark")
        self.prefer("light")

    def recovered(self):
        self.pool.order("restore")
        shown = self.until(lambda p: p["state"] == "healthy"
                           and float(p["tiles"]["tile-calls"]["value"].replace(",", "")) > 0
                           and p["breakers"] == ["closed", "closed"], "the recovery")
        self.assertRegex(shown["health"][0], r"healthywas unavailable")
        self.assertRegex(shown["health"][1], r"unavailablewas healthy: .*127\.0\.0\.1")
        self.assertEqual(shown["totals"]["reconnections"], "1")
        self.check_rate()
        self.assert_page("recovery")

    def restarted(self):
        self.pool.order("kill pool supervisor")
        shown = self.until(lambda p: "pool supervisor" in p["restarts"][0]
                           and p["parts"][0][:3] == ["pool supervisor", "runs", "1"], "the restart")
        self.assertIn("kill", shown["restarts"][0])
        granted = number(shown["totals"]["granted"])
        self.until(lambda p: number(p["totals"]["granted"]) > granted + 20, "work goes on")
        self.check_at_rest()
        self.assert_page("restart")

    def gone(self):
        """The process dies, and another one comes in its place."""
        self.pool.kill()
        self.shows("contact-text", "lost contact")
        self.shows("lost", "Lost contact at")
        self.assertEqual(self.browser.title, "lost contact – moor")
        self.shoot("lost")
        self.pool = LivePool(self.pool.address)
        self.shows("contact-text", "live")
        self.eventually(lambda: not self.browser.execute_script(
            "return document.getElementById('lost').checkVisibility()"))
        complaints = [e["message"] for e in self.browser.get_log("browser")
                      if e["level"] in ("SEVERE", "WARNING")]
        self.assertNotEqual(complaints, [])
        self.assertEqual([c for c in complaints if not FAILED_FETCH.fullmatch(c)], [])
        shown = self.until(lambda p: p["state"] == "healthy", "the new pool")
        self.assertEqual(shown["restarts"], ["No part was restarted."])
        self.pool.order("load 3 10")
        self.until(lambda p: number(p["totals"]["granted"]) > 20, "its load")
        self.check_between()
        self.assert_no_complaints()


if __name__ == "__main__":
    unittest.main()
