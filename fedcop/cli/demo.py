"""`fedcop demo`: two servers with people in them, or a check that two servers hold the same."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.box import HORIZONTALS
from rich.panel import Panel
from rich.text import Text

from fedcop.cli.ports import listen_on, on_signals
from fedcop.cli.printing import console
from fedcop.demo.prose import Home
from fedcop.demo.show import Ready, show
from fedcop.demo.stage import FOLDER, HOMES, Stage, clear, open_stage
from fedcop.errors import Conflict

app = typer.Typer()


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the two servers keep their data.")] = FOLDER,
    port: Annotated[
        int | None, typer.Option(help="The port of the first server; the second has the next.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Begin anew: delete the folder.")] = False,
    check_only: Annotated[
        bool,
        typer.Option("--check", help="Let two empty servers federate, and compare what they hold."),
    ] = False,
) -> None:
    """Two servers with people in them, federating before your eyes."""
    if check_only:
        raise typer.Exit(subprocess.call([sys.executable, "-m", "fedcop", "demo-check"]))
    if reset:
        clear(folder)
    stage = open_stage(folder, port)
    for home in HOMES:
        _free(stage.bind(home))
    asyncio.run(_demo(stage))


def _free(bind: str) -> None:
    try:
        listen_on(bind).close()
    except Conflict as error:
        raise Conflict(
            f"Another program listens on {bind}. Stop it (is it another demo?), or take two other "
            "ports and another folder: fedcop demo --port 8100 --folder other-demo"
        ) from error


async def _demo(stage: Stage) -> None:
    stop = asyncio.Event()
    on_signals(stop.set)
    console.print("Two servers start, and their people begin to talk …")
    await show(stage, partial(_present, stage), stop)
    if not stop.is_set():
        raise Conflict(f"One of the servers has ended. Why is in {stage.folder}/*.log")
    console.print(f"\nStopped. {stage.folder} is kept; fedcop demo --reset begins anew.")


def _present(stage: Stage, servers: Mapping[Home, Ready], seconds: float) -> None:
    words = Text()
    for home in HOMES:
        server = servers[home]
        words.append(f"{server.title}\n", "bold")
        words.append(f"  {server.address}\n")
        words.append(f"  sign in as the steward {server.steward} (once):\n{server.link}\n\n")
    words.append("In the next minute something arrives from the other server every 10 seconds.\n")
    words.append("Nothing leaves this machine. Ctrl-C stops both. ", "dim")
    words.append(f"Data: {stage.folder}", "dim")
    title = f"FedCoP demo, ready in {seconds:.1f} s"
    console.print(Panel(words, title=title, box=HORIZONTALS, padding=(1, 0)))
