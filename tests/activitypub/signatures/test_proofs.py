"""Integrity proofs: the published ones hold, fall with every change, and survive announcers."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import multibase, proofs
from fedcop.activitypub.signatures.keys import PrivateKey, PublicKey
from fedcop.errors import Malformed, Unproved

_CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
_MULTIKEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
_PUBLISHED = ["eddsa-jcs-2022", "fep-8b32", "fep-c390"]

Document = dict[str, Any]


def _published(shared: Path, name: str) -> Document:
    if name == "eddsa-jcs-2022":
        return json.loads((shared / "vectors/eddsa-jcs-2022/signedJCS.json").read_text())
    if name == "fep-8b32":
        return json.loads((shared / "vectors/fep-8b32/vectors.json").read_text())["docs"][1]
    text = (shared / "vectors/fep-c390/fep-c390.feature").read_text()
    return json.loads(text.split('"""')[3])


def _key_of(document: Document) -> PublicKey:
    return PublicKey.from_multibase(proofs.method_of(document) or "", "owner", _MULTIKEY)


def _secret(shared: Path, id: str) -> PrivateKey:
    vectors = json.loads((shared / "vectors/fep-8b32/vectors.json").read_text())
    secret = multibase.decode(vectors["secret_multibase"])
    return PrivateKey(id, "owner", Ed25519PrivateKey.from_private_bytes(secret[2:]))


