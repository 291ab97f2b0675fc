"""bench/compare: its arguments, and the form of what it prints."""

import json
import unittest

from program import ProgramTest

CONTENDERS = ["moor-run", "moor-run-fibers", "moor-command", "moor-command-fibers",
              "moor-command-loop", "mongoc_client_pool"]
FIELDS = ["contender", "clients", "connections", "ops_per_second", "total_p50_us", "total_p99_us",
          "total_p999_us", "total_max_us", "wait_p50_us", "wait_p99_us", "most_ops", "fewest_ops",
          "cpu_us_per_op", "errors"]
RATIOS = [f"{one}/mongoc_client_pool" for one in CONTENDERS[:-1]]
SMALL = "--clients 6 --connections 2 --seconds 1"


class Compare(ProgramTest):
    def lines_of(self, arguments):
        result = self.run_shell_with_server(f'exec "$0" --uri "$MONGODB_URI" {arguments}')
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def check_contender(self, line):
        self.assertEqual(list(line), FIELDS)
        self.assertEqual((line["clients"], line["connections"], line["errors"]), (6, 2, 0))
        self.assertGreater(line["ops_per_second"], 0)
        self.assertLessEqual(line["fewest_ops"], line["most_ops"])
        self.assertLessEqual(line["most_ops"], line["ops_per_second"] + 1)
        times = [line[f"total_{name}_us"] for name in ("p50", "p99", "p999", "max")]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 0)
        self.assertLessEqual(line["wait_p50_us"], line["wait_p99_us"])

    def check_all(self, lines):
        self.assertEqual([line.get("contender", line.get("ratio")) for line in lines],
                         CONTENDERS + RATIOS)
        for line in lines[:len(CONTENDERS)]:
            self.check_contender(line)

    def test_ping(self):
        lines = self.lines_of(SMALL)
        self.check_all(lines)
        theirs = lines[len(RATIOS)]
        for ratio, mine in zip(lines[len(CONTENDERS):], lines):
            for field in ("ops_per_second", "total_p99_us", "total_max_us", "cpu_us_per_op"):
                self.assertAlmostEqual(ratio[field], mine[field] / theirs[field], delta=0.001)

    def test_find_in_two_rounds_under_the_other_scheduler(self):
        self.check_all(self.lines_of(f"{SMALL} --op find --scheduler=stealing --rounds=2"))

    def test_one_contender(self):
        lines = self.lines_of(f"{SMALL} --contender moor-command")
        self.assertEqual([line["contender"] for line in lines], ["moor-command"])

    def test_bad_arguments(self):
        whole = ["--uri", "mongodb://127.0.0.1:1/", "--clients", "1", "--connections", "1"]
        for arguments, words in [
                (whole, ["--seconds is missing"]),
                ([*whole, "--seconds"], ["--seconds needs a value"]),
                ([*whole, "--seconds", "0"], ["--seconds", "from 1 to 120", "'0'"]),
                ([*whole, "--seconds=1", "--clients=-1"], ["--clients", "'-1'"]),
                ([*whole, "--seconds=1", "--op", "insert"], ["ping or find", "'insert'"]),
                ([*whole, "--seconds=1", "--scheduler=x"], ["sharing or stealing", "'x'"]),
                ([*whole, "--seconds=1", "--speed=9"], ["unknown argument '--speed'"])]:
            with self.subTest(arguments):
                result = self.run_alone(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                sentence, _, usage = result.stderr.partition("\n")
                for word in words:
                    self.assertIn(word, sentence)
                self.assertTrue(usage.startswith("usage: compare --uri URI"), usage)
                self.assertEqual(result.stdout, "")

    def test_no_server(self):
        result = self.run_alone("--uri", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1000",
                                *SMALL.split())
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("moor-run failed", result.stderr)
        self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
