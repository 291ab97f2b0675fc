"""How the tests in this folder run the program under test, whose path is in MOOR_PROGRAM."""

import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
WITH_SERVER = ROOT / "scripts" / "with-server"
PROGRAM = os.environ["MOOR_PROGRAM"]
LIMIT = 120  # seconds; a failing test ends, whatever the machine is busy with


def environment(**variables):
    """This process's, without what would change moor's settings, and with `variables`. The demo
    shows itself on a free port."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("MOOR_", "MONGODB_", "DB_"))}
    shown = {"MOOR_HTTP_LISTEN": "127.0.0.1:0"} if PROGRAM.endswith("package_index") else {}
    return kept | shown | variables


# On a slow machine some commands are slow and some waits long; without a server there is an outage.
MOOR_SAYS = ("event=slow_command", "event=saturated", "event=establishing_failed",
             "event=health_changed")


def without_moors_lines(errors):
    """moor's log goes to stderr, too."""
    return "".join(line for line in errors.splitlines(keepends=True)
                   if not any(event in line for event in MOOR_SAYS))


class ProgramTest(unittest.TestCase):
    def run_command(self, command, **variables):
        """What the program said is also in the test's own output, for the scan of the whole run."""
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False,
                                env=environment(**variables))
        print(result.stdout, result.stderr, sep="")
        return result

    def run_alone(self, *arguments, **variables):
        return self.run_command([PROGRAM, *arguments], **variables)

    def run_with_server(self, *arguments, server=""):
        return self.run_command([WITH_SERVER, "--server-args", server, PROGRAM, *arguments])

    def run_shell_with_server(self, script, server=""):
        """Runs a script of sh in which $0 is the program."""
        return self.run_command([WITH_SERVER, "--server-args", server, "sh", "-c", script, PROGRAM])

    def assert_fails(self, result, exit_code, *words):
        """It said why in one line, in which all of `words` occur."""
        self.assertEqual(result.returncode, exit_code, result.stdout + result.stderr)
        own = without_moors_lines(result.stderr)
        self.assertEqual(own.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, own)
