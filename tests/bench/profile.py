"""The dearest functions behind one figure, as shares of the CPU time it was made of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import orjson

from tests.bench.sampling import Spent

DEAREST = 10
_ON = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Share:
    """Of the CPU time of a figure, the part of one function: its own, and with all it called."""

    name: str
    own: float
    whole: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one figure is made of: `functions`, the dearest by their own time first."""

    bench: str
    figure: str
    on: str
    unit: str
    us: float
    """CPU microseconds for one `unit`, while it was looked at; nothing is counted if that is ""."""
    functions: Sequence[Share]

    @property
    def title(self) -> str:
        return f"{self.figure}, {_ON[self.on]}"


def profile(name: tuple[str, str, str], spent: Spent, units: int, unit: str) -> Profile:
    """A profile of so many units; `name` is bench, figure and database.

    Raises ValueError if nothing was seen.
    """
    total = spent.own.total()
    if not total:
        raise ValueError(f"{name[1]} on {name[2]} took no time that could be seen.")
    bench, figure, on = name
    shares = [
        Share(it, spent.own[it] / total, spent.whole[it] / total)
        for it in spent.own.keys() | spent.whole.keys()
    ]
    shares.sort(key=lambda share: share.name)  # what is equally dear stands in one order
    shares.sort(key=attrgetter("own", "whole"), reverse=True)
    return Profile(
        bench=bench,
        figure=figure,
        on=on,
        unit=unit,
        us=total / 1_000 / units,
        functions=[share for share in shares[: 3 * DEAREST] if share.own],
    )


def as_json(profiles: Sequence[Profile], machine: dict[str, str]) -> bytes:
    """A document that `read` reads; shares have four places."""
    found = [asdict(it) for it in profiles]
    for it in found:
        it["us"] = round(it["us"], 1)
        for share in it["functions"]:
            share |= {"own": round(share["own"], 4), "whole": round(share["whole"], 4)}
    return orjson.dumps({"machine": machine, "profiles": found}, option=orjson.OPT_INDENT_2)


def read(path: Path) -> list[Profile]:
    """The profiles of a document of `as_json`. Raises OSError, and ValueError if it is none."""
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    try:
        return [
            Profile(**{**it, "functions": [Share(**share) for share in it["functions"]]})
            for it in document["profiles"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds no profiles: {error}") from error
