"""The documents say what the code says."""

import re
from pathlib import Path

import pytest

from tests.house.docs import PAGES, ROOT

RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS = ("Context", "Decision", "Consequences", "Alternatives considered")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_reference_page_is_current(path: Path) -> None:
    again = "run `.venv/bin/python -m tests.house.docs --write`"
    assert path.exists(), again
    assert path.read_text() == PAGES[path](), again


def test_decision_records_are_numbered_without_gaps() -> None:
    assert RECORDS
    numbers = [int(path.name[:4]) for path in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_decision_record_has_its_parts(path: Path) -> None:
    text = path.read_text()
    assert re.fullmatch(r"\d{4}(?:-[a-z0-9]+)+\.md", path.name)
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^Status: (?:accepted|superseded by \d{4})\b", text, re.MULTILINE), (
        "a Status line"
    )
    missing = [part for part in PARTS if f"\n## {part}\n" not in text]
    assert missing == []
    assert len(text.splitlines()) <= 60


@pytest.mark.parametrize(
    "page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docker/README.md"]
)
def test_links_to_files_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []
