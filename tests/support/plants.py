"""What tests in Python use as passwords and values: see plants.hpp, from which the words are read."""

import pathlib
import re
import sys

_HEADER = (pathlib.Path(__file__).parent / "plants.hpp").read_text(encoding="utf-8")
_said = False


def _word(name):
    return re.search(rf'\b{name} = "([^"]+)";', _HEADER)[1]


MARK = _word("plant_mark")


def planted(what):
    """A plant that ends with `what`. The process says on standard error that it plants."""
    global _said
    if not _said:
        print(_word("planting_line"), file=sys.stderr, flush=True)
        _said = True
    return f"{MARK}-{what}"