def _paths(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, containers included."""
    if path:
        yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _paths(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _paths(value, (*path, index))


def _at(document: Document, path: tuple[Any, ...]) -> Any:
    node: Any = document
    for step in path:
        node = node[step]
    return node


# what is published


@pytest.mark.parametrize("name", _PUBLISHED)
def test_published_proofs_hold(name: str, shared: Path) -> None:
    document = _published(shared, name)
    proofs.verify(document, _key_of(document))


@pytest.mark.parametrize("name", _PUBLISHED)
def test_published_proofs_fall_with_every_change(name: str, shared: Path) -> None:
    document = _published(shared, name)
    key = _key_of(document)
    paths = list(_paths(document))
    assert len(paths) > 8
    for path in paths:
        changed = deepcopy(document)
        _at(changed, path[:-1])[path[-1]] = "tampered"
        with pytest.raises(Unproved):
            proofs.verify(changed, key)
        if path == ("@context",):
            continue  # what is taken away is restored from the proof
        removed = deepcopy(document)
        del _at(removed, path[:-1])[path[-1]]
        with pytest.raises(Unproved):
            proofs.verify(removed, key)
    for more in ({"extra": 1}, {"@context": "https://evil.example/"} if name == "fep-c390" else {}):
        if more:
            with pytest.raises(Unproved):
                proofs.verify(document | more, key)


def test_signs_what_is_published(shared: Path) -> None:
    signed = _published(shared, "fep-8b32")
    unsigned = {name: value for name, value in signed.items() if name != "proof"}
    key = _secret(shared, "https://server.example/users/alice#ed25519-key")
    assert proofs.sign(unsigned, key, _CREATED) == signed
    assert proofs.sign(signed, key, _CREATED) == signed


def test_signs_what_the_cryptosuite_publishes(shared: Path) -> None:
    folder = shared / "vectors/eddsa-jcs-2022"
    signed = _published(shared, "eddsa-jcs-2022")
    key = _secret(shared, signed["proof"]["verificationMethod"])
    unsigned = json.loads((folder / "unsigned.json").read_text())
    assert proofs.sign(unsigned, key, _CREATED) == signed
    assert rfc8785.dumps(unsigned).decode() == (folder / "canonDocJCS.txt").read_text()


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_canonical_json(name: str, shared: Path) -> None:
    folder = shared / "vectors/jcs"
    given_json = json.loads((folder / f"input/{name}.json").read_text())
    assert rfc8785.dumps(given_json) == (folder / f"output/{name}.json").read_bytes().rstrip(b"\n")
    wanted = bytes.fromhex((folder / f"outhex/{name}.txt").read_text())
    assert rfc8785.dumps(given_json) == wanted


# our own


_NOTE: Document = {
    "@context": ["https://www.w3.org/ns/activitystreams"],
    "id": "https://a.example/activity/1",
    "type": "Create",
    "actor": "https://a.example/u/alice",
    "object": {"type": "Note", "content": "Grüße"},
}


def test_round_trip(ed25519: PrivateKey) -> None:
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    assert "proof" not in _NOTE
    assert signed["proof"]["@context"] == _NOTE["@context"]
    assert signed["proof"]["created"] == "2023-02-24T23:36:38Z"
    assert proofs.method_of(signed) == ed25519.id
    proofs.verify(json.loads(json.dumps(signed)), ed25519.public)


def test_survives_an_announcer_that_deletes_the_context(ed25519: PrivateKey) -> None:
    """Mbin and PieFed send inner activities without `@context`."""
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    inner = {name: value for name, value in signed.items() if name != "@context"}
    proofs.verify(inner, ed25519.public)
    assert proofs.restored(inner) == signed
    assert "@context" not in inner


@pytest.mark.parametrize(
    "context",
    [
        [],
        None,
        "https://www.w3.org/ns/activitystreams",
        ["https://www.w3.org/ns/activitystreams", {"content": "https://evil.example/ns#x"}],
    ],
)
def test_another_context_falls(context: object, ed25519: PrivateKey) -> None:
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    assert proofs.restored(signed | {"@context": context})["@context"] == context
    with pytest.raises(Unproved):
        proofs.verify(signed | {"@context": context}, ed25519.public)


def test_without_any_context(ed25519: PrivateKey) -> None:
    bare = {name: value for name, value in _NOTE.items() if name != "@context"}
    signed = proofs.sign(bare, ed25519, _CREATED)
    assert "@context" not in signed["proof"]
    assert proofs.restored(signed) == signed
    proofs.verify(signed, ed25519.public)
    with pytest.raises(Unproved):
        proofs.verify(signed | {"@context": _NOTE["@context"]}, ed25519.public)


def _expiring(ed25519: PrivateKey, expires: str | None) -> Document:
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    options = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    options["expires"] = expires
    value = ed25519.sign(proofs._hash(_NOTE, options))
    signed["proof"] = {**options, "proofValue": multibase.encode(value)}
    return signed


@pytest.mark.parametrize(
    ("expires", "stands"),
    [
        ("2026-08-22T10:00:01Z", True),
        ("2026-08-22T10:00:00Z", False),
        ("2026-08-22T12:00:01+01:00", True),
        ("2026-08-22T10:00:01", False),
        ("never", False),
        (None, False),
    ],
)
def test_expiry(expires: str | None, stands: bool, ed25519: PrivateKey, now: datetime) -> None:
    signed = _expiring(ed25519, expires)
    if stands:
        proofs.verify(signed, ed25519.public, now)
    else:
        with pytest.raises(Unproved):
            proofs.verify(signed, ed25519.public, now)


def test_expiry_by_the_clock(ed25519: PrivateKey) -> None:
    for expires, stands in (("2023-02-24T23:36:39Z", False), ("9999-01-01T00:00:00Z", True)):
        document = _expiring(ed25519, expires)
        if stands:
            proofs.verify(document, ed25519.public)
        else:
            with pytest.raises(Unproved, match="expired"):
                proofs.verify(document, ed25519.public)


@pytest.mark.parametrize(
    "proof",
    [
        None,
        "proof",
        [],
        [{"type": "DataIntegrityProof"}],
        {},
        {"type": "RsaSignature2017"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"proofPurpose": "authentication"},
        {"verificationMethod": ["a"]},
        {"verificationMethod": None},
    ],
)
def test_what_is_no_proof(proof: object, ed25519: PrivateKey) -> None:
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    changed = signed["proof"] | proof if isinstance(proof, dict) and proof else proof
    document = signed | {"proof": changed}
    assert proofs.method_of(document) is None
    with pytest.raises(Unproved):
        proofs.verify(document, ed25519.public)
    assert proofs.method_of(_NOTE) is None


def test_the_key_must_be_the_one_that_is_named(ed25519: PrivateKey, rsa: PrivateKey) -> None:
    signed = proofs.sign(_NOTE, ed25519, _CREATED)
    with pytest.raises(Unproved, match="names this key"):
        proofs.verify(signed, PublicKey("https://b.example/#k", "o", ed25519.public.key))
    with pytest.raises(Unproved, match="Ed25519"):
        proofs.verify(signed, PublicKey(ed25519.id, "o", rsa.public.key))
    with pytest.raises(Malformed, match="Ed25519"):
        proofs.sign(_NOTE, rsa, _CREATED)


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800"])
def test_values_that_jcs_cannot_write(value: object, ed25519: PrivateKey) -> None:
    with pytest.raises(Malformed):
        proofs.sign(_NOTE | {"x": value}, ed25519, _CREATED)
    with pytest.raises(Unproved):
        proofs.verify(proofs.sign(_NOTE, ed25519, _CREATED) | {"x": value}, ed25519.public)


def test_depth_beyond_recursion(ed25519: PrivateKey) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unproved):
        proofs.verify(proofs.sign(_NOTE, ed25519, _CREATED) | {"x": deep}, ed25519.public)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), st.text())
@settings(derandomize=True, deadline=None)
def test_no_proof_breaks_the_reader(more: dict[str, Any], value: str) -> None:
    key = PublicKey.from_multibase("k", "o", _MULTIKEY)
    kind = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": "k",
    }
    for text in (value, "z" + value):
        with pytest.raises(Unproved):
            proofs.verify({"a": 1, "proof": {**more, **kind, "proofValue": text}}, key)
