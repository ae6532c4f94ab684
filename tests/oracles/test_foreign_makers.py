"""What the foreign packages sign is accepted by us, and nothing else."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fedcop.activitypub import json
from fedcop.activitypub.signatures import digest, proofs, scheme
from fedcop.activitypub.signatures.freshness import http_date
from fedcop.activitypub.signatures.keys import PrivateKey, generate_ed25519, generate_rsa
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Unproved

ALICE = "https://peer.test/u/alice"
RSA_PEM, ED25519_PEM = generate_rsa(), generate_ed25519()
RSA = PrivateKey.from_pem(f"{ALICE}#main-key", ALICE, RSA_PEM, trusted=True)
ED25519 = PrivateKey.from_pem(f"{ALICE}#ed25519-key", ALICE, ED25519_PEM, trusted=True)

TARGETS = ("/inbox", "/c/gardeners/inbox", "/post/1?view=all&x=%C3%A9", "/", "/a%20b/~x")
BODIES = (b"{}", '{"content": "Grün, 緑, 🌱"}'.encode(), b" " * 70_000)
NODEBB = ("(request-target)", "host", "date")
ORDERS = (
    NODEBB,
    ("date", "host", "(request-target)"),
    ("(request-target)", "date", "host", "content-type"),
)


def received(target: str, method: str, headers: Mapping[str, str], body: bytes) -> HttpRequest:
    lower = tuple((name.lower(), value) for name, value in headers.items())
    return HttpRequest(method, target, "https", "cop.test", lower, body)


def check(request: HttpRequest) -> None:
    """The request stands as it is, and falls with every change.

    Both packages leave the query out of the `(request-target)` that they sign.
    """
    claim = scheme.claim(request)
    assert claim.key_id == RSA.id
    now = datetime.now(UTC)
    scheme.verify(request, claim, RSA.public, now)
    changed = [replace(request, method="PUT"), replace(request, target=f"/else{request.target}")]
    changed.append(replace(request, authority="else.test"))
    if request.has_body:
        changed.append(replace(request, body=request.body + b" "))
    for other in changed:
        with pytest.raises(Unproved):
            scheme.verify(other, scheme.claim(other), RSA.public, now)


def asked(target: str, method: str, body: bytes) -> dict[str, Any]:
    headers = {"Host": "cop.test", "Date": http_date(datetime.now(UTC))}
    if method == "POST":
        headers["Content-Type"] = "application/activity+json"
    what: dict[str, Any] = {"url": f"https://cop.test{target}", "method": method}
    what |= {"headers": headers, "body": b64encode(body).decode(), "keyId": RSA.id}
    return what | {"pem": RSA_PEM}


SENT = [("POST", target, body) for target in TARGETS for body in BODIES]
SENT += [("GET", target, b"") for target in TARGETS]


@pytest.mark.parametrize("order", ORDERS)
def test_misskeys_and_nodebbs_cavage(oracle, order):
    for method, target, body in SENT:
        include = [*order, "digest"] if method == "POST" else [*order]
        if method == "GET" and "content-type" in include:
            include.remove("content-type")
        made = oracle.ask("misskey sign", **asked(target, method, body), include=include)
        assert "headers" in made, made
        check(received(target, method, made["headers"], body))


def test_misskeys_signature_base_of_rfc_9421(oracle):
    created = int(datetime.now(UTC).timestamp())
    for method, target, body in SENT:
        covered = '"@method" "@target-uri"' + (' "content-digest"' if method == "POST" else "")
        what = asked(target, method, body)
        if method == "POST":
            what["headers"]["Content-Digest"] = digest.content_digest(body)
        parameters = f'({covered});created={created};keyid="{RSA.id}";alg="rsa-v1_5-sha256"'
        made = oracle.ask("misskey sign 9421", **what, input=parameters)
        assert "headers" in made, made
        check(received(target, method, made["headers"], body))


def test_fedifys_cavage(oracle):
    for method, target, body in SENT:
        made = oracle.ask("fedify sign", **asked(target, method, body))
        assert "headers" in made, made
        check(received(target, method, made["headers"], body))


def test_fedifys_proofs(oracle):
    for number, content in enumerate(("Grün", "a < b & c", "😀", "\u2028", "1e21 1.0 -0")):
        document = {
            "@context": ["https://www.w3.org/ns/activitystreams"],
            "id": f"{ALICE}/said/{number}",
            "type": "Create",
            "actor": ALICE,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "object": {
                "type": "Note",
                "id": f"{ALICE}/notes/{number}",
                "attributedTo": ALICE,
                "content": content,
                "published": "2026-08-22T10:00:00Z",
            },
        }
        made = oracle.ask("fedify sign proof", document=document, pem=ED25519_PEM, keyId=ED25519.id)
        assert "document" in made, made
        signed = json.loads(json.dumps(made["document"]))
        assert proofs.method_of(signed) == ED25519.id
        proofs.verify(signed, ED25519.public)
        changed = {**signed, "object": {**signed["object"], "content": "else"}}
        with pytest.raises(Unproved):
            proofs.verify(changed, ED25519.public)
