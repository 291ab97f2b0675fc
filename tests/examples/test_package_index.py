"""examples/package_index.cpp: the figures of its summary, and how it ends when all is not well."""

import os
import pathlib
import pty
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from program import (LIMIT, PROGRAM, WITH_SERVER, ProgramTest, environment,
                     without_moors_lines)
from plants import MARK, planted

INSTALLED = "install ok installed"


def stanza(name, section, size, status=INSTALLED, architecture="amd64", **fields):
    """One package as dpkg writes it. Fields have _ for -; a section or size of None is left out."""
    lines = [f"Package: {name}", f"Status: {status}", f"Architecture: {architecture}"]
    lines += [f"Section: {section}"] * (section is not None)
    lines += [f"Installed-Size: {size}"] * (size is not None)
    lines += ["Version: 1.0-1"] * ("not-installed" not in status)
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items()]
    return "\n".join([*lines, "Description: made up", " for a test", " .", " alone", "", ""])


# Seven of interest, one that does not count, and enough for a second batch.
PACKAGES = "".join([
    stanza("alpha", "libs", 100, Depends="base"),
    stanza("base", "libs", 2048),
    stanza("base", "libs", 2048, architecture="i386"),
    stanza("beta", "utils", 50, Depends="other, base:any (>= 1.0) [amd64], alpha | gamma"),
    stanza("gamma", "utils", 5000, Pre_Depends="base (= 1.0-1)", Depends="base"),
    stanza("delta", None, 10, Depends="base-files, database"),
    stanza("omega", "admin", None, status="deinstall ok config-files"),
    stanza("ghost", "admin", 9000, status="purge ok not-installed", Depends="base"),
    *(stanza(f"many{i:02}", "many", 1) for i in range(60))])

FACTS = {
    "packages by section": "many 60, libs 3, utils 2, (none) 1, admin 1",
    "largest": "gamma:amd64 4.9 MiB, base:amd64 2.0 MiB, base:i386 2.0 MiB",
    "dependants": "3 of base: alpha:amd64, beta:amd64, gamma:amd64",
    "change events": "67",
    "errors": "0",
}


def summary_of(output):
    """The lines that say a fact, as {name: text}."""
    return {line[:20].rstrip(): line[20:] for line in output.splitlines()
            if len(line) > 20 and line[:20].endswith(" ")}


