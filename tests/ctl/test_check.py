"""moorctl check against servers that answer, refuse, are silent, or are not there."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
import unittest

from tool import (BAD_CONFIGURATION, CANNOT_CONNECT, FINE, LIMIT, USAGE, VENV_PYTHON, WARNINGS,
                  ToolTest, dead_port, environment, scratch_directory, self_signed_certificate,
                  silent_listener)

PASSWORD = "hunter2-planted"


def steps_of(report):
    return [step["step"] for step in report["connection"]["steps"]]


def failed_step_of(report):
    failed = [step["step"] for step in report["connection"]["steps"] if step["outcome"] == "failed"]
    return failed[0] if len(failed) == 1 else failed


class Check(ToolTest):
    def assert_no_secret(self, *texts):
        for text in texts:
            self.assertNotIn(PASSWORD, text)

    # -- servers that answer ----------------------------------------------------------------------

    def test_healthy_server(self):
        uri = f"mongodb://127.0.0.1:{self.start_server()}/"
        report = self.json_of("check", "--moor.max-pool-size=7", code=FINE, MONGODB_URI=uri)
        self.assertEqual(report["result"], "fine")
        given = {one["key"]: one for one in report["configuration"]["settings"] if one["given"]}
        self.assertEqual(set(given), {"uri", "max-pool-size"})
        self.assertIn("MONGODB_URI", given["uri"]["place"])
        self.assertIn("--moor.max-pool-size", given["max-pool-size"]["place"])
        self.assertEqual(report["configuration"]["findings"], [])
        self.check_connection(report["connection"])
        server = report["server"]
        self.assertRegex(server["version"], r"^\d+\.\d+")
        self.assertTrue(server["writable"])
        self.assertEqual(server["set_name"], "secantus")
        self.assertGreater(server["round_trip_ms"], 0)
        self.assertGreaterEqual(server["connections_current"], 1)
        self.assertGreaterEqual(server["connections_total_created"], 1)
        self.assertIsNone(server["head_room"])  # it says 0, and takes connections
        self.assertEqual(server["max_pool_size"], 7)
        self.assertIn("head-room-unknown", [one["id"] for one in report["advice"]])

    def check_connection(self, connection):
        self.assertIsNone(connection["failure"])
        self.assertFalse(connection["tls"])
        self.assertIsNone(connection["encryption"])
        self.assertEqual([one["step"] for one in connection["steps"]],
                         ["resolve", "dial", "hello", "ping", "status"])
        self.assertTrue(all(one["outcome"] == "done" for one in connection["steps"]))
        self.assertTrue(all(one["took_ms"] >= 0 for one in connection["steps"]))
        longest = max(one["took_ms"] for one in connection["steps"])
        self.assertGreaterEqual(connection["total_ms"], longest)

    def test_report_for_people(self):
        port = self.start_server()
        result = self.run_tool("check", f"mongodb://127.0.0.1:{port}/")
        self.assertEqual(result.returncode, FINE, result.stdout + result.stderr)
        for words in ("Settings (development profile, 1 of ", f"Connection to 127.0.0.1:{port}\n",
                      "\n  ping ", " ms\n", "\nServer\n  version ", "replica set secantus of 1 member",
                      "unknown, for a pool of at most 10", "\nAdvice\n  ", "  note: ",
                      "\nThe pool can work with these settings.\n"):
            self.assertIn(words, result.stdout)
        self.assertNotIn("\x1b", result.stdout)
        self.assertEqual(result.stderr, "")

    # -- authentication ---------------------------------------------------------------------------

    def start_server_with_user(self):
        storage = scratch_directory(self) / "data"
        create = ("import pymongo, sys; pymongo.MongoClient(sys.argv[1]).admin.command("
                  f"'createUser', 'ops', pwd='{PASSWORD}', roles=['root'])")
        unprotected = self.start_server("--storage-path", storage)
        subprocess.run([VENV_PYTHON, "-c", create,
                        f"mongodb://127.0.0.1:{unprotected}/?directConnection=true"],
                       check=True, timeout=LIMIT, env=environment())
        self.stop_server()
        return self.start_server("--storage-path", storage, "--auth")

    def test_right_and_wrong_password(self):
        at = f"127.0.0.1:{self.start_server_with_user()}/admin"
        report = self.json_of("check", code=FINE, MONGODB_URI=f"mongodb://ops:{PASSWORD}@{at}")
        self.assertTrue(report["connection"]["credentials"])
        self.assertEqual(steps_of(report),
                         ["resolve", "dial", "hello", "authenticate", "ping", "status"])
        self.assertGreaterEqual(report["server"]["connections_current"], 1)
        self.assert_no_secret(str(report))

        wrong = f"mongodb://ops:{PASSWORD}x@{at}"
        report = self.json_of("check", code=CANNOT_CONNECT, MONGODB_URI=wrong)
        self.assertEqual(report["connection"]["failure"]["code"], "authentication_failed")
        self.assertEqual(report["connection"]["failure"]["cause"], "credentials")
        self.assertEqual(failed_step_of(report), "authenticate")
        self.assertIn("credentials", [one["id"] for one in report["advice"]])
        self.assertIsNone(report["server"])
        result = self.run_tool("check", MONGODB_URI=wrong)
        self.assertEqual(result.returncode, CANNOT_CONNECT)
        self.assertIn("authentication_failed", result.stdout)
        self.assertIn("FAILED", result.stdout)
        self.assert_no_secret(str(report), result.stdout, result.stderr)

        report = self.json_of("check", code=FINE, MONGODB_URI=f"mongodb://{at}")
        self.assertIn("credentials-demanded", [one["id"] for one in report["advice"]])

    def test_password_from_a_file(self):
        at = f"127.0.0.1:{self.start_server_with_user()}/admin"
        file = scratch_directory(self) / "password"
        uri = f"mongodb://ops@{at}"
        for content, code in ((PASSWORD, FINE), (PASSWORD + "\n", FINE),
                              (PASSWORD + "x", CANNOT_CONNECT)):
            file.write_text(content, encoding="utf-8")
            file.chmod(0o600)
            report = self.json_of("check", code=code, MONGODB_URI=uri, MOOR_PASSWORD_FILE=str(file))
            self.assertTrue(report["connection"]["credentials"])
            self.assertIn("authenticate", steps_of(report))
            self.assert_no_secret(str(report))
        self.assertEqual(report["connection"]["failure"]["cause"], "credentials")
        # Without the file there is nothing to log in with.
        report = self.json_of("check", code=BAD_CONFIGURATION, MONGODB_URI=uri)
        self.assertIsNone(report["connection"])
        finding, = report["configuration"]["findings"]
        self.assertEqual((finding["subject"], finding["severity"]), ("uri", "error"))
        self.assertIn("names a user without a password", finding["text"])
        report = self.json_of("check", "--moor.profile=production", code=BAD_CONFIGURATION,
                              MONGODB_URI=uri)
        finding, = report["configuration"]["findings"]
        self.assertIn("names a user without a password", finding["text"])

    # -- files that the settings name -------------------------------------------------------------

    def test_file_of_authorities_that_cannot_be_read(self):
        missing = scratch_directory(self) / "ca.pem"
        uri = f"mongodb://127.0.0.1:{dead_port()}/?tls=true&tlsCAFile={missing}"
        report = self.json_of("check", uri, code=BAD_CONFIGURATION)
        self.assertIsNone(report["connection"])
        finding, = report["configuration"]["findings"]
        self.assertEqual((finding["subject"], finding["severity"]), ("uri", "error"))
        for words in ("tlsCAFile", str(missing), "No such file or directory"):
            self.assertIn(words, finding["text"])

    def test_files_of_the_endpoint(self):
        uri = f"mongodb://127.0.0.1:{self.start_server()}/"
        directory = scratch_directory(self)
        password, missing = directory / "password", directory / "site.pem"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        listen = "--moor.http-listen=127.0.0.1:0"
        for arguments, words in (
                (["--moor.http-user=ops"], "http-user"),
                ([f"--moor.http-password-file={password}"], "http-password-file"),
                ([f"--moor.http-key-file={missing}"], "http-key-file"),
                (["--moor.metrics-interval=0"], "metrics-interval"),
                (["--moor.http-user=ops", f"--moor.http-password-file={missing}"],
                 f"{missing} cannot be read: No such file or directory"),
                ([f"--moor.http-certificate-file={missing}"], str(missing))):
            with self.subTest(arguments):
                report = self.json_of("check", "--strict", listen, *arguments, code=WARNINGS,
                                      MONGODB_URI=uri)
                finding, = report["configuration"]["findings"]
                self.assertEqual(finding["severity"], "warning")
                self.assertIn(words, finding["text"])
                self.assert_no_secret(str(report))
        self.json_of("check", "--strict", listen, "--moor.http-user=ops",
                     f"--moor.http-password-file={password}", code=FINE, MONGODB_URI=uri)

    # -- TLS --------------------------------------------------------------------------------------

    def test_self_signed_certificate(self):
        certificate, key = self_signed_certificate(scratch_directory(self))
        at = f"localhost:{self.start_server('--tls-cert-file', certificate, '--tls-key-file', key)}"
        report = self.json_of("check", f"mongodb://{at}/?tls=true", code=CANNOT_CONNECT)
        self.assertTrue(report["connection"]["tls"])
        self.assertEqual(report["connection"]["failure"]["code"], "tls_failed")
        self.assertEqual(report["connection"]["failure"]["cause"], "tls_self_signed")
        self.assertEqual(failed_step_of(report), "tls")
        self.assertIn("tls-self-signed", [one["id"] for one in report["advice"]])
        self.assertIsNone(report["server"])
        trusted = f"mongodb://{at}/?tls=true&tlsCAFile={certificate}&directConnection=true"
        report = self.json_of("check", trusted, code=FINE)
        self.assertEqual(steps_of(report), ["resolve", "dial", "tls", "hello", "ping", "status"])
        self.assertRegex(report["connection"]["encryption"]["version"], r"^TLSv1\.[23]$")
        # It is valid for two days, of which is warned.
        self.assertIn("certificate-expires-soon", [one["id"] for one in report["advice"]])
        self.assertEqual(report["result"], "fine")
        report = self.json_of("check", trusted, "--strict", code=WARNINGS)
        self.assertEqual(report["result"], "warnings")
        result = self.run_tool("check", trusted, "--strict")
        self.assertEqual(result.returncode, WARNINGS)
        self.assertIn("It works, with warnings.", result.stdout)

    # -- nobody there -----------------------------------------------------------------------------

    def test_dead_port(self):
        port = dead_port()
        report = self.json_of("check", f"mongodb://127.0.0.1:{port}/", code=CANNOT_CONNECT)
        self.assertEqual(report["result"], "cannot_connect")
        self.assertEqual(report["connection"]["failure"]["code"], "connect_failed")
        self.assertEqual(report["connection"]["address"], f"127.0.0.1:{port}")
        self.assertEqual(report["connection"]["failure"]["cause"], "dial_refused")
        self.assertEqual(failed_step_of(report), "dial")
        result = self.run_tool("check", f"mongodb://127.0.0.1:{port}/")
        self.assertEqual(result.returncode, CANNOT_CONNECT)
        self.assertIn("refused", result.stdout)
        self.assertTrue(result.stdout.endswith("\nThe server cannot be used.\n"))

    def test_black_hole_is_left_after_the_timeout(self):
        # Without the option it would take the connect timeout.
        uri = f"mongodb://127.0.0.1:{silent_listener(self)}/?connectTimeoutMS=600000"
        report = self.json_of("check", "--timeout", "300ms", uri, code=CANNOT_CONNECT)
        self.assertGreaterEqual(report["connection"]["total_ms"], 299)
        self.assertEqual(failed_step_of(report), "hello")
        self.assert_limit_named(report, "hello")
        self.assertIn("connect-timeout (10 min)", report["advice"][0]["text"])

    def assert_limit_named(self, report, step):
        failure = report["connection"]["failure"]
        self.assertEqual(failure["cause"], "interrupted")
        for words in ("own time limit of 300ms (--timeout) ran out", f"in the step {step} of"):
            self.assertIn(words, failure["text"])
        first = report["advice"][0]
        self.assertEqual(first["id"], "check-timeout")
        self.assertIn("Raise --timeout", first["text"])

    def test_limit_is_named_whichever_timeout_is_as_long(self):
        at = f"127.0.0.1:{silent_listener(self)}/?connectTimeoutMS="
        for others in ("10000", "301"):
            report = self.json_of("check", "--timeout=300ms", f"mongodb://{at}{others}",
                                  code=CANNOT_CONNECT)
            self.assert_limit_named(report, "hello")
        # The settings' own timeouts hold where they are shorter.
        report = self.json_of("check", "--timeout=60s", f"mongodb://{at}300", code=CANNOT_CONNECT)
        self.assertEqual(report["connection"]["failure"]["cause"], "no_answer")
        self.assertIn("no-answer", [one["id"] for one in report["advice"]])

    def test_limit_ends_a_dial_that_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            at = listener.getsockname()
            with socket.create_connection(at):  # fills the queue
                report = self.json_of("check", "--timeout=300ms", f"mongodb://127.0.0.1:{at[1]}/",
                                      code=CANNOT_CONNECT)
        self.assert_limit_named(report, "dial")
        self.assertIn("firewalls", report["advice"][0]["text"])

    # -- somebody else ----------------------------------------------------------------------------

    def assert_not_mongodb(self, uri, *words):
        report = self.json_of("check", uri, code=CANNOT_CONNECT)
        failure = report["connection"]["failure"]
        self.assertEqual(failure["cause"], "not_mongodb", failure)
        for word in ("does not speak MongoDB's wire protocol", *words):
            self.assertIn(word, failure["text"])
        self.assertNotIn("No suitable servers", failure["text"])
        self.assertIn("not-mongodb", [one["id"] for one in report["advice"]])

    def test_another_protocol(self):
        for answer, words in ((b"HTTP/1.1 400 Bad Request\r\n\r\n", "answers in HTTP"),
                              (b"SSH-2.0-OpenSSH_9.2p1\r\n", "the size of a message"),
                              (struct.pack("<iiii", 36, 1, 1, 2004) + bytes(20), "no answer")):
            with self.subTest(answer):
                self.assert_not_mongodb(f"mongodb://127.0.0.1:{self.curt_peer(answer)}/", words)

    def test_another_protocol_in_tls(self):
        certificate, key = self_signed_certificate(scratch_directory(self))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        port = self.curt_peer(b"HTTP/1.1 400 Bad Request\r\n\r\n", tls)
        self.assert_not_mongodb(f"mongodb://localhost:{port}/?tls=true&tlsCAFile={certificate}")

    def curt_peer(self, answer, tls=None):
        """The port of somebody who answers whatever is said with `answer`, and closes."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    visitor, _ = listener.accept()
                    with contextlib.suppress(OSError), visitor:
                        if tls:
                            visitor = tls.wrap_socket(visitor, server_side=True)
                        visitor.recv(65536)
                        visitor.sendall(answer)
                        visitor.close()

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def test_name_without_an_address(self):
        report = self.json_of("check", "mongodb://nowhere.invalid/", "--timeout=20s",
                              code=CANNOT_CONNECT)
        self.assertIn("nowhere.invalid", report["connection"]["failure"]["text"])
        self.assertEqual(failed_step_of(report), "resolve")

    # -- settings that are refused ----------------------------------------------------------------

    def test_refused_settings(self):
        report = self.json_of("check", "--moor.max-pol-size=3", "--moor.min-pool-size=many",
                              code=BAD_CONFIGURATION, MONGODB_URI=f"mongodb://u:{PASSWORD}@:x/")
        self.assertEqual(report["result"], "bad_configuration")
        self.assertIsNone(report["connection"])
        texts = " ".join(one["text"] for one in report["configuration"]["findings"])
        for words in ("max-pol-size", "the nearest one is", "min-pool-size", "malformed"):
            self.assertIn(words, texts)
        self.assert_no_secret(str(report))

    def test_findings_on_the_connection_string(self):
        uri = f"mongodb://127.0.0.1:{self.start_server()}/?retriWrites=true"
        report = self.json_of("check", uri, code=FINE)
        finding, = report["configuration"]["findings"]
        self.assertEqual(finding["severity"], "warning")
        for words in ("retriWrites", "retryWrites", "argument URI"):
            self.assertIn(words, finding["text"])
        result = self.run_tool("check", uri, "--strict")
        self.assertEqual(result.returncode, WARNINGS)
        self.assertEqual(result.stdout.count("warning: "), 1)
        report = self.json_of("check", uri, "--moor.profile=production", code=BAD_CONFIGURATION)
        self.assertIn("error", [one["severity"] for one in report["configuration"]["findings"]])
        self.assertIsNone(report["connection"])

    def test_no_connection_string(self):
        result = self.run_tool("check")
        self.assertEqual(result.returncode, BAD_CONFIGURATION)
        self.assertIn("error: uri", result.stdout)
        self.assertIn("no connection was tried", result.stdout)

    def test_bad_arguments(self):
        for arguments, words in [
                (["check", "--timeout=3"], ["--timeout", "no unit"]),
                (["check", "--speed"], ["--speed"]),
                (["check", "a", "b"], ["b"]),
                (["chek"], ["chek"]),
                ([], ["a command is wanted", "check, config or top"])]:
            with self.subTest(arguments):
                self.assert_refused(self.run_tool(*arguments), USAGE, *words)

    def test_password_as_an_argument(self):
        for argument in (f"mongodb://u:{PASSWORD}@db/", f"--moor.uri=mongodb://u:{PASSWORD}@db/"):
            result = self.run_tool("check", argument)
            self.assert_refused(result, USAGE, "MONGODB_URI")
            self.assert_no_secret(result.stderr)


if __name__ == "__main__":
    unittest.main()
