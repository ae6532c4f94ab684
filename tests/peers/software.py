"""The peers by name: what each of them takes, what it does with it, and how it asks."""

from dataclasses import dataclass, field
from typing import Any, cast

from tests.fediverse import Wires
from tests.peers import forums, lemmy, microblogs
from tests.peers.peer import Peer, Received, Somebody
from tests.peers.strict import PUBLIC, Json, Refused, check, host


class LemmyLike(Peer):
    """Takes what a community announces and what somebody says in its own communities."""

    software, version, agent = "lemmy", "1.0.0", "Lemmy/1.0.0; +https://{host}"
    people = "/u/{name}"

    def __init__(self, wires: Wires, host: str) -> None:
        super().__init__(wires, host)
        self.asked: dict[str, Json] = {}

    def more_of(self, actor: Somebody) -> Json:
        if actor.type != "Group":
            return {}
        return {
            "summary": "<p>A community elsewhere.</p>",
            "attributedTo": f"{actor.uri}/moderators",
            "featured": f"{actor.uri}/featured",
            "postingRestrictedToMods": False,
            "manuallyApprovesFollowers": False,
        }

    async def finds(self, name: str, host: str) -> Json:
        actor = await super().finds(name, host)
        lemmy.group(actor) if actor["type"] == "Group" else lemmy.actor(actor)
        return actor

    async def follows(self, who: Somebody, name: str, host: str) -> tuple[Json, Json]:
        follow, group = await super().follows(who, name, host)
        self.asked[follow["id"]] = follow
        return follow, group

    def judge(self, got: Received) -> None:
        document = got.document
        if document["type"] == "Announce":
            lemmy.announce(document)
        elif document["type"] in ("Accept", "Reject"):
            asked = self.asked.get(document["object"]["id"])
            check(asked, "Accept of what was never asked")
            lemmy.accept(document, asked or {})
        elif document["type"] == "Follow":
            lemmy.follow(document)
        elif document["type"] == "Undo" and document["object"]["type"] == "Follow":
            lemmy.follow(document["object"])
        elif document["type"] == "Update" and document["object"]["type"] in ("Group", "Person"):
            lemmy.actor(document["object"])
        else:
            lemmy.activity(document, _community_of(document))

    # what its people and communities say

    def page(self, who: Somebody, group: Somebody | str, title: str, text: str) -> Json:
        uri = group if isinstance(group, str) else group.uri
        page = self.note(who, f"<p>{text}</p>", to=(uri, PUBLIC), type="Page", name=title)
        page |= {"cc": [], "audience": uri, "mediaType": "text/html"}
        page["source"] = {"content": text, "mediaType": "text/markdown"}
        return page

    def comment(self, who: Somebody, group: str, parent: str, text: str) -> Json:
        note = self.note(who, f"<p>{text}</p>", inReplyTo=parent, audience=group)
        note |= {"cc": [group], "distinguished": False, "mediaType": "text/html"}
        return note

    def create(self, who: Somebody, thing: Json) -> Json:
        to, cc = thing["to"], thing["cc"]
        return self.act(who, "Create", thing, to=to, cc=cc, audience=thing["audience"])

    def announce(self, group: Somebody, inner: Any) -> Json:
        more = {"to": [PUBLIC], "cc": [f"{group.uri}/followers"]}
        return self.act(group, "Announce", inner, **more)


def _community_of(document: Json) -> str:
    """The community of an activity that came to its own inbox."""
    thing = document["object"]
    inner = thing if isinstance(thing, dict) else {}
    given = document.get("audience") or inner.get("audience")
    if not isinstance(given, str):
        raise Refused(f"{document['type']} names no community")
    return given


class PieFedLike(LemmyLike):
    """As Lemmy, with keys that it reads unguarded; its votes come many at once (FEP-1a11)."""

    software, version, agent = "piefed", "1.4", "PieFed/1.4; +https://{host}"

    async def finds(self, name: str, host: str) -> Json:
        actor = await super().finds(name, host)
        forums.piefed_actor(actor)
        forums.nodebb_actor(actor)
        return actor

    def judge(self, got: Received) -> None:
        if got.document["type"] != "Announce":
            return super().judge(got)
        for taste in (forums.piefed, forums.mbin, forums.nodebb, forums.discourse):
            taste(got.document)
        return None


@dataclass
class Timeline:
    """What the users of a micro-blog server see."""

    statuses: dict[str, Json] = field(default_factory=dict)
    boosts: dict[str, str] = field(default_factory=dict)
    """Announce id to status id."""
    wasted: list[str] = field(default_factory=list)
    """Announces that told it nothing."""

    def boosted(self) -> list[str]:
        return list(self.boosts.values())

    def text(self, uri: str) -> str:
        return self.statuses[uri]["content"]


