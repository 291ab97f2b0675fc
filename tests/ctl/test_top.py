"""moorctl top before the running demo: snapshots, the live view on a terminal, contact lost and found."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import termios
import threading
import time
import unittest

from tool import (CANNOT_CONNECT, FINE, LIMIT, TOOL, USAGE, ToolTest, answering_with, dead_port, environment,
                  scratch_directory, self_signed_certificate, silent_listener)

DEMO = os.environ["MOOR_DEMO"]
PASSWORD = "hunter2-planted"
TAKEN, GIVEN_BACK = "\x1b[?1049h", "\x1b[?1049l"
INTERRUPT, QUIT = b"\x03", b"\x1c"


class Relay:
    """Hands bytes between whoever connects to its port and another one, with TLS if told so."""

    def __init__(self, target, port=0, tls=None):
        self.target, self.tls = target, tls
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.open = {self.listener}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(visitor,), daemon=True).start()

    def serve(self, visitor):
        with contextlib.suppress(OSError):
            if self.tls:
                visitor = self.tls.wrap_socket(visitor, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.target), timeout=LIMIT)
            self.open |= {visitor, server}
            threading.Thread(target=self.pump, args=(server, visitor), daemon=True).start()
            self.pump(visitor, server)

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_RDWR)

    def close(self):
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Terminal:
    """moorctl on a terminal of its own."""

    def __init__(self, *arguments, columns=100, rows=30):
        self.output = ""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execve(TOOL, [TOOL, *arguments], environment())
        self.before = termios.tcgetattr(self.descriptor)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.descriptor, keys)

    def read_some(self):
        """False when the other end is closed."""
        if select.select([self.descriptor], [], [], 0.1)[0]:
            try:
                self.output += os.read(self.descriptor, 65536).decode()
            except OSError:
                return False
        return True

    def screen(self):
        """The lines of the latest whole frame, without their colours."""
        frames = self.output.split("\x1b[H")
        whole = [frame for frame in frames[1:] if frame.partition("\x1b[J")[1]]
        if not whole:
            return []
        text = re.sub(r"\x1b\[[0-9;]*[mK]", "", whole[-1].partition("\x1b[J")[0])
        return text.replace("\r", "").split("\n")  # the terminal adds some

    def wait_for(self, what, is_there):
        limit = time.monotonic() + LIMIT
        while not is_there(self.screen()):
            assert self.read_some(), f"it ended before {what}: {self.output[-2000:]!r}"
            assert time.monotonic() < limit, f"never: {what}: {self.screen()}"
        return self.screen()

    def wait_for_text(self, text):
        return self.wait_for(text, lambda lines: text in "\n".join(lines))

    def end(self):
        """Its exit code, when all that it wrote was read."""
        limit = time.monotonic() + LIMIT
        while self.read_some():
            assert time.monotonic() < limit, "it does not end"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def abandon(self):
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


class Top(ToolTest):
    def start_demo(self, *arguments):
        """The port at which the running demo shows itself."""
        uri = f"mongodb://127.0.0.1:{self.start_server()}/?directConnection=true"
        output = scratch_directory(self) / "output"
        with open(output, "wb") as file:
            demo = subprocess.Popen([DEMO, "--seconds=300", "--clients=4",
                                     "--moor.http-listen=127.0.0.1:0", *arguments],
                                    stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                    env=environment(MONGODB_URI=uri))
        self.addCleanup(demo.wait)
        self.addCleanup(demo.kill)
        limit = time.monotonic() + LIMIT
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", output.read_text("utf-8"))):
            self.assertIsNone(demo.poll(), output.read_text("utf-8"))
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.05)
        return int(found[1])

    def on_terminal(self, *arguments, **size):
        terminal = Terminal("top", *arguments, **size)
        self.addCleanup(terminal.abandon)
        return terminal

    def relay(self, *arguments, **options):
        relay = Relay(*arguments, **options)
        self.addCleanup(relay.close)
        return relay

    def assert_given_back(self, terminal):
        self.assertEqual(terminal.output.count(TAKEN), terminal.output.count(GIVEN_BACK))
        self.assertGreater(terminal.output.rindex("\x1b[?25h"), terminal.output.rindex("\x1b[?25l"))
        self.assertEqual(termios.tcgetattr(terminal.descriptor), terminal.before)

    # -- snapshots --------------------------------------------------------------------------------

    def test_snapshots(self):
        address = f"127.0.0.1:{self.start_demo()}"
        for arguments in ([], ["--once"]):
            result = self.run_tool("top", address, *arguments)
            self.assertEqual(result.returncode, FINE, result.stderr)
            self.assertTrue(result.stdout.startswith(f"moorctl top: http://{address}/stats\n"))
            for words in ("\npool default: ", "  connections  [", " in use, ", "  queue ", " granted",
                          "  server       round trip mean ", "breakers     operations closed"):
                self.assertIn(words, result.stdout)
            self.assertNotIn("\x1b", result.stdout)
        result = self.run_tool("top", f"http://{address}/", "--json")
        self.assertEqual(result.returncode, FINE, result.stderr)
        self.assertEqual(json.loads(result.stdout)["pools"][0]["pool"], "default")

    def test_user_and_password(self):
        directory = scratch_directory(self)
        right, wrong = directory / "right", directory / "wrong"
        right.write_text(PASSWORD + "\n", encoding="utf-8")
        wrong.write_text("other\n", encoding="utf-8")
        port = self.start_demo("--moor.http-user=ops", f"--moor.http-password-file={right}")
        address = f"127.0.0.1:{port}"
        login = ["--user", "ops", "--password-file"]
        result = self.run_tool("top", address, *login, right)
        self.assertEqual(result.returncode, FINE, result.stderr)
        self.assertIn("pool default: ", result.stdout)
        self.assertNotIn(PASSWORD, result.stdout + result.stderr)
        self.assert_refused(self.run_tool("top", address), CANNOT_CONNECT, "asks for a user")
        self.assert_refused(self.run_tool("top", address, *login, wrong), CANNOT_CONNECT,
                            "refuses this user and password")
        # The same on a terminal, which is given back before the reason is told.
        terminal = self.on_terminal(address, *login, str(wrong))
        self.assertEqual(terminal.end(), CANNOT_CONNECT)
        self.assertIn("refuses this user", terminal.output.rpartition(GIVEN_BACK)[2])
        self.assert_tls(port, login + [right])

    def assert_tls(self, port, login):
        certificate, key = self_signed_certificate(scratch_directory(self))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        url = f"https://localhost:{self.relay(port, tls=tls).port}"
        result = self.run_tool("top", url, *login, "--ca-file", certificate)
        self.assertEqual(result.returncode, FINE, result.stderr)
        self.assertIn("pool default: ", result.stdout)
        self.assert_refused(self.run_tool("top", url, *login), CANNOT_CONNECT, "certificate")

    # -- nobody there, or somebody else -----------------------------------------------------------

    def test_nobody_there(self):
        self.assert_refused(self.run_tool("top", f"127.0.0.1:{dead_port()}"), CANNOT_CONNECT,
                            "no answer from http://127.0.0.1:")
        result = self.run_tool("top", f"127.0.0.1:{silent_listener(self)}", "--timeout", "200ms")
        self.assert_refused(result, CANNOT_CONNECT, "timed out")

    def test_somebody_else_there(self):
        for answer in (b'{"pools":[{}]}', b'{"now_unix_ms":1,"pools":[{}]}', b'{"pools":[]}', b"[]"):
            with self.subTest(answer):
                address = f"127.0.0.1:{answering_with(self, answer)}"
                for arguments in ([], ["--json"]):
                    self.assert_refused(self.run_tool("top", address, *arguments), CANNOT_CONNECT,
                                        "no component of moor")
                terminal = self.on_terminal(address)
                self.assertEqual(terminal.end(), CANNOT_CONNECT)
                self.assertIn("no component of moor", terminal.output.rpartition(GIVEN_BACK)[2])

    def test_bad_arguments(self):
        for arguments, word in [(["ftp://a/"], "allowed is host:port"), (["a", "b"], "b"),
                                (["127.0.0.1:"], '"127.0.0.1:" has a colon without a port'),
                                ([""], "argument 2 is empty"),
                                (["http://u:hunter2@a/"], "--password-file"),
                                (["--user=x"], "--password-file"),
                                (["--user=x", "--password-file=/nowhere"], "No such file"),
                                (["--ca-file=/nowhere"], "--ca-file"),
                                (["--interval=5"], "--interval")]:
            with self.subTest(arguments):
                result = self.run_tool("top", *arguments)
                self.assert_refused(result, USAGE, word)
                self.assertNotIn("hunter2", result.stderr)

    # -- on a terminal ----------------------------------------------------------------------------

    def test_live_view(self):
        address = f"127.0.0.1:{self.start_demo()}"
        terminal = self.on_terminal(address, "--interval=250ms")
        terminal.wait_for_text("pool default: healthy")
        terminal.wait_for("a rate", lambda lines: re.search(r"granted \([\d,.]+/s\)", "\n".join(lines)))
        for columns, rows in [(60, 8), (140, 40)]:
            terminal.resize(columns, rows)
            # The first line names the interval, if it is not cut.
            lines = terminal.wait_for("the new size", lambda lines: len(lines) <= rows
                                      and max(map(len, lines)) <= columns
                                      and (rows == 8 or len(lines) > 8))
            self.assertIn("pool default", "\n".join(lines))
        terminal.type(INTERRUPT)
        self.assertEqual(terminal.end(), FINE)
        self.assert_given_back(terminal)

    def test_keys_and_signals_end_it(self):
        ends = [lambda terminal, key=key: terminal.type(key) for key in (b"q", INTERRUPT, QUIT)]
        ends += [lambda terminal, number=number: os.kill(terminal.pid, number)
                 for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)]
        for end in ends:
            terminal = self.on_terminal(f"127.0.0.1:{dead_port()}")
            terminal.wait_for_text("NO CONTACT")
            end(terminal)
            self.assertEqual(terminal.end(), FINE)
            self.assert_given_back(terminal)

    def test_question_under_way_does_not_keep_it(self):
        terminal = self.on_terminal(f"127.0.0.1:{silent_listener(self)}", "--timeout=10min")
        terminal.wait_for_text("asking")
        terminal.type(b"q")
        self.assertEqual(terminal.end(), FINE)

    def test_stopped_and_continued(self):
        terminal = self.on_terminal(f"127.0.0.1:{dead_port()}", "--interval=100ms")
        terminal.wait_for_text("NO CONTACT")
        terminal.type(b"\x1a")
        self.assertTrue(os.WIFSTOPPED(os.waitpid(terminal.pid, os.WUNTRACED)[1]))
        terminal.read_some()
        self.assert_given_back(terminal)
        terminal.output = ""
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for_text("NO CONTACT")
        self.assertIn(TAKEN, terminal.output)
        terminal.type(b"q")
        self.assertEqual(terminal.end(), FINE)

    def test_continued_after_a_stop_that_it_could_not_see(self):
        terminal = self.on_terminal(f"127.0.0.1:{dead_port()}", "--interval=100ms")
        terminal.wait_for_text("NO CONTACT")
        taken = termios.tcgetattr(terminal.descriptor)
        os.kill(terminal.pid, signal.SIGSTOP)
        self.assertTrue(os.WIFSTOPPED(os.waitpid(terminal.pid, os.WUNTRACED)[1]))
        # As a shell does.
        termios.tcsetattr(terminal.descriptor, termios.TCSANOW, terminal.before)
        terminal.output = ""
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for_text("NO CONTACT")
        self.assertIn(TAKEN, terminal.output)
        self.assertEqual(termios.tcgetattr(terminal.descriptor), taken)
        terminal.type(b"q")
        self.assertEqual(terminal.end(), FINE)
        self.assertEqual(termios.tcgetattr(terminal.descriptor), terminal.before)

    def test_contact_lost_and_found(self):
        port = self.start_demo()
        first = self.relay(port)
        terminal = self.on_terminal(f"127.0.0.1:{first.port}", "--interval=200ms")
        terminal.wait_for_text("pool default: healthy")
        first.close()
        lines = terminal.wait_for_text("NO CONTACT for ")
        self.assertIn("pool default", "\n".join(lines))  # the last figures stay
        self.relay(port, port=first.port)
        terminal.wait_for("contact", lambda lines: "NO CONTACT" not in "\n".join(lines))
        terminal.type(b"q")
        self.assertEqual(terminal.end(), FINE)


if __name__ == "__main__":
    unittest.main()
