"""The command line in an empty folder, with nothing of this machine's own settings."""

import logging
import os
import shlex
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from fedcop.cli import app

Fedcop = Callable[[str], Result]


@pytest.fixture
def fedcop(tmp_path, monkeypatch):
    """Run `fedcop WORDS` in an empty folder."""
    for name in [name for name in os.environ if name.startswith("FEDCOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(words: str) -> Result:
        return CliRunner().invoke(app, shlex.split(words))

    yield run
    root.handlers[:], root.level = handlers, level