class PackageIndex(ProgramTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.status = pathlib.Path(directory.name, "status")
        self.status.write_text(PACKAGES, encoding="utf-8")
        self.endless = [f"--status-file={self.status}", "--dependants-of=base", "--seconds=100"]
        self.arguments = [*self.endless[:-1], "--seconds=1"]

    def check_summary(self, output, **other):
        facts = summary_of(output)
        self.assertRegex(facts["packages indexed"],
                         r"^67 in \d+\.\d\d s \(50 by run, 17 by command\)$")
        for name, text in (FACTS | other).items():
            self.assertEqual(facts[name], text, output)
        self.assertRegex(facts["operations"],
                         r"^[1-9][\d,]* in \d+\.\d s, [1-9][\d,]*/s"
                         r" \([1-9][\d,]* look-ups, [1-9][\d,]* aggregations\)$")
        times = r"^p50 \d+\.\d\d ms, p99 \d+\.\d\d ms$"
        self.assertRegex(facts["answer time"], times)
        self.assertRegex(facts["wait for connection"], times)
        self.assertRegex(facts["connections"],
                         r"^([1-9]|10) of at most 10, [1-9][\d,]* leases granted$")

    def test_summary(self):
        # The second run drops the index of the first.
        result = self.run_shell_with_server(f'"$0" {" ".join(self.arguments)} >/dev/null && '
                                            f'exec "$0" {" ".join(self.arguments)}')
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = without_moors_lines(result.stderr).splitlines()
        self.assertEqual(lines, [])
        self.check_summary(result.stdout)
        self.assertIn("indexing: 67 of 67 packages\n", result.stdout)
        self.assertNotIn("\r", result.stdout)

    def test_server_without_change_streams(self):
        result = self.run_with_server(*self.arguments, server="--standalone")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.check_summary(result.stdout,
                           **{"change events": "none, the server has no change streams"})

    def test_progress_bar_on_a_terminal(self):
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as terminal:
            program = subprocess.Popen([WITH_SERVER, PROGRAM, *self.arguments], stdout=theirs,
                                       env=environment())
            os.close(theirs)
            self.addCleanup(program.kill)
            output = b""
            try:
                while chunk := terminal.read(4096):
                    output += chunk
            except OSError:  # how a terminal says that its other end is closed
                pass
            self.assertEqual(program.wait(LIMIT), 0)
        output = output.decode().replace("\r\n", "\n")
        self.assertRegex(output, r"\r\x1b\[Kanswering +\[#+\.+\] 64 clients")
        self.check_summary(output.rpartition("\r\x1b[K")[2])

    # -- bad input --------------------------------------------------------------------------------

    def fails_to_read(self, text, *words):
        if text is not None:
            self.status.write_bytes(text.encode() if isinstance(text, str) else text)
        result = self.run_alone(*self.arguments, MONGODB_URI="mongodb://127.0.0.1:1/")
        self.assert_fails(result, 1, str(self.status), *words)
        self.assertEqual(result.stdout, "")  # it did not begin to connect

    def test_status_file_that_is_missing(self):
        self.status.unlink()
        self.fails_to_read(None, "No such file or directory")

    def test_status_file_that_is_a_folder(self):
        self.status.unlink()
        self.status.mkdir()
        self.fails_to_read(None, "no regular file")

    def test_status_file_that_never_ends(self):
        self.status.unlink()
        os.mkfifo(self.status)
        self.fails_to_read(None, "no regular file")
        self.status.unlink()
        self.status.symlink_to("/dev/zero")
        self.fails_to_read(None, "no regular file")

    def test_status_file_that_is_too_large(self):
        os.truncate(self.status, 256 * 2**20 + 1)
        self.fails_to_read(None, "larger than 256 MiB")

    def test_status_file_cut_within_a_line(self):
        rest = PACKAGES[:PACKAGES.index("Package: gamma") + 12]
        self.fails_to_read(rest, f"line {rest.count(chr(10)) + 1}:", "truncated")

    def test_status_file_cut_between_lines(self):
        last = PACKAGES.rindex("Package:")
        begin = PACKAGES[:last].count("\n") + 1
        self.fails_to_read(PACKAGES[:-1], f"begins at line {begin}", "truncated")

    def test_status_file_without_packages(self):
        self.fails_to_read("", "no package")
        self.fails_to_read("\n\n", "no package")

    def test_status_file_that_is_something_else(self):
        self.fails_to_read("alpha\n", "line 1", "no field")
        self.fails_to_read(" alpha\n", "line 1", "continues")
        self.fails_to_read(b"Package: \xff\n\n", "line 1", "UTF-8")

    def test_status_file_with_a_bad_stanza(self):
        self.fails_to_read(PACKAGES + "Package: late\n\n", "no field Status")
        self.fails_to_read(PACKAGES + stanza("alpha", "libs", 1), "alpha", "already, at line 1")
        self.fails_to_read(PACKAGES + stanza("big", "libs", "9k"), "Installed-Size")
        self.fails_to_read(PACKAGES + stanza("twice", "libs", 1, Section="utils"), "second time")

    def test_no_uri(self):
        self.assert_fails(self.run_alone(*self.arguments), 2, "uri", "MONGODB_URI")

    def test_bad_arguments(self):
        for argument, word in [("--seconds=0", "--seconds"), ("--clients=1001", "--clients"),
                               ("--seconds=soon", "--seconds"), ("--colour=red", "--colour"),
                               ("status", '"status"'),
                               ("--moor.max-pool-size=none", "max-pool-size"),
                               ("--moor.max-pool-size=1", "at least 2: the change stream")]:
            with self.subTest(argument):
                result = self.run_alone(argument, MONGODB_URI="mongodb://127.0.0.1:1/")
                self.assert_fails(result, 2, word)

    def test_connection_string_where_none_belongs(self):
        uri = f"mongodb://demo:{planted('guessed')}@127.0.0.1:1/"
        for argument, exit_code in [(uri, 2), (f"--uri={uri}", 2), (f"--seconds={uri}", 2),
                                    (f"--moor.name={uri}", 2), (f"--status-file={uri}", 1)]:
            with self.subTest(argument.replace(MARK, "***")):
                result = self.run_alone(argument, MONGODB_URI="mongodb://127.0.0.1:1/")
                self.assert_fails(result, exit_code, "***")
                self.assertNotIn(MARK, result.stderr)

    def test_unreachable_server(self):
        result = self.run_alone(*self.arguments, "--moor.retry-attempts=1",
                                MONGODB_URI="mongodb://127.0.0.1:1/")
        self.assert_fails(result, 1, "cannot connect", "127.0.0.1:1", "refused")
        self.assertEqual(result.stderr.count("event=establishing_failed"), 1, result.stderr)

    def test_wrong_password(self):
        result = self.run_shell_with_server(
            f'MONGODB_URI="mongodb://demo:{planted("guessed")}@${{MONGODB_URI#mongodb://}}"'
            f' exec "$0" {" ".join(self.arguments)}', server="--auth")
        self.assert_fails(result, 1, "authentication_failed")
        self.assertNotIn(MARK, result.stderr)

    def test_server_that_cannot_write(self):
        # A limit on the size of its files is to the server what a full disk is.
        result = self.run_shell_with_server('prlimit --pid "$MOOR_SERVER_PID" --fsize=4096;'
                                            f' exec "$0" {" ".join(self.arguments)}')
        self.assert_fails(result, 1, "failed while", "operation_failed")

    def test_server_that_dies(self):
        result = self.run_shell_with_server(f'(sleep 1; kill -KILL "$MOOR_SERVER_PID") &'
                                            f' exec "$0" {" ".join(self.endless)}')
        self.assert_fails(result, 1, "failed while")

    def test_output_that_cannot_be_written(self):
        result = self.run_shell_with_server(f'exec "$0" {" ".join(self.arguments)} >/dev/full')
        self.assert_fails(result, 1, "cannot write the summary")

    # -- signals ----------------------------------------------------------------------------------

    def interrupt(self, command, when, number, **variables):
        """Sends the signal as soon as a line begins with `when`; returns exit code and stderr."""
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=environment(**variables))
        self.addCleanup(program.kill)
        for line in program.stdout:
            if line.startswith(when):
                program.send_signal(number)
                break
        _, errors = program.communicate(timeout=LIMIT)
        return program.returncode, without_moors_lines(errors)

    def test_interrupted_at_work(self):
        for number, when in [(signal.SIGINT, "answering"), (signal.SIGTERM, "indexing")]:
            with self.subTest(when):
                code, errors = self.interrupt(
                    [WITH_SERVER, PROGRAM, *self.endless], when, number)
                self.assertEqual(code, 128 + number, errors)
                self.assertRegex(errors, rf"^package_index: interrupted by {number.name} while .*;"
                                         r" all connections are closed\n$")

    def test_settings_are_read_anew_at_sighup(self):
        file = self.status.with_name("settings.ini")
        file.write_text("[moor]\nmax-pool-size = 5\n", encoding="utf-8")
        program = subprocess.Popen(
            [WITH_SERVER, PROGRAM, f"--config-file={file}", *self.endless], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.addCleanup(program.kill)
        for line in program.stdout:
            if line.startswith("answering"):
                break
        for text, words in [("max-pool-size = 7", "the settings were read anew: 1 changed,"),
                            ("max-pool-size = 0", "stay as they are: invalid_argument: "),
                            ("http-listen = \"127.0.0.1:1\"", "")]:
            with self.subTest(text):
                file.write_text(f"[moor]\n{text}\n", encoding="utf-8")
                program.send_signal(signal.SIGHUP)
                for line in program.stderr:
                    if line.startswith("package_index: the settings"):
                        break
                self.assertIn(words, line)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=LIMIT)
        self.assertEqual(program.returncode, 128 + signal.SIGINT, errors)
        self.assertIn("all connections are closed\n", errors)

    def test_interrupted_while_reading(self):
        with open(self.status, "wb") as file:
            for _ in range(250):  # many seconds' worth
                file.write(b"\n" * 2**20)
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                program = subprocess.Popen(
                    [PROGRAM, *self.arguments], stderr=subprocess.PIPE, text=True,
                    env=environment(MONGODB_URI="mongodb://127.0.0.1:1/"))
                self.addCleanup(program.kill)
                self.wait_until_open(program.pid)
                program.send_signal(number)
                _, errors = program.communicate(timeout=LIMIT)
                self.assertEqual(program.returncode, 128 + number, errors)
                self.assertEqual(errors, f"package_index: interrupted by {number.name} while"
                                         " reading the status file\n")

    def wait_until_open(self, process):
        """Returns when that process has the status file open."""
        files = pathlib.Path("/proc", str(process), "fd")
        limit = time.monotonic() + LIMIT
        while time.monotonic() < limit:
            for file in files.iterdir():
                try:
                    if os.path.samefile(file, self.status):
                        return
                except FileNotFoundError:  # closed meanwhile
                    pass
        self.fail("the status file was not opened")

    def test_interrupted_while_connecting(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name), socket.create_server(("127.0.0.1", 0)) as mute:
                uri = f"mongodb://127.0.0.1:{mute.getsockname()[1]}/"
                code, errors = self.interrupt([PROGRAM, *self.arguments], "connecting", number,
                                              MONGODB_URI=uri)
                self.assertEqual(code, 128 + number, errors)
                self.assertEqual(errors, f"package_index: interrupted by {number.name} while"
                                         " connecting; all connections are closed\n")


if __name__ == "__main__":
    unittest.main()
