"""`python -m tests.hostile`: the cases against a real server, a line of JSON each, a summary."""

import argparse
import asyncio
import json
import sys
import time

from tests.hostile.cases import cases_file, load
from tests.hostile.judge import Verdict
from tests.hostile.play import MOST_TIMES
from tests.hostile.report import exit_status, section, summary
from tests.hostile.run import run
from tests.quality.record import keep


def main() -> int:
    """Run what was asked for; the exit status is that of the critical and high cases."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the summary as JSON, too")
    parser.add_argument("--only", nargs="+", default=[], metavar="AREA|ID")
    parser.add_argument("--keep", action="store_true", help="write the section of quality.md")
    parser.add_argument("--full", action="store_true", help="floods as long as the cases say")
    wanted = parser.parse_args()
    cases = load(cases_file(), wanted.only)

    def told(verdict: Verdict) -> None:
        sys.stdout.write(json.dumps(verdict.as_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    began = time.monotonic()
    verdicts = asyncio.run(run(cases, told, 10**9 if wanted.full else MOST_TIMES))
    found = summary(verdicts, time.monotonic() - began)
    sys.stdout.write(found.as_json() + "\n" if wanted.json else found.as_text())
    if wanted.keep:
        keep("hostile", section(verdicts))
    return exit_status(verdicts)


if __name__ == "__main__":
    sys.exit(main())
