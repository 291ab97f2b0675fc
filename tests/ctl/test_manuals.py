"""The manual pages: their form, and that they know every option of --help."""

import os
import re
import subprocess
import unittest

from tool import FINE, LIMIT, ROOT, ToolTest

MANDOC = os.environ["MOOR_MANDOC"]
PAGES = ROOT / "ctl" / "man"
# Lines of moor's texts may be longer than 80 bytes, and "--moor." ends in a dot.
ACCEPTED = ("STYLE: input text line longer than 80 bytes", "no blank before trailing delimiter: Fl -moor.",
            "STYLE: referenced manual not found")


class Manuals(ToolTest):
    def test_every_command_has_a_page_and_every_page_is_well_formed(self):
        pages = {page.name for page in PAGES.glob("*.1")}
        self.assertEqual(pages, {"moorctl.1", "moorctl-check.1", "moorctl-config.1", "moorctl-top.1"})
        for page in PAGES.glob("*.1"):
            result = subprocess.run([MANDOC, "-Tlint", "-Wstyle", page], capture_output=True,
                                    text=True, timeout=LIMIT, check=False)
            found = [line for line in (result.stdout + result.stderr).splitlines()
                     if not any(known in line for known in ACCEPTED)]
            self.assertEqual(found, [])

    def test_every_option_is_in_the_manual(self):
        for command in ("check", "config", "top"):
            help_text = self.run_tool(command, "--help")
            self.assertEqual(help_text.returncode, FINE)
            options = set(re.findall(r"^  (?:-\w,)?--([a-z-]+)", help_text.stdout, re.MULTILINE))
            self.assertGreaterEqual(len(options), 4)
            manual = (PAGES / f"moorctl-{command}.1").read_text(encoding="utf-8")
            described = set(re.findall(r"^\.It Fl (?:h , )?-([a-z-]+|help)", manual, re.MULTILINE))
            described |= {"help"} if ".It Fl h , -help" in manual else set()
            self.assertEqual(options, described)


if __name__ == "__main__":
    unittest.main()
