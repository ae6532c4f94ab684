"""`fedcop user`: accounts are made, invited and listed; what is done to one is in `accounts`."""

from typing import Annotated, Any

import typer

from fedcop.app import App, Session
from fedcop.bootstrap import House
from fedcop.cli import accounts as account_commands
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console, listed
from fedcop.db.paging import MOST, Cursor
from fedcop.domain.access.links import issue_enter, issue_invite
from fedcop.domain.communities.queries import by_name
from fedcop.domain.people.queries import account_of, accounts
from fedcop.domain.people.register import register
from fedcop.errors import NotFound
from fedcop.ids import minted_at
from fedcop.work.unit_of_work import UnitOfWork

app = typer.Typer(help="People who have an account here.", no_args_is_help=True)
app.command("reset-password")(account_commands.reset_password)
app.command()(account_commands.suspend)
app.command()(account_commands.reinstate)
app.command()(account_commands.export)
app.command()(account_commands.delete)

Admin = Annotated[bool, typer.Option("--admin", help="They may administer this server.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The name in their address; it cannot change.")],
    display_name: Annotated[str, typer.Option(help="How others see them.")] = "",
    admin: Admin = False,
) -> None:
    """Make an account, and print a link with which its owner signs in once."""

    async def work(house: House) -> str:
        role = "admin" if admin else "member"
        return await create_person(house.app, name, display_name, role)

    link = in_house(work)
    console.print(f"{name.lower()} has an account. To sign in (once, within 24 hours):")
    console.print(f"[bold]{link}[/]")


async def create_person(made: App, name: str, display_name: str, role: str) -> str:
    """Register a person; the link with which they sign in. Raises Invalid with fields."""
    keys = await made.fresh_keys()

    def act(uow: UnitOfWork) -> str:
        actor = register(uow, name=name, display_name=display_name, keys=keys, role=role)
        uow.write()
        return issue_enter(uow, actor.id)

    return f"{made.uris.base}/enter/{await made.act(act)}"


@app.command()
def invite(
    community: Annotated[
        str, typer.Option(help="Name of a community here into which it leads.")
    ] = "",
    admin: Admin = False,
) -> None:
    """Print a link with which one person makes an account of their own."""

    async def work(house: House) -> str:
        def act(uow: UnitOfWork) -> str:
            role = "admin" if admin else "member"
            return issue_invite(uow, community_id=_community_id(uow.session, community), role=role)

        return f"{house.app.uris.base}/join/{await house.app.act(act)}"

    link = in_house(work)
    console.print("To join (one person, within 14 days):")
    console.print(f"[bold]{link}[/]")


def _community_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = by_name(session, name.lower())
    if found is None:
        raise NotFound(f"There is no community {name} here. See: fedcop community list")
    return found.actor.id


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List everybody who has an account here."""

    async def work(house: House) -> list[dict[str, Any]]:
        return await house.app.read(_everybody)

    listed(
        in_house(work),
        as_json=as_json,
        empty="Nobody has an account yet. Make one with: fedcop user create NAME",
    )


def _everybody(session: Session) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        found = accounts(session, Cursor(before=before, limit=MOST))
        for actor in found.items:
            account = account_of(session, actor.id)
            rows.append(
                {
                    "name": actor.name,
                    "display_name": actor.display_name,
                    "role": account.role if account else "",
                    "suspended": account is not None and account.suspended_at is not None,
                    "since": minted_at(actor.id),
                }
            )
        if found.older is None:
            return rows
        before = found.older
