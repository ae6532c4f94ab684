"""`fedcop user`: what is done to an account: stopped, let in again, taken along, deleted."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console
from fedcop.domain.access.links import issue_enter
from fedcop.domain.access.sessions import end_all
from fedcop.domain.access.shut_out import forget_password
from fedcop.domain.people.admins import is_last
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, handle, person_here
from fedcop.domain.people.suspend import check_may_be_suspended
from fedcop.domain.people.suspend import reinstate as let_back
from fedcop.domain.people.suspend import suspend as stop
from fedcop.domain.posts.departure import check_may_depart, count_posts, depart
from fedcop.errors import Conflict, NotAllowed, NotFound
from fedcop.outbox.archive import write_archive
from fedcop.work.unit_of_work import UnitOfWork

Here = Annotated[str, typer.Argument(help="The name of somebody who has an account here.")]
Anybody = Annotated[str, typer.Argument(help="A name here, or name@host for somebody elsewhere.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]


def reset_password(name: Here, as_json: AsJson = False) -> None:
    """Print a link with which somebody signs in once; their password and sessions end."""

    async def work(house: House) -> dict[str, Any]:
        def act(uow: UnitOfWork) -> str:
            actor = _here(uow.session, name)
            if actor.suspended_at is not None:
                raise Conflict(f"{actor.name} is suspended. First: fedcop user reinstate {name}")
            forget_password(uow, actor.id)
            end_all(uow, actor.id)
            return issue_enter(uow, actor.id)

        link = f"{house.app.uris.base}/enter/{await house.app.act(act)}"
        return {"name": name.lstrip("@").lower(), "link": link, "hours": 24}

    done = in_house(work)
    if as_json:
        print(json.dumps(done, indent=2))
        return
    console.print(f"The old password of {done['name']} opens nothing any more.")
    console.print("To sign in (once, within 24 hours), and then set a new one under Settings:")
    console.print(f"[bold]{done['link']}[/]")


def suspend(name: Anybody, reason: Reason = "", as_json: AsJson = False) -> None:
    """Stop somebody: who is at home here cannot sign in; of others nothing more is taken.

    What they have said stays in its discussions, and leaves the lists.
    """
    _report(_change(name, reason, back=False), "suspended", as_json=as_json)


def reinstate(name: Anybody, as_json: AsJson = False) -> None:
    """Let somebody take part again who was suspended."""
    _report(_change(name, "", back=True), "taking part again", as_json=as_json)


def delete(
    name: Here,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete an account with everything that its owner has said, here and elsewhere. Final."""

    async def work(house: House) -> dict[str, Any]:
        def look(session: Session) -> dict[str, Any]:
            actor = _here(session, name)
            check_may_depart(session, actor)
            _check_not_last(session, actor)
            return {"name": actor.name, "posts": count_posts(session, actor.id), "deleted": yes}

        found = await house.app.read(look)
        if yes:
            await house.app.act(lambda uow: depart(uow, _here(uow.session, name)))
        return found

    done = in_house(work)
    if as_json:
        print(json.dumps(done, indent=2))
    elif yes:
        console.print(
            f"The account of {done['name']} is deleted. The running server deletes what is left of "
            f"its {done['posts']} posts, and tells every server that knows it."
        )
    else:
        console.print(
            f"This would delete the account of {done['name']} and its {done['posts']} posts, here "
            "and on all servers that listen. It cannot be taken back, and nobody gets the name "
            f"again. To do it: fedcop user delete {done['name']} --yes"
        )


def export(
    name: Here,
    to: Annotated[Path, typer.Option("--to", help="The ZIP file to write.")],
) -> None:
    """Write everything that somebody said and did here into one ZIP file."""
    if to.exists():
        raise Conflict(f"{to} is there already. Name another file, or move it away.")

    async def work(house: House) -> None:
        actor_id = await house.app.read(lambda session: _here(session, name).id)
        beside = to.with_name(f".{to.name}.part")
        try:
            with beside.open("wb") as file:
                await write_archive(house.app, actor_id, file)
            beside.replace(to)
        finally:
            beside.unlink(missing_ok=True)

    try:
        in_house(work)
    except OSError as error:
        raise Conflict(f"{to} cannot be written: {error.strerror}.") from error
    console.print(f"Everything of {name.lstrip('@').lower()} is in {to}.")


def _change(name: str, reason: str, *, back: bool) -> str:
    async def work(house: House) -> str:
        home = house.app.uris.host

        def act(uow: UnitOfWork) -> str:
            actor = _anybody(uow.session, name, home)
            if back:
                let_back(uow, actor)
            else:
                check_may_be_suspended(actor)
                _check_not_last(uow.session, actor)
                stop(uow, actor, reason=reason)
            return handle(actor, home)

        return await house.app.act(act)

    return in_house(work)


def _report(address: str, standing: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"address": address, "standing": standing}, indent=2))
    else:
        console.print(f"{address} is {standing}.")


def _check_not_last(session: Session, actor: Actor) -> None:
    """Say how this terminal makes another administrator. No option gets past it."""
    if is_last(session, actor.id):
        raise NotAllowed(
            f"{actor.name} is the only administrator. Make another first, under Administration, "
            "People, or with: fedcop user create NAME --admin"
        )


def _here(session: Session, name: str) -> Actor:
    actor = person_here(session, name.lstrip("@").lower())
    if actor is None:
        raise NotFound(f"Nobody named {name} has an account here. See: fedcop user list")
    return actor


def _anybody(session: Session, address: str, home: str) -> Actor:
    name, _, host = address.lstrip("@").lower().partition("@")
    actor = by_handle(session, name, host if host and host != home else None)
    if actor is None:
        raise NotFound(
            f"Nobody at {address} is known here. Write name, or name@host as their profile has it."
        )
    return actor
