"""Compiled templates are kept beside the templates, and made again when anything has changed."""

from gettext import NullTranslations
from pathlib import Path

import pytest
from babel import Locale
from jinja2 import Environment

from fedcop.text.templates import environment

ENGLISH = Locale.parse("en_GB")
GERMAN = Locale.parse("de")


def _said(folder: Path, locale: Locale = ENGLISH) -> str:
    return environment(folder, locale, NullTranslations()).get_template("a.html").render()


def _kept(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "__pycache__").glob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.html").write_text("{{ 1234.5|number }}")
    return tmp_path


def test_what_is_kept_is_not_compiled_again(folder, monkeypatch):
    assert _said(folder) == "1,234.5"
    before = _kept(folder)
    assert len(before) == 1

    def compile_it(*_: object, **__: object) -> None:
        pytest.fail("compiled again")

    monkeypatch.setattr(Environment, "_compile", compile_it)
    assert _said(folder) == "1,234.5"
    assert _kept(folder) == before


def test_each_language_has_its_own(folder):
    """What is constant in a template is worked out when it is compiled, numbers among them."""
    assert [_said(folder), _said(folder, GERMAN)] == ["1,234.5", "1.234,5"]
    assert [_said(folder), _said(folder, GERMAN)] == ["1,234.5", "1.234,5"]


def test_another_text_or_other_options_are_compiled_anew(folder, monkeypatch):
    _said(folder)
    (folder / "a.html").write_text("{{ 99.5|number }}")
    assert _said(folder) == "99.5"
    first = _kept(folder)
    monkeypatch.setattr("fedcop.text.compiled._stamp", lambda path: "another program")
    assert _said(folder) == "99.5"
    second = _kept(folder)
    assert first.keys() == second.keys()
    assert first != second


def test_what_is_damaged_or_cannot_be_written_does_not_matter(folder):
    _said(folder)
    for file in (folder / "__pycache__").glob("*"):
        file.write_bytes(file.read_bytes()[:40])
    assert _said(folder) == "1,234.5"
    for file in (folder / "__pycache__").glob("*"):
        file.unlink()
    (folder / "__pycache__").rmdir()
    (folder / "__pycache__").write_text("a file where the folder should be")
    assert _said(folder) == "1,234.5"
