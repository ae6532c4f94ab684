"""Files take the place of others, which are moved aside, and every step can be taken back."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fedcop.settings import Settings
from fedcop.upkeep.archive import SECRET, Unpacked

BESIDE = ("", "-wal", "-shm", "-journal")
"""What the name of an SQLite file, and of those that SQLite puts beside it, ends in."""


class Undo:
    """Steps back, the last one first."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []
        self.has_moved = False
        """Whether anything was there that had to be moved."""

    def then(self, step: Callable[[], object]) -> None:
        self._steps.append(step)

    def __call__(self) -> None:
        while self._steps:
            self._steps.pop()()


def move_aside(files: list[Path], aside: Path, undo: Undo) -> None:
    """Move those of `files` that exist into the folder `aside`, which is made if there are any."""
    for file in files:
        if file.exists():
            if not aside.exists():
                aside.mkdir(mode=0o700)
                undo.then(aside.rmdir)
            kept = aside / file.name
            shutil.move(file, kept)
            undo.then(partial(shutil.move, kept, file))
            undo.has_moved = True


def lay(source: Path, target: Path, undo: Undo) -> None:
    """Copy a file to its place, whole or not at all, for the owner of its folder alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    growing = target.with_name(f".{target.name}.part")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    with source.open("rb") as given, growing.open("wb") as into:
        shutil.copyfileobj(given, into, 1 << 20)
        into.flush()
        os.fsync(into.fileno())
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the server may run as somebody else
        owner = target.parent.stat()
        os.chown(growing, owner.st_uid, owner.st_gid)
    growing.replace(target)
    for end in BESIDE:
        undo.then(partial(target.with_name(target.name + end).unlink, missing_ok=True))


def put_files(backup: Unpacked, settings: Settings, config: Path, undo: Undo) -> None:
    """Lay the backup's key and, where there is no settings file, its settings in their places."""
    if not settings.secret_key.get_secret_value():
        lay(backup.folder / SECRET, settings.data_dir / SECRET, undo)
    if backup.config is not None and not config.exists():
        lay(backup.config, config, undo)
