"""The live page over scripted snapshots: what it shows, and when it cannot."""

import json
import os
import time
import unittest
import urllib.request

from selenium.webdriver.common.by import By

from browser import LIMIT, PageTest, Program

PAGE_SERVER = os.environ["MOOR_PAGE_SERVER"]
EVIL = "<img src=x onerror=document.title='broken'>"


class LivePage(PageTest):
    def setUp(self):
        super().setUp()
        self.server = Program(PAGE_SERVER)
        self.addCleanup(self.server.end)

    def play(self, scene, pool="main"):
        self.assertEqual(self.server.obey(f"scene {pool} {scene}"), "ok")

    def visit(self):
        super().visit(self.server.url)

    def stats(self):
        with urllib.request.urlopen(self.server.url + "stats", timeout=LIMIT) as answer:
            return json.load(answer)

    def test_load(self):
        self.play("load")
        self.visit()
        self.shows("state", "healthy")
        self.shows("causes", "Nothing is wrong.")
        self.shows("value-in-use", "3")
        self.eventually(lambda: len(self.slots("in_use")) == 3 and len(self.slots("available")) == 5
                        and len(self.slots("none")) == 2)
        self.assertIn("order_desk", self.slots("in_use")[0].text)
        self.eventually(lambda: self.text("value-calls") != "–")
        time.sleep(6)  # for plots worth a picture
        self.shoot("load")
        self.assert_fits()
        self.assert_no_complaints()

    def test_figures_are_those_of_stats(self):
        self.play("load")
        self.play("saturation")
        self.visit()
        self.eventually(lambda: self.text("value-wait") != "–")
        self.server.obey("hold")
        pool = self.stats()["pools"][0]
        stats = pool["view"]["stats"]
        self.shows("tile-calls", f"{stats['granted']:,} in all")
        self.shows("totals", f"granted{stats['granted']:,}returned{stats['returned']:,}")
        self.shows("tile-failed", f"{stats['errors']} errors, {stats['refused']} refused")
        self.shows("value-waiting", "57")
        self.shows("tile-waiting", "oldest for 430 ms")
        self.shows("value-rtt", "9.0")
        self.shows("role", "primary of rs0, 42 connections, 958 left")
        rows = self.browser.find_elements(By.CSS_SELECTOR, "#operations tbody tr")
        figures = pool["view"]["operations"]["operations"]
        self.assertEqual(len(rows), len(figures))
        for row, figure in zip(rows, figures):
            self.assertIn(figure["operation"], row.text)
            self.assertIn(f"{figure['succeeded']['count']:,}", row.text)
        settings = self.text("settings")
        for setting in pool["settings"]:
            self.assertIn(setting["key"] + setting["value"] + setting["source"], settings)
        self.assert_no_complaints()

    def test_saturation(self):
        self.play("load")
        self.visit()
        self.shows("state", "healthy")
        self.play("saturation")
        self.shows("state", "degraded")
        self.shows("causes", "57 requests wait for 10 connections")
        self.shows("slow", "search products")
        self.shows("slow", "{name: ?, price: {$lt: ?}}")
        self.shows("leaks", "orders.cpp:42 (place_order)")
        self.eventually(lambda: len(self.slots("overdue")) == 1 and len(self.slots("in_use")) == 9)
        time.sleep(5)
        self.shoot("saturation")
        self.assert_no_complaints()

    def test_outage_and_recovery(self):
        self.play("load")
        self.visit()
        self.shows("state", "healthy")
        self.play("outage")
        self.shows("state", "unavailable")
        self.shows("causes", "db1.example:27017 refused the connection")
        self.shows("phase", "paused")
        self.shows("breakers", "open")
        self.shows("breaker-log", "6 of 10 calls failed (60%), the threshold is 50%")
        self.shows("restarts", "connector")
        time.sleep(3)
        self.shoot("outage")
        self.play("recovery")
        self.shows("state", "healthy")
        self.shows("breaker-log", "3 of 3 probes succeeded")
        self.shows("health", "was unavailable")
        time.sleep(3)
        self.shoot("recovery")
        self.assert_no_complaints()

    def test_lost_contact(self):
        self.play("load")
        self.visit()
        self.shows("state", "healthy")
        self.assertEqual(self.server.obey("close"), "ok")
        lost = self.browser.find_element(By.ID, "lost")
        self.eventually(lost.is_displayed)
        self.assertIn("Lost contact at", lost.text)
        self.shows("contact-text", "lost contact")
        self.shoot("lost")
        self.assertEqual(self.server.obey("open"), self.server.url)
        self.shows("contact-text", "live")
        self.eventually(lambda: not lost.is_displayed())
        # The browser says that the server was away: complaints are seen.
        self.assertNotEqual(self.browser.get_log("browser"), [])
        self.play("saturation")
        self.shows("state", "degraded")
        self.assert_no_complaints()

    def test_no_place_for_a_stream(self):
        """All streams are taken by others: the page asks for /stats again and again."""
        self.play("load")
        for _ in range(16):  # half of max_connections' default
            taken = urllib.request.urlopen(self.server.url + "events", timeout=LIMIT)
            self.addCleanup(taken.close)
        self.browser.get(self.server.url)
        self.shows("contact-text", "asking every 2 s")
        self.shows("state", "healthy")
        self.play("saturation")
        self.shows("state", "degraded")

    def test_dark(self):
        self.play("saturation")
        self.prefer("dark")
        self.visit()
        self.shows("state", "degraded")
        background = self.browser.execute_script(
            "return getComputedStyle(document.body).backgroundColor")
        self.assertEqual(background, "rgb(17, 21, 26)")
        time.sleep(5)
        self.shoot("dark")
        self.assert_no_complaints()

    def test_phone(self):
        self.set_width(360, 2600)
        self.play("saturation")
        self.visit()
        self.shows("state", "degraded")
        self.browser.execute_script("document.getElementById('settings-box').open = true")
        self.assert_fits()
        self.shoot("phone")
        self.assert_no_complaints()

    def test_text_is_no_markup(self):
        self.play("injection")
        self.visit()
        self.shows("operations", EVIL)
        self.shows("causes", EVIL)
        self.shows("settings", EVIL)
        self.eventually(lambda: EVIL in self.slots("in_use")[0].get_attribute("textContent"))
        self.assertEqual(self.browser.find_elements(By.TAG_NAME, "img"), [])
        self.assertNotEqual(self.browser.title, "broken")
        self.assert_no_complaints()

    def test_several_pools(self):
        self.visit()
        self.shows("nothing", "There is no pool.")
        self.play("outage", "archive")
        self.play("load", "orders")
        self.shows("pools", "orders")
        self.shows("state", "unavailable")  # the first by name
        self.browser.find_element(By.XPATH, "//button[contains(., 'orders')]").click()
        self.shows("state", "healthy")
        self.shoot("pools")
        self.server.obey("remove orders")
        self.shows("state", "unavailable")
        self.assertNotIn("orders", self.text("pools"))
        self.assert_no_complaints()


if __name__ == "__main__":
    unittest.main()
