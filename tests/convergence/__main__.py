"""Parts three servers and lets them meet again: `python -m tests.convergence --seeds 1-50`."""

import argparse
import asyncio
import json
import logging
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog

from fedcop.activitypub.signatures.keys import generate_rsa
from tests.convergence.partition import DEEDS_EACH, Outcome, play
from tests.databases import PostgreSql, lay_sqlite
from tests.quality.record import Section, keep


def main() -> int:
    """Print what became of each seed; 1 if any two servers differ in the end."""
    words = argparse.ArgumentParser(prog="python -m tests.convergence", description=__doc__)
    words.add_argument("--seeds", default="1-50", metavar="FIRST-LAST")
    words.add_argument("--deeds", type=int, default=DEEDS_EACH, help="what people do in each")
    words.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    words.add_argument("--json", action="store_true", help="one line of JSON for each seed")
    words.add_argument("--keep", action="store_true", help="write the section of docs/quality.md")
    asked = words.parse_args()
    first, _, last = asked.seeds.partition("-")
    level = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=level)
    key = generate_rsa()
    server = PostgreSql() if asked.database == "postgres" else None
    outcomes: list[Outcome] = []
    try:
        with pytest.MonkeyPatch.context() as patch:
            # One key for all actors: to make one takes longer than all that is tested here.
            patch.setattr("fedcop.domain.people.keys.generate_rsa", lambda: key)
            for seed in range(int(first), int(last or first) + 1):
                outcomes.append(_one(seed, asked.deeds, server))
                _tell(outcomes[-1], as_json=asked.json)
    finally:
        if server is not None:
            server.stop()
    section = _section(outcomes, asked.database)
    if not asked.json:
        for row in section.rows:
            sys.stdout.write(": ".join(row) + "\n")
    if asked.keep:
        keep("convergence", section)
    return int(any(outcome.differences for outcome in outcomes))


def _one(seed: int, deeds: int, server: PostgreSql | None) -> Outcome:
    urls: list[str] = []

    def database(host: str) -> str:
        urls.append(lay_sqlite(folder / f"{host}.db") if server is None else server.migrated())
        return urls[-1]

    with TemporaryDirectory(prefix="fedcop-convergence-") as name:
        folder = Path(name)
        outcome = asyncio.run(play(seed, folder, database, deeds))
    if server is not None:
        for url in urls:
            server.drop(url)
    return outcome


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
    else:
        end = "equal" if not outcome.differences else "DIFFERENT"
        sys.stdout.write(f"seed {outcome.seed}: {outcome.posts} posts, {end}\n")
        sys.stdout.writelines(f"    {difference}\n" for difference in outcome.differences)
    sys.stdout.flush()


def _section(outcomes: list[Outcome], database: str) -> Section:
    happened: Counter[str] = Counter()
    for outcome in outcomes:
        happened.update(outcome.happened)
    different = [str(outcome.seed) for outcome in outcomes if outcome.differences]
    rows = [
        ["seeds", f"{outcomes[0].seed} to {outcomes[-1].seed}"],
        ["deeds", str(sum(outcome.deeds for outcome in outcomes))],
        ["posts compared", str(sum(outcome.posts for outcome in outcomes))],
        *([f"requests: {name}", str(number)] for name, number in sorted(happened.items())),
        ["held alone: the community refused them", str(sum(o.turned_away for o in outcomes))],
        ["seeds whose servers differ in the end", ", ".join(different) or "none"],
    ]
    return Section(
        title="Servers that are parted and meet again",
        words=(
            "Three servers with one community, between which requests are lost, doubled, delayed, "
            "left unanswered and refused, and which are parted for a while, while people on each "
            "write, reply, vote, edit, delete, pin and lock. When the weather has cleared and all "
            "that was owed has arrived, the threads of all three are compared: posts, order, "
            f"words, votes, locked and pinned. On {database}."
        ),
        headings=["what", "how many"],
        rows=rows,
        notes=[_ALONE, _ORDERS],
    )


_ALONE = """\
Who had not heard of a lock yet and replied keeps that reply on their own server: the community's
server refuses it and what answers it, and nobody else gets them. Such replies are counted above and
left out of the comparison."""
_ORDERS = """\
Up to five related activities in any order, each up to three times, end in one state:
`FEDCOP_EXAMPLES=500 .venv/bin/pytest tests/convergence`. Exceptions, where the order of arrival is
all there is: an Add and a Remove, a Like and a Dislike, two Follows of one person; a reply to what
was locked or taken out before; votes that a community elsewhere reports before their post is here;
what the stewards of a community of ours took out before it came."""


if __name__ == "__main__":
    sys.exit(main())
