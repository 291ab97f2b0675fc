"""examples/quickstart.cpp, which is the README's first program."""

import pathlib
import tempfile
import unittest

from program import ROOT, ProgramTest
from plants import MARK, planted


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
        self.assert_fails(self.run_alone(), 1, "uri", "MONGODB_URI", "MONGODB_URI_FILE")

    def test_unknown_option(self):
        self.assert_fails(self.run_alone("--moor.max-pol-size=20"), 1, "max-pol-size",
                          "--help lists them")

    def test_every_mistake_in_the_settings(self):
        result = self.run_alone("--moor.max-pool-size=none", "--moor.keepalive=soon")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual([line.split(" ")[0] for line in sorted(result.stderr.splitlines())],
                         ["keepalive", "max-pool-size", "uri"])

    def test_connection_string_where_none_belongs(self):
        uri = f"mongodb://demo:{planted('guessed')}@127.0.0.1:1/"
        for argument in [f"--uri={uri}", f"--moor.name={uri}", f"--moor.max-pool-size={uri}"]:
            with self.subTest(argument.replace(MARK, "***")):
                result = self.run_alone(argument, MONGODB_URI="mongodb://127.0.0.1:1/")
                self.assert_fails(result, 1, "***")
                self.assertNotIn(MARK, result.stderr)

    def test_settings_from_a_toml_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "moor.toml"
            path.write_text('[moor]\nmax-pool-size = 3\nwait-queue-timeout = "20s"\n',
                            encoding="utf-8")
            result = self.run_with_server(f"--moor.config={path}")
            self.assertEqual(result.returncode, 0, result.stderr)
            path.write_text("[moor]\nmax-pol-size = 3\n", encoding="utf-8")
            result = self.run_alone(f"--moor.config={path}", MONGODB_URI="mongodb://127.0.0.1:1/")
            self.assert_fails(result, 1, f"{path}:2:1", "max-pool-size")

    def test_a_toml_file_for_several_pools_is_not_for_a_program_of_one(self):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as password:  # as its users need
            password.write(planted("password"))
            password.flush()
            result = self.run_alone(f"--moor.config={ROOT / 'examples' / 'moor.toml'}",
                                    MOOR_PASSWORD_FILE=password.name)
        self.assert_fails(result, 1, "pools.", "moor.toml")

    def test_readme_shows_this_program(self):
        begin, end = "// --(quickstart-begin)--\n", "// --(quickstart-end)--\n"
        source = (ROOT / "examples" / "quickstart.cpp").read_text(encoding="utf-8")
        program = source.partition(begin)[2].partition(end)[0]
        self.assertGreater(len(program.splitlines()), 20)
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn("```cpp\n" + program + "```\n", readme)


if __name__ == "__main__":
    unittest.main()
