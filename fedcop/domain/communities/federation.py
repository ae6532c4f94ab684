"""A community as a Group: ours as other servers read it, theirs as we keep it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab import actors as vocab
from fedcop.activitypub.vocab.write import ACTOR_CONTEXT, timestamp
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.people.facts import ActorDescribed
from fedcop.domain.people.federation import published_keys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_uris
from fedcop.domain.people.remote import remember_person
from fedcop.domain.site.models import Text
from fedcop.domain.site.wordings import current
from fedcop.text.markdown import render
from fedcop.text.plain import excerpt
from fedcop.text.sanitize import clean
from fedcop.uris import Uris
from fedcop.work.unit_of_work import UnitOfWork


def group_document(
    session: Session, community: Community, actor: Actor, uris: Uris
) -> dict[str, Any]:
    """The Group document of a local community: the superset that every peer parses.

    `attributedTo` and `moderators` both name the moderators collection (Lemmy reads the one,
    PieFed the other); `manuallyApprovesFollowers` stays false, since Lemmy takes true for private.
    A closed one says so in `summary` and restricts posting, which is all that peers can read of it.
    """
    said = in_words(session, community, actor)
    document = {
        "@context": ACTOR_CONTEXT,
        "id": actor.uri,
        "type": "Group",
        "preferredUsername": actor.name,
        "webfinger": f"{actor.name}@{uris.host}",
        "name": actor.title,
        "summary": render(said),
        "source": {"content": said, "mediaType": "text/markdown"},
        "mediaType": "text/html",
        "url": actor.uri,
        "inbox": actor.inbox_uri,
        "outbox": actor.outbox_uri,
        "followers": actor.followers_uri,
        "featured": f"{actor.uri}/featured",
        "attributedTo": f"{actor.uri}/moderators",
        "moderators": f"{actor.uri}/moderators",
        "endpoints": {"sharedInbox": uris.shared_inbox},
        "postingRestrictedToMods": community.stewards_only or community.closed_at is not None,
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "sensitive": False,
        "published": timestamp(community.founded_at),
    }
    return document | published_keys(session, actor)


def in_words(session: Session, community: Community, actor: Actor) -> str:
    """The description of a community, for peers that show nothing else of it, in Markdown.

    Closed: why, and where it goes on; then purpose and charter; then who may write, and where its
    guidelines are (only their address: Mastodon shows a description whole, above every post).
    """
    parts = [actor.summary_source or ""]
    if community.closed_at is not None:
        parts.insert(0, f"**This community is closed.** {community.closing_notice}".strip())
    elif community.approval:
        parts.append("Everybody may read and follow. Its stewards decide who may write.")
    guidelines = current(session, community.actor_id, Text.GUIDELINES)
    if guidelines is not None and guidelines.source:
        parts.append(f"Guidelines: {actor.uri}/rules")
    return "\n\n".join(filter(None, parts))


def remember_actor(uow: UnitOfWork, wire: vocab.Actor) -> Actor:
    """Insert or refresh any remote actor from its own document; a Group with its community row.

    Raises as `people.remote.remember_person` does.
    """
    actor = remember_person(uow, wire)
    uow.emit(ActorDescribed(actor.id))
    if actor.type != "Group":
        return actor
    community = uow.look_up(Community, actor.id)
    if community is None:
        community = Community(actor_id=actor.id, local=False, founded_at=wire.published or uow.now)
        uow.add(community)
        uow.remember(actor.id, community)
    community.charter_html = clean(wire.summary or "")
    community.purpose = excerpt(community.charter_html.partition("</p>")[0], 300)
    community.stewards_only = wire.posting_restricted_to_mods
    return actor


def set_stewards(uow: UnitOfWork, community: Community, uris: Collection[str]) -> None:
    """Make the known ones among these the stewards of a remote community, and nobody else.

    Somebody of ours who does not belong to it is left out, until its server has let them in.
    """
    if community.local:
        return
    named = by_uris(uow.session, uris)
    wanted = {actor.id for actor in named}
    afar = {actor.id for actor in named if not actor.is_local}
    query = select(Membership).where(Membership.community_id == community.actor_id)
    standing = {m.actor_id: m for m in uow.session.scalars(query)}
    for actor_id, membership in standing.items():
        membership.role = Role.STEWARD if actor_id in wanted else Role.MEMBER
    for actor_id in afar - standing.keys():
        uow.add(
            Membership(
                community_id=community.actor_id,
                actor_id=actor_id,
                role=Role.STEWARD,
                standing=Standing.ACTIVE,
                joined_at=uow.now,
            )
        )
