"""A server is set up from the command line, once, and looked after."""

import json
import re
import sqlite3
import tomllib
from pathlib import Path

import pytest

from fedcop.cli.shelf import COMMANDS, HIDDEN

HOST = "community.example.org"


@pytest.fixture
def server(fedcop):
    assert fedcop(f"init {HOST} --name Gardeners").exit_code == 0
    return fedcop


def test_init_writes_all_that_a_server_needs(fedcop):
    done = fedcop(f"init {HOST} --name Gardeners")
    assert done.exit_code == 0, done.output
    assert re.search(rf"https://{re.escape(HOST)}/join/[\w-]{{43}}", done.output)
    assert "can never change" in done.output
    config, secret = Path("fedcop.toml"), Path("data/secret.key")
    for path in (config, secret):
        assert path.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(config.read_text()) == {"host": HOST, "data_dir": "data"}
    assert len(secret.read_text().strip()) >= 43
    with sqlite3.connect("data/fedcop.db") as db:
        assert db.execute("SELECT host, name FROM site").fetchall() == [(HOST, "Gardeners")]
        assert db.execute("SELECT purpose, role FROM links").fetchall() == [("invite", "admin")]
        assert db.execute("SELECT type FROM actors").fetchall() == [("Application",)]
    db.close()


def test_a_second_init_is_refused_in_words(server):
    secret = Path("data/secret.key").read_text()
    again = server("init other.example.org")
    assert again.exit_code == 1
    assert "here already" in again.output
    assert "fedcop serve" in again.output
    Path("fedcop.toml").unlink()
    other = server("init other.example.org")
    assert other.exit_code == 1
    assert f"already belongs to {HOST}" in other.output
    assert Path("data/secret.key").read_text() == secret


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("192.0.2.7", "is an address"),
        ("[2001:db8::1]", "is an address"),
        ("https://community.example.org/", "fedcop init community.example.org"),
        ("community.example.org:8443", "without its port"),
        ("community", "not a full name"),
        ("exa_mple.org", "not a host name"),
        ("", "not a full name"),
    ],
)
def test_init_refuses_what_is_no_name(fedcop, host, words):
    done = fedcop(f"init '{host}'")
    assert done.exit_code == 1
    assert words in " ".join(done.output.split())
    assert list(Path().iterdir()) == []


def test_a_port_is_allowed_in_development(fedcop):
    done = fedcop("init rivers.localhost:8123 --development")
    assert done.exit_code == 0, done.output
    assert "http://rivers.localhost:8123/join/" in done.output
    written = tomllib.loads(Path("fedcop.toml").read_text())
    assert written["development"] is True
    assert written["bind"] == "127.0.0.1:8123"


def test_nothing_works_where_there_is_no_server(fedcop):
    for words in ("user list", "community list", "federation queue", "serve", "db status"):
        done = fedcop(words)
        assert done.exit_code == 1, words
        assert "fedcop init HOST" in " ".join(done.output.split())


def test_people_are_made_invited_and_listed(server):
    made = server("user create Ada --display-name 'Ada Lovelace' --admin")
    assert made.exit_code == 0, made.output
    assert re.search(rf"https://{re.escape(HOST)}/enter/[\w-]{{43}}", made.output)
    assert re.search(r"/join/[\w-]{43}", server("user invite").output)
    listed = json.loads(server("user list --json").stdout)
    assert [(row["name"], row["display_name"], row["role"]) for row in listed] == [
        ("ada", "Ada Lovelace", "admin")
    ]
    taken = server("user create ada")
    assert taken.exit_code == 1
    assert "taken" in taken.output
    lost = server("user invite --community nowhere")
    assert lost.exit_code == 1
    assert "fedcop community list" in lost.output


def test_communities_are_founded_and_listed(server):
    assert "fedcop community create" in server("community list").output
    nobody = server("community create gardens --title Gardens --purpose Grow --founder ada")
    assert nobody.exit_code == 1
    assert "fedcop user create ada" in nobody.output
    server("user create ada")
    Path("charter.md").write_text("Be *kind*.")
    founded = server(
        "community create gardens --title Gardens --purpose Grow --founder ada --charter charter.md"
    )
    assert f"https://{HOST}/c/gardens" in founded.output
    (row,) = json.loads(server("community list --json").stdout)
    assert (row["name"], row["title"], row["members"]) == (f"gardens@{HOST}", "Gardens", 1)
    assert "Gardens" in server("community list").output
    closing = "community close gardens --notice Done. --successor @soil@green.test"
    shown = server(closing)
    assert "@soil@green.test" in shown.output
    assert "Nothing is done yet" in shown.output
    assert json.loads(server("community list --json").stdout)[0]["closed"] is None
    assert "Closed" in server(f"{closing} --yes").output
    assert "notice is new" in server(f"{closing} --yes").output
    assert json.loads(server("community list --json").stdout)[0]["closed"]
    assert "Open again" in server("community reopen gardens").output
    assert "not closed" in server("community reopen gardens").output
    assert server("community reopen nowhere").exit_code == 1


def test_the_database_says_where_it_stands(server):
    (row,) = json.loads(server("db status --json").stdout)
    assert row["current"] == row["newest"] != ""
    assert row["pending"] == ""
    assert "Nothing to do" in server("db upgrade").output


def test_nothing_waits_on_a_new_server(server):
    assert json.loads(server("federation queue --json").stdout) == []
    assert "Nothing waits" in server("federation queue").output


def test_a_worker_of_its_own_needs_postgresql(server):
    for words in ("worker", "serve --no-worker --bind 127.0.0.1:0"):
        done = server(words)
        assert done.exit_code == 1
        assert "SQLite" in done.output


def test_another_name_in_the_settings_is_refused(server, monkeypatch):
    monkeypatch.setenv("FEDCOP_HOST", "other.example.org")
    done = server("user list")
    assert done.exit_code == 1
    assert "can never change" in " ".join(done.output.split())


def test_a_lost_key_is_not_replaced(server):
    Path("data/secret.key").unlink()
    for words in ("user list", "serve --bind 127.0.0.1:0"):
        done = server(words)
        assert done.exit_code == 1
        assert "secret.key" in done.output
    assert not Path("data/secret.key").exists()


def test_what_is_not_understood_ends_with_2(fedcop):
    assert fedcop("no-such-command").exit_code == 2
    assert fedcop("user create").exit_code == 2


def test_the_list_of_commands_says_what_the_commands_say(fedcop):
    listed = fedcop("--help").output
    for name, (_, line) in COMMANDS.items():
        assert (name in listed.split()) is (name not in HIDDEN)
        one = fedcop(f"{name} --help")
        assert one.exit_code == 0
        assert line in " ".join(one.output.split())
