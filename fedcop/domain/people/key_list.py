"""The public keys of an actor, as an admin compares them with what another server shows."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.domain.people.models import Actor, Key
from fedcop.domain.people.remote import public_key
from fedcop.errors import FedcopError
from fedcop.ids import minted_at


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key: its id, what it is, its fingerprint, and since when it is here."""

    id: str
    algorithm: str
    fingerprint: str
    since: datetime
    ours: bool
    """Whether we hold the private half."""


def keys_of(session: Session, actor: Actor) -> Sequence[KeyLine]:
    """The keys that this actor's document lists, oldest first."""
    rows = session.scalars(select(Key).where(Key.actor_id == actor.id).order_by(Key.id))
    return [
        KeyLine(
            id=row.uri,
            algorithm=row.algorithm,
            fingerprint=_fingerprint(row, actor.uri),
            since=row.fetched_at or minted_at(row.id),
            ours=row.private_sealed is not None,
        )
        for row in rows
    ]


def _fingerprint(row: Key, owner: str) -> str:
    """SHA-256 of the key in SPKI DER, in hex; of a key that cannot be read, nothing."""
    try:
        key: PublicKey = public_key(row, owner)
    except FedcopError:
        return ""
    inside = "".join(key.pem.split("-----")[2].split())
    return hashlib.sha256(base64.b64decode(inside)).hexdigest()
