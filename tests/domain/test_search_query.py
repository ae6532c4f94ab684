"""The language of the search: whatever is typed is understood as something, never an error."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcop.domain.search.query import (
    Asked,
    Field,
    Narrowing,
    Phrase,
    as_fts5,
    as_tsquery,
    parse,
    unwanted_as_fts5,
)
from fedcop.text.folding import LONGEST_WORD, MOST_WORDS, fold, shown_words
from fedcop.text.marking import mark


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Willow stak", Asked((Phrase(("willow",)), Phrase(("stak",), begins=True)))),
        ('"Raised  beds"', Asked((Phrase(("raised", "beds")),))),
        ('"not closed', Asked((Phrase(("not", "closed")),))),
        ("well-known", Asked((Phrase(("well", "known"), begins=True),))),
        ("oak -mat", Asked((Phrase(("oak",)), Phrase(("mat",), wanted=False)))),
        ("from:@Ana", Asked(narrowed=(Narrowing(Field.FROM, "ana"),))),
        ("FROM:bo@delta.test", Asked(narrowed=(Narrowing(Field.FROM, "bo@delta.test"),))),
        ("-in:!bees", Asked(narrowed=(Narrowing(Field.IN, "bees", wanted=False),))),
        ("type:replies", Asked(narrowed=(Narrowing(Field.TYPE, "reply"),))),
        ("type:poem", Asked((Phrase(("type", "poem"), begins=True),))),
        ("#Raised_Beds", Asked(narrowed=(Narrowing(Field.TAG, "raised_beds"),))),
        ("#1", Asked((Phrase(("1",)),))),
        ("a", Asked((Phrase(("a",)),))),
        ("日本", Asked((Phrase(("日", "本")),))),
        ('- "" \' % * ( ) : NEAR', Asked((Phrase(("near",), begins=True),))),
        ("", Asked()),
    ],
)
def test_what_is_typed_is_taken_apart(typed: str, asked: Asked) -> None:
    assert parse(typed) == asked


@pytest.mark.parametrize(
    ("typed", "finds"),
    [("-oak", False), ("type:reply", False), ("-from:ana", False), ("in:bees", True), ("o", True)],
)
def test_everything_less_something_is_no_question(typed: str, *, finds: bool) -> None:
    assert parse(typed).is_empty is not finds


_TYPED = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            ['"', "'", "-", "*", "^", "(", ")", ":", "#a", "from:", "in:@", "OR", "AND", "NOT",
             "NEAR(", "{a b}:", "\\", "&", "|", "!", "<->", ":*", "type:reply", "é", "ß", "क्षि",
             "\0"]
        ),
    ),
    max_size=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def fts5():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE found USING fts5(title, text, tokenize='ascii')")
    database.execute("INSERT INTO found VALUES ('raised beds', 'near oak or not and é')")
    yield database
    database.close()


@given(parts=_TYPED, glue=st.sampled_from(["", " "]))
def test_no_text_is_a_syntax_error(fts5: sqlite3.Connection, parts: list[str], glue: str) -> None:
    asked = parse(glue.join(parts))
    for query in (as_fts5(asked), unwanted_as_fts5(asked)):
        if query:
            fts5.execute("SELECT rowid FROM found WHERE found MATCH ?", (query,)).fetchall()
    words = [word for phrase in asked.phrases for word in phrase.words]
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for word in words)
    assert as_tsquery(asked).count("'") == 2 * len(words)


def test_words_are_compared_without_case_accents_and_signs() -> None:
    assert fold("Ångström, l’été! STRASSE Straße") == [
        *("angstrom", "l", "ete", "strasse", "strasse")
    ]
    assert fold("snake_case ﬁne Łódź smørrebrød") == ["snake", "case", "fine", "lodz", "smorrebrod"]
    assert fold("x" * 200) == ["x" * LONGEST_WORD]
    assert len(fold("a " * 30_000)) == MOST_WORDS
    assert fold(shown_words("<p>w<b>or</b>d</p><p>next &amp; <br>last</p>")) == [
        *("word", "next", "last")
    ]


def test_an_excerpt_stands_around_the_first_word() -> None:
    text = "Nothing here. " * 30 + "Then <oak> & Stäkes came. " + "Nothing more. " * 30
    shown = mark(text, {"oak"}, {"stak"})
    assert "&lt;<mark>oak</mark>&gt; &amp; <mark>Stäkes</mark> came." in shown
    assert shown.startswith("… ")
    assert shown.endswith("…")
    assert len(shown) < 330
    assert mark("a short one", {"zebra"}) == "a short one"
    assert mark("x" * 500, {"zebra"}) == "x" * 240 + "…"
