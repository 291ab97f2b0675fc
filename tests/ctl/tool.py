"""How the tests in this folder run moorctl, whose path is in MOOR_MOORCTL, and the embedded server."""

import http.server
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.environ["MOOR_MOORCTL"]
VENV_PYTHON = ROOT / "build" / "venv" / "bin" / "python"  # has the driver that the server brings
LIMIT = 120  # seconds; a failing test ends, whatever the machine is busy with

FINE, CANNOT_CONNECT, USAGE, BAD_CONFIGURATION, WARNINGS, CANNOT_WRITE = range(6)


def environment(**variables):
    """This process's, without what would change moor's settings, and with `variables`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("MOOR_", "MONGODB_", "DB_", "NO_COLOR"))}
    return kept | {"TERM": "xterm"} | variables


def with_server_script():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("with_server",
                                                  str(ROOT / "scripts" / "with-server"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("with_server", loader))
    loader.exec_module(module)
    return module


SERVER = with_server_script().Server


def scratch_directory(test):
    directory = tempfile.TemporaryDirectory()
    test.addCleanup(directory.cleanup)
    return pathlib.Path(directory.name)


def silent_listener(test):
    """A port where connections are taken, and nothing is said."""
    listener = socket.create_server(("127.0.0.1", 0))
    test.addCleanup(listener.close)
    return listener.getsockname()[1]


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the server's `answer`."""

    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format, *arguments):  # pylint: disable=redefined-builtin
        pass


def answering_with(test, answer):
    """The port of an HTTP server that gives that answer."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.answer = answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server.server_port


def dead_port():
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def self_signed_certificate(directory):
    """Certificate and key of 'localhost', as two PEM files."""
    certificate, key = directory / "server.pem", directory / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=LIMIT)
    return certificate, key


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.servers = []
        self.addCleanup(lambda: [self.stop_server() for _ in list(self.servers)])

    def start_server(self, *arguments):
        """The port of an embedded server that lives as long as the test."""
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        server = SERVER([str(one) for one in arguments], mask)
        self.servers.append(server)
        server.start()
        return server.port

    def stop_server(self):
        """Stops the one that was started last."""
        server = self.servers.pop()
        server.stop()
        if server.process:
            server.process.stdout.close()

    def run_tool(self, *arguments, **variables):
        return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True,
                              timeout=LIMIT, check=False, env=environment(**variables))

    def json_of(self, *arguments, code, **variables):
        """The one line of JSON that comes with that exit code."""
        result = self.run_tool(*arguments, "--json", **variables)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertEqual(result.stdout.count("\n"), 1)
        return json.loads(result.stdout)

    def assert_refused(self, result, code, *words):
        """It said why on standard error, in which all of `words` occur, and nothing else."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertEqual(result.stdout, "")
        for word in words:
            self.assertIn(word, result.stderr)
