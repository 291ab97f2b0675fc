"""examples/quickstart.cpp, which is the README's first program."""

import unittest

from program import ROOT, ProgramTest


class Quickstart(ProgramTest):
    def test_asks_the_server_by_command_and_by_run(self):
        result = self.run_with_server()
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = sorted(result.stdout.splitlines())
        self.assertRegex(lines[0], r"^It has \d+ databases\.$")
        self.assertEqual(lines[1:], ["The server answers."])

    def test_no_server(self):
        result = self.run_alone("--moor.uri=mongodb://127.0.0.1:1/", "--moor.retry-attempts=1")
        self.assert_fails(result, 1, "connect_failed", "127.0.0.1:1")

    def test_no_uri(self):
        self.assert_fails(self.run_alone(), 1, "uri", "MONGODB_URI")

    def test_every_mistake_in_the_settings(self):
        result = self.run_alone("--moor.max-pool-size=none", "--moor.keepalive=soon")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual([line.split(" ")[0] for line in sorted(result.stderr.splitlines())],
                         ["keepalive", "max-pool-size", "uri"])

    def test_readme_shows_this_program(self):
        begin, end = "// --(quickstart-begin)--\n", "// --(quickstart-end)--\n"
        source = (ROOT / "examples" / "quickstart.cpp").read_text(encoding="utf-8")
        program = source.partition(begin)[2].partition(end)[0]
        self.assertGreater(len(program.splitlines()), 20)
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn("```cpp\n" + program + "```\n", readme)


if __name__ == "__main__":
    unittest.main()
