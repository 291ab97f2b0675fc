"""The shipped build is hardened: read from the demo and from the library, not from the flags."""

import os
import subprocess
import unittest

PROGRAM = os.environ["PROGRAM"]
LIBRARY = os.environ["LIBRARY"]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.header = output("readelf", "-hW", PROGRAM)
        cls.segments = output("readelf", "-lW", PROGRAM)
        cls.dynamic = output("readelf", "-dW", PROGRAM)

    def test_position_independent(self):
        self.assertRegex(self.header, r"Type:\s+DYN")
        self.assertRegex(self.dynamic, r"FLAGS_1.*\bPIE\b")

    def test_full_relro(self):
        self.assertIn("GNU_RELRO", self.segments)
        self.assertRegex(self.dynamic, r"\(FLAGS_1\).*\bNOW\b")

    def test_stack_is_not_executable(self):
        stack = next(line for line in self.segments.splitlines() if "GNU_STACK" in line)
        self.assertRegex(stack, r"\sRW\s")

    def test_no_segment_is_writable_and_executable(self):
        self.assertNotRegex(self.segments, r"LOAD.*\sRWE\s")

    def test_control_flow_protection(self):
        if "X86-64" in self.header:
            # The linker keeps the mark only if every object has it, those of the C library too.
            self.assertRegex(output("readelf", "-nW", LIBRARY), r"x86 feature: IBT, SHSTK")


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.symbols = output("nm", "-C", "--undefined-only", LIBRARY)

    def test_stack_protector(self):
        self.assertIn("__stack_chk_fail", self.symbols)

    def test_fortified(self):
        self.assertRegex(self.symbols, r"__\w+_chk\b(?<!__stack_chk)")

    def test_assertions_of_the_standard_library(self):
        self.assertIn("__glibcxx_assert_fail", self.symbols)


if __name__ == "__main__":
    unittest.main(verbosity=2)
