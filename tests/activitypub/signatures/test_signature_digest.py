"""Digests of bodies: every part counts, in any spelling."""

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import digest
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

_BODY = b'{"hello": "world"}'
_S256 = b64encode(hashlib.sha256(_BODY).digest()).decode()
_S512 = b64encode(hashlib.sha512(_BODY).digest()).decode()


def _request(*headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest("POST", "/inbox", "https", "cop.example", headers, _BODY)


def test_writes_what_is_published() -> None:
    """The body and digest of RFC 9530 appendix B.1, without its line feed as in RFC 9421."""
    assert digest.digest(_BODY) == "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
    assert digest.content_digest(_BODY) == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("digest", f"SHA-256={_S256}")],
        [("digest", f"sha-256={_S256}")],
        [("digest", f" Sha-512={_S512} , sHA-256={_S256} ")],
        [("digest", f"MD5=AAAA,SHA-512={_S512}")],
        [("digest", f"SHA-256={_S256}"), ("digest", f"SHA-512={_S512}")],
        [("content-digest", f"sha-256=:{_S256}:")],
        [("content-digest", f"sha-512=:{_S512}:, sha-256=:{_S256}:")],
        [("digest", f"SHA-256={_S256}"), ("content-digest", f"sha-512=:{_S512}:")],
    ],
)
def test_right_digests(headers: list[tuple[str, str]]) -> None:
    assert digest.check(_request(*headers)) == {name for name, _ in headers}


@pytest.mark.parametrize(
    "header",
    [
        ("digest", ""),
        ("digest", "MD5=AAAA"),
        ("digest", "SHA-256"),
        ("digest", "SHA-256="),
        ("digest", f"SHA-256=:{_S256}:"),
        ("digest", f"SHA-256={_S256.rstrip('=')}"),
        ("digest", f"SHA-256={_S256},SHA-256={_S512}"),
        ("digest", f"SHA-256={_S512},SHA-256={_S256}"),
        ("digest", f"SHA-512={_S256},SHA-256={_S256}"),
        ("digest", f"SHA-256={_S256}," * 17),
        ("content-digest", f"sha-256={_S256}"),
        ("content-digest", f"sha-256=:{_S256}:;x"),
        ("content-digest", "md5=:AAAA:"),
    ],
)
def test_wrong_digests(header: tuple[str, str]) -> None:
    with pytest.raises(Unproved):
        digest.check(_request(header))


def test_one_right_header_does_not_save_the_other() -> None:
    with pytest.raises(Unproved):
        digest.check(_request(("digest", f"SHA-256={_S256}"), ("content-digest", "sha-256=:x:")))


@given(st.sampled_from(["digest", "content-digest"]), st.text())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_header_breaks_the_parser(name: str, value: str) -> None:
    try:
        found = digest.check(_request((name, value)))
    except (Malformed, Unproved):
        return
    assert found == {name}
