"""The server that is measured: a community with a discussion, and people of other servers in it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import orjson

from fedcop.activitypub.signatures import cavage
from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from fedcop.bootstrap import House, build
from fedcop.db.migrate import upgrade
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import join
from fedcop.domain.communities.models import Community
from fedcop.domain.network.hosts import host_named, inbox_at
from fedcop.domain.people.models import Actor, Key
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.domain.site.found import set_up
from fedcop.ids import new_id
from fedcop.inbox import messages
from fedcop.settings import Settings
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.nobody import Nobody

HOST = "cop.example"
ADA = f"https://{HOST}/u/ada"
GARDEN = f"https://{HOST}/c/garden"
AS = "application/activity+json"
_TEXT = (
    "<p>We tried that in the second year, and it held: whoever proposes a change also says who "
    "looks after it for the first three months, and the group looks at it again after that.</p>"
)
_numbers = count(1)


@dataclass
class Town:
    """A whole server and what is needed to speak to it."""

    house: House
    settings: Settings
    speakers: list[str]
    key: PrivateKey
    starter: str = ""
    ada: int = 0
    garden: int = 0
    replies: list[str] = field(default_factory=list[str])

    def reply(self, content: str = _TEXT * 4, to: str | None = None) -> tuple[str, bytes]:
        """A Create of a reply with one mention, some 2.5 KB, and who says it."""
        number = next(_numbers)
        speaker = self.speakers[number % len(self.speakers)]
        host = speaker.split("/")[2]
        at = datetime.now(UTC) - timedelta(days=30) + timedelta(seconds=number)
        published = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        note = {
            "id": f"https://{host}/notes/{number}",
            "type": "Note",
            "attributedTo": speaker,
            "inReplyTo": to or self.starter,
            "to": [PUBLIC],
            "cc": [ADA, GARDEN, f"{speaker}/followers"],
            "content": content,
            "contentMap": {"en": content},
            "published": published,
            "url": f"https://{host}/@someone/{number}",
            "sensitive": False,
            "tag": [{"type": "Mention", "href": ADA, "name": f"@ada@{HOST}"}],
            "attachment": [],
        }
        document = {
            "@context": ["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive"}],
            "id": f"https://{host}/activities/{number}",
            "type": "Create",
            "actor": speaker,
            "published": published,
            "to": [PUBLIC],
            "cc": [ADA, GARDEN, f"{speaker}/followers"],
            "object": note,
        }
        return speaker, orjson.dumps(document)

    def like(self, of: str) -> tuple[str, bytes]:
        """A vote, and who gives it."""
        number = next(_numbers)
        speaker = self.speakers[number % len(self.speakers)]
        host = speaker.split("/")[2]
        document = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"https://{host}/activities/{number}",
            "type": "Like",
            "actor": speaker,
            "object": of,
            "to": [GARDEN],
        }
        return speaker, orjson.dumps(document)

    def signed(self, speaker: str, body: bytes, forged: bool = False) -> bytes:
        """The whole request as it goes over the wire."""
        key = PrivateKey(f"{speaker}#main-key", speaker, self.key.key)
        fields = cavage.sign("POST", f"https://{HOST}/inbox", body, key, datetime.now(UTC))
        if forged:
            before, at, signature = fields["Signature"].rpartition('signature="')
            fields["Signature"] = f"{before}{at}{signature[4:8]}{signature[:4]}{signature[8:]}"
        fields["User-Agent"] = "Mastodon/4.5.0 (+https://one.example/)"
        fields["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"POST /inbox HTTP/1.1\r\n{head}\r\n".encode() + body

    async def keep(self, said: list[tuple[str, bytes]]) -> None:
        """As if the receiver had accepted these."""
        rows = [
            {
                "id": new_id(),
                "key": f"bench {next(_numbers)}",
                "body": body,
                "signer_uri": speaker,
                "due_at": datetime.now(UTC) - timedelta(seconds=1),
                "state": "waiting",
                "attempts": 0,
            }
            for speaker, body in said
        ]
        await self.house.app.db.write(lambda session: messages.keep(session, rows))


@asynccontextmanager
async def town(
    database_url: str,
    folder: Path,
    transport: httpx.AsyncBaseTransport | None = None,
    speakers: int = 100,
    *,
    development: bool = False,
) -> AsyncIterator[Town]:
    """A new server on an empty database, with a community, a discussion and `speakers` afar."""
    settings = settings_for(database_url, folder, development=development)
    house = build(settings, transport or Nobody())
    await upgrade(house.app.db, None)
    keys = await house.app.fresh_keys()
    key = PrivateKey.from_pem("", "", await asyncio.to_thread(generate_rsa), trusted=True)
    here = Town(house, settings, [f"https://h{n}.example/u/p{n}" for n in range(speakers)], key)

    def furnish(uow: UnitOfWork) -> None:
        set_up(uow, name=HOST, keys=keys)
        ada = register(uow, name="ada", display_name="Ada", keys=keys)
        here.ada = ada.id
        community = found(
            uow, ada, name="garden", title="Garden", purpose="", charter="", keys=keys
        )
        here.garden = community.actor_id
        words = compose_starter(uow.session, uow.uris, "Which soil?", "Clay or sand? " * 20)
        here.starter = start(uow, ada, community, words).uri
        public = key.public.pem
        for uri in here.speakers:
            _neighbour(uow, uri, public, community)

    await house.app.act(furnish)
    await house.start()
    gc.collect()
    gc.freeze()
    try:
        yield here
    finally:
        gc.unfreeze()
        await house.close()


def settings_for(database_url: str, folder: Path, *, development: bool = False) -> Settings:
    """The settings of the server that is measured."""
    return Settings(
        host=HOST,
        database_url=database_url,
        data_dir=folder,
        secret_key="a secret of the bench",  # pyright: ignore[reportArgumentType]
        development=development,
    )


def _neighbour(uow: UnitOfWork, uri: str, pem: str, community: Community) -> None:
    """Somebody of another server, whose key is known, in the community."""
    host = uri.split("/")[2]
    place = host_named(uow, host)
    place.software, place.dialect, place.view, place.asked_at = "lemmy", "forum", "native", uow.now
    actor = Actor(
        id=new_id(),
        uri=uri,
        type="Person",
        name=uri.rpartition("/")[2],
        host_id=place.id,
        inbox_uri=f"{uri}/inbox",
        delivery_inbox_id=inbox_at(uow, f"https://{host}/inbox").id,
        fetched_at=uow.now,
    )
    uow.add(actor)
    uow.add(Key(uri=f"{uri}#main-key", actor_id=actor.id, algorithm="rsa", public=pem))
    join(uow, community, actor, f"https://{host}/follows/1")
