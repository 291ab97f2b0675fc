"""promtool's opinion of a full scrape.

usage: test_metrics.py PROMTOOL SCRAPE
"""

import pathlib
import subprocess
import sys

# OpenTelemetry's name, which is worth more than promtool's taste.
EXPECTED = ['db_client_connection_count non-histogram and non-summary metrics '
            'should not have "_count" suffix']


def main(promtool, scrape):
    text = pathlib.Path(scrape).read_bytes()
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True,
                          timeout=30, check=False)
    remarks = (done.stdout + done.stderr).decode().splitlines()
    if remarks != EXPECTED:
        print("promtool check metrics says:", *remarks, "and should say:", *EXPECTED, sep="\n  ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
