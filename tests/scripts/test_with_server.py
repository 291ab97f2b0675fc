"""scripts/with-server with the real server: whatever ends the command, nothing stays behind."""

import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "with-server"
LIMIT = 60  # seconds; a failing test ends, whatever the machine is busy with

# A command that says which server it has, and then that a signal reached it.
PATIENT = """
import os, signal, sys
signal.alarm(60)
def say(*words):
    os.write(1, (" ".join(words) + "\\n").encode())
def end(number, frame):
    say("got", signal.Signals(number).name)
    sys.exit(40)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
say("server", os.environ["MOOR_SERVER_PID"])
signal.pause()  # none can be missed: end() does not return
"""

# The script with almost no patience for a command that was told to end.
IMPATIENT = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("with_server", sys.argv[1])
script = importlib.util.module_from_spec(importlib.util.spec_from_loader("with_server", loader))
sys.dont_write_bytecode = True
loader.exec_module(script)
script.COMMAND_LIMIT = 0.05
sys.exit(script.main(sys.argv[2:]))
"""

# A command that takes a hangup for an order to read its settings anew, and goes on.
REREADING = """
import os, signal, sys, time
signal.alarm(60)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # one that comes early is kept
os.write(1, b"ready\\n")
signal.sigwait({signal.SIGHUP})
os.write(1, b"read anew\\n")
time.sleep(1)
sys.exit(40)
"""


def directory_of(server):
    """The directory that the server runs in."""
    return pathlib.Path(os.readlink(f"/proc/{server}/cwd"))


def running(process_id):
    """Whether the process exists and is not merely unburied."""
    try:
        status = pathlib.Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    return "State:\tZ" not in status


class WithServer(unittest.TestCase):
    def run_script(self, *arguments, **options):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=LIMIT,
                              check=False, **options)

    def start_patient(self, **options):
        """The running script, its server's process id and its server's directory."""
        script = subprocess.Popen([SCRIPT, "python3", "-c", PATIENT], stdout=subprocess.PIPE,
                                  text=True, **options)
        self.addCleanup(script.stdout.close)
        self.addCleanup(script.kill)
        word, server = script.stdout.readline().split()
        self.assertEqual(word, "server")
        return script, server, directory_of(server)

    def wait_until_gone(self, server):
        limit = time.monotonic() + LIMIT
        while running(server):
            self.assertLess(time.monotonic(), limit, f"server {server} is still there")
            time.sleep(0.02)

    def assert_nothing_left(self, server, directory):
        self.assertFalse(running(server))
        self.assertFalse(directory.exists())

    def test_command_sees_a_server_and_decides_the_exit_code(self):
        with tempfile.TemporaryDirectory() as directory:
            seen = pathlib.Path(directory, "seen")
            result = self.run_script(
                "bash", "-c", f"readlink /proc/$MOOR_SERVER_PID/cwd >{seen};"
                " echo $MOOR_SERVER_PID $MONGODB_URI; port=${MONGODB_URI##*:};"
                " : </dev/tcp/127.0.0.1/${port%%/*} && exit 7")
            home = pathlib.Path(seen.read_text(encoding="utf-8").strip())
        self.assertEqual(result.returncode, 7, result.stderr)
        server, uri = result.stdout.split()
        self.assertRegex(uri, r"^mongodb://127\.0\.0\.1:\d+/\?directConnection=true$")
        self.assertEqual(home.parent, ROOT / "build" / "servers")
        self.assert_nothing_left(server, home)

    def test_standard_input_reaches_the_command(self):
        self.assertEqual(self.run_script("cat", input="words").stdout, "words")

    def test_command_ended_by_a_signal(self):
        self.assertEqual(self.run_script("bash", "-c", "kill -SEGV $$").returncode, 128 + 11)

    def test_signals_are_handed_on(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                script, server, directory = self.start_patient()
                script.send_signal(number)
                self.assertEqual(script.stdout.read(), f"got {number.name}\n")
                self.assertEqual(script.wait(LIMIT), 40)
                self.assert_nothing_left(server, directory)

    def test_hangup_is_no_order_to_end(self):
        """The command goes on for much longer than one that was told to end may take."""
        script = subprocess.Popen([sys.executable, "-c", IMPATIENT, SCRIPT, "python3", "-c",
                                   REREADING], stdout=subprocess.PIPE, text=True)
        self.addCleanup(script.stdout.close)
        self.addCleanup(script.kill)
        self.assertEqual(script.stdout.readline(), "ready\n")
        script.send_signal(signal.SIGHUP)
        self.assertEqual(script.stdout.read(), "read anew\n")
        self.assertEqual(script.wait(LIMIT), 40)

    def test_interrupt_of_the_terminal_reaches_the_command_once(self):
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        script, server, directory = self.start_patient(
            stdin=terminal, start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(terminal), os.O_RDWR)))
        os.close(terminal)
        os.write(master, b"\x03")
        self.assertEqual(script.stdout.read(), "got SIGINT\n")
        self.assertEqual(script.wait(LIMIT), 40)
        self.assert_nothing_left(server, directory)

    def test_killed_script_takes_all_with_it_and_the_next_one_cleans_up(self):
        script, server, directory = self.start_patient()
        script.kill()
        script.wait(LIMIT)
        self.assertEqual(script.stdout.read(), "got SIGTERM\n")
        self.wait_until_gone(server)
        self.assertEqual(self.run_script("true").returncode, 0)
        self.assertFalse(directory.exists())

    def test_server_that_does_not_listen_to_signals_is_killed(self):
        result = self.run_script(
            "bash", "-c", "kill -STOP $MOOR_SERVER_PID; echo $MOOR_SERVER_PID; exit 3")
        self.assertEqual(result.returncode, 3)
        self.assertFalse(running(result.stdout.strip()))

    def test_server_that_died_meanwhile_is_no_obstacle(self):
        self.assertEqual(
            self.run_script("bash", "-c", "kill -KILL $MOOR_SERVER_PID; exit 3").returncode, 3)

    def test_server_that_cannot_start(self):
        with tempfile.TemporaryDirectory() as directory:
            occupied = pathlib.Path(directory, "file")
            occupied.write_text("in the way", encoding="utf-8")
            for arguments, words in ((f"--storage-path {occupied}", "exists"),
                                     ("--no-such-option", "unrecognized arguments")):
                with self.subTest(arguments):
                    result = self.run_script("--server-args", arguments, "echo", "ran")
                    self.assertEqual((result.returncode, result.stdout), (1, ""))
                    self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                    self.assertRegex(result.stderr, r"^with-server: the server .*last words: ")
                    self.assertIn(words, result.stderr)

    def test_wrong_usage(self):
        self.assertEqual(self.run_script().returncode, 2)
        self.assertIn("allowed are --fast and --server-args", self.run_script("--port", "1").stderr)
        self.assertEqual(self.run_script("/no/such/command").returncode, 127)


if __name__ == "__main__":
    unittest.main()
