"""The processes behind `fedcop demo`: one of its servers, and the check."""

import asyncio
import json
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from fedcop.cli.listening import Manner, serve
from fedcop.cli.opening import read_settings
from fedcop.cli.setup import make_secret
from fedcop.demo.check import check
from fedcop.demo.prose import Home
from fedcop.demo.scene import run_scene
from fedcop.demo.stage import FOLDER, TITLES, open_stage
from fedcop.errors import Conflict

app = typer.Typer()


@app.command("demo-server", hidden=True)
def demo_server(
    home: Annotated[str, typer.Argument(help="rivers or delta")],
    folder: Annotated[Path, typer.Option(help="The folder of the demo.")] = FOLDER,
    port: Annotated[int | None, typer.Option(help="The first of its two ports.")] = None,
) -> None:
    """One of the two servers of the demo."""
    here = cast("Home", home)
    stage = open_stage(folder, port)
    settings = read_settings(**stage.settings(here))
    make_secret(settings)
    beside = partial(run_scene, stage=stage, home=here, tell=_tell)
    serve(settings, Manner(beside=beside, title=TITLES[here]))


def _tell(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)


@app.command("demo-check", hidden=True)
def demo_check() -> None:
    """Let two empty servers federate, and print what held."""
    folder = Path(tempfile.mkdtemp(prefix="fedcop-check-"))
    report = asyncio.run(check(folder))
    print(json.dumps(report, indent=2))
    if not report["held"]:
        raise Conflict(f"Not all of it held. The logs of both servers are in {folder}.")
    shutil.rmtree(folder)
