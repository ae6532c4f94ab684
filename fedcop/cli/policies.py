"""`fedcop federation block`, `allow`, `forget`, `policies` …: with whom this server speaks."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, console, listed
from fedcop.domain.network import lists
from fedcop.domain.network.models import Attitude
from fedcop.domain.network.policies import EVERYONE, canonical, policy_of, standing
from fedcop.errors import NotFound
from fedcop.outbox import policing
from fedcop.outbox.policing import Preview
from fedcop.work.unit_of_work import UnitOfWork

app = typer.Typer()
Host = Annotated[str, typer.Argument(help="A server; all below it (*.example.org) is meant, too.")]
Reason = Annotated[str, typer.Option(help="Why; members read it in the log of the server.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this, only say what would be.")]


@app.command()
def block(host: Host, reason: Reason = "", yes: Yes = False) -> None:
    """Speak no more with a server. Its people and posts are hidden, nothing is deleted."""

    async def work(house: House) -> Preview:
        home = house.app.uris.host
        seen = await house.app.read(lambda s: policing.preview_block(s, host, home))
        if yes:
            await house.app.decide(lambda uow: policing.block(uow, host, reason=reason))
        return seen

    _say_preview(in_house(work))
    _done(f"{canonical(host)} is blocked.", yes=yes)


@app.command()
def allow(host: Host, reason: Reason = "") -> None:
    """Speak with a server, whatever is decided about others (needed with partners-only)."""

    async def work(house: House) -> str:
        return await house.app.decide(lambda uow: policing.allow(uow, host, reason=reason))

    console.print(f"{in_house(work)} is allowed.")


@app.command()
def forget(host: Host) -> None:
    """Take back a decision: unblock a server, or no longer name it as allowed."""

    async def work(house: House) -> str | None:
        return await house.app.decide(lambda uow: policing.forget(uow, host))

    name = in_house(work)
    if name is None:
        raise NotFound(f"Nothing is decided about {host}. See: fedcop federation policies")
    console.print(f"Nothing is decided about {name} any more; what was hidden is shown again.")


@app.command("partners-only")
def partners_only(
    state: Annotated[Literal["on", "off"], typer.Argument(help="on or off.")], yes: Yes = False
) -> None:
    """Speak with allowed servers only, or with all that are not blocked."""
    on = state == "on"

    async def work(house: House) -> Preview | None:
        home = house.app.uris.host
        seen = None
        if on:
            seen = await house.app.read(lambda s: policing.preview_partners_only(s, home))
        if yes or not on:
            await house.app.decide(lambda uow: policing.limit_to_partners(uow, on=on))
        return seen

    seen = in_house(work)
    if seen is not None:
        _say_preview(seen)
        _done("This server speaks with allowed servers only.", yes=yes)
    else:
        console.print("This server speaks with all servers that are not blocked.")


@app.command()
def policies(
    as_json: AsJson = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a list that other servers can import.")
    ] = False,
) -> None:
    """List what is decided about which server, and why."""

    def query(session: Session) -> tuple[list[dict[str, Any]], str, bool]:
        found = standing(session)
        rows = [
            {
                "server": policy.name,
                "attitude": policy.attitude,
                "reason": policy.reason,
                "by": policy.decided_by,
                "since": policy.decided_at,
            }
            for policy in found
        ]
        return rows, lists.written(found), policy_of(session, EVERYONE) is not None

    async def work(house: House) -> tuple[list[dict[str, Any]], str, bool]:
        return await house.app.read(query)

    rows, as_list, only = in_house(work)
    if as_csv:
        print(as_list, end="")
        return
    if only and not as_json:
        console.print("Partners only: this server speaks with allowed servers and no others.")
    listed(rows, as_json=as_json, empty="Nothing is decided about any server.")


@app.command("import")
def import_list(
    file: Annotated[
        Path, typer.Argument(help="CSV with #domain,#severity,#public_comment.", exists=True)
    ],
    yes: Yes = False,
) -> None:
    """Take over a list of decisions, such as Mastodon's export of blocked servers."""
    read = lists.read(file.read_text(encoding="utf-8"))

    async def work(house: House) -> int:
        def act(uow: UnitOfWork) -> int:
            return policing.take_over(uow, read.entries)

        return await house.app.decide(act) if yes else 0

    for line in read.passed_over:
        console.print(f"Passed over: {line}", markup=False)
    blocks = sum(entry.attitude is Attitude.BLOCK for entry in read.entries)
    console.print(f"{blocks} to block, {len(read.entries) - blocks} to allow.")
    if yes:
        console.print(f"{in_house(work)} decisions are in force.")
    else:
        console.print("Nothing is changed. To do it, add --yes.")


def _say_preview(seen: Preview) -> None:
    hosts = ", ".join(seen.hosts[:5]) + (" …" if len(seen.hosts) > 5 else "")
    console.print(f"Servers that we know and would lose: {len(seen.hosts)} {hosts}".rstrip())
    console.print(f"People here who follow people or communities there: {seen.ours}")
    console.print(f"People there who belong to communities here: {seen.theirs}")
    console.print(f"Communities here that are read there: {seen.communities}")
    console.print(f"Waiting to go there, and dropped: {seen.waiting}")


def _done(words: str, *, yes: bool) -> None:
    console.print(words if yes else "Nothing is changed. To do it, add --yes.")
