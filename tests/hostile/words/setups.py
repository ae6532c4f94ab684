"""Setups in words: what is stored, who follows whom, which keys stand, before a case is played."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from fedcop.domain.communities.models import Membership, Role, Standing
from fedcop.domain.posts.feature import lock
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.vote import vote
from fedcop.outbox.policing import allow, forget, limit_to_partners
from fedcop.work.unit_of_work import UnitOfWork
from tests.hostile.hosts import page
from tests.hostile.keyring import pem
from tests.hostile.paths import NotApplicable
from tests.hostile.people import HOSTS, REMOTE, base, document_of, note
from tests.hostile.words.table import Laying, lays
from tests.hostile.world import local

_USUAL = {"P": "alice", "E": "mallory", "V": "victor", "B": "bert"}


@lays(r"\{\{(\w)\}\}/q/\d+ stored")
async def poll(laying: Laying, letter: str) -> None:
    raise NotApplicable("polls")


@lays(r"\{\{(\w)\}\}(/n/\S+?)(?: by (\w+))? (?:is already )?stored", recipe=True)
async def stored(laying: Laying, letter: str, path: str, author: str | None) -> None:
    """A post is known here: as its host serves it, in the community that the signer speaks for."""
    name = author or next((one for one in REMOTE if path.startswith(f"/n/{one}")), _USUAL[letter])
    uri = base(letter) + path
    speaks = {str((step.sign or {}).get("key")) for step in laying.case.steps}
    place = REMOTE["rgroup"].uri if "rgroup" in speaks else local("/c/public")
    known = laying.pages.get(uri) or note(
        uri, REMOTE[name].uri, place, "<p>Said by its author.</p>"
    )
    laying.stage.hosts.pages.setdefault(uri, page(known))
    await remember_post(laying, known, place)


async def remember_post(laying: Laying, known: Mapping[str, Any], place: str) -> None:
    """Have a remote post; once is enough."""
    if known.get("type") not in {"Note", "Article", "Page"}:
        return
    async with laying.stage.hand() as hand:
        author = str(known["attributedTo"])
        if author == REMOTE["mallory"].uri:
            await hand.meet("mallory")
        await hand.store(dict(known), place)


@lays(r"\{\{(\w)\}\}(/n/\S+) private")
async def not_public(laying: Laying, letter: str, path: str) -> None:
    """The post is for its author's followers; its host serves it to whoever asks, at the worst."""
    author = REMOTE[_USUAL[letter]].uri
    uri = base(letter) + path
    known = note(uri, author, f"{author}/followers", "<p>PRIVBODY</p>", to=[f"{author}/followers"])
    known.pop("audience")
    laying.stage.hosts.pages[uri] = page(known)


@lays(r"alice already rotated to key B", fresh=True)
async def rotated(laying: Laying) -> None:
    document = document_of("alice")
    document["publicKey"]["publicKeyPem"] = pem("alice_key_B")
    laying.stage.hosts.pages[REMOTE["alice"].uri] = page(document)
    async with laying.stage.hand() as hand:
        await hand.meet("alice", document=document)


@lays(r"alice serves publicKey as an array of two", fresh=True)
async def two_keys(laying: Laying) -> None:
    document = document_of("alice")
    uri = document["id"]
    second = {"id": f"{uri}#key2", "owner": uri, "publicKeyPem": pem("alice_key_2")}
    document["publicKey"] = [document["publicKey"], second]
    laying.stage.hosts.pages[uri] = page(document)


@lays(r"(\w+) -> (\w+) (pending|accepted)")
async def follows(laying: Laying, who: str, whom: str, standing: str) -> None:
    if whom == "private":
        raise NotApplicable("private communities")

    def act(uow: UnitOfWork) -> None:
        place, actor = hand.actor(uow, REMOTE[whom].uri), hand.actor(uow, local(f"/u/{who}"))
        membership = uow.session.get_one(Membership, (place.id, actor.id))
        pending = standing == "pending"
        membership.standing = Standing.ASKED if pending else Standing.ACTIVE

    async with laying.stage.hand() as hand:
        await hand.act(act)


@lays(r"(\w+) liked POST1")
async def liked(laying: Laying, who: str) -> None:
    def act(uow: UnitOfWork) -> None:
        actor = hand.actor(uow, REMOTE[who].uri)
        post = _first_post(uow, laying)
        vote(uow, post, actor, 1, f"{base(REMOTE[who].letter)}/likes/1")

    async with laying.stage.hand() as hand:
        await hand.act(act)


@lays(r"POST1 locked")
async def locked(laying: Laying) -> None:
    async with laying.stage.hand() as hand:
        await hand.act(
            lambda uow: lock(
                uow, _first_post(uow, laying), hand.actor(uow, local("/u/mona")), "Enough."
            )
        )


@lays(r"public group requires membership to post")
async def members_write(laying: Laying) -> None:
    """As near as the product comes to it: the stewards decide who writes."""

    def act(uow: UnitOfWork) -> None:
        hand.place(uow, local("/c/public")).approval = True

    async with laying.stage.hand() as hand:
        await hand.act(act)


@lays(r"(\w+) removed$", recipe=False)
async def dismissed(laying: Laying, who: str) -> None:
    if who == "block":
        return

    def act(uow: UnitOfWork) -> None:
        place, actor = hand.actor(uow, local("/c/public")), hand.actor(uow, REMOTE[who].uri)
        uow.session.get_one(Membership, (place.id, actor.id)).role = Role.MEMBER

    async with laying.stage.hand() as hand:
        await hand.act(act)


@lays(r"block removed", fresh=True)
async def unblocked(laying: Laying) -> None:
    async with laying.stage.hand() as hand:
        await hand.act(lambda uow: forget(uow, HOSTS["B"]))


@lays(r"allow-list mode", fresh=True)
async def partners_only(laying: Laying) -> None:
    """With the honest peer on the list, as all such cases have it."""

    def act(uow: UnitOfWork) -> None:
        limit_to_partners(uow, on=True)
        allow(uow, HOSTS["P"])

    async with laying.stage.hand() as hand:
        await hand.act(act)


@lays(r"([\d,]+) hashtags, ([\d,]+) attachments", recipe=True)
async def flood_of_tags(laying: Laying, tags: str, attachments: str) -> None:
    def fill(body: Any) -> Any:
        filled = json.loads(json.dumps(body))
        thing = filled["object"]
        count = int(tags.replace(",", ""))
        thing["tag"] = [{"type": "Hashtag", "name": f"#t{i}"} for i in range(count)]
        one = thing["attachment"][0]
        count = int(attachments.replace(",", ""))
        thing["attachment"] = [one | {"url": f"{base('P')}/m/{i}"} for i in range(count)]
        return filled

    laying.bodies.append(fill)


@lays(r"to shared inbox, group inbox and inside (\w+)'s Announce", recipe=True)
async def three_ways(laying: Laying, group: str) -> None:
    laying.inboxes += [local("/inbox"), local("/c/public/inbox"), local("/u/lara/inbox")]
    laying.wrapped_by = group


@lays(r"\d+ req/s for \d+ s, (\w+) 1 req/s", recipe=True, slow=True, fresh=True)
async def beside(laying: Laying, who: str) -> None:
    laying.beside = who


def _first_post(uow: UnitOfWork, laying: Laying) -> Post:
    uri = laying.stage.world.uris["public"]
    return uow.session.scalars(select(Post).where(Post.uri == uri)).one()
