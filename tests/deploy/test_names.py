"""Every metric that dashboard, alerts and documentation name is exported, and every exported one is
documented and shown; every alert is documented and tested.

usage: test_names.py SCRAPE
"""

import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SCRAPE = pathlib.Path(sys.argv.pop(1))

NAME = re.compile(r"\b(?:moor|db_client)_[a-z0-9_]+\b")
LABELS = {"db_client_connection_pool_name"}
SUFFIXES = ("_bucket", "_count", "_sum")
ALERT = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


def types():
    """The type of every exported metric."""
    found = dict(re.findall(r"^# TYPE (\S+) (\S+)$", SCRAPE.read_text(encoding="utf-8"),
                            re.MULTILINE))
    assert len(found) > 40, f"{SCRAPE} is no full scrape"
    return found


def base(name, known):
    """The metric that a series belongs to."""
    for suffix in SUFFIXES:
        if known.get(name.removesuffix(suffix)) == "histogram":
            return name.removesuffix(suffix)
    return name


def expressions(node):
    """Every query of a dashboard."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query", "definition") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def labels_of_scrape(name):
    """The labels beside the pool's that any series of the metric has."""
    found = set()
    for series in re.findall(rf"^{name}(?:_bucket)?{{(.*)}} ", SCRAPE.read_text(encoding="utf-8"),
                             re.MULTILINE):
        found |= set(re.findall(r'(\w+)="', series))
    return found - {"pool", "le", "db_client_connection_pool_name", "db_system_name"}


class Names(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.types = types()
        self.docs = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        self.alerts = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
        self.dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))

    def unknown(self, text):
        names = {base(n, self.types) for n in NAME.findall(text)} - LABELS
        return sorted(names - self.types.keys())

    def test_what_is_named_is_exported(self):
        queries = "\n".join(expressions(self.dashboard))
        self.assertIn("moor_pool_up", queries)
        self.assertEqual(self.unknown(queries), [])
        self.assertEqual(self.unknown(self.alerts), [])
        tests = (DEPLOY / "alerts_test.yml").read_text(encoding="utf-8")
        self.assertEqual(self.unknown(tests), [])
        self.assertEqual(self.unknown(self.docs), [])

    def test_what_is_exported_has_one_row_in_the_documentation(self):
        rows = [(name, kind) for name, kind, _ in ROW.findall(self.docs)]
        self.assertEqual(sorted(rows), sorted(self.types.items()))

    def test_rows_name_all_labels(self):
        for name, _, text in ROW.findall(self.docs):
            documented = set(re.findall(r"`(\w+)`", text))
            for label in labels_of_scrape(name):
                self.assertIn(label, documented, f"{name}: `{label}`")

    def test_what_is_exported_is_on_the_dashboard(self):
        shown = {base(n, self.types) for n in NAME.findall("\n".join(expressions(self.dashboard)))}
        # Said in other words: bounds that do not change, and what moor counts under its own names.
        spared = {"db_client_connection_idle_max", "db_client_connection_pending_requests"}
        self.assertEqual(sorted(self.types.keys() - shown - spared), [])

    def test_every_alert_is_documented_and_tested_both_ways(self):
        names = ALERT.findall(self.alerts)
        self.assertGreater(len(names), 7)
        self.assertEqual(sorted(names), sorted(re.findall(r"^### (Moor\w+)$", self.docs,
                                                          re.MULTILINE)))
        self.assertEqual(sorted(names), sorted(re.findall(r"^\| \[(Moor\w+)\]", self.docs,
                                                          re.MULTILINE)))
        tests = (DEPLOY / "alerts_test.yml").read_text(encoding="utf-8")
        for name in names:
            cases = re.findall(rf"alertname: {name}\n +eval_time: \S+\n +exp_alerts:( \[\])?", tests)
            self.assertIn("", cases, f"{name} is not tested to fire")
            self.assertIn(" []", cases, f"{name} is not tested not to fire")
            self.assertIn(f"runbook: docs/operations.md#{name.lower()}\n", self.alerts)

    def test_panels_have_titles_and_descriptions_and_do_not_overlap(self):
        taken = set()
        for panel in self.dashboard["panels"]:
            self.assertTrue(panel["title"])
            if panel["type"] != "row":
                self.assertTrue(panel["description"], panel["title"])
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            taken |= cells


if __name__ == "__main__":
    unittest.main()
