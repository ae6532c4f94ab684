"""The town in which the pages are tested: who lives there, and their browsers."""

import re
from dataclasses import dataclass

import httpx

from fedcop.domain.access.passwords import hash_password
from fedcop.domain.access.sessions import begin, set_password
from tests.fediverse import Fediverse, Person, Place, Server

HOST, FAR = "rivers.example", "delta.example"
PASSWORD = "correct horse battery"


@dataclass
class Town:
    """Our server with Ana, who founded a community, and Kofi, who belongs to nothing."""

    server: Server
    far: Server
    world: Fediverse
    ana: Person
    kofi: Person
    place: Place

    def anyone(self) -> httpx.AsyncClient:
        """A browser in which nobody is signed in."""
        return browser(self.server)

    async def as_(self, person: Person) -> httpx.AsyncClient:
        """A browser in which this person is signed in."""
        client = self.anyone()
        token = await person.server.act(lambda uow: begin(uow, person.id))
        client.cookies.set("__Host-fedcop", token)
        return client

    async def give_password(self, person: Person, password: str = PASSWORD) -> None:
        hashed = hash_password(password)
        await person.server.act(lambda uow: set_password(uow, person.id, hashed))


def browser(server: Server, address: str = "203.0.113.9") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(server.house.web, client=(address, 1))
    headers = {
        "Accept": "text/html",
        "Origin": f"https://{server.host}",
        "Sec-Fetch-Site": "same-origin",
        "Referer": f"https://{server.host}/",
    }
    return httpx.AsyncClient(
        transport=transport, base_url=f"https://{server.host}", headers=headers
    )


def words(answer: httpx.Response) -> str:
    """What a reader sees of a page, with single spaces."""
    body = re.sub(r"(?s)<head>.*?</head>", "", answer.text)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())
