"""The page of measured figures is what the kept sections make of it."""

from pathlib import Path

import pytest

from tests.quality.record import FOLDER, ORDER, PAGE, Section, keep, rendered


def test_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == rendered(), "run `.venv/bin/python -m tests.quality`"


def test_every_kept_section_says_what_it_is_about() -> None:
    texts = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert [name for name, text in texts.items() if '"words": ""' in text] == []


def test_sections_stand_in_their_order_with_date_and_machine(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    for name in reversed(ORDER):
        section = Section(f"About {name}", "Words.", ["a", "b"], [["1|2", "3"]], ["A note."])
        keep(name, section, folder=tmp_path, page=page)
    keep("bench-pages", Section("About pages", "Words."), folder=tmp_path, page=page)
    text = page.read_text("utf-8")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        *(f"## About {name}" for name in ORDER[:6]),
        "## About pages",
        *(f"## About {name}" for name in ORDER[6:]),
    ]
    assert "| 1\\|2 | 3 |" in text
    assert "- A note." in text
    assert text.count("Measured 2") == len(ORDER) + 1
    assert text == rendered(tmp_path)


def test_unknown_sections_and_ragged_rows_are_refused(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    with pytest.raises(ValueError, match="no section"):
        keep("benchmarks", Section("A", "B"), folder=tmp_path, page=page)
    with pytest.raises(ValueError, match="cells"):
        keep("limits", Section("A", "B", ["one"], [["1", "2"]]), folder=tmp_path, page=page)
    assert not page.exists()
