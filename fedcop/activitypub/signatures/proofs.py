"""Integrity proofs inside documents: FEP-8b32 with the cryptosuite `eddsa-jcs-2022`.

A proof travels with the document, so that it holds wherever the document was relayed.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import rfc8785

from fedcop.activitypub.signatures import multibase
from fedcop.activitypub.signatures.keys import PrivateKey, PublicKey
from fedcop.errors import Malformed, Unproved

_CONTEXT = "@context"
_KIND = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
}


def sign(document: Mapping[str, Any], key: PrivateKey, created: datetime) -> dict[str, Any]:
    """A copy of `document` with a fresh `proof` by an Ed25519 key; `created` is aware.

    The document's `@context` is copied into the proof, so that verifiers can restore it. An
    older proof is left out of what is signed, and replaced.

    Raises:
        Malformed: the key is not Ed25519, or the document has values that JCS (RFC 8785) cannot
            write (an integer beyond 2^53, NaN, half a surrogate pair).
    """
    if key.algorithm != "ed25519":
        raise Malformed("Sign documents with an Ed25519 key.")
    bare = {name: value for name, value in document.items() if name != "proof"}
    options: dict[str, Any] = {
        **({_CONTEXT: bare[_CONTEXT]} if _CONTEXT in bare else {}),
        **_KIND,
        "verificationMethod": key.id,
        "created": f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    signature = key.sign(_hash(bare, options))
    return {**bare, "proof": {**options, "proofValue": multibase.encode(signature)}}


def method_of(document: Mapping[str, Any]) -> str | None:
    """The key id that the document's proof names, untrusted; None without a proof of this suite."""
    proof = _proof(document)
    method = proof.get("verificationMethod") if proof else None
    return method if isinstance(method, str) else None


def restored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it was signed: with the `@context` of its proof, if it lost its own.

    Mbin and PieFed delete the `@context` of what they announce, which the proof covers
    (FEP-8b32 copies it into the proof). A context that is there is never replaced.
    """
    whole = dict(document)
    proof = _proof(document)
    if proof and _CONTEXT in proof and _CONTEXT not in whole:
        whole[_CONTEXT] = proof[_CONTEXT]
    return whole


def verify(document: Mapping[str, Any], key: PublicKey, now: datetime | None = None) -> None:
    """Return if `key` signed this very document.

    Whether the owner of the key is its author is for the caller to compare. Stricter than the
    cryptosuite in one thing: a `@context` that goes beyond that of the proof is refused, because
    terms could be redefined in it. `now` (aware, default: the clock) is for proofs that expire.

    Raises:
        Unproved: no proof of this suite, another key, a changed document, or an expired proof.
    """
    proof = _proof(document)
    if proof is None or proof.get("verificationMethod") != key.id:
        raise Unproved("Add an eddsa-jcs-2022 proof that names this key.")
    if key.algorithm != "ed25519":
        raise Unproved("Make the proof with an Ed25519 key.")
    whole = restored(document)
    if _CONTEXT in proof and proof[_CONTEXT] != whole[_CONTEXT]:
        raise Unproved("Send the document with the @context that its proof covers.")
    _check_expiry(proof, now)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    bare = {name: value for name, value in whole.items() if name != "proof"}
    try:
        signature = multibase.decode(str(proof.get("proofValue")))
        data = _hash(bare, options)
    except Malformed as error:
        raise Unproved(f"Make the proof anew: {error}") from error
    if not key.verifies(signature, data):
        raise Unproved("Make the proof anew: the document is not the one that was signed.")


def _proof(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The proof if it is a single one of this suite. Lists of proofs are not read."""
    proof: object = document.get("proof")
    if not isinstance(proof, dict):
        return None
    found = cast("dict[str, Any]", proof)
    return found if all(found.get(name) == value for name, value in _KIND.items()) else None


def _check_expiry(proof: Mapping[str, Any], now: datetime | None) -> None:
    if "expires" not in proof:
        return
    try:
        expires = datetime.fromisoformat(str(proof["expires"]))
    except ValueError as error:
        raise Unproved("Write the expiry of the proof as an RFC 3339 time.") from error
    if expires.tzinfo is None or expires < (now or datetime.now(UTC)):
        raise Unproved("Make the proof anew: it has expired.")


def _hash(document: dict[str, Any], options: dict[str, Any]) -> bytes:
    try:
        parts = [hashlib.sha256(rfc8785.dumps(part)).digest() for part in (options, document)]
    except (ValueError, RecursionError) as error:
        raise Malformed(f"Send JSON that RFC 8785 can write: {error}.") from error
    return b"".join(parts)
