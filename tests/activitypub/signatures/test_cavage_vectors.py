"""The three examples that draft-cavage-http-signatures-12 publishes (appendix C)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fedcop.activitypub.signatures import cavage, digest
from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

_PEM = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
_NOW = datetime(2014, 1, 5, 21, 31, 41, tzinfo=UTC)
_REQUEST = HttpRequest(
    "POST",
    "/foo?param=value&pet=dog",
    "https",
    "example.com",
    (
        ("host", "example.com"),
        ("date", "Sun, 05 Jan 2014 21:31:40 GMT"),
        ("content-type", "application/json"),
        ("digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        ("content-length", "18"),
    ),
    b'{"hello": "world"}',
)
_START = 'keyId="Test",algorithm="rsa-sha256",'
_DEFAULT = (
    _START + 'headers="date",signature="SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79c'
    "Nfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0"
    'hZ8FD0k/5OxEPXe5WozsbM="'
)
_BASIC = (
    _START + 'headers="(request-target) host date",signature="qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyU'
    "XMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeS"
    'Wkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="'
)
_ALL_HEADERS = (
    _START + 'headers="(request-target) host date content-type digest content-length",signature="v'
    "Sdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUH"
    'Fv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="'
)


@pytest.fixture(scope="module")
def key() -> PublicKey:
    """The published key of 1,024 bits, believed by nobody but these tests."""
    parsed = load_pem_public_key(_PEM.encode())
    assert isinstance(parsed, RSAPublicKey)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fedcop.activitypub.signatures.keys.check_strength", lambda _: None)
        return PublicKey("Test", "Test", parsed)


def _signed(header: str) -> HttpRequest:
    return replace(_REQUEST, headers=(*_REQUEST.headers, ("signature", header)))


@pytest.mark.parametrize("header", [_DEFAULT, _BASIC, _ALL_HEADERS])
def test_the_signing_string_is_the_published_one(header: str, key: PublicKey) -> None:
    request = _signed(header)
    signature = cavage.read(request)
    text = cavage._signing_string(request, signature, request.target)
    assert key.verifies(signature.signature, text)
    assert not key.verifies(signature.signature, text + b" ")


def test_all_headers_is_accepted(key: PublicKey) -> None:
    request = _signed(_ALL_HEADERS)
    cavage.verify(request, cavage.read(request), key, _NOW)
    assert digest.digest(request.body) == request.one("digest")
    for other in (
        replace(request, body=b'{"hello": "World"}'),
        replace(request, target="/foo?param=value&pet=cat"),
        replace(request, authority="example.org"),
    ):
        with pytest.raises(Unproved):
            cavage.verify(other, cavage.read(other), key, _NOW)


@pytest.mark.parametrize(
    ("header", "words"),
    [(_DEFAULT, r"Sign \(request-target\) and host"), (_BASIC, "Sign the Digest of the body")],
)
def test_default_and_basic_leave_too_much_open(header: str, words: str, key: PublicKey) -> None:
    request = _signed(header)
    with pytest.raises(Unproved, match=words):
        cavage.verify(request, cavage.read(request), key, _NOW)


def test_the_key_itself_is_too_weak_for_us() -> None:
    with pytest.raises(Malformed, match="2,048 to 8,192 bits"):
        PublicKey.from_pem("Test", "Test", _PEM)
