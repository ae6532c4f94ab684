"""`fedcop doctor` and `fedcop backup` as one types them."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedcop.db.serving import alone

HOST = "red.localhost:8123"


@pytest.fixture
def server(fedcop):
    assert fedcop(f"init {HOST} --development").exit_code == 0
    return fedcop


def test_a_backup_is_made_verified_and_restored_elsewhere(server, tmp_path, monkeypatch):
    server("user create ada")
    made = server("backup create --to kept/first.tar.gz")
    assert made.exit_code == 0, made.output
    assert "keep it where" in " ".join(made.output.split())
    (row,) = json.loads(server("backup create --json").stdout)
    assert (row["host"], row["rows"]["accounts"], row["holds_settings"]) == (HOST, 1, True)
    assert Path(row["file"]).stat().st_mode & 0o777 == 0o600
    assert HOST in server("backup verify kept/first.tar.gz").output
    assert json.loads(server("backup verify kept/first.tar.gz --json").stdout)[0]["kind"]

    server("user create bob")
    seen = server("backup restore kept/first.tar.gz")
    assert seen.exit_code == 0
    assert "Nothing was changed" in seen.output
    assert len(json.loads(server("user list --json").stdout)) == 2
    with alone("sqlite:///data/fedcop.db"):
        busy = server("backup restore kept/first.tar.gz --yes")
        assert busy.exit_code == 1
        assert "A server is running" in busy.output
        twice = server("serve --bind 127.0.0.1:0")
        assert twice.exit_code == 1
        assert "A server is running" in twice.output
    done = server("backup restore kept/first.tar.gz --yes")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(server("user list --json").stdout)
    assert row["name"] == "ada"
    aside = re.search(r"data/before-restore-\w+", done.output)
    assert aside is not None
    with closing(sqlite3.connect(f"{aside[0]}/fedcop.db")) as former:
        assert former.execute("SELECT count(*) FROM accounts").fetchone() == (2,)

    other = tmp_path / "another machine"
    other.mkdir()
    monkeypatch.chdir(other)
    assert server(f"backup restore '{tmp_path}/kept/first.tar.gz' --yes").exit_code == 0
    assert len(json.loads(server("user list --json").stdout)) == 1
    assert Path("fedcop.toml").stat().st_mode & 0o777 == 0o600
    assert Path("data").stat().st_mode & 0o777 == 0o700


def test_what_is_no_backup_is_refused_in_words(server):
    Path("odd.tar.gz").write_text("nothing of the kind")
    for words in ("backup verify odd.tar.gz", "backup restore odd.tar.gz --yes"):
        done = server(words)
        assert done.exit_code == 1
        assert "is no backup" in done.output
    assert "There is no file" in server("backup verify nowhere.tar.gz").output


def test_the_doctor_is_honest_in_every_folder(fedcop):
    nothing = fedcop("doctor")
    assert nothing.exit_code == 1
    assert "fedcop init HOST" in " ".join(nothing.output.split())
    assert json.loads(fedcop("doctor --json").stdout)["ok"] is False
    fedcop(f"init {HOST} --development")
    stopped = fedcop("doctor")
    assert stopped.exit_code == 1
    assert "No server is running" in stopped.output
    said = json.loads(fedcop("doctor --json").stdout)
    assert {one["check"] for one in said["findings"] if one["state"] == "ok"} >= {
        "settings",
        "secret key",
        "database",
        "schema",
        "writing",
        "keys",
        "queues",
    }
    Path("data/fedcop.db").unlink()
    assert "There is no database" in fedcop("doctor").output
    assert not Path("data/fedcop.db").exists()
