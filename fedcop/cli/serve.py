"""`fedcop serve`, `fedcop worker`, `fedcop health`: the server runs, and says how it is."""

import asyncio
from typing import Annotated

import typer

from fedcop.bootstrap import House
from fedcop.cli.listening import Manner, work_alone
from fedcop.cli.listening import serve as listen
from fedcop.cli.opening import read_settings
from fedcop.cli.printing import console
from fedcop.cli.setup import make_secret
from fedcop.errors import FedcopError
from fedcop.settings import Settings
from fedcop.upkeep.queues import ready

app = typer.Typer()


class NotReady(FedcopError):
    """The server answers, and says that something is wrong with it."""


@app.command()
def serve(
    bind: Annotated[
        str | None, typer.Option(help="Address and port to listen on, above the setting.")
    ] = None,
    workers_inside: Annotated[
        bool,
        typer.Option(
            "--workers-inside/--no-worker",
            help="Process and deliver in this process, or leave it to fedcop worker.",
        ),
    ] = True,
) -> None:
    """Run the server: its pages, its doors to other servers, and its worker."""
    settings = read_settings(bind=bind)
    make_secret_if_new(settings)
    listen(settings, Manner(worker=workers_inside, listens=say_where))


def make_secret_if_new(settings: Settings) -> None:
    """A container starts with a name and an empty folder: then the key is made here."""
    if not settings.database_url and not (settings.data_dir / "fedcop.db").exists():
        make_secret(settings)


def say_where(house: House) -> None:
    """Print the address at which people find the server."""
    settings = house.app.settings
    console.print(f"{settings.uris.site}  (listening on {settings.bind}; Ctrl-C stops)")


@app.command()
def worker() -> None:
    """Run the worker alone, beside servers on the same PostgreSQL database."""
    work_alone(read_settings())


@app.command()
def health() -> None:
    """Ask the running server whether all is well."""
    settings = read_settings(log_level="error")
    asyncio.run(_health(settings))
    console.print("ready")


async def _health(settings: Settings) -> None:
    wrong = await ready(settings)
    if wrong is None:
        raise NotReady(f"Nothing answers on {settings.bind}. Start the server with: fedcop serve")
    if wrong:
        raise NotReady(wrong)
