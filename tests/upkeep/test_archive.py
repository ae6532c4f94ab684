"""A backup in which anything has changed is refused, whatever it is."""

import gzip
import io
import json
import random
import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from fedcop.errors import Conflict, FedcopError
from fedcop.settings import config_path, load_settings
from fedcop.upkeep.archive import Damaged
from fedcop.upkeep.create import create
from fedcop.upkeep.restore import plan, settings_of
from fedcop.upkeep.verify import read_script, verified, verify
from tests.fediverse import Fediverse

pytestmark = pytest.mark.anyio
HOST = "red.example"


@pytest.fixture
async def backup(
    anyio_backend, fediverse: Fediverse, tmp_path: Path, monkeypatch, postgresql
) -> Path:
    monkeypatch.setenv("PATH", str(postgresql.programs), prepend=":")
    config = tmp_path / "fedcop.toml"
    config.write_text(f'host = "{HOST}"\ndata_dir = "{tmp_path}/elsewhere"\n')
    monkeypatch.setenv("FEDCOP_CONFIG", str(config))
    (red,) = await fediverse(HOST)
    file = await create(red.house.app.settings, red.house.app.db, tmp_path / "made" / "it.tar.gz")
    assert verify(file).host == HOST
    return file


def altered(file: Path, change) -> Path:
    """The same backup with its parts changed by `change(name, content) -> content | None`."""
    target = file.with_name("altered.tar.gz")
    with (
        tarfile.open(file) as source,
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for entry in source:
            content = source.extractfile(entry)
            assert content is not None
            given = change(entry.name, content.read())
            if given is not None:
                entry.size = len(given)
                tar.addfile(entry, io.BytesIO(given))
    return target


def manifested(**changes):
    def change(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        return json.dumps(json.loads(content) | changes).encode()

    return change


def test_one_changed_byte_is_found_wherever_it_is(backup: Path) -> None:
    whole = backup.read_bytes()
    chance = random.Random(7)
    places = {*range(12), *range(len(whole) - 12, len(whole))}
    for place in sorted(places | {chance.randrange(len(whole)) for _ in range(12)}):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        backup.write_bytes(broken)
        with pytest.raises(FedcopError):
            verify(backup)
    for length in (0, 5, 1000, len(whole) - 1):
        backup.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            verify(backup)
    backup.write_bytes(whole)
    assert list(backup.parent.iterdir()) == [backup]


def test_parts_that_are_not_the_manifests_are_refused(backup: Path) -> None:
    other = b"another secret of another server\n"

    def swapped(name: str, content: bytes) -> bytes:
        return other if name == "secret.key" else content

    def lacking(name: str, content: bytes) -> bytes | None:
        return None if name == "secret.key" else content

    def nameless(name: str, content: bytes) -> bytes | None:
        return None if name == "manifest.json" else content

    for change, words in (
        (swapped, "not as it was"),
        (lacking, "lacks secret.key"),
        (nameless, "no manifest"),
        (manifested(format=2), "newer FedCoP"),
        (manifested(parts={}), "does not belong"),
        (manifested(kind="mysql"), "cannot be read"),
        (manifested(rows={"posts": 77}), "77"),
        (manifested(revision="0001"), "not 0001"),
    ):
        with pytest.raises(Damaged, match=words):
            verify(altered(backup, change))
    fresh = b"not the one with which these keys were sealed\n"
    about = {"sha256": sha256(fresh).hexdigest(), "size": len(fresh)}

    def resealed(name: str, content: bytes) -> bytes:
        if name == "manifest.json":
            manifest = json.loads(content)
            manifest["parts"]["secret.key"] = about
            return json.dumps(manifest).encode()
        return fresh if name == "secret.key" else content

    with pytest.raises(Damaged, match="does not open"):
        verify(altered(backup, resealed))
    with pytest.raises(Conflict, match="newer FedCoP"):
        verify(altered(backup, manifested(revision="9999")))
    with pytest.raises(Damaged, match="no file"):
        verify(backup.with_name("nowhere.tar.gz"))


def test_settings_come_from_here_and_else_from_the_backup(
    backup: Path, tmp_path: Path, monkeypatch
) -> None:
    here = config_path()
    with verified(backup) as opened:
        sqlite = opened.manifest.kind == "sqlite"
        if sqlite:
            assert settings_of(opened, here).data_dir == tmp_path / "elsewhere"
            assert any("stay as they are" in line for line in plan(opened, load_settings(), here))
            monkeypatch.setenv("FEDCOP_DATABASE_URL", "postgresql://somebody@/somewhere")
            with pytest.raises(Conflict, match="to-postgres"):
                settings_of(opened, here)
            monkeypatch.delenv("FEDCOP_DATABASE_URL")
        else:
            with pytest.raises(Conflict, match="FEDCOP_DATABASE_URL"):
                settings_of(opened, here)
            monkeypatch.setenv("FEDCOP_DATABASE_URL", "postgresql://somebody@/somewhere")
            assert settings_of(opened, here).host == HOST
        monkeypatch.setenv("FEDCOP_SECRET_KEY", "of somebody else")
        with pytest.raises(Conflict, match="FEDCOP_SECRET_KEY"):
            settings_of(opened, here)
        monkeypatch.delenv("FEDCOP_SECRET_KEY")
        monkeypatch.setenv("FEDCOP_HOST", "blue.example")
        with pytest.raises(Conflict, match=r"backup of red\.example"):
            settings_of(opened, here)
        monkeypatch.delenv("FEDCOP_HOST")
        empty = tmp_path / "empty" / "fedcop.toml"
        monkeypatch.setenv("FEDCOP_CONFIG", str(empty))
        monkeypatch.setenv("FEDCOP_DATA_DIR", str(tmp_path / "given"))
        read = settings_of(opened, empty)
        assert (read.host, read.data_dir) == (HOST, tmp_path / "given")
        assert any("would be written" in line for line in plan(opened, read, empty))
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with (
        verified(altered(backup, manifested(created_at=later))) as opened,
        pytest.raises(Conflict, match="clock here is behind"),
    ):
        settings_of(opened, empty)


async def test_nothing_is_left_when_the_disk_is_full(
    fediverse: Fediverse, tmp_path: Path, monkeypatch, postgresql
) -> None:
    monkeypatch.setenv("PATH", str(postgresql.programs), prepend=":")
    (red,) = await fediverse(HOST)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    folder = tmp_path / "full"
    with pytest.raises(FedcopError, match="No space left"):
        await create(red.house.app.settings, red.house.app.db, folder / "it.tar.gz")
    assert list(folder.iterdir()) == []


def test_the_script_of_a_dump_is_read_as_postgresql_writes_it() -> None:
    script = b"""SET client_encoding = 'UTF8';
COPY public.alembic_version (version_num) FROM stdin;
0003
\\.
COPY public.keys (id, uri, "private_sealed") FROM stdin;
1\thttps://a\t\\\\x6162
2\thttps://b\t\\N
\\.
COPY public.posts (id, source) FROM stdin;
1\tCOPY public.keys (id) FROM stdin;
\\.
"""
    held = read_script(io.BytesIO(script))
    assert held.revision == "0003"
    assert held.rows == {"alembic_version": 1, "keys": 2, "posts": 1}
    assert held.sealed == [b"ab"]
