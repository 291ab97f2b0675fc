#!/usr/bin/env python3
"""Checks that spec_cmap fails where it must: a runner that cannot fail proves nothing.

usage: SPEC_CMAP=PROGRAM check_runner.py [Class...]

Every case changes one thing in a test file that passes.
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["SPEC_CMAP"]
LIMIT = 300  # seconds for one run of the program; it ends far sooner


def op(name, **fields):
    return {"name": name, **fields}


def event(kind, **fields):
    return {"type": kind, **fields}


GOOD = {
    "version": 1,
    "style": "unit",
    "description": "a connection is lent and returned",
    "poolOptions": {"maxPoolSize": 5},
    "operations": [op("ready"), op("checkOut", label="a"), op("checkIn", connection="a")],
    "events": [
        event("ConnectionPoolCreated", options={"maxPoolSize": 5}, address=42),
        event("ConnectionCheckedOut", connectionId=1, duration="42"),
        event("ConnectionCheckedIn", connectionId=1),
    ],
    "ignore": ["ConnectionPoolReady", "ConnectionCheckOutStarted", "ConnectionCreated",
               "ConnectionReady"],
}
CLOSED = [op("close"), op("checkOut")]
THREAD = [op("start", target="t")]


def changed(change, **fields):
    """A copy of GOOD with fields set, or removed if None, and `change` applied."""
    test = copy.deepcopy(GOOD)
    test.update(fields)
    test = {key: value for key, value in test.items() if value is not None}
    if change:
        change(test)
    return test


def with_operations(*operations, **fields):
    """What comes of the operations is not looked at, unless `fields` say so."""
    return changed(None, **{"operations": list(operations), "events": None, **fields})


def at_event(index, **fields):
    return changed(lambda test: test["events"][index].update(fields))


def with_options(**options):
    return changed(None, poolOptions=options)


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, test):
        text = test if isinstance(test, str) else json.dumps(test)
        (self.folder / name).write_text(text)

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                              timeout=LIMIT)

    def fails(self, test, words, *arguments):
        """The program says that the one test failed, and why, in one line; then the sums."""
        self.write("case.json", test)
        result = self.run_program(*arguments, self.folder)
        lines = result.stdout.splitlines()
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(len(lines), 2, result)
        self.assertTrue(lines[0].startswith("FAIL case.json: "), result)
        self.assertRegex(lines[0], words)
        self.assertEqual(lines[1], "0 passed, 1 failed, 0 skipped", result)
        return lines[0]

    def all_fail(self, cases, *arguments):
        for words, test in cases:
            with self.subTest(words):
                self.fails(test, words, *arguments)

    def passes(self, test):
        self.write("case.json", test)
        result = self.run_program(self.folder)
        self.assertEqual((result.returncode, result.stdout),
                         (0, "1 passed, 0 failed, 0 skipped\n"), result)


class Expectations(Runner):
    def test_the_unchanged_file_passes(self):
        self.passes(GOOD)

    def test_events(self):
        self.all_fail([
            (r"event 1 at type: expected \"ConnectionCheckedIn\", got \"ConnectionCheckedOut\"",
             at_event(1, type="ConnectionCheckedIn")),
            (r"event 1 at connectionId: expected 2, got 1", at_event(1, connectionId=2)),
            (r"event 1 at connectionId: expected \"1\", got 1", at_event(1, connectionId="1")),
            (r"event 1 at connectionId: expected \[1\], got 1", at_event(1, connectionId=[1])),
            (r"event 1 at connectionId: expected null, got 1", at_event(1, connectionId=None)),
            (r"event 0 at options.maxPoolSize: expected 6, got 5",
             at_event(0, options={"maxPoolSize": 6})),
            (r"event 0 at options.maxPoolSize: expected \"5\", got 5",
             at_event(0, options={"maxPoolSize": "5"})),
            (r"event 0 at options.other: expected any value, got nothing",
             at_event(0, options={"other": 42})),
            (r"event 0 at options: expected true, got \{", at_event(0, options=True)),
            (r"event 2 at duration: expected any value, got nothing", at_event(2, duration=42)),
            (r"event 2 at reason: expected any value, got nothing", at_event(2, reason="42")),
            (r"event 3 expected \{.*\}, got nothing",
             changed(lambda test: test["events"].append(event("ConnectionClosed")))),
            (r"event 3 expected \{\}, got nothing", changed(lambda test: test["events"].append({}))),
            (r"event 1 at type: expected \"ConnectionCheckedOut\", got \"ConnectionPoolReady\"",
             changed(lambda test: test["ignore"].remove("ConnectionPoolReady"))),
        ])

    def test_a_failure_shows_expected_and_actual_events(self):
        line = self.fails(at_event(2, connectionId=7), "event 2")
        expected, actual = re.search("; expected events (.*), actual events (.*)$", line).groups()
        self.assertEqual([e["type"] for e in json.loads(expected)],
                         [e["type"] for e in GOOD["events"]])
        self.assertEqual([e["type"] for e in json.loads(actual)],
                         [e["type"] for e in GOOD["events"]])
        self.assertEqual(json.loads(actual)[2]["connectionId"], 1)

    def test_events_after_the_expected_ones_are_tolerated(self):
        self.passes(changed(lambda test: test["events"].pop()))

    def test_the_runner_s_own_closing_is_not_among_the_events(self):
        self.fails(changed(lambda test: test["events"].append(event("ConnectionPoolClosed"))),
                   "event 3 expected .*, got nothing")

    def test_errors(self):
        kind = {"type": "PoolClosedError"}
        self.all_fail([
            (r"threw \{\"type\":\"PoolClosedError\",.*expected no error", with_operations(*CLOSED)),
            (r"threw nothing, expected \{\"type\":\"PoolClosedError\"\}", changed(None, error=kind)),
            (r"threw nothing, expected \{\}", changed(None, error={})),
            (r"error at type: expected \"PoolClearedError\", got \"PoolClosedError\"",
             with_operations(*CLOSED, error={"type": "PoolClearedError"})),
            (r"error at message: expected \"no\", got \"Attempted",
             with_operations(*CLOSED, error={**kind, "message": "no"})),
            (r"error at address: expected \"elsewhere:1\", got \"",
             with_operations(*CLOSED, error={**kind, "address": "elsewhere:1"})),
        ])

    def test_an_error_of_a_thread_is_the_main_thread_s_only_if_it_waits_for_it(self):
        thread = [op("close"), *THREAD, op("checkOut", thread="t")]
        failed = op("waitForEvent", event="ConnectionCheckOutFailed", count=1)
        self.passes(with_operations(*thread, failed))
        self.fails(with_operations(*thread, failed, error={"type": "PoolClosedError"}),
                   "threw nothing")
        self.fails(with_operations(*thread, op("waitForThread", target="t")),
                   "threw .*PoolClosedError.*expected no error")

    def test_operations_end_at_the_first_error(self):
        returned = event("ConnectionCheckedIn")
        others = ["ConnectionPoolCreated", "ConnectionPoolReady", "ConnectionPoolClosed",
                  "ConnectionCheckOutStarted", "ConnectionCreated", "ConnectionReady",
                  "ConnectionCheckedOut", "ConnectionCheckOutFailed"]
        self.fails(with_operations(op("ready"), op("checkOut", label="a"), *CLOSED,
                                   op("checkIn", connection="a"),
                                   error={}, events=[returned], ignore=others),
                   "event 0 expected .*, got nothing")


class Waiting(Runner):
    def test_a_hang_is_bounded_by_the_deadline(self):
        never = op("waitForEvent", event="ConnectionPoolClosed", count=1)
        stuck = [op("ready"), op("checkOut"), *THREAD, op("checkOut", thread="t")]
        self.all_fail([
            ("ConnectionPoolClosed did not occur 1 times by the test's deadline",
             with_operations(never)),
            # Both end at the deadline, and either may be seen first.
            ("waitForThread: t did not end|wait: 3600000 ms last beyond the test's deadline",
             with_operations(*THREAD, op("wait", ms=3_600_000, thread="t"),
                             op("waitForThread", target="t"))),
            ("wait: 3600000 ms last beyond the test's deadline",
             with_operations(op("wait", ms=3_600_000))),
            ("checkOut was not answered by the test's deadline",
             with_operations(*stuck[:2], op("checkOut"), poolOptions={"maxPoolSize": 1})),
            ("waitForThread: t did not end|checkOut was not answered",
             with_operations(*stuck, op("waitForThread", target="t"),
                             poolOptions={"maxPoolSize": 1})),
        ], "--deadline", "1")

    def test_an_operation_s_own_timeout(self):
        self.all_fail([
            ("ConnectionCreated did not occur 2 times by the operation's timeout",
             with_operations(op("ready"), op("checkOut"),
                             op("waitForEvent", event="ConnectionCreated", count=2, timeout=50))),
            # Not an error that a test could expect.
            ("ConnectionPoolClosed did not occur", with_operations(
                op("waitForEvent", event="ConnectionPoolClosed", count=1, timeout=50), error={})),
        ])

    def test_a_thread_that_waits_when_the_test_ends_is_no_failure(self):
        self.passes(with_operations(
            op("ready"), op("checkOut"), *THREAD, op("checkOut", thread="t"),
            op("waitForEvent", event="ConnectionCheckOutStarted", count=2),
            poolOptions={"maxPoolSize": 1}))
        self.passes(with_operations(
            *THREAD, op("waitForEvent", thread="t", event="ConnectionPoolClosed", count=1)))
        self.passes(with_operations(*THREAD, op("wait", thread="t", ms=3_600_000)))

    def test_labels_without_a_connection(self):
        lent_and_returned = [op("ready"), op("checkOut", label="a"), op("checkIn", connection="a")]
        failed = op("waitForEvent", event="ConnectionCheckOutFailed", count=1)
        self.all_fail([
            ("no connection is checked out under the label a",
             with_operations(*lent_and_returned, op("checkIn", connection="a"))),
            ("no connection is checked out under the label b",
             with_operations(*THREAD, op("checkOut", thread="t", label="b"), failed,
                             op("checkIn", connection="b"))),
            ("no connection is checked out under the label a",
             with_operations(*lent_and_returned, *THREAD, op("checkIn", connection="a", thread="t"),
                             op("waitForThread", target="t"))),
        ])


class Malformed(Runner):
    def malformed(self, cases):
        self.all_fail([("malformed: .*" + words, test) for words, test in cases])

    def test_texts(self):
        self.malformed([
            ("is not JSON", json.dumps(GOOD)[:-1]),
            ("is not JSON", "[1e9999]"),
            ("is not JSON", json.dumps(GOOD) + "}"),
            ("cannot be read, or is empty", ""),
            ("file is an array, required is an object", [GOOD]),
            ("file is null, required is an object", "null"),
        ])

    def test_a_folder_is_no_test(self):
        (self.folder / "case.json").mkdir()
        result = self.run_program(self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAIL case.json: malformed: cannot be read", result.stdout)

    def test_files(self):
        self.malformed([
            (r"file.version is missing", changed(None, version=None)),
            (r"file has version 2, supported is 1", changed(None, version=2)),
            (r"file.version is \"1\", required is an integer", changed(None, version="1")),
            (r"file.version is 1.5, required is an integer", changed(None, version=1.5)),
            (r"file.style is missing", changed(None, style=None)),
            (r"unknown style \"load\", allowed are unit and integration",
             changed(None, style="load")),
            (r"file.description is missing", changed(None, description=None)),
            (r"operations is missing or empty", changed(None, operations=None)),
            (r"operations is missing or empty", changed(None, operations=[])),
            (r"file.operations is an object, required is an array", changed(None, operations={})),
            (r"file.events is an object, required is an array", changed(None, events={})),
            (r"file.ignore is \"ConnectionReady\", required is an array", changed(None, ignore="ConnectionReady")),
            (r"unknown key \"evnets\", allowed are version, ", changed(None, evnets=[])),
            (r"unknown key \"message\"", changed(None, error={"message": "x"}, message="x")),
        ])

    def test_operations(self):
        def operation(**fields):
            return with_operations(op("ready"), fields)

        self.malformed([
            (r"operations\[1\] is the unknown operation \"checkout\", allowed are start, wait, ",
             operation(name="checkout")),
            (r"operations\[1\].name is missing", operation(label="a")),
            (r"operations\[1\].name is 42", operation(name=42)),
            (r"operations\[1\] is \"ready\", required is an object", with_operations(op("ready"), "ready")),
            (r"unknown key \"lable\", allowed are name, thread, label",
             operation(name="checkOut", lable="a")),
            (r"unknown key \"label\"", operation(name="clear", label="a")),
            (r"operations\[1\].label is empty", operation(name="checkOut", label="")),
            (r"operations\[1\].ms is missing", operation(name="wait")),
            (r"operations\[1\].ms is -1, allowed is 0 to ", operation(name="wait", ms=-1)),
            (r"operations\[1\].ms is \"5\", required is an integer", operation(name="wait", ms="5")),
            (r"operations\[1\].ms is 99999999999", operation(name="wait", ms=99999999999)),
            (r"operations\[1\].count is missing",
             operation(name="waitForEvent", event="ConnectionReady")),
            (r"operations\[1\].count is 0", operation(name="waitForEvent", event="ConnectionReady",
                                                      count=0)),
            (r"operations\[1\].event is \"ConnectionReadied\", allowed are ConnectionPoolCreated, ",
             operation(name="waitForEvent", event="ConnectionReadied", count=1)),
            (r"operations\[1\].target is missing", operation(name="start")),
            (r"operations\[1\].interruptInUseConnections is 1, required is true or false",
             operation(name="clear", interruptInUseConnections=1)),
        ])

    def test_names_that_nothing_has_made_known(self):
        finished = [*THREAD, op("waitForThread", target="t")]
        self.malformed([
            (r"operations\[0\] checks in \"a\", a label that no checkOut before it has set",
             with_operations(op("checkIn", connection="a"), op("checkOut", label="a"))),
            (r"operations\[0\] names the thread \"t\", which was not started",
             with_operations(op("checkOut", thread="t"))),
            (r"operations\[0\] waits for the thread \"t\", which was not started",
             with_operations(op("waitForThread", target="t"))),
            (r"operations\[1\] starts the thread \"t\" a second time",
             with_operations(*THREAD, *THREAD)),
            (r"operations\[2\] is for the thread \"t\", which was waited for and has ended",
             with_operations(*finished, op("ready", thread="t"))),
            (r"operations\[1\] makes the thread \"t\" wait for itself",
             with_operations(*THREAD, op("waitForThread", target="t", thread="t"))),
        ])

    def test_expectations(self):
        self.malformed([
            (r"events\[1\].type is \"ConnectionLent\", allowed are ConnectionPoolCreated, ",
             at_event(1, type="ConnectionLent")),
            (r"events\[1\].type is 43", at_event(1, type=43)),
            (r"events\[1\] has the unknown key \"connectionID\"", at_event(1, connectionID=1)),
            (r"events\[0\] is \"ConnectionReady\", required is an object", changed(None, events=["ConnectionReady"])),
            (r"ignore\[0\] is \"ConnectionLent\"", changed(None, ignore=["ConnectionLent"])),
            (r"ignore\[0\] is 42", changed(None, ignore=[42])),
            (r"error has the unknown key \"code\"", changed(None, error={"code": 1})),
            (r"error is \"PoolClosedError\", required is an object", changed(None, error="PoolClosedError")),
        ])

    def test_pool_options(self):
        self.malformed([
            (r"poolOptions has the unknown key \"maxSize\", allowed are maxPoolSize, ",
             with_options(maxSize=1)),
            (r"poolOptions.maxPoolSize is -1", with_options(maxPoolSize=-1)),
            (r"poolOptions.maxPoolSize is \"1\"", with_options(maxPoolSize="1")),
            (r"poolOptions.maxConnecting is 0", with_options(maxConnecting=0)),
            (r"minPoolSize larger than maxPoolSize", with_options(maxPoolSize=1, minPoolSize=2)),
            (r"backgroundThreadIntervalMS 0", with_options(backgroundThreadIntervalMS=0)),
            (r"poolOptions is an array, required is an object", changed(None, poolOptions=[])),
        ])

    def test_what_only_integration_tests_have(self):
        self.malformed([
            (r"style unit and runOn or failPoint",
             changed(None, runOn=[{"minServerVersion": "4.4.0"}])),
            (r"style unit and runOn or failPoint",
             changed(None, failPoint={"configureFailPoint": "failCommand", "mode": "off"})),
        ])

    def test_integration_files_before_any_server_is_asked(self):
        def integration(**fields):
            return changed(None, style="integration", **fields)

        self.malformed([
            (r"runOn is empty", integration(runOn=[])),
            (r"file.runOn is an object, required is an array", integration(runOn={})),
            (r"runOn\[0\] has the unknown key \"serverless\"",
             integration(runOn=[{"serverless": "forbid"}])),
            (r"runOn\[0\].minServerVersion is \"new\"",
             integration(runOn=[{"minServerVersion": "new"}])),
            (r"runOn\[0\].maxServerVersion is 5", integration(runOn=[{"maxServerVersion": 5}])),
            (r"failPoint.configureFailPoint is missing", integration(failPoint={"mode": "off"})),
            (r"failPoint is another command",
             integration(failPoint={"mode": "off", "configureFailPoint": "failCommand"})),
        ])


class Suites(Runner):
    def test_sums_and_order(self):
        self.write("b.json", at_event(1, connectionId=2))
        self.write("a.json", "{")
        self.write("c.json", GOOD)
        self.write("d.txt", "not a test")
        result = self.run_program(self.folder)
        lines = result.stdout.splitlines()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(lines[0], "^FAIL a.json: ")
        self.assertRegex(lines[1], "^FAIL b.json: ")
        self.assertEqual(lines[2:], ["1 passed, 2 failed, 0 skipped"])

    def test_nothing_to_run(self):
        self.write("other.txt", GOOD)
        for arguments, words in [
            ([self.folder], "there is no [*].json in "),
            ([self.folder / "nowhere"], "cannot read .*nowhere: No such file or directory"),
            ([self.folder / "other.txt"], "cannot read .*other.txt: Not a directory"),
            ([], "DIR is missing"),
            ([self.folder, "more"], "'more' is one DIR too many"),
            (["--url", "x", self.folder], "unknown option --url, allowed are --uri and --deadline"),
            ([self.folder, "--uri"], "--uri needs a value"),
            (["--deadline", "0", self.folder], "--deadline is '0', allowed is 1 to 3600"),
            (["--deadline", "1s", self.folder], "--deadline is '1s', allowed is 1 to 3600"),
        ]:
            with self.subTest(words):
                result = self.run_program(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result)
                self.assertRegex(result.stderr, "^spec_cmap: " + words)


class Servers(Runner):
    """Needs the embedded server, which the program starts."""

    def integration(self, **fields):
        return changed(None, style="integration", **fields)

    def test_no_server(self):
        test = self.integration()
        self.write("second.json", test)
        result_line = r"there is no server to test against: "
        for uri, words in [
            ("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100", "buildInfo failed: "),
            ("mongodb://127.0.0.1:1,127.0.0.1:2/", "names several servers, required is one"),
            ("mongodb+srv://server.nowhere.invalid/", "required is one naming a server"),
            ("http://127.0.0.1/", "libmongoc refuses the connection string: "),
        ]:
            with self.subTest(uri):
                self.write("case.json", test)
                result = self.run_program("--uri", uri, self.folder)
                lines = result.stdout.splitlines()
                self.assertEqual(result.returncode, 1, result)
                self.assertRegex(lines[0], "^FAIL case.json: " + result_line + ".*" + words)
                self.assertRegex(lines[1], "^FAIL second.json: " + result_line + ".*" + words)
                self.assertEqual(lines[2], "0 passed, 2 failed, 0 skipped")

    def test_only_an_unmet_requirement_is_skipped(self):
        self.write("excluded.json", self.integration(runOn=[{"minServerVersion": "999.0"},
                                                            {"maxServerVersion": "2.0.0"}]))
        self.write("met.json", self.integration(runOn=[{"minServerVersion": "999.0"},
                                                       {"minServerVersion": "3.6",
                                                        "maxServerVersion": "99.0"}]))
        result = self.run_program(self.folder)
        lines = result.stdout.splitlines()
        self.assertEqual(result.returncode, 0, result)
        self.assertRegex(lines[0], "^SKIP excluded.json: its runOn excludes this server, version ")
        self.assertEqual(lines[1:], ["1 passed, 0 failed, 1 skipped"])

    def test_a_fail_point_that_the_server_refuses(self):
        self.fails(self.integration(failPoint={"configureFailPoint": "failCommand",
                                               "mode": "alwaysOn",
                                               "data": {"failCommands": 5}}),
                   "configureFailPoint failed: ")

    def test_expectations_hold_for_integration_tests_too(self):
        self.fails(self.integration(events=[event("ConnectionClosed")], ignore=[]),
                   "event 0 at type: expected")


if __name__ == "__main__":
    unittest.main()
