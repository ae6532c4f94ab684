"""HTTP message signatures: the published vectors of RFC 9421 appendix B.2."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fedcop.activitypub.signatures import components, rfc9421
from fedcop.activitypub.signatures.components import Component
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Unproved


def _message(text: str) -> HttpRequest:
    head, _, body = text.partition("\n\n")
    start, *lines = head.split("\n")
    method, target, _ = start.split(" ")
    headers = tuple((line.split(": ", 1)[0].lower(), line.split(": ", 1)[1]) for line in lines)
    return HttpRequest(method, target, "https", "example.com", headers, body.strip("\n").encode())


def _holds(case: Mapping[str, Any], keys: Mapping[str, list[str]], text: bytes, sig: bytes) -> bool:
    secret = keys[case["key"]][0]
    if case["alg"] == "hmac-sha256":
        code = hmac.HMAC(b64decode(secret), hashes.SHA256())
        code.update(text)
        return code.finalize() == sig
    key = load_pem_public_key(secret.encode())
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(sig, text)
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
            key.verify(sig, text, pss, hashes.SHA512())
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)
            half = len(sig) // 2
            der = utils.encode_dss_signature(int.from_bytes(sig[:half]), int.from_bytes(sig[half:]))
            key.verify(der, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("id", ["b21", "b22", "b23", "b24", "b25", "b26"])
def test_published_signatures(id: str, shared: Path) -> None:
    """Our signature base is the published one, holds, and falls with each byte of each line."""
    vectors = json.loads((shared / "vectors/rfc9421/vectors.json").read_text())
    case = next(case for case in vectors["cases"] if case["id"] == f"sig-{id}")
    response = case["message"] == "test-response"
    request = _message(vectors["messages"]["test-request"])
    request = replace(
        request,
        headers=(
            *request.headers,
            ("signature-input", f"sig={case['signature_input']}"),
            ("signature", f"sig=:{case['signature']}:"),
        ),
    )
    read = rfc9421.read(request)
    published: dict[str, str] = dict(
        line.split(": ", 1) for line in case["signature_base"].split("\n")
    )

    def of_response(part: Component) -> str:
        return published[part.identifier]

    value_of = of_response if response else components.values_of(request)
    text = components.base(read.covered, read.parameters, value_of)
    assert text.decode() == case["signature_base"]
    assert (read.key_id, read.created) == (case["key"], 1618884473)
    assert _holds(case, vectors["keys"], text, read.signature)

    lines = case["signature_base"].split("\n")
    for index, line in enumerate(lines):
        tampered = "\n".join([*lines[:index], line + "x", *lines[index + 1 :]])
        assert not _holds(case, vectors["keys"], tampered.encode(), read.signature)
    assert not _holds(case, vectors["keys"], text, bytes(len(read.signature)))


def test_the_published_ed25519_signature_falls_with_the_request(shared: Path) -> None:
    """sig-b26 again, each covered part changed in the request itself."""
    vectors = json.loads((shared / "vectors/rfc9421/vectors.json").read_text())
    case = vectors["cases"][-1]
    request = _message(vectors["messages"]["test-request"])
    headers = dict(request.headers)
    headers["signature-input"] = f"sig={case['signature_input']}"
    headers["signature"] = f"sig=:{case['signature']}:"
    request = replace(request, headers=tuple(headers.items()))
    read = rfc9421.read(request)

    def holds(changed: HttpRequest) -> bool:
        text = components.base(read.covered, read.parameters, components.values_of(changed))
        return _holds(case, vectors["keys"], text, read.signature)

    assert holds(request)
    assert not holds(replace(request, method="PUT"))
    assert not holds(replace(request, target="/bar?param=Value&Pet=dog"))
    assert not holds(replace(request, authority="example.org"))
    for name in ("date", "content-type", "content-length"):
        assert not holds(replace(request, headers=tuple((headers | {name: "x"}).items())))
    with pytest.raises(Unproved):  # true, but it leaves body and query open
        rfc9421.verify(
            request,
            read,
            PrivateKey("test-key-ed25519", "o", ed25519.Ed25519PrivateKey.generate()).public,
            datetime.fromisoformat("2021-04-20T02:08:00Z"),
        )
