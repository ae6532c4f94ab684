"""The two servers of the demo: their names, where they are, and when their story began."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fedcop.demo.prose import Home
from fedcop.errors import Conflict

TITLES: dict[Home, str] = {"rivers": "Rivers Institute", "delta": "Delta College"}
FOLDER = Path("fedcop-demo")
FIRST_PORT = 8000
SECONDS_TO_SEED = 120.0
MARK = "demo.json"
HOMES: tuple[Home, Home] = ("rivers", "delta")


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with both servers in it, and the first of their two ports."""

    folder: Path
    port: int
    began: datetime
    """The moment from which the story counts its days back, in whole seconds."""

    def host(self, home: Home) -> str:
        """The name of a server, with its port."""
        return f"{home}.localhost:{self.port + HOMES.index(home)}"

    def base(self, home: Home) -> str:
        """Its address."""
        return f"http://{self.host(home)}"

    def bind(self, home: Home) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port + HOMES.index(home)}"

    def place(self, home: Home) -> Path:
        """Its own folder."""
        return self.folder / home

    def settings(self, home: Home) -> dict[str, Any]:
        """Its settings; all that the environment could say otherwise is said here."""
        return {
            "host": self.host(home),
            "bind": self.bind(home),
            "data_dir": self.place(home) / "data",
            "database_url": "",
            "secret_key": "",
            "development": True,
            "log_level": "info",
        }


def open_stage(folder: Path, port: int | None) -> Stage:
    """The stage of a folder: the one that was begun there, else a new one.

    The port is part of every address in it, so it stays. Raises Conflict for another one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    if not mark.exists():
        now = datetime.now(UTC).replace(microsecond=0)
        mark.write_text(json.dumps({"began": now.isoformat(), "port": port or FIRST_PORT}))
    kept = json.loads(mark.read_text())
    if port not in {None, kept["port"]}:
        raise Conflict(
            f"The demo in {folder} was begun on port {kept['port']}, and its addresses say so. "
            "Begin it anew with --reset, or give it another --folder."
        )
    return Stage(folder, kept["port"], datetime.fromisoformat(kept["began"]))


def clear(folder: Path) -> None:
    """Delete a demo. Raises Conflict for a folder that is none."""
    if not folder.exists():
        return
    if not (folder / MARK).exists():
        raise Conflict(
            f"{folder} is not the folder of a demo, so it is left alone. Name another: --folder"
        )
    shutil.rmtree(folder)
