"""Every query of the dashboard is one that Prometheus understands.

usage: test_queries.py PROMTOOL
"""

import json
import pathlib
import subprocess
import sys
import tempfile

DASHBOARD = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "grafana-dashboard.json"


def queries(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "expr" else queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from queries(value)


def main(promtool):
    found = [q.replace("$__rate_interval", "1m").replace("$__interval", "1m")
             for q in queries(json.loads(DASHBOARD.read_text(encoding="utf-8")))]
    if len(found) < 40:
        print(f"{DASHBOARD} has {len(found)} queries only")
        return 1
    # promtool reads queries as rules, and JSON is YAML.
    rules = [{"record": f"query:{number}", "expr": q} for number, q in enumerate(found)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        return subprocess.run([promtool, "check", "rules", file.name], timeout=30,
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
