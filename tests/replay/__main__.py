"""The command `python -m tests.replay [--json] [--keep]`: all that others sent, once more."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from fedcop.log import configure
from tests.quality.record import Section, keep
from tests.replay.agreement import disagreement
from tests.replay.every import disagreements, play_folder
from tests.replay.result import Result
from tests.replay.roads import FOLDERS
from tests.replay.run import FOLDER, REPLAYED, Replays

HEADINGS = ["folder", "documents", "understood", "rightly nothing", "refused", "wrong", "seconds"]
_PAGE = "partners/what-we-understand.md"


@dataclass(frozen=True)
class Line:
    """How the documents of one folder fared."""

    folder: str
    documents: int
    understood: int
    nothing: int
    refused: int
    wrong: list[str]
    seconds: float

    @property
    def cells(self) -> list[str]:
        counts = (self.documents, self.understood, self.nothing, self.refused, len(self.wrong))
        return [self.folder, *map(str, counts), f"{self.seconds:.1f}"]


async def play(folder: str) -> Line:
    """All documents of a folder: the activities with their scenes, the others on their roads."""
    began = time.perf_counter()
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as data:
        wrong = await _scenes(folder, Path(data), results)
        others, more = await play_folder(folder, Path(data))
    results += others.values()
    wrong += more
    wrong += disagreements(others) if folder in {one.platform for one in REPLAYED} else []
    counts = Counter(one.outcome for one in results)
    understood = len(results) - counts["nothing"] - counts["refused"]
    seconds = time.perf_counter() - began
    documents = len(results) + len(wrong)
    return Line(folder, documents, understood, counts["nothing"], counts["refused"], wrong, seconds)


async def _scenes(folder: str, data: Path, results: list[Result]) -> list[str]:
    replays, wrong = Replays(data), list[str]()
    try:
        for document in REPLAYED:
            if document.platform == folder:
                try:
                    result = await replays.result(document)
                    results.append(result)
                    assert not disagreement(document, result), disagreement(document, result)
                except AssertionError as error:
                    wrong.append(f"{document.path}: {error}")
    finally:
        await replays.close()
    return wrong


def section(lines: list[Line]) -> Section:
    """The section of the page of measured quality."""
    total = _total(lines)
    return Section(
        title="What other software really sends",
        words=(
            f"{total.documents:,} documents of servers, of their tests and of specifications, "
            "through the real verifier, receiver, resolver and processor, with the servers they "
            "speak of behind the client. *Understood* means that the effect was looked up in the "
            f"database. What each kind became, and why, says [the table of the partners]({_PAGE})."
        ),
        headings=HEADINGS,
        rows=[line.cells for line in [*lines, total]],
    )


def main() -> None:
    """Run all and print what became of it; exit 1 if a document is not what it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--keep", action="store_true", help="write docs/quality/real-input.json")
    given = parser.parse_args()
    configure("error")
    if not FOLDER.is_dir():
        raise SystemExit(f"There are no documents at {FOLDER}: set FEDCOP_SHARED.")
    lines = [asyncio.run(play(folder)) for folder in FOLDERS]
    _show(lines, as_json=given.json)
    if given.keep:
        keep("real-input", section(lines))
    raise SystemExit(any(line.wrong for line in lines))


def _show(lines: list[Line], *, as_json: bool) -> None:
    if as_json:
        found = [asdict(line) for line in lines]
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    table = Table(*HEADINGS)
    for line in [*lines, _total(lines)]:
        table.add_row(*line.cells)
    console = Console()
    console.print(table)
    for line in lines:
        for words in line.wrong:
            console.print(words, markup=False)


def _total(lines: list[Line]) -> Line:
    return Line(
        "all",
        sum(line.documents for line in lines),
        sum(line.understood for line in lines),
        sum(line.nothing for line in lines),
        sum(line.refused for line in lines),
        [words for line in lines for words in line.wrong],
        sum(line.seconds for line in lines),
    )


if __name__ == "__main__":
    main()
