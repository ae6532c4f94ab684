"""`fedcop community`: communities are founded and listed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console, listed
from fedcop.db.paging import MOST, Cursor
from fedcop.domain.communities.found import found
from fedcop.domain.communities.queries import directory
from fedcop.domain.people.queries import handle, person_here
from fedcop.errors import NotFound
from fedcop.work.unit_of_work import UnitOfWork

app = typer.Typer(help="Communities of this server.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The name in its address; it cannot change.")],
    title: Annotated[str, typer.Option(help="What people call it.")],
    purpose: Annotated[str, typer.Option(help="What it is for, in one sentence.")],
    founder: Annotated[str, typer.Option(help="Name of the person here who becomes steward.")],
    charter: Annotated[
        Path | None,
        typer.Option(help="A file with its charter in Markdown.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Found a community, with a person of this server as its first steward."""
    text = charter.read_text(encoding="utf-8") if charter is not None else ""

    async def work(house: House) -> str:
        keys = await house.app.fresh_keys()

        def act(uow: UnitOfWork) -> None:
            person = person_here(uow.session, founder.lower())
            if person is None:
                raise NotFound(
                    f"Nobody here is called {founder}. See: fedcop user list, or make an account "
                    f"with: fedcop user create {founder}"
                )
            found(uow, person, name=name, title=title, purpose=purpose, charter=text, keys=keys)

        await house.app.act(act)
        return house.app.uris.community(name.strip().lower())

    console.print(f"Founded: [bold]{in_house(work)}[/]")


@app.command("list")
def list_communities(
    as_json: AsJson = False,
    all_servers: Annotated[
        bool, typer.Option("--all", help="Also those of other servers that are known here.")
    ] = False,
) -> None:
    """List the communities of this server."""

    async def work(house: House) -> list[dict[str, Any]]:
        home = house.app.uris.host
        local = None if all_servers else True
        return await house.app.read(lambda session: _communities(session, home, local))

    listed(
        in_house(work),
        as_json=as_json,
        empty="There is no community yet. Found one with: fedcop community create NAME …",
    )


def _communities(session: Session, home: str, local: bool | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        page = directory(session, Cursor(before=before, limit=MOST), local=local)
        rows += [
            {
                "name": handle(one.actor, home),
                "title": one.actor.display_name,
                "members": one.community.members_count,
                "discussions": one.community.threads_count,
                "last_post": one.community.last_post_at,
            }
            for one in page.items
        ]
        if page.older is None:
            return rows
        before = page.older
