"""A local person, or the server itself, as other servers read them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.write import ACTOR_CONTEXT, timestamp
from fedcop.domain.people.models import Actor, Key
from fedcop.ids import minted_at
from fedcop.text.markdown import render
from fedcop.uris import Uris

ALGORITHM_RSA = "rsa"


def actor_document(session: Session, actor: Actor, uris: Uris) -> dict[str, Any]:
    """The ActivityPub document of a local actor: Person, or Application for the server.

    `publicKey` is one object and never an array (NodeBB and PieFed read it so); the Ed25519 key
    stands in `assertionMethod` (FEP-521a).
    """
    document = {
        "@context": ACTOR_CONTEXT,
        "id": actor.uri,
        "type": actor.type,
        "preferredUsername": actor.name,
        "webfinger": f"{actor.name}@{uris.host}",
        "name": actor.title,
        "summary": render(actor.summary_source or ""),
        "url": actor.url or actor.uri,
        "inbox": actor.inbox_uri,
        "outbox": actor.outbox_uri,
        "followers": actor.followers_uri,
        "following": f"{actor.uri.rstrip('/')}/following",
        "endpoints": {"sharedInbox": uris.shared_inbox},
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "published": timestamp(minted_at(actor.id)),
    }
    return document | published_keys(session, actor)


def published_keys(session: Session, actor: Actor) -> dict[str, Any]:
    """The members of an actor document that carry its public keys."""
    keys = session.scalars(select(Key).where(Key.actor_id == actor.id)).all()
    members: dict[str, Any] = {}
    for key in keys:
        if key.algorithm == ALGORITHM_RSA:
            members["publicKey"] = {
                "id": key.uri,
                "owner": actor.uri,
                "publicKeyPem": key.public,
            }
        else:
            members["assertionMethod"] = [
                {
                    "id": key.uri,
                    "type": "Multikey",
                    "controller": actor.uri,
                    "publicKeyMultibase": key.public,
                }
            ]
    return members
