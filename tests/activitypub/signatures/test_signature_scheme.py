"""Which scheme a request speaks, and which key ids are worth a look."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import cavage, rfc9421, scheme
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved


def _request(headers: dict[str, str], body: bytes = b"{}") -> HttpRequest:
    lower = tuple((name.lower(), value) for name, value in headers.items())
    return HttpRequest("POST", "/inbox", "https", "cop.example", lower, body)


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
@pytest.mark.parametrize("module", [cavage, rfc9421])
def test_both_schemes(
    name: str, module: object, now: datetime, request: pytest.FixtureRequest
) -> None:
    key: PrivateKey = request.getfixturevalue(name)
    signer = cavage if module is cavage else rfc9421
    sent = _request(signer.sign("POST", "https://cop.example/inbox", b"{}", key, now))
    found = scheme.claim(sent)
    assert found.key_id == key.id
    assert found.scheme == signer.__name__.rpartition(".")[2]
    scheme.verify(sent, found, key.public, now)
    with pytest.raises(Unproved):
        scheme.verify(replace(sent, body=b"[]"), found, key.public, now)
    with pytest.raises(Unproved, match="under the id"):
        scheme.verify(sent, found, replace(key.public, id="https://else.example/k"), now)


def test_unsigned() -> None:
    with pytest.raises(Unproved):
        scheme.claim(_request({}))


def test_both_header_styles_at_once(rsa: PrivateKey, now: datetime) -> None:
    headers = cavage.sign("POST", "https://cop.example/inbox", b"{}", rsa, now)
    mixed = headers | {"Signature-Input": 'sig1=();keyid="victor"'}
    with pytest.raises(Malformed):
        scheme.claim(_request(mixed))


@pytest.mark.parametrize(
    "key_id",
    [
        "https://a.example",
        "https://a.example/u/alice#main-key",
        "https://a.example/users/x/main-key",
        "https://a.example?page=1#k",
        "https://xn--mnchen-3ya.example/@a",
        "https://a_b.example/%C3%A4.b/..c",
        "https://a.example/" + "x" * (2_048 - 18),
    ],
)
def test_key_ids(key_id: str) -> None:
    scheme.check_key_id(key_id)
    scheme.check_key_id(key_id, development=True)


@pytest.mark.parametrize(
    "key_id",
    ["http://localhost:8000/u/a#k", "http://127.0.0.1:8080/u/a", "http://a.example/", "https://b/"],
)
def test_key_ids_of_development(key_id: str) -> None:
    scheme.check_key_id(key_id, development=True)
    with pytest.raises(Unproved):
        scheme.check_key_id(key_id)


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        "alice",
        "acct:alice@a.example",
        "file:///etc/passwd",
        "data:text/plain,x",
        "//a.example/u",
        "HTTPS://a.example/u",
        "https://A.example/u",
        "https://a.example./u",
        "https://a..example/u",
        "https://-a.example/u",
        "https://a.example:/u",
        "https://a.example:0443/u",
        "https://a@b.example/u",
        "https://a:b@c.example/u",
        "https://a\\@b.example/u",
        "https://[::1]/u",
        "https://ä.example/u",
        "https://a.example/ä",
        "https://a.example/u v",
        "https://a.example/u\n",
        "https://a.example/../u",
        "https://a.example/./u",
        "https://a.example/u/..#k",
        "https://a.example/u#k#l",
        "https://a.example/" + "x" * (2_049 - 18),
    ],
)
def test_no_key_ids(key_id: str) -> None:
    for development in (False, True):
        with pytest.raises(Unproved):
            scheme.check_key_id(key_id, development=development)


@pytest.mark.parametrize(
    "key_id",
    [
        "http://169.254.169.254/latest#main-key",
        "https://169.254.169.254/latest",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://a.example:5432/u",
        "https://a.example:443/u",
        "https://localhost/u",
    ],
)
def test_addresses_and_ports_are_for_development(key_id: str) -> None:
    with pytest.raises(Unproved):
        scheme.check_key_id(key_id)


@given(st.one_of(st.text(), st.text().map("https://a.example/".__add__)))
@settings(derandomize=True, deadline=None)
def test_no_text_breaks_the_check(text: str) -> None:
    try:
        scheme.check_key_id(text)
    except Unproved:
        return
    assert text.isascii()
    assert text.isprintable()
