"""Browsers before our server, and every route that it has."""

from collections.abc import Iterator

import httpx
from starlette.routing import Route

from fedcop.domain.access.sessions import begin
from fedcop.web.app import AskedForAsActivity
from tests.doors.conftest import Door
from tests.doors.peers import HOME
from tests.fediverse import Person

COOKIE = "__Host-fedcop"
OWN = {"Origin": f"https://{HOME}", "Sec-Fetch-Site": "same-origin"}
FOREIGN = {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}


def routes(door: Door, method: str) -> Iterator[str]:
    """The path of every route that answers this method, as it stands in the table."""
    for route in door.server.house.web.routes:
        inner = route.route if isinstance(route, AskedForAsActivity) else route
        if isinstance(inner, Route) and method in (inner.methods or ()):
            yield inner.path


def browser(door: Door, token: str = "", address: str = "203.0.113.9") -> httpx.AsyncClient:
    """A browser of ours; each address is counted for itself."""
    transport = httpx.ASGITransport(
        door.server.house.web, raise_app_exceptions=False, client=(address, 1)
    )
    client = httpx.AsyncClient(
        transport=transport, base_url=f"https://{HOME}", headers={"Accept": "text/html", **OWN}
    )
    if token:
        client.cookies.set(COOKIE, token)
    return client


async def token_of(door: Door, person: Person) -> str:
    return await door.server.act(lambda uow: begin(uow, person.id))


def filled(path: str, door: Door, row_id: object, name: str = "garden") -> str:
    """A path of the table with these in place of its parameters."""
    for parameter, value in (
        ("{row_id}", row_id), ("{id:int}", row_id), ("{name}", name), ("{slug}", "x"),
        ("{token}", "x" * 43), ("{digest}", "0" * 12), ("{file}", "fedcop.css"),
        ("{host}", "peer.test"),
    ):  # fmt: skip
        path = path.replace(parameter, str(value))
    assert "{" not in path, path
    return path
