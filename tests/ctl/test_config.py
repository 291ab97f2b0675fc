"""moorctl config: what is printed, in which form, and what is not."""

import os
import pty
import subprocess
import unittest

from tool import (BAD_CONFIGURATION, FINE, LIMIT, TOOL, USAGE, ToolTest, environment)

URI = "mongodb://ops:hunter2-planted@db.example/?maxPoolSize=9&tlsCertificateKeyFilePassword=hunter2-planted"


class Config(ToolTest):
    def run_with_all(self, *arguments):
        """With a setting from each source; no output shows the password."""
        result = self.run_tool("config", *arguments, "--moor.min-pool-size=3",
                               MONGODB_URI=URI, MOOR_KEEPALIVE="90s")
        self.assertNotIn("hunter2", result.stdout + result.stderr)
        return result

    def test_all_settings_with_their_sources(self):
        result = self.run_with_all()
        self.assertEqual(result.returncode, FINE, result.stderr)
        lines = {line.split()[0]: line for line in result.stdout.splitlines()}
        self.assertIn("--moor.min-pool-size", lines["min-pool-size"])
        self.assertIn("MOOR_KEEPALIVE", lines["keepalive"])
        self.assertIn("maxPoolSize of the connection string", lines["max-pool-size"])
        self.assertIn("default", lines["retry-jitter"])
        self.assertIn("db.example", lines["uri"])
        self.assertGreater(len(lines), 60)

    def test_given_settings_alone(self):
        result = self.run_with_all("--given")
        self.assertEqual({line.split()[0] for line in result.stdout.splitlines()},
                         {"uri", "min-pool-size", "keepalive", "max-pool-size"})

    def test_json(self):
        report = self.json_of("config", "--moor.profile=production", code=FINE,
                              MONGODB_URI="mongodb://127.0.0.1/")
        self.assertEqual(report["profile"], "production")
        settings = {one["key"]: one for one in report["settings"]}
        self.assertEqual(settings["max-pool-size"]["default"], settings["max-pool-size"]["value"])
        self.assertFalse(settings["max-pool-size"]["given"])
        self.assertTrue(settings["profile"]["given"])
        self.assertEqual(report["findings"], [])

    def test_refused_settings_are_printed_and_named(self):
        result = self.run_tool("config", "--moor.max-pool-size=none", MONGODB_URI="mongodb://a/")
        self.assertEqual(result.returncode, BAD_CONFIGURATION)
        self.assertIn("max-pool-size", result.stdout)
        self.assertIn("moorctl: error: max-pool-size", result.stderr)

    def test_bad_arguments(self):
        for arguments in (["--json", "--toml"], ["--write-template", "--json"], ["more"], ["--moor.x"]):
            with self.subTest(arguments):
                self.assert_refused(self.run_tool("config", *arguments), USAGE, arguments[0])


class Colours(ToolTest):
    def on_a_terminal(self, **variables):
        """What `check` without a connection string says to a terminal."""
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as terminal:
            process = subprocess.Popen([TOOL, "check"], stdout=theirs, stdin=subprocess.DEVNULL,
                                       env=environment(**variables))
            os.close(theirs)
            self.addCleanup(process.kill)
            output = b""
            try:
                while chunk := terminal.read(4096):
                    output += chunk
            except OSError:  # how a terminal says that its other end is closed
                pass
            self.assertEqual(process.wait(LIMIT), BAD_CONFIGURATION)
        return output.decode()

    def test_colours_on_a_terminal_that_wants_them(self):
        self.assertIn("\x1b[31m", self.on_a_terminal())
        self.assertIn("\x1b[31m", self.on_a_terminal(NO_COLOR=""))
        self.assertNotIn("\x1b", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", self.on_a_terminal(TERM="dumb"))
        self.assertNotIn("\x1b", self.run_tool("check").stdout)


if __name__ == "__main__":
    unittest.main()
