"""The live page in Debian's Chromium: what the tests in this folder share."""

import os
import pathlib
import subprocess
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ARTIFACTS = pathlib.Path(os.environ["MOOR_ARTIFACTS"])
LIMIT = 60  # seconds for what must come, whatever the machine is busy with


class Program:
    """A program that says its URL and then obeys commands, one at a time."""

    def __init__(self, *command, errors=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=errors, text=True)
        self.url = self.process.stdout.readline().strip()

    def obey(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def end(self):
        if self.process.returncode is not None:
            return
        try:
            self.process.stdin.close()
            self.process.wait(LIMIT)
        finally:
            self.kill()


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


class PageTest(unittest.TestCase):
    picture = "page"  # how names of screenshots begin

    @classmethod
    def setUpClass(cls):
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.set_width(1280)
        self.prefer("light")
        self.browser.get_log("browser")  # what is left of the test before

    def prefer(self, scheme):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def set_width(self, width, height=1500):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def visit(self, url):
        self.browser.get("about:blank")
        self.browser.get(url)
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
        self.browser.save_screenshot(str(ARTIFACTS / f"{self.picture}-{name}.png"))
        read = self.browser.execute_script("return document.documentElement.outerHTML")
        (ARTIFACTS / f"{self.picture}-{name}.html").write_text(read, encoding="utf-8")

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
