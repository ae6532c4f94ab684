"""Key pairs of local actors: made off the loop, sealed in the database, kept as objects in use."""

import base64
import hashlib
from dataclasses import dataclass

from cachetools import LRUCache
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures.keys import PrivateKey, generate_ed25519, generate_rsa
from fedcop.domain.people.models import Actor, Key
from fedcop.errors import FedcopError, NotFound
from fedcop.work.unit_of_work import UnitOfWork


class WrongSecret(FedcopError):
    """The secret key of the settings is not the one with which the database was made."""


class Sealer:
    """Seals private keys for the database with the server's secret (any non-empty text)."""

    def __init__(self, secret: str) -> None:
        digest = hashlib.sha256(secret.encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(digest))

    def seal(self, pem: str) -> bytes:
        return self._box.encrypt(pem.encode())

    def unseal(self, sealed: bytes) -> str:
        """The PEM again; raises WrongSecret."""
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken as error:
            raise WrongSecret(
                "The keys in this database were sealed with another secret. Put back the "
                "secret.key file (or FEDCOP_SECRET_KEY) that belongs to it."
            ) from error


@dataclass(frozen=True, slots=True)
class FreshKeys:
    """A new RSA and a new Ed25519 pair: public as published (PEM, multibase), private sealed."""

    rsa_public: str
    rsa_sealed: bytes
    ed25519_public: str
    ed25519_sealed: bytes


def generate(sealer: Sealer) -> FreshKeys:
    """Make the keys of one actor. Takes some 40 ms: call it off the event loop."""
    rsa, ed25519 = generate_rsa(), generate_ed25519()
    return FreshKeys(
        rsa_public=PrivateKey.from_pem("", "", rsa, trusted=True).public.pem,
        rsa_sealed=sealer.seal(rsa),
        ed25519_public=PrivateKey.from_pem("", "", ed25519, trusted=True).public.multibase,
        ed25519_sealed=sealer.seal(ed25519),
    )


def give_keys(uow: UnitOfWork, actor: Actor, fresh: FreshKeys) -> None:
    """Write down the two keys of a new local actor."""
    for algorithm, fragment, public, sealed in (
        ("rsa", "main-key", fresh.rsa_public, fresh.rsa_sealed),
        ("ed25519", "ed25519-key", fresh.ed25519_public, fresh.ed25519_sealed),
    ):
        key = Key(
            uri=f"{actor.uri}#{fragment}",
            actor_id=actor.id,
            algorithm=algorithm,
            public=public,
            private_sealed=sealed,
        )
        uow.add(key)


class KeyRing:
    """Private keys as objects: loading one costs a hundred times what signing with it does."""

    def __init__(self, sealer: Sealer, size: int = 10_000) -> None:
        self.sealer = sealer
        self._keys: LRUCache[tuple[int, str], PrivateKey] = LRUCache(size)

    def cached(self, actor_id: int, algorithm: str = "rsa") -> PrivateKey | None:
        """The key if it is loaded already."""
        return self._keys.get((actor_id, algorithm))

    def load(self, session: Session, actor_id: int, algorithm: str = "rsa") -> PrivateKey:
        """The private key of a local actor; raises NotFound if it has none."""
        key = self.cached(actor_id, algorithm)
        if key is None:
            query = select(Key, Actor.uri).join(Actor, Actor.id == Key.actor_id)
            row = session.execute(
                query.where(
                    Key.actor_id == actor_id,
                    Key.algorithm == algorithm,
                    Key.private_sealed.is_not(None),
                )
            ).first()
            if row is None:
                raise NotFound(f"There is no {algorithm} key for actor {actor_id}.")
            stored, owner = row
            pem = self.sealer.unseal(stored.private_sealed or b"")
            key = PrivateKey.from_pem(stored.uri, owner, pem, trusted=True)
            self._keys[actor_id, algorithm] = key
        return key
