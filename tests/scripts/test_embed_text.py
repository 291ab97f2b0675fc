"""What cmake/EmbedText.cmake makes of a page, and which marks it refuses."""

import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "cmake" / "EmbedText.cmake"
LIMIT = 60  # seconds


class EmbedText(unittest.TestCase):
    def embed(self, page, **parts):
        """Exit code, errors, and the source that was made of a page with parts NAME_css or NAME_js."""
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory)
            (folder / "page.html").write_text(page, encoding="utf-8")
            for name, text in parts.items():
                (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
            made = folder / "made.cpp"
            done = subprocess.run(
                ["cmake", "-D", f"IN={folder / 'page.html'}", "-D", f"OUT={made}", "-P", SCRIPT],
                capture_output=True, text=True, timeout=LIMIT, check=False)
            source = made.read_text(encoding="utf-8") if made.exists() else ""
            return done.returncode, " ".join(done.stderr.split()), source

    def test_marks_become_the_files_that_they_name(self):
        code, errors, source = self.embed('<style nonce="@nonce@">\n@look.css@\n@deeds.js@\n</style>\n',
                                          look_css="@media (x) { a[b] { c: d; } }\n",
                                          deeds_js="const mail = 'a@b';\n")
        self.assertEqual((code, errors), (0, ""))
        self.assertIn('<style nonce="@nonce@">\n@media (x) { a[b] { c: d; } }\n'
                      "const mail = 'a@b';\n", source)

    def test_other_marks_are_refused(self):
        for mark in ["@none@", "@Look.css@", "@look.css@ and more", "@look.css", "@look.html@", "@@"]:
            with self.subTest(mark=mark):
                code, errors, source = self.embed(f"a\n{mark}\nb\n", look_css="c\n")
                self.assertNotEqual(code, 0)
                self.assertIn("holds the mark '" + mark.split(" ")[0], errors)
                self.assertEqual(source, "")

    def test_a_mark_in_a_part_is_refused(self):
        code, errors, _ = self.embed("@look.css@\n", look_css="@deeds.js@\n", deeds_js="\n")
        self.assertNotEqual(code, 0)
        self.assertIn("'@deeds.js@'", errors)

    def test_a_part_that_is_missing_is_named(self):
        code, errors, _ = self.embed("@look.css@\n")
        self.assertNotEqual(code, 0)
        self.assertIn("look.css", errors)


if __name__ == "__main__":
    unittest.main()