class MastodonLike(Peer):
    """Takes an Announce as a boost and reads its object again; words count from their author."""

    software, version = "mastodon", "4.6.0"
    agent = "Mastodon/4.6.0 (http.rb/5.3.1; +https://{host}/)"

    def __init__(self, wires: Wires, host: str) -> None:
        super().__init__(wires, host)
        self.timeline = Timeline()
        self.accepted: list[str] = []

    async def finds(self, name: str, host: str) -> Json:
        actor = await super().finds(name, host)
        microblogs.actor(actor)
        return actor

    def judge(self, got: Received) -> None:
        document = got.document
        verb, thing = document["type"], document["object"]
        if verb == "Announce":
            microblogs.boost(document)
        elif verb == "Create":
            microblogs.status(thing)
            check(thing["attributedTo"] == got.signer, "somebody else's words")
        elif verb in ("Update", "Delete"):
            microblogs.by_its_author(document, got.signer)
            if verb == "Update" and thing["type"] == "Note":
                microblogs.status(thing)
                check(thing.get("updated"), "an edit without its time")
        elif verb not in ("Accept", "Follow", "Reject", "Undo", "Like"):
            raise Refused(f"nothing is made of {verb}")

    async def take(self, got: Received) -> None:
        document, time = got.document, self.timeline
        thing = cast("Json", document["object"])
        uri: str = document["object"] if isinstance(thing, str) else thing["id"]
        match document["type"]:
            case "Announce":
                await self._boost(document, uri)
            case "Create":
                time.statuses[uri] = thing
            case "Update" if thing["type"] == "Note":
                if uri in time.statuses:
                    time.statuses[uri] = thing
            case "Delete":
                time.statuses.pop(uri, None)
                time.boosts = {one: of for one, of in time.boosts.items() if of != uri}
            case "Undo":
                time.boosts.pop(uri, None)
            case "Accept":
                self.accepted.append(document["actor"])

    async def _boost(self, document: Json, uri: str) -> None:
        """An unknown status is read from its id, whatever was embedded, and unwrapped."""
        own = self.documents.get(uri)
        if own is None and uri not in self.timeline.statuses:
            answer = await self.get(uri)
            if answer.status_code != 200:
                self.timeline.wasted.append(document["id"])
                return
            found: Json = answer.json()
            while found["type"] in ("Create", "Announce"):
                thing: Any = found["object"]
                found = await self.read(thing) if isinstance(thing, str) else cast("Json", thing)
            uri = found["id"]
            if host(uri) == host(document["actor"]):  # a Page of Lemmy becomes a link card
                microblogs.status(found)
            self.timeline.statuses[uri] = found
        self.timeline.boosts[document["id"]] = uri

    # what its people say

    def mentioning(self, who: Somebody, group: Json, host: str, text: str, **more: Any) -> Json:
        """A public post that names a community, as the composer writes it."""
        name = group["preferredUsername"]
        link = (
            f'<span class="h-card" translate="no"><a href="{group["url"]}" class="u-url mention">'
            f"@<span>{name}</span></a></span>"
        )
        tag = [{"type": "Mention", "href": group["id"], "name": f"@{name}@{host}"}]
        note = self.note(who, f"<p>{link} {text}</p>", tag=tag, **more)
        note["cc"] = [f"{who.uri}/followers", group["id"]]
        return note

    def create(self, who: Somebody, note: Json) -> Json:
        more = {"to": note["to"], "cc": note["cc"], "published": note["published"]}
        return self.act(who, "Create", note, **more) | {"id": f"{note['id']}/activity"}

    def update(self, who: Somebody, note: Json, text: str) -> Json:
        note |= {"content": text, "updated": "2036-01-01T00:00:00Z"}
        more = {"to": note["to"], "cc": note["cc"]}
        return self.act(who, "Update", note, **more) | {"id": f"{note['id']}#updates/1"}

    def delete(self, who: Somebody, note: Json) -> Json:
        self.gone.add(note["id"])
        del self.documents[note["id"]]
        grave = {"id": note["id"], "type": "Tombstone"}
        return self.act(who, "Delete", grave, to=[PUBLIC]) | {"id": f"{note['id']}#delete"}


class GoToSocialLike(MastodonLike):
    """Answers no GET that is not signed, has no shared inbox and key ids without a fragment."""

    software, version = "gotosocial", "0.20.0"
    agent = "gotosocial/0.20.0 (+https://{host})"
    key_suffix = "/main-key"
    shared_inbox = False
    wants_signed_gets = True
