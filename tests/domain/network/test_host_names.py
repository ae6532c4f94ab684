"""A host has one spelling, however it is written; what only looks like it is another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcop.domain.network import lists
from fedcop.domain.network.models import Attitude, HostPolicy
from fedcop.domain.network.policies import EVERYONE, Rules, canonical
from fedcop.errors import Invalid
from fedcop.ids import minted_at, new_id

HOME = "cop.example"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("evil.example", "evil.example"),
        (" EVIL.Example ", "evil.example"),
        ("evil.example.", "evil.example"),
        ("evil.example:8443", "evil.example"),
        ("evil.example.:443", "evil.example"),
        ("https://evil.example/users/a?b#c", "evil.example"),
        ("https://evil.example\\@good.example/", "evil.example"),
        ("https://good.example@evil.example/", "evil.example"),
        ("https://good.example:pw@evil.example:1/", "evil.example"),
        ("https://evil.example#@good.example/", "evil.example"),
        ("@someone@evil.example", "evil.example"),
        ("*.evil.example", "evil.example"),
        (".evil.example", "evil.example"),
        ("ｅｖｉｌ.example", "evil.example"),
        ("evil。example", "evil.example"),
        ("evil．example．", "evil.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("XN--Bcher-KVA.example", "xn--bcher-kva.example"),
        ("exa_mple.org", "exa_mple.org"),
        ("localhost:8001", "localhost"),
        ("192.0.2.7:8000", "192.0.2.7"),
        ("[2001:DB8::0:1]:443", "[2001:db8::1]"),
        ("https://[2001:db8::1]/inbox", "[2001:db8::1]"),
        ("2001:db8::1", "[2001:db8::1]"),
    ],
)
def test_one_spelling(text: str, name: str) -> None:
    assert canonical(text) == name
    assert canonical(name) == name


NO_HOSTS = [
    *("", " ", ".", "*", "*.", "example", "a b.example", "evil..example", "-evil.example"),
    *("1.2.3", "[::1", "[zz::1]", "example.0x7f", "https://", "https:///path", "evil.example\0"),
    *("\ud800.example", "ev\u200dil.example", "xn--.example\u0378"),
    "x" * 64 + ".example",
    "a." * 130 + "b",
]


@pytest.mark.parametrize("text", NO_HOSTS)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(Invalid) as error:
        canonical(text)
    assert "name" in error.value.fields


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    rules = Rules(HOME, {"evil.example": Attitude.BLOCK})
    try:
        name = canonical(text)
    except Invalid:
        rules.refuses(text)
    else:
        assert canonical(name) == name
        assert rules.refuses(text) == rules.refuses(name)


def test_a_decision_stands_for_all_below_and_the_most_exact_counts() -> None:
    rules = Rules(
        HOME,
        {
            "evil.example": Attitude.BLOCK,
            "good.evil.example": Attitude.ALLOW,
            "bad.good.evil.example": Attitude.BLOCK,
            "xn--bcher-kva.example": Attitude.BLOCK,
            "192.0.2.7": Attitude.BLOCK,
            "[2001:db8::1]": Attitude.BLOCK,
        },
    )
    refused = """
        evil.example EVIL.example evil.example. evil.example:8443 a.evil.example a.b.evil.example
        a.bad.good.evil.example ｅｖｉｌ.example bücher.example a.bücher.example 192.0.2.7
        192.0.2.7:80 [2001:db8::1] [2001:DB8::1]:443
    """
    welcome = """
        good.evil.example x.good.evil.example evil-example.org notevil.example
        evil.example.net evil.example.org example evil.examples 192.0.2.70 2.192.0.2 [2001:db8::2]
        bucher.example
    """
    assert [name for name in refused.split() if not rules.refuses(name)] == []
    assert [name for name in welcome.split() if rules.refuses(name)] == []
    assert rules.attitude("x.good.evil.example") is Attitude.ALLOW
    assert rules.decision("x.good.evil.example") == "good.evil.example"
    assert rules.attitude("nobody.example") is None
    assert rules.refuses("")
    assert rules.refuses("no host")


def test_look_alikes_of_a_blocked_name() -> None:
    rules = Rules(HOME, {"example.org": Attitude.BLOCK})
    for name in ("evil-example.org", "example.org.evil.net", "example.or", "xample.org", "org"):
        assert not rules.refuses(name), name


def test_partners_only_and_ourselves() -> None:
    only = Rules(HOME, {EVERYONE: Attitude.BLOCK, "friend.example": Attitude.ALLOW})
    assert only.partners_only
    assert only.refuses("stranger.example")
    assert not only.refuses("friend.example")
    assert not only.refuses("forum.friend.example")
    assert not only.refuses(HOME)
    assert only.attitude("stranger.example") is None, "nobody decided about it by name"
    above = Rules(HOME, {"example": Attitude.BLOCK})
    assert above.refuses("stranger.example")
    assert not above.refuses(HOME)
    assert not above.refuses("COP.example:443")


def test_lists_of_other_servers() -> None:
    text = (
        "\ufeff#domain,#severity,#reject_media,#public_comment\n"
        'Spam.Example,suspend,true,"spam, mostly"\n'
        "loud.example,silence,false,\n"
        "friend.example,allow,,\n"
        "not a host,suspend,,\n"
        "spam.example.,suspend,,again\n"
    )
    read = lists.read(text)
    assert [(e.name, e.attitude, e.reason) for e in read.entries] == [
        ("spam.example", Attitude.BLOCK, "again"),
        ("friend.example", Attitude.ALLOW, ""),
    ]
    assert len(read.passed_over) == 2
    plain = lists.read("one.example\n\ntwo.example\n")
    assert [e.name for e in plain.entries] == ["one.example", "two.example"]
    row_id = new_id()
    policy = HostPolicy(
        id=row_id,
        name="spam.example",
        attitude=Attitude.BLOCK,
        decided_at=minted_at(row_id),
        reason="=1+1",
    )
    written = lists.written([policy])
    assert "'=1+1" in written, "no formula for a spreadsheet"
    assert lists.read(written).entries[0].name == "spam.example"
