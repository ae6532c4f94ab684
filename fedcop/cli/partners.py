"""`fedcop federation peers`, `test`, `retry`, `treat`, `keys`: how it goes with other servers."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.cli.opening import in_house
from fedcop.cli.printing import AsJson, ago, console, listed
from fedcop.domain.people.key_list import keys_of
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, by_uri
from fedcop.errors import NotFound
from fedcop.outbox.checkup import check_up
from fedcop.outbox.dialects import FORUM, MICROBLOG
from fedcop.outbox.in_words import in_words, summary
from fedcop.outbox.partners import Partner, host_called, overview, partners
from fedcop.outbox.partners import retry as try_again
from fedcop.outbox.peers import treat as treat_as
from fedcop.work.unit_of_work import UnitOfWork

app = typer.Typer()
_MANNERS = {"forum": FORUM, "microblog": MICROBLOG, "auto": None}
Host = Annotated[str, typer.Argument(help="Name of a server, such as example.org.")]


class English:
    """How the command line speaks."""

    def gettext(self, message: str, /) -> str:
        return message

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        return one if n == 1 else many

    def ago(self, at: datetime, /) -> str:
        return ago(at)


@app.command()
def peers(as_json: AsJson = False) -> None:
    """List the partner servers: what runs there, what we share, how things stand, and why."""

    async def work(house: House) -> list[Partner]:
        home, now = house.app.uris.host, datetime.now(UTC)
        return await house.app.read(lambda session: partners(session, now, home))

    found, speak = in_house(work), English()
    if as_json:
        rows = [asdict(one) | {"condition": one.condition.value} for one in found]
        for row, one in zip(rows, found, strict=True):
            row["in_words"] = in_words(one, speak)
        listed(rows, as_json=True, empty="")
        return
    if found:
        console.print(summary(overview(found), speak))
    rows = [
        {
            "server": one.host,
            "software": f"{one.software or '?'} {one.version or ''}".strip(),
            "since": one.since,
            "communities": one.communities,
            "waiting": one.waiting,
            "how things stand": in_words(one, speak),
        }
        for one in found
    ]
    listed(rows, as_json=False, empty="No partner server yet: nobody elsewhere follows anything.")


@app.command("test")
def try_out(host: Host, as_json: AsJson = False) -> None:
    """Try out another server: name, certificate, clock, software, a signed fetch."""
    with console.status(f"Trying {host} …"):
        lines = in_house(lambda house: check_up(house.app, host))
    if as_json:
        listed([asdict(line) for line in lines], as_json=True, empty="")
    else:
        for line in lines:
            mark = "[green]ok[/]  " if line.ok else "[red]no[/]  "
            console.print(f"{mark}{line.step}: {line.words}")
            if line.advice and not line.ok:
                console.print(f"      {line.advice}")
    if not all(line.ok for line in lines):
        raise typer.Exit(1)


@app.command()
def retry(host: Host) -> None:
    """Try a server again at once; what waits for it, or was missed while parked, goes there."""

    async def work(house: House) -> None:
        def act(uow: UnitOfWork) -> None:
            if not try_again(uow.session, host.lower()):
                raise NotFound(_unknown(host))

        await house.app.act(act)

    in_house(work)
    console.print(f"{host.lower()} is tried again within seconds, if the server runs.")


@app.command()
def treat(
    host: Host,
    manner: Annotated[
        Literal["forum", "microblog", "auto"],
        typer.Option("--as", help="What it is told as; auto: by the software that it names."),
    ],
) -> None:
    """Tell a server everything (forum) or discussions alone (microblog), whatever it runs."""

    async def work(house: House) -> None:
        def act(uow: UnitOfWork) -> None:
            row = host_called(uow.session, host)
            if row is None:
                raise NotFound(_unknown(host))
            treat_as(uow.session, row, _MANNERS[manner])

        await house.app.act(act)

    in_house(work)
    console.print(f"{host.lower()} is told as {manner} from now on.")


@app.command()
def keys(
    actor: Annotated[
        str, typer.Argument(help="@name@host, or an id; without one, this server's own.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List public keys: id, algorithm, SHA-256 of the key (SPKI DER), and since when it is here."""

    async def work(house: House) -> list[dict[str, Any]]:
        uris = house.app.uris

        def query(session: Session) -> list[dict[str, Any]]:
            found = _actor(session, actor or uris.site, uris.host)
            if found is None:
                raise NotFound(f"{actor} is not known here. Try: fedcop federation fetch {actor}")
            return [asdict(line) for line in keys_of(session, found)]

        return await house.app.read(query)

    listed(in_house(work), as_json=as_json, empty="It has no key.")


def _actor(session: Session, text: str, home: str) -> Actor | None:
    if "://" in text:
        return by_uri(session, text)
    name, _, host = text.lstrip("@!").partition("@")
    return by_handle(session, name, host if host and host != home else None)


def _unknown(host: str) -> str:
    return f"This server has never met {host}. See: fedcop federation peers"
