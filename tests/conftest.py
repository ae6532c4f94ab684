"""What every test may ask for."""

import itertools
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from fedcop.activitypub.signatures.keys import generate_rsa

# The same examples in every run: a test that fails by chance tells nobody why.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("steady")

_KEYS = 48
_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published vectors and payloads of other servers, kept beside the project."""
    folder = Path(os.environ.get("FEDCOP_SHARED", _ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"on this machine: no vectors and payloads at {folder} (FEDCOP_SHARED)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _keys_from_a_pool() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """Actors of ours get real RSA keys, which are made once and go round: making one takes long.

    No test has so many actors that two of them share a key.
    """
    made: list[str] = []

    def next_key() -> str:
        with waiting:
            number = next(turn) % _KEYS
            if number == len(made):
                made.append(generate_rsa())
            return made[number]

    turn, waiting = itertools.count(), threading.Lock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fedcop.domain.people.keys.generate_rsa", next_key)
        yield


pytest_plugins = ["tests.databases", "tests.fediverse"]


@pytest.fixture(autouse=True)
def readable_logs() -> Iterator[None]:
    """Each test begins with logs on the standard output of this moment, whatever another set up.

    Tracebacks are plain: the rich ones take seconds to draw.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
