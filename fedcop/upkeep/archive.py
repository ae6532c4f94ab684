"""The file of a backup: a manifest, the database, the secret key and the settings, in one tar.gz.

Nothing in it may change unseen: every part has its SHA-256 in the manifest, and gzip's own check
covers the manifest.
"""

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Literal, cast

from pydantic import BaseModel, ValidationError

from fedcop.errors import Conflict, FedcopError

MANIFEST, SECRET, CONFIG = "manifest.json", "secret.key", "fedcop.toml"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
_FORMAT = 1
_LONGEST_MANIFEST = 1 << 20
_GZIP_BEGINS = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, as we write it
_CHUNK = 1 << 20


class Damaged(FedcopError):
    """A backup that cannot be used: it is no backup, or not as it was made."""


class Part(BaseModel):
    """One file in a backup."""

    sha256: str
    size: int


class Manifest(BaseModel):
    """What a backup says of itself."""

    format: int = _FORMAT
    program: str
    """The version of FedCoP that made it."""
    host: str
    kind: Literal["sqlite", "postgresql"]
    revision: str
    """The newest change of the schema that its database has."""
    created_at: datetime
    rows: dict[str, int]
    """Table → how many rows it has."""
    parts: dict[str, Part]

    @property
    def database(self) -> str:
        """The name of the part that is the database."""
        return DATABASES[self.kind]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup whose parts lie in a folder, each as the manifest says."""

    manifest: Manifest
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / self.manifest.database

    @property
    def secret(self) -> str:
        """The key that opens the private keys; "" if it is not in the backup."""
        path = self.folder / SECRET
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    @property
    def config(self) -> Path | None:
        """The settings file, if there was one."""
        path = self.folder / CONFIG
        return path if path.exists() else None


def pack(target: Path, manifest: Manifest, parts: Mapping[str, Path]) -> Manifest:
    """Write a backup, readable by its owner alone; the manifest with what it says of the parts.

    The file has its name only when it is whole. Raises Conflict if there is one already, and
    OSError (a full disk).
    """
    described = {
        name: Part(sha256=_digest(path), size=path.stat().st_size) for name, path in parts.items()
    }
    whole = manifest.model_copy(update={"parts": described})
    if target.exists():
        raise Conflict(f"{target} is there already. Choose another name with --to, or move it.")
    growing = target.with_name(f".{target.name}.part")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    try:
        with growing.open("wb") as raw:
            with (
                gzip.GzipFile(
                    filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6
                ) as zipped,
                tarfile.open(fileobj=zipped, mode="w") as tar,
            ):
                _put(tar, MANIFEST, whole.model_dump_json(indent=1).encode(), whole.created_at)
                for name, path in parts.items():
                    with path.open("rb") as source:
                        _put(tar, name, source, whole.created_at, described[name].size)
            raw.flush()
            os.fsync(raw.fileno())
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)
    return whole


def _put(
    tar: tarfile.TarFile, name: str, source: IO[bytes] | bytes, at: datetime, size: int = 0
) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = 0o600, int(at.timestamp())
    given = BytesIO(source) if isinstance(source, bytes) else source
    entry.size = len(source) if isinstance(source, bytes) else size
    tar.addfile(entry, given)


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


@contextmanager
def unpacked(file: Path) -> Generator[Unpacked]:
    """A backup unpacked into a temporary folder beside it, each part compared with its digest.

    Raises Damaged for whatever is not exactly as it was made, with words on what is wrong.
    """
    if not file.is_file():
        raise Damaged(f"There is no file {file}.")
    beside = file.parent if os.access(file.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=".fedcop-", dir=beside) as folder:
        yield _unpack(file, Path(folder))


def _unpack(file: Path, folder: Path) -> Unpacked:
    try:
        with file.open("rb") as raw:
            if raw.read(len(_GZIP_BEGINS)) != _GZIP_BEGINS:
                raise Damaged(f"{file} is no backup of FedCoP, or its beginning is damaged.")
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw, mode="rb") as zipped:
                stream = cast("IO[bytes]", zipped)
                with tarfile.open(fileobj=stream, mode="r|") as tar:
                    manifest = _read(tar, folder)
                while stream.read(_CHUNK):  # to the end, where gzip's own check is
                    pass
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise Damaged(f"{file} is damaged: {error}") from error
    return Unpacked(manifest, folder)


def _read(tar: tarfile.TarFile, folder: Path) -> Manifest:
    manifest: Manifest | None = None
    found: set[str] = set()
    for entry in tar:
        content = tar.extractfile(entry) if entry.isreg() else None
        if content is None:
            raise Damaged(f"{entry.name} in it is no plain file.")
        if manifest is None:
            manifest = _manifest(entry, content)
            continue
        part = manifest.parts.get(entry.name)
        if part is None or entry.name in found or entry.name not in _allowed(manifest):
            raise Damaged(f"{entry.name} does not belong in it.")
        found.add(entry.name)
        target = folder / entry.name
        target.touch(mode=0o600)
        with target.open("wb") as into:
            shutil.copyfileobj(content, into, _CHUNK)
        if target.stat().st_size != part.size or _digest(target) != part.sha256:
            raise Damaged(f"{entry.name} in it is not as it was when the backup was made.")
    if manifest is None:
        raise Damaged("It is empty.")
    missing = manifest.parts.keys() - found
    if missing or manifest.database not in found:
        raise Damaged(f"It lacks {', '.join(sorted(missing)) or manifest.database}.")
    return manifest


def _allowed(manifest: Manifest) -> frozenset[str]:
    return frozenset({manifest.database, SECRET, CONFIG})


def _manifest(entry: tarfile.TarInfo, content: IO[bytes]) -> Manifest:
    if entry.name != MANIFEST or entry.size > _LONGEST_MANIFEST:
        raise Damaged("It has no manifest: it is no backup of FedCoP.")
    try:
        manifest = Manifest.model_validate_json(content.read())
    except ValidationError as error:
        raise Damaged("Its manifest cannot be read.") from error
    if manifest.format != _FORMAT:
        raise Damaged(
            f"It has format {manifest.format}, of a newer FedCoP ({manifest.program}). Install "
            "that version to read it."
        )
    return manifest
