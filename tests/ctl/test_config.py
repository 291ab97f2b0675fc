"""moorctl config: what is printed, in which form, and what is not."""

import json
import os
import pty
import subprocess
import unittest

from tool import (BAD_CONFIGURATION, FINE, LIMIT, TOOL, USAGE, ToolTest, environment,
                  scratch_directory)

PASSWORD = "hunter2-planted"
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
                              MONGODB_URI="mongodb://u:p@127.0.0.1/")
        self.assertEqual(report["profile"], "production")
        settings = {one["key"]: one for one in report["settings"]}
        self.assertEqual(settings["max-pool-size"]["default"], settings["max-pool-size"]["value"])
        self.assertFalse(settings["max-pool-size"]["given"])
        self.assertTrue(settings["profile"]["given"])
        self.assertEqual(report["findings"], [])

    # -- TOML files -------------------------------------------------------------------------------

    def file_with(self, text):
        file = scratch_directory(self) / "moor.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        return file

    def test_template_is_a_file_that_sets_nothing_but_the_profile(self):
        result = self.run_tool("config", "--moor.profile=production", "--write-template")
        self.assertEqual(result.returncode, FINE, result.stderr)
        self.assertIn("max-pool-size", result.stdout)
        file = self.file_with(result.stdout)
        report = self.json_of("config", f"--moor.config={file}", "--given", code=FINE,
                              MONGODB_URI="mongodb://127.0.0.1/", MOOR_ALLOW="no-credentials")
        self.assertEqual(report["profile"], "production")
        self.assertEqual({one["key"] for one in report["settings"]}, {"uri", "allow", "profile"})

    def test_settings_in_force_as_a_file_give_the_same(self):
        result = self.run_with_all("--toml")
        self.assertEqual(result.returncode, FINE, result.stderr)
        file = self.file_with(result.stdout)
        again = self.json_of("config", code=FINE, MOOR_CONFIG=str(file), MONGODB_URI=URI)
        values = {one["key"]: one for one in again["settings"]}
        self.assertEqual(values["min-pool-size"]["value"], "3")
        self.assertEqual(values["keepalive"]["value"], "90s")
        self.assertIn(f"{file}:", values["keepalive"]["place"])

    def test_file_with_several_pools(self):
        file = self.file_with("[moor]\nmax-pool-size = 7\n[moor.pools.orders]\nmax-pool-size = 9\n"
                              "[moor.pools.reports]\nkeepalive = \"5s\"\n")
        variables = {"MOOR_CONFIG": str(file), "MONGODB_URI": "mongodb://127.0.0.1/"}
        for pool, size in (("orders", "9"), ("reports", "7")):
            report = self.json_of("config", "--pool", pool, code=FINE, **variables)
            values = {one["key"]: one["value"] for one in report["settings"]}
            self.assertEqual((values["name"], values["max-pool-size"]), (pool, size))
        for arguments, words in (([], "which of the file's pools"), (["--pool=other"], '"other"')):
            result = self.run_tool("config", *arguments, **variables)
            self.assertEqual(result.returncode, BAD_CONFIGURATION)
            self.assertIn("allowed is one of orders, reports", result.stderr)
            self.assertIn(words, result.stderr)

    def test_bad_files(self):
        bad = self.file_with("[moor]\nmax-pool-size = \"hunter2\nkeepalive = 3\n")
        unknown = self.file_with("[moor]\nmax-pol-size = 3\n")
        for file, words in ((bad, "moor.toml:"), (unknown, "max-pool-size"),
                            ("/nowhere/moor.toml", "No such file"), (bad.parent, "config")):
            with self.subTest(words):
                result = self.run_tool("config", f"--moor.config={file}",
                                       MONGODB_URI="mongodb://127.0.0.1/")
                self.assertEqual(result.returncode, BAD_CONFIGURATION, result.stderr)
                self.assertIn("moorctl: error: ", result.stderr)
                self.assertIn(words, result.stderr)
                self.assertNotIn("hunter2", result.stderr)

    def test_connection_string_from_files(self):
        directory = scratch_directory(self)
        uri, password = directory / "uri", directory / "password"
        for file, text in ((uri, "mongodb://ops@127.0.0.1/\n"), (password, "hunter2-planted\n")):
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600)
        result = self.run_tool("config", MONGODB_URI_FILE=str(uri), MOOR_PASSWORD_FILE=str(password))
        self.assertEqual(result.returncode, FINE, result.stderr)
        self.assertIn("mongodb://***@127.0.0.1", result.stdout)
        self.assertNotIn("hunter2", result.stdout + result.stderr)

    def test_refused_settings_are_printed_and_named(self):
        result = self.run_tool("config", "--moor.max-pool-size=none", MONGODB_URI="mongodb://a/")
        self.assertEqual(result.returncode, BAD_CONFIGURATION)
        self.assertIn("max-pool-size", result.stdout)
        self.assertIn("moorctl: error: max-pool-size", result.stderr)

    def test_what_was_refused_is_not_shown_with_the_default(self):
        refused = {"--moor.max-pool-size": "none", "--moor.keepalive": PASSWORD, "--moor.profile": "x"}
        arguments = [f"{option}={value}" for option, value in refused.items()]
        report = self.json_of("config", *arguments, code=BAD_CONFIGURATION,
                              MONGODB_URI=f"mongodb://u:{PASSWORD}@db:x/")
        settings = {one["key"]: one for one in report["settings"]}
        for option in refused:
            one = settings[option.removeprefix("--moor.")]
            self.assertEqual((one["value"], one["refused"], one["given"]), (None, True, True))
            self.assertIn(option, one["place"])
        self.assertFalse(settings["min-pool-size"]["refused"])
        self.assertNotIn(PASSWORD, json.dumps(settings))
        result = self.run_tool("config", "--given", *arguments, MONGODB_URI="mongodb://a/")
        lines = {line.split()[0]: line.split(None, 2)[1:] for line in result.stdout.splitlines()}
        for option in refused:
            self.assertEqual(lines[option.removeprefix("--moor.")],
                             ["refused", f"command line option {option}"])
        result = self.run_tool("config", "--toml", *arguments, MONGODB_URI="mongodb://a/")
        self.assertIn("\n# Refused: max-pool-size, command line option --moor.max-pool-size\n",
                      result.stdout)
        self.assertNotIn("\nmax-pool-size", result.stdout)

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
