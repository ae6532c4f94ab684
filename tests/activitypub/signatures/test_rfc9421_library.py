"""RFC 9421 against another implementation: what we sign it accepts, what it signs we accept."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from http_message_signatures import algorithms
from http_message_signatures.exceptions import InvalidSignature
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner, HTTPMessageVerifier

from fedcop.activitypub.signatures import rfc9421
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest

_URL = "https://cop.example/inbox?a=1"
_BODY = b'{"type": "Create"}'
_ALGORITHMS = {
    "rsa": algorithms.RSA_V1_5_SHA256,  # pyright: ignore[reportPrivateImportUsage]
    "ed25519": algorithms.ED25519,  # pyright: ignore[reportPrivateImportUsage]
}
_COVERED = [
    ("@method", "@target-uri"),
    ("@method", "@authority", "@path", "@query", "@scheme"),
    ("@method", "@target-uri", "@authority", "host", "date", '"@query-param";name="a"'),
]


def _keys(key: PrivateKey) -> MappingKeyResolver:
    return MappingKeyResolver(public_keys={key.id: key.public.key}, private_keys={key.id: key.key})


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
def test_the_library_accepts_ours(name: str, request: pytest.FixtureRequest) -> None:
    key: PrivateKey = request.getfixturevalue(name)
    headers = rfc9421.sign("POST", _URL, _BODY, key, datetime.now(UTC))
    verifier = HTTPMessageVerifier(
        signature_algorithm=_ALGORITHMS[key.algorithm], key_resolver=_keys(key)
    )
    results = verifier.verify(SimpleNamespace(method="POST", url=_URL, headers=headers), body=_BODY)
    assert results[0].body == _BODY
    assert results[0].parameters["keyid"] == key.id
    with pytest.raises(InvalidSignature):
        verifier.verify(SimpleNamespace(method="PUT", url=_URL, headers=headers), body=_BODY)


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
@pytest.mark.parametrize("covered", _COVERED)
def test_we_accept_the_library(
    name: str, covered: tuple[str, ...], request: pytest.FixtureRequest, now: datetime
) -> None:
    key: PrivateKey = request.getfixturevalue(name)
    headers = {"host": "cop.example", "date": "Sat, 22 Aug 2026 09:59:58 GMT"}
    HTTPMessageSigner(signature_algorithm=_ALGORITHMS[key.algorithm], key_resolver=_keys(key)).sign(
        SimpleNamespace(method="POST", url=_URL, headers=headers),
        key_id=key.id,
        created=now,
        covered_component_ids=covered,
        body=_BODY,
    )
    lower = tuple((header.lower(), value) for header, value in headers.items())
    sent = HttpRequest("POST", "/inbox?a=1", "https", "cop.example", lower, _BODY)
    rfc9421.verify(sent, rfc9421.read(sent), key.public, now)
