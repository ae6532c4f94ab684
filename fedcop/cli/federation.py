"""`fedcop federation`: what other servers hold, and what waits to go there."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli import partners, policies
from fedcop.cli.explaining import explain
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console, listed
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.queries import by_id
from fedcop.errors import NotFound
from fedcop.inbox.resolve import Found
from fedcop.outbox.parking import pending

app = typer.Typer(help="Other servers and what goes to them.", no_args_is_help=True)
app.add_typer(partners.app)
app.add_typer(policies.app)
app.command()(explain)


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="A URL, or a handle such as @community@example.org.")],
    as_json: AsJson = False,
) -> None:
    """Fetch a person, community or discussion of another server, and print what it is."""

    async def work(house: House) -> dict[str, Any]:
        found = await house.resolver.find(url)
        home = house.app.uris.host
        return await house.app.read(lambda session: _described(session, found, home))

    with console.status(f"Asking for {url} …"):
        row = in_house(work)
    listed([row], as_json=as_json, empty="")


def _described(session: Session, found: Found, home: str) -> dict[str, Any]:
    if found.kind in {"person", "community"}:
        actor = session.get_one(Actor, found.id)
        return {
            "kind": found.kind,
            "name": handle(actor, home),
            "title": actor.title,
            "id": actor.uri,
        }
    post = by_id(session, found.id)
    if post is None:
        raise NotFound("It was fetched, and has been taken away since. Fetch it again.")
    author = session.get_one(Actor, post.author_id)
    return {"kind": found.kind, "name": handle(author, home), "title": post.title, "id": post.uri}


@app.command()
def queue(as_json: AsJson = False) -> None:
    """List for each server what waits to go there, since when, and what stood in the way."""

    async def work(house: House) -> list[dict[str, Any]]:
        rows = await house.app.read(pending)
        return [asdict(row) for row in rows]

    listed(in_house(work), as_json=as_json, empty="Nothing waits: every server has been told all.")
