"""The page that says what we make of each document of other software, and what really became of it.

`python -m tests.replay.table --write` writes it anew; two tests compare it with the code. Nothing
of a document stands in it but its folder and its type.
"""

import asyncio
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from fedcop.inbox.explain.files import explain_file
from fedcop.inbox.explain.outcomes import Outcome
from fedcop.log import configure
from fedcop.wiring import OBJECT_TYPES
from tests.replay import outcomes
from tests.replay.documents import NOT_REPLAYED, PLATFORMS
from tests.replay.every import play_folder
from tests.replay.result import Result
from tests.replay.roads import FOLDERS, Piece
from tests.replay.run import DOCUMENTS, FOLDER, Replays

PAGE = Path(__file__).resolve().parents[2] / "docs" / "partners" / "what-we-understand.md"
AGAIN = "run `.venv/bin/python -m tests.replay.table --write`"
EXPLAINED, REPLAYED = "## What FedCoP would make of it", "## What became of it"
OTHERS = "## What became of all others"

_HEAD = f"""\
# What FedCoP understands of other software

*This page is made from the code and from real documents of other servers by
`python -m tests.replay.table --write`.*

The documents lie in one folder for each source: what servers sent or serve, what their own tests
hold, and the examples of specifications. What a single document would become, and by which rule,
is said by `fedcop federation explain FILE`.

{EXPLAINED}

As `fedcop federation explain` says, without a server. `refused` are documents in which something
is wrong: in the folder `mbin` all addresses were replaced by a placeholder.
"""
_MIDDLE = f"""
{REPLAYED}

Each activity was sent, signed, to a server on which whatever it speaks of was there before
(placeholders were filled in); then its database was looked at.
"""
_LAST = f"""
{OTHERS}

What is no activity came on the road that its kind takes: an actor was *looked up*, a post
*announced* by a community, a collection *listed* by one, an answer of WebFinger or NodeInfo
*discovered*, the parts of a post *built* into a Create, and everything else *posted* to the inbox
as it stands. A post was understood if its author, title, text, pictures, files, choices, date,
place, language, warning, mentions and hashtags were there afterwards.
"""
_ADDRESS = re.compile(r"https?://[^\s,;]+[^\s,;:.)]")


def explained_part() -> str:
    """The first part, from the corpus as it lies there."""
    counts: dict[str, Counter[tuple[str, str, str]]] = {}
    for platform in (*PLATFORMS, *NOT_REPLAYED):
        counts[platform] = Counter()
        for file in sorted((FOLDER / platform).rglob("*.json")):
            for found in explain_file(file.read_bytes(), OBJECT_TYPES):
                why = _plain(found.reason) if found.outcome is Outcome.REFUSED else ""
                counts[platform][found.type, found.outcome, why] += 1
    lines = [_HEAD, "| folder | " + " | ".join(Outcome) + " |", "|---|" + "---:|" * len(Outcome)]
    for platform, found in counts.items():
        by_outcome = Counter[str]()
        for (_, outcome, _), n in found.items():
            by_outcome[outcome] += n
        cells = " | ".join(str(by_outcome[one] or "") for one in Outcome)
        lines.append(f"| {platform} | {cells} |")
    for platform in PLATFORMS:
        rows = ((kind, outcome, why, n) for (kind, outcome, why), n in counts[platform].items())
        lines += ["", f"### {platform}", "", *_table(rows)]
    return "\n".join(lines) + "\n"


def replayed_part(results: dict[str, Result]) -> str:
    """The second part, from what became of each document that was replayed."""
    lines = [_MIDDLE]
    for platform in PLATFORMS:
        counts = Counter[tuple[str, str, str]]()
        for document in DOCUMENTS:
            if document.platform == platform:
                result = results.get(document.path, Result("not replayed", document.cannot))
                counts[document.verbs, result.outcome, result.why] += 1
        rows = ((kind, outcome, why, n) for (kind, outcome, why), n in counts.items())
        lines += [f"### {platform}, replayed", "", *_table(rows), ""]
    return "\n".join(lines)


def others_part(parts: Iterable[str]) -> str:
    """The last part, from those of the folders."""
    return _LAST + "".join(parts)


def folder_part(folder: str, results: Mapping[Piece, Result]) -> str:
    """What became of each document of a folder that has no scene, by its road and its types."""
    counts = Counter(
        (f"{piece.road}: {piece.kind}", result.outcome, result.why)
        for piece, result in results.items()
    )
    rows = ((kind, outcome, _plain(why), n) for (kind, outcome, why), n in counts.items())
    return "\n".join(["", f"### {folder}, all others", "", *_table(rows), ""])


def written(part: str) -> str:
    """One part of the page as it is kept."""
    text = PAGE.read_text() if PAGE.exists() else ""
    head, middle, tail = text.partition(f"\n{REPLAYED}")
    replayed, last, others = tail.partition(f"\n{OTHERS}")
    return {EXPLAINED: head, REPLAYED: middle + replayed, OTHERS: last + others}[part]


async def results() -> dict[str, Result]:
    """Replay every activity that has a scene."""
    with tempfile.TemporaryDirectory() as folder:
        replays = Replays(Path(folder))
        try:
            return {one.path: await replays.result(one) for one in DOCUMENTS if not one.cannot}
        finally:
            await replays.close()


async def others() -> dict[str, Mapping[Piece, Result]]:
    """Play every other document, by folder. Raises AssertionError if one is not as it should be."""
    found: dict[str, Mapping[Piece, Result]] = {}
    for folder in FOLDERS:
        with tempfile.TemporaryDirectory() as data:
            found[folder], wrong = await play_folder(folder, Path(data))
        assert not wrong, "\n".join(wrong)
    return found


def digests(
    sent: Mapping[str, Result], others: Mapping[str, Mapping[Piece, Result]]
) -> dict[str, dict[str, str]]:
    """By folder, the numbers that stand for what became of each document."""
    return {
        folder: {
            outcomes.SENT: outcomes.digest(of_folder(folder, sent)),
            outcomes.OTHERS: outcomes.digest((it.path, one) for it, one in others[folder].items()),
        }
        for folder in FOLDERS
    }


def of_folder(folder: str, results: Mapping[str, Result]) -> list[tuple[str, Result]]:
    """Those of one folder, with their paths."""
    return [(path, one) for path, one in results.items() if path.startswith(f"{folder}/")]


def _table(rows: Iterable[tuple[str, str, str, int]]) -> list[str]:
    lines = ["| type | becomes | | why |", "|---|---|---:|---|"]
    for kind, outcome, why, n in sorted(rows):
        lines.append(f"| {_plain(kind) or '–'} | {outcome} | {n} | {why} |")
    return lines


def _plain(text: str) -> str:
    """Words without the addresses that a document holds, fit for a cell of a table."""
    return _ADDRESS.sub("…", text).replace("|", "\\|")


def main() -> None:
    """Write the page and the digests (`--write`), or print the page."""
    configure("error")
    sent, rest = asyncio.run(results()), asyncio.run(others())
    parts = (folder_part(folder, found) for folder, found in rest.items())
    page = explained_part() + replayed_part(sent) + others_part(parts)
    if "--write" in sys.argv[1:]:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page)
        outcomes.keep(digests(sent, rest))
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
