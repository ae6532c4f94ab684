"""What changed between two versions, told word by word."""

import random

import pytest

from fedcop.domain.site.changes import How, Piece, changes


def marked(before: str, after: str) -> str:
    signs = {How.KEPT: "{}", How.ADDED: "+[{}]", How.REMOVED: "-[{}]"}
    return "".join(signs[piece.how].format(piece.text) for piece in changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "", ""),
        ("", "Be kind.", "+[Be kind.]"),
        ("Be kind.", "", "-[Be kind.]"),
        ("Be kind.", "Be kind.", "Be kind."),
        ("Be kind to all.", "Be fair to all.", "Be -[kind ]+[fair ]to all."),
        ("One.\nTwo.", "One.\nTwo.\nThree.", "One.\nTwo.+[\nThree.]"),
        ("One.\nTwo.\nThree.", "One.\nThree.", "One.\n-[Two.\n]Three."),
    ],
)
def test_words_that_came_and_went(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


def test_both_texts_can_be_read_from_the_pieces() -> None:
    chance = random.Random(7)
    words = ["kind", "fair", "brief", "\n", "  ", "\n\n", "be", "*"]
    for _ in range(300):
        before, after = ("".join(chance.choices(words, k=chance.randrange(12))) for _ in range(2))
        pieces = changes(before, after)
        assert "".join(p.text for p in pieces if p.how is not How.ADDED) == before
        assert "".join(p.text for p in pieces if p.how is not How.REMOVED) == after
        assert all(isinstance(piece, Piece) and piece.text for piece in pieces)
