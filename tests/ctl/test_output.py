"""What moorctl says of a standard output that takes nothing, whatever it was asked."""

import os
import subprocess
import unittest

from tool import CANNOT_WRITE, LIMIT, TOOL, USAGE, ToolTest, answering_with, dead_port, environment


class Output(ToolTest):
    def commands(self):
        nobody = f"mongodb://127.0.0.1:{dead_port()}/"
        port = answering_with(self, b'{"now_unix_ms": 1, "pools": []}')
        component = f"127.0.0.1:{port}"
        return [["--help"], ["--version"], ["check", "--help"], ["check", nobody],
                ["check", "--json", nobody], ["config"], ["config", "--json"], ["config", "--toml"],
                ["config", "--write-template"], ["top", component], ["top", "--json", component]]

    def assert_told(self, arguments, words, **how):
        with self.subTest(arguments):
            result = subprocess.run([TOOL, *arguments], stderr=subprocess.PIPE, text=True,
                                    timeout=LIMIT, check=False, env=environment(), **how)
            self.assertEqual(result.returncode, CANNOT_WRITE, result.stderr)
            self.assertEqual(result.stderr,
                             f"moorctl: cannot write to standard output: {words}\n")

    def test_full_disk(self):
        for arguments in self.commands():
            with open("/dev/full", "wb") as full:
                self.assert_told(arguments, "No space left on device", stdout=full)

    def test_closed(self):
        for arguments in self.commands():
            self.assert_told(arguments, "Bad file descriptor", preexec_fn=lambda: os.close(1))

    def test_all_closed(self):
        nobody = f"mongodb://127.0.0.1:{dead_port()}/"
        result = subprocess.run([TOOL, "check", nobody], preexec_fn=lambda: os.closerange(0, 3),
                                timeout=LIMIT, check=False, env=environment())
        self.assertEqual(result.returncode, CANNOT_WRITE)

    def test_what_goes_to_standard_error_needs_no_standard_output(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([TOOL, "chek"], stdout=full, stderr=subprocess.PIPE, text=True,
                                    timeout=LIMIT, check=False, env=environment())
        self.assertEqual(result.returncode, USAGE, result.stderr)
        self.assertIn("chek", result.stderr)


if __name__ == "__main__":
    unittest.main()
