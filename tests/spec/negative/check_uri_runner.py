#!/usr/bin/env python3
"""Checks that spec_uri fails where it must: a runner that cannot fail proves nothing.

usage: SPEC_URI=PROGRAM check_uri_runner.py [Class...]

Every case changes one thing in a test that passes.
"""

import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["SPEC_URI"]
LIMIT = 60  # seconds for one run of the program; it ends far sooner

GOOD = {
    "description": "all parts",
    "uri": "mongodb://u:p@a.example:27018,[::1]/db?w=2&journal=true&appName=x"
           "&compressors=zlib,snappy&authMechanismProperties=A:b,C:d"
           "&readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags=",
    "valid": True,
    "warning": False,
    "hosts": [{"type": "hostname", "host": "a.example", "port": 27018},
              {"type": "ip_literal", "host": "::1", "port": None}],
    "auth": {"username": "u", "password": "p", "db": "db"},
    "options": {"W": 2, "journal": True, "appname": "x", "compressors": ["zlib", "snappy"],
                "authMechanismProperties": {"C": "d", "A": "b"},
                "readPreferenceTags": [{"a": "b"}, {}]},
    "credential": {"username": "u", "password": "p", "source": "db", "mechanism": None,
                   "mechanism_properties": {"A": "b", "C": "d"}},
}


def changed(**fields):
    return {**copy.deepcopy(GOOD), **fields}


def with_option(**options):
    return changed(options=options)


def host(**fields):
    test = changed()
    test["hosts"][0].update(fields)
    return test


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, *tests, name="case.json"):
        (self.folder / name).write_text(json.dumps({"tests": tests}))

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                              timeout=LIMIT)

    def fails(self, words, test):
        self.write(test)
        result = self.run_program(self.folder)
        self.assertEqual(result.returncode, 1, result)
        lines = result.stdout.splitlines()
        self.assertEqual(len(lines), 2, result)
        self.assertTrue(lines[0].startswith('FAIL case.json, "all parts", '), result)
        self.assertRegex(lines[0], words)
        self.assertEqual(lines[1], "0 passed, 1 failed", result)

    def cannot_run(self, words, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result)
        self.assertTrue(result.stderr.startswith("spec_uri: "), result)
        self.assertRegex(result.stderr, words)


class Expectations(Runner):
    def test_the_unchanged_test_passes(self):
        self.write(GOOD)
        self.write(GOOD, GOOD, name="other.json")
        result = self.run_program(self.folder)
        self.assertEqual((result.returncode, result.stdout), (0, "3 passed, 0 failed\n"), result)

    def test_what_is_stated_must_come_out(self):
        for words, test in [
            ("accepted, expected is invalid", changed(valid=False)),
            ("refused, expected is valid: host 1", changed(uri="mongodb://")),
            ("refused, expected is valid: error: srvMaxHosts", changed(uri="mongodb://a/?srvMaxHosts=1")),
            ("no finding names an option, expected is one", changed(warning=True)),
            ("expected is none: warning: foo is no option",
             changed(uri=GOOD["uri"].replace("?", "?foo=1&"))), # nothing secret before it
            ("hosts is .*27018.*, expected is .*27017", host(port=27017)),
            ("hosts is ", host(host="b.example")),
            ("hosts is ", host(type="ipv4")),
            ("hosts is ", changed(hosts=GOOD["hosts"][:1])),
            ("auth is ", changed(auth={"username": "u", "password": "p", "db": None})),
            ("auth is ", changed(auth={"username": "v", "password": "p", "db": "db"})),
            ("auth is ", changed(auth={"username": "u", "password": None, "db": "db"})),
            ("option w is 2, expected is 3", with_option(w=3)),
            ('option w is 2, expected is "2"', with_option(w="2")),
            ("option journal is true, expected is false", with_option(journal=False)),
            ("option journal is true, expected is 1", with_option(journal=1)),
            ("option tls was not read", with_option(tls=True)),
            ("option nonsense was not read", with_option(nonsense=1)),
            ("option compressors is ", with_option(compressors=["snappy", "zlib"])),
            ("option compressors is ", with_option(compressors=["zlib"])),
            ("option authMechanismProperties is ", with_option(authMechanismProperties={"A": "b"})),
            ("option readPreferenceTags is ", with_option(readPreferenceTags=[{"a": "b"}])),
            ("option readPreferenceTags is ", with_option(readPreferenceTags=[{}, {"a": "b"}])),
            ("credential is true, expected is false", changed(credential=None)),
            ("credential.source is ", changed(credential={"source": "admin"})),
            ("credential.mechanism is ", changed(credential={"mechanism": "PLAIN"})),
            ("credential.mechanism_properties is ",
             changed(credential={"mechanism_properties": None})),
            ("the credential has no colour", changed(credential={"colour": "red"})),
        ]:
            with self.subTest(words):
                self.fails(words, test)

    def test_a_failure_beside_a_success_counts(self):
        self.write(GOOD, changed(valid=False))
        result = self.run_program(self.folder)
        self.assertEqual(result.returncode, 1, result)
        self.assertTrue(result.stdout.endswith("\n1 passed, 1 failed\n"), result)


class Malformed(Runner):
    def test_arguments(self):
        self.cannot_run("DIR is missing", )
        self.cannot_run("allowed is one DIR", self.folder, self.folder)
        self.cannot_run("allowed is one DIR", "--help")
        self.cannot_run("cannot read .*No such file", self.folder / "none")
        self.cannot_run("there is no \\*.json", self.folder)

    def test_files(self):
        for words, text in [
            ("case.json: not JSON", "{"),
            ("case.json: the file is an array", "[]"),
            ("case.json: there are no tests", "{}"),
            ("case.json: there are no tests", '{"tests": []}'),
            ("the file has the unknown key", '{"tests": [], "test": []}'),
        ]:
            (self.folder / "case.json").write_text(text)
            with self.subTest(words):
                self.cannot_run(words, self.folder)

    def test_cases(self):
        for words, test in [
            (r"tests\[0\] has no uri", changed(uri=None)),
            (r"tests\[0\].valid is null", changed(valid=None)),
            (r"tests\[0\].warning is \"no\"", changed(warning="no")),
            (r"tests\[0\].hosts is an object", changed(hosts={})),
            (r"tests\[0\].options is an array", changed(options=[])),
            (r"tests\[0\] has the unknown key \"option\"", changed(option={})),
        ]:
            with self.subTest(words):
                self.write(test)
                self.cannot_run(words, self.folder)


if __name__ == "__main__":
    unittest.main()
