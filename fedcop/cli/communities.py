"""`fedcop community`: communities are founded, listed, closed and opened again."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console, listed
from fedcop.db.paging import MOST, Cursor
from fedcop.domain.communities.close import close, compose_notice, reopen
from fedcop.domain.communities.found import found
from fedcop.domain.communities.queries import Listed, by_name, directory
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


Name = Annotated[str, typer.Argument(help="The name in its address.")]


@app.command("close")
def close_community(
    name: Name,
    notice: Annotated[str, typer.Option(help="Why, in a sentence or two; on every page of it.")],
    successor: Annotated[
        str, typer.Option(help="Where it goes on: an address, or a handle such as @name@host.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise only say it.")] = False,
) -> None:
    """Close a community: it stays readable, and nobody writes, votes or joins any more."""
    words = compose_notice(notice, successor)

    async def work(house: House) -> tuple[str, int, bool]:
        listed = await house.app.read(lambda session: _ours(session, name))
        if yes:

            def act(uow: UnitOfWork) -> None:
                close(uow, _ours(uow.session, name).community, None, notice, successor)

            await house.app.act(act)
        community = listed.community
        return listed.actor.uri, community.members_count, community.closed_at is not None

    uri, members, was_closed = in_house(work)
    if yes:
        console.print(
            f"{'It was closed before; the notice is new' if was_closed else 'Closed'}: {uri}"
        )
        return
    console.print(f"[bold]{uri}[/] would be closed with this notice:\n")
    console.print(words, markup=False)
    console.print(
        f"\nIts {members} members hear of it. Everything stays readable, and it can be opened "
        "again with: fedcop community reopen. Nothing is done yet. Do it with: --yes"
    )


@app.command("reopen")
def reopen_community(name: Name) -> None:
    """Open a closed community again: all is as it was, and its members hear of it."""

    async def work(house: House) -> tuple[str, bool]:
        def act(uow: UnitOfWork) -> tuple[str, bool]:
            listed = _ours(uow.session, name)
            was_closed = listed.community.closed_at is not None
            reopen(uow, listed.community, None)
            return listed.actor.uri, was_closed

        return await house.app.act(act)

    uri, was_closed = in_house(work)
    console.print(f"{'Open again' if was_closed else 'It is not closed'}: {uri}")


def _ours(session: Session, name: str) -> Listed:
    """The community of this server. Raises NotFound."""
    listed = by_name(session, name.strip().lower().lstrip("@!"))
    if listed is None:
        raise NotFound(f"No community here is called {name}. See: fedcop community list")
    return listed


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
                "closed": one.community.closed_at,
            }
            for one in page.items
        ]
        if page.older is None:
            return rows
        before = page.older
