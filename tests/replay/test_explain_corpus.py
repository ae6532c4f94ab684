"""`explain` has an answer for every document of the corpus; what servers say is understood."""

import json
from pathlib import Path

import pytest

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.inbox.explain.files import explain_file
from fedcop.inbox.explain.outcomes import Explanation, Outcome
from fedcop.inbox.verbs import HANDLERS
from fedcop.wiring import OBJECT_TYPES
from tests.replay import table
from tests.replay.documents import PLATFORMS

KNOWN = ACTOR_TYPES | {verb.__name__ for verb in HANDLERS.verbs}


@pytest.fixture(scope="module")
def found(shared: Path) -> list[tuple[str, Explanation]]:
    corpus = shared / "corpus"
    return [
        (file.relative_to(corpus).as_posix(), one)
        for file in sorted(corpus.rglob("*.json"))
        for one in explain_file(file.read_bytes(), OBJECT_TYPES)
    ]


def test_no_document_is_left_out(shared: Path, found: list[tuple[str, Explanation]]) -> None:
    index = (shared / "corpus" / "INDEX.tsv").read_text().splitlines()[1:]
    assert {line.partition("\t")[0] for line in index} <= {path for path, _ in found}
    assert all(one.reason.endswith((".", ")")) for _, one in found)


def test_what_servers_say_is_understood(found: list[tuple[str, Explanation]]) -> None:
    """What is refused there names the field that is wrong."""
    for path, one in found:
        if path.partition("/")[0] in PLATFORMS and one.type.partition("/")[0] in KNOWN:
            assert one.outcome is not Outcome.IGNORED, path
            assert one.outcome is not Outcome.REFUSED or "“" in one.reason, path


def test_the_page_says_what_would_become_of_it(shared: Path) -> None:
    assert table.written(table.EXPLAINED) == table.explained_part(), table.AGAIN


def test_the_page_has_nothing_of_a_document_in_it() -> None:
    text = table.PAGE.read_text()
    assert "://" not in text
    assert json.dumps("attributedTo") not in text
