"""The command `python -m tests.faults`: kill a server again and again, and count what is lost."""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fedcop.log import configure
from tests.databases import PostgreSql
from tests.faults.run import Plan, Result, Run
from tests.faults.troubles import KINDS
from tests.quality.record import Section, keep

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@contextmanager
def _postgresql(kind: str) -> Iterator[PostgreSql | None]:
    if kind == SQLITE:
        yield None
        return
    server = PostgreSql()
    try:
        yield server
    finally:
        server.stop()


def once(plan: Plan) -> Result:
    """One run in a folder that is deleted afterwards."""
    with (
        TemporaryDirectory(prefix="fedcop-faults-") as folder,
        _postgresql(plan.database) as server,
    ):
        return asyncio.run(_run(plan, Path(folder), server))


async def _run(plan: Plan, folder: Path, server: PostgreSql | None) -> Result:
    gc.freeze()
    return await Run(plan, folder, server)()


def in_words(result: Result) -> str:
    """The summary for a person."""
    plan, ready = result.plan, result.ready_p95
    struck = f"{result.kills} × {plan['trouble']} in {result.seconds:.0f} s"
    lines = [
        f"{plan['database']}, seed {plan['seed']}: {struck}",
        f"  {result.acknowledged} activities acknowledged, {result.refused} refused,",
        f"  {result.unknown} never answered; {result.tries} requests,",
        f"  {result.written} posts by the forms of pages, {result.sent_again} of them sent again,",
        f"  the slowest answered in {result.slowest:.2f} s",
        f"  {result.heard} deliveries came for {result.owed} owed, {result.doubled} of them twice",
        f"  ready again within {ready:.2f} s (95 %), {result.ready_max:.2f} s at most;",
        f"  without waiting for a processor {result.ready_alone_p95:.2f} s (95 %)",
        f"  at rest {result.rest:.1f} s after the last answer",
    ]
    lines += [f"  WRONG: {one}" for one in result.wrong[:40]]
    lines.append("  nothing lost, nothing doubled" if result.is_good else "  FAILED")
    return "\n".join(lines)


def section(results: list[Result]) -> Section:
    """What the page of measured figures says about it."""
    return Section(
        title=f"Killed and started again: {', '.join(one.plan['database'] for one in results)}",
        words=(
            "A real server process among hosts of ours, over real sockets; its people say signed "
            "things to it, each written to a ledger of its own before it is sent. The server is "
            "killed (`kill -9`) at random moments, and started again; what was not answered is "
            "sent again. A member writes by the forms of the pages meanwhile, and sends again what "
            "nobody answered. In the end every activity that was answered with 202, and every "
            "form that was, has exactly one effect in the database, what was refused has none, and "
            "every host was told what it is owed at least once, in order, under one id "
            "(`scripts/faults`)."
        ),
        headings=[
            "database",
            "kills",
            "activities acknowledged",
            "lost or doubled",
            "owed to hosts",
            "never arrived",
            "arrived twice",
            "ready again (95 %; most)",
        ],
        rows=[
            [
                result.plan["database"],
                str(result.kills),
                f"{result.acknowledged:,}",
                "0" if result.is_good else f"{len(result.wrong)} findings",
                f"{result.owed:,}",
                str(sum("never told" in one for one in result.wrong)),
                f"{result.doubled:,}",
                f"{result.ready_p95:.2f} s; {result.ready_max:.2f} s",
            ]
            for result in results
        ],
        notes=[
            "What arrives twice was on its way at a kill; it has the same id, so it counts once.",
            *(f"{one.plan['database']}: {words}" for one in results for words in one.wrong[:3]),
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="how often the trouble strikes")
    parser.add_argument("--activities", type=int, default=2_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="only this one")
    parser.add_argument(
        "--trouble", choices=KINDS, default="kill", help="what strikes rather than kill -9"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON rather than words")
    parser.add_argument("--keep", action="store_true", help="write it to docs/quality")
    given = parser.parse_args()
    configure("error", "json")
    kinds = {"sqlite": [SQLITE], "postgres": [POSTGRESQL]}
    results: list[Result] = []
    for kind in kinds.get(given.database, [SQLITE, POSTGRESQL]):
        plan = Plan(
            kills=given.kills,
            activities=given.activities,
            seed=given.seed,
            database=kind,
            trouble=given.trouble,
        )
        results.append(once(plan))
        if not given.json:
            sys.stdout.write(in_words(results[-1]) + "\n")
    if given.json:
        sys.stdout.write(json.dumps([one.as_json() for one in results], indent=1) + "\n")
    if given.keep:
        keep("faults" if given.database is None else f"faults-{given.database}", section(results))
    return 0 if all(one.is_good for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
