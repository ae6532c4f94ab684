"""Every command that a document shows exists, with the options that it is shown with."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedcop.cli.catalogue import CATALOGUE
from tests.house.docs import ROOT

PAGES = [
    page
    for page in sorted(
        [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docker").glob("*")]
    )
    if page.is_file() and page.name != "commands.md" and "decisions" not in page.parts
]
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|.*[\s/'\"])fedcop ([a-z][a-z|-]*(?: .*)?)$")
WITHOUT = {"--help": "", "--version": ""}


def shown(page: Path) -> Iterator[str]:
    """What stands behind `fedcop` in each line of code of a page."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        found = (match[1] or match[2] for match in CODE.finditer(text))
        lines = [line for block in found for line in block.splitlines()]
    else:
        lines = [line.lstrip("# ") for line in text.splitlines()]
    for line in lines:
        for one in re.split(r"&&|;|\|(?!\S)", line):
            match = COMMAND.search(one.strip().rstrip("'"))
            if match is not None and not one.strip().startswith(("install ", "useradd ", "From ")):
                yield from spelled_out(match[1].split("  #")[0])


def spelled_out(line: str) -> Iterator[str]:
    """`backup create|verify FILE` as the two commands that it stands for."""
    several = re.search(r"(?<!\S)[a-z-]+(?:\|[a-z-]+)+(?!\S)", line)
    if several is None:
        yield line
        return
    for name in several[0].split("|"):
        yield from spelled_out(line[: several.start()] + name + line[several.end() :])


def wrong_with(words: list[str]) -> str:
    """What a command line has that no command knows; "" if nothing."""
    entry: dict[str, Any] = {"commands": json.loads(CATALOGUE.read_text(encoding="utf-8"))}
    path = "fedcop"
    while words and "commands" in entry and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in entry["commands"]:
            return f"{path} {name}"
        entry, path = entry["commands"][name], f"{path} {name}"
    known = {
        spelled
        for one in entry.get("parameters", [])
        for spelled in re.split(r"[,/]", one["options"] or "")
    }
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    unknown = [one for one in options if one not in known and one not in WITHOUT]
    return f"{path} {unknown[0]}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists(page: Path) -> None:
    said = [(line, wrong_with(shlex.split(line))) for line in shown(page)]
    assert [(line, wrong) for line, wrong in said if wrong] == []


def test_commands_are_found_in_documents() -> None:
    lines = {line for page in PAGES for line in shown(page)}
    assert {"doctor", "backup create", "federation partners-only on"} <= lines
    assert wrong_with(["backup", "eat"]) == "fedcop backup eat"
    assert wrong_with(["backup", "create", "--twice"]) == "fedcop backup create --twice"
    assert wrong_with(["serve", "--no-worker"]) == ""


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
