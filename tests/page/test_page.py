"""The live page in Debian's Chromium over scripted snapshots: what it shows, and when it cannot."""

import json
import os
import pathlib
import subprocess
import time
import unittest
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PAGE_SERVER = os.environ["MOOR_PAGE_SERVER"]
ARTIFACTS = pathlib.Path(os.environ["MOOR_ARTIFACTS"])
LIMIT = 60  # seconds for what must come, whatever the machine is busy with
EVIL = "<img src=x onerror=document.title='broken'>"


class PageServer:
    """The program under test; obeys commands one at a time."""

    def __init__(self):
        self.process = subprocess.Popen([PAGE_SERVER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def obey(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def stats(self):
        with urllib.request.urlopen(self.url + "stats", timeout=LIMIT) as answer:
            return json.load(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait(LIMIT)
        self.process.stdout.close()


def open_browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--disable-gpu", "--no-proxy-server", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    browser.set_page_load_timeout(LIMIT)
    return browser


class LivePage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.server = PageServer()
        self.addCleanup(self.server.end)
        self.set_width(1280)
        self.prefer("light")
        self.browser.get_log("browser")  # what is left of the test before

    def prefer(self, scheme):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def set_width(self, width, height=1500):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def play(self, scene, pool="main"):
        self.assertEqual(self.server.obey(f"scene {pool} {scene}"), "ok")

    def visit(self):
        self.browser.get("about:blank")
        self.browser.get(self.server.url)
        self.eventually(lambda: self.text("contact-text") == "live")

    def text(self, identity):
        return self.browser.execute_script(
            "return document.getElementById(arguments[0]).textContent", identity)

    def eventually(self, condition, what=""):
        WebDriverWait(self.browser, LIMIT, 0.1).until(lambda _: condition(), what)

    def shows(self, identity, expected):
        self.eventually(lambda: expected in self.text(identity),
                        f"#{identity} does not show {expected!r}")

    def shoot(self, name):
        """A picture, and what can be read on it, for the scan of the whole run."""
        self.browser.save_screenshot(str(ARTIFACTS / f"page-{name}.png"))
        read = self.browser.execute_script("return document.documentElement.outerHTML")
        (ARTIFACTS / f"page-{name}.html").write_text(read, encoding="utf-8")

    def slots(self, kind):
        return self.browser.find_elements(By.CSS_SELECTOR, f"#slots .slot.{kind}")

    def assert_no_complaints(self):
        """Neither errors of scripts nor of the content security policy."""
        wrong = [entry["message"] for entry in self.browser.get_log("browser")
                 if entry["level"] in ("SEVERE", "WARNING")]
        self.assertEqual(wrong, [])

    def assert_fits(self):
        width, room = self.browser.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        self.assertLessEqual(width, room, "the page is wider than the window")

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
        pool = self.server.stats()["pools"][0]
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
