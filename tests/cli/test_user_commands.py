"""What an administrator does to accounts from the command line."""

import json
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest


@pytest.fixture
def server(fedcop):
    assert fedcop("init community.example.org --name Gardeners").exit_code == 0
    assert fedcop("user create maria").exit_code == 0
    return fedcop


def rows(query):
    with sqlite3.connect("data/fedcop.db") as db:
        found = db.execute(query).fetchall()
    db.close()
    return found


def test_a_password_is_reset_by_a_link(server):
    done = server("user reset-password @Maria --json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert re.fullmatch(r"https://community\.example\.org/enter/[\w-]{43}", said["link"])
    assert said["name"] == "maria"
    assert "opens nothing any more" in server("user reset-password maria").output
    missing = server("user reset-password nobody")
    assert missing.exit_code == 1
    assert "fedcop user list" in missing.output


def test_suspend_and_reinstate(server):
    assert "maria@community.example.org is suspended" in server("user suspend maria").output
    assert rows("SELECT COUNT(*) FROM links WHERE account_id IS NOT NULL") == [(0,)]
    refused = server("user reset-password maria")
    assert (refused.exit_code, "fedcop user reinstate" in refused.output) == (1, True)
    assert json.loads(server("user list --json").stdout)[0]["suspended"] is True
    back = json.loads(server("user reinstate maria@community.example.org --json").stdout)
    assert back == {"address": "maria@community.example.org", "standing": "taking part again"}
    assert server("user suspend eve@evil.example").exit_code == 1
    assert "server itself" in server("user suspend community.example.org").output
    assert server("community create gardeners --title G --purpose P --founder maria").exit_code == 0
    assert "only people are suspended" in server("user suspend gardeners").output


def test_an_account_is_taken_along_and_deleted(server):
    assert server("user export maria --to maria.zip").exit_code == 0
    with zipfile.ZipFile("maria.zip") as archive:
        assert sorted(archive.namelist())[:2] == ["actor.json", "communities.csv"]
    assert server("user export maria --to maria.zip").exit_code == 1, "nothing is overwritten"
    assert "cannot be written" in server("user export maria --to nowhere/maria.zip").output
    assert not list(Path().glob(".maria*"))

    look = server("user delete maria")
    assert "would delete" in look.output
    assert "--yes" in look.output
    assert rows("SELECT COUNT(*) FROM accounts") == [(1,)]
    done = json.loads(server("user delete maria --yes --json").stdout)
    assert done == {"name": "maria", "posts": 0, "deleted": True}
    assert rows("SELECT COUNT(*) FROM accounts") == [(0,)]
    assert server("user delete maria --yes").exit_code == 1
    taken = server("user create maria")
    assert "taken here already" in taken.output


def test_the_only_administrator_stays(server):
    assert server("user create ida --admin").exit_code == 0
    for command in ("suspend ida", "delete ida", "delete ida --yes"):
        refused = server(f"user {command}")
        said = " ".join(refused.output.split())
        assert refused.exit_code == 1, command
        assert "ida is the only administrator" in said, command
        assert "fedcop user create NAME --admin" in said, command
    assert server("user create ole --admin").exit_code == 0
    assert server("user suspend ida").exit_code == 0
    assert server("user delete ole --yes").exit_code == 1, "who is suspended administers nothing"
    assert server("user delete ida --yes").exit_code == 0
