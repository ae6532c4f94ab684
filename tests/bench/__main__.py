"""The command `python -m tests.bench`: figures, how they grow, and where their time goes."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from fedcop.cli.listening import GARBAGE
from fedcop.log import configure
from tests.bench import fanout, flight, idle, inbox, latency, pages, two
from tests.bench.databases import Place, places
from tests.bench.growth import SIZES, Curve, growth
from tests.bench.kept import keep_curves, keep_figures
from tests.bench.measure import Figure, machine, open_files
from tests.bench.profile import Profile, as_json, read
from tests.bench.profiles import PROFILED, profiles
from tests.bench.turned import keep_profiles, shown_profiles

Bench = Callable[[Place, int], Awaitable[list[Figure]]]
BENCHES: dict[str, tuple[Bench, tuple[str, ...]]] = {
    "inbox-door": (inbox.at_the_door, ("sqlite", "postgresql")),
    "inbox-processed": (inbox.processed, ("sqlite", "postgresql")),
    "fanout-told": (fanout.told, ("sqlite", "postgresql")),
    "fanout-warm": (fanout.warm, ("sqlite", "postgresql")),
    "fanout-arrival": (fanout.arrival, ("sqlite", "postgresql")),
    "fanout-two-workers": (two.workers, ("postgresql",)),
    "flight-many": (flight.in_flight, ("sqlite", "postgresql")),
    "flight-bad-hosts": (flight.bad_hosts, ("sqlite", "postgresql")),
    "thread-page": (pages.thread_page, ("sqlite", "postgresql")),
    "actor-document": (pages.actor_document, ("sqlite",)),
    "while-processing": (latency.while_processing, ("sqlite", "postgresql")),
    "idle": (idle.idle, ("sqlite", "postgresql")),
}


async def measure(only: str | None, *, quick: bool) -> list[Figure]:
    """Every figure whose benchmark's name contains `only`."""
    found: list[Figure] = []
    with places(quick=quick) as here:
        for name, (bench, kinds) in BENCHES.items():
            if only is None or only in name:
                for place in here:
                    if place.kind in kinds:
                        found += await bench(place, 3 if quick else 5)
    return found


async def curves(*, quick: bool) -> list[Curve]:
    """How the figures grow, on each database."""
    found: list[Curve] = []
    with places(quick=quick) as here:
        for place in here:
            found += await growth(place, 3 if quick else 5, SIZES[:2] if quick else SIZES)
    return found


def shown_curves(found: list[Curve]) -> Table:
    """The curves as a table for a person."""
    table = Table(caption="CPU ms")
    for heading in ("", "on", *(f"{size:,}" for size in SIZES), "growth"):
        table.add_column(heading)
    for it in found:
        values = [f"{value / 1_000:.2f}" for value in it.values]
        values += [""] * (len(SIZES) - len(values))
        table.add_row(it.name, it.on, *values, f"{it.growth:.1f} ×")
    return table


async def dearest(only: str | None, *, quick: bool) -> list[Profile]:
    """What each figure is made of, for the benches whose name contains `only`."""
    with places(quick=quick) as here:
        return await profiles(here, only)


def shown(figures: list[Figure]) -> Table:
    """The figures as a table for a person."""
    table = Table(caption="  ".join(f"{name} {text}" for name, text in machine().items()))
    for heading in ("", "on", "value", "limit", "ratio", "must", "aim", "reached", ""):
        table.add_column(heading, justify="right" if heading in {"value", "limit"} else "left")
    for it in figures:
        sign = "≤" if it.limit is None else "≥"
        note = f"{it.of} for 1 {it.unit}" + (f"; limit: {it.limit_name}" if it.limit_name else "")
        table.add_row(
            it.name,
            it.on,
            f"{it.value:,.1f}",
            "" if it.limit is None else f"{it.limit:,.1f}",
            "" if it.ratio is None else f"{it.ratio:.2f}",
            "" if it.must is None else f"{sign} {it.must:g}",
            "" if it.aim is None else f"{sign} {it.aim:g}",
            _reached(it),
            note + (f"; {it.note}" if it.note else ""),
        )
    return table


def _reached(it: Figure) -> str:
    if it.reached:
        return "aim"
    return {True: "must", False: "no", None: ""}[it.reached if it.holds is None else it.holds]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON rather than a table")
    parser.add_argument("--quick", action="store_true", help="3 smaller rounds rather than 5")
    parser.add_argument("--only", choices=list(BENCHES), help="one benchmark alone")
    parser.add_argument("--growth", action="store_true", help="how figures grow with the data")
    parser.add_argument("--keep", action="store_true", help="write docs/quality.md, too")
    parser.add_argument("--profile", action="store_true", help="where their time goes")
    parser.add_argument("--before", type=Path, help="what --profile --json said of another version")
    given = parser.parse_args()
    if given.profile and given.only not in {None, *PROFILED}:
        parser.error(f"--profile knows {', '.join(PROFILED)}")
    before = read(given.before) if given.before else []
    configure("error", "json")
    open_files()
    gc.set_threshold(*GARBAGE)  # as the server does
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the server itself
        if given.profile:
            seen = runner.run(dearest(given.only, quick=given.quick))
            if given.keep and not given.quick:
                keep_profiles(seen, before)
            if given.json:
                sys.stdout.buffer.write(as_json(seen, machine()) + b"\n")
            else:
                Console(width=160).print(*shown_profiles(seen))
            return
        if given.growth:
            found = runner.run(curves(quick=given.quick))
            Console(width=160).print(shown_curves(found))
            if given.keep and not given.quick:
                keep_curves(found)
            return
        figures = runner.run(measure(given.only, quick=given.quick))
    if given.keep and not given.quick:
        keep_figures(figures)
    if given.json:
        document = {"machine": machine(), "figures": [it.as_json() for it in figures]}
        Console().out(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), highlight=False)
    else:
        Console(width=160).print(shown(figures))


if __name__ == "__main__":
    main()
