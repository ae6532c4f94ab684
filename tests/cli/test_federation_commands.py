"""`fedcop federation`: partner servers, decisions about them, and keys, from the command line."""

import json
from pathlib import Path

import pytest

HOST = "community.example.org"


@pytest.fixture
def server(fedcop):
    assert fedcop(f"init {HOST} --name Gardeners").exit_code == 0
    return lambda words: fedcop(f"federation {words}")


def test_a_block_is_looked_at_first_and_can_be_taken_back(server):
    seen = server("block https://Spam.Example/ --reason 'too much'")
    assert seen.exit_code == 0, seen.output
    assert "add --yes" in seen.output
    assert json.loads(server("policies --json").output) == []
    assert server("block spam.example --reason 'too much' --yes").exit_code == 0
    assert server("allow good.spam.example").exit_code == 0
    rows = json.loads(server("policies --json").output)
    assert [(r["server"], r["attitude"], r["reason"], r["by"]) for r in rows] == [
        ("good.spam.example", "allow", "", "command line"),
        ("spam.example", "block", "too much", "command line"),
    ]
    assert "too much" in server("policies").output
    Path("list.csv").write_text(server("policies --csv").output + "loud.example,silence,\n")
    tried = server("test forum.spam.example")
    assert tried.exit_code == 1
    assert "does not speak with forum.spam.example" in " ".join(tried.output.split())
    assert server("forget spam.example").exit_code == 0
    again = server("forget spam.example")
    assert again.exit_code == 1
    assert "Nothing is decided" in again.output
    listed = server("import list.csv")
    assert "Passed over: loud.example" in listed.output
    assert "1 to block, 1 to allow" in listed.output
    assert len(json.loads(server("policies --json").output)) == 1
    assert "2 decisions are in force" in server("import list.csv --yes").output
    assert len(json.loads(server("policies --json").output)) == 2


def test_partners_only(server):
    assert "add --yes" in server("partners-only on").output
    assert "Partners only" not in server("policies").output
    assert server("partners-only on --yes").exit_code == 0
    assert "Partners only" in server("policies").output
    assert "not blocked" in server("partners-only off").output
    assert "Partners only" not in server("policies").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"block {HOST} --yes", "your own server"),
        ("block nonsense", "full name of a server"),
        ("retry nobody.example", "never met nobody.example"),
        ("treat nobody.example --as forum", "never met nobody.example"),
        ("keys @nobody@nobody.example", "is not known here"),
        ("test nonsense", "full name"),
    ],
)
def test_what_cannot_be_is_said_in_words(server, words, said):
    done = server(words)
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_keys_and_peers(server):
    keys = json.loads(server("keys --json").output)
    assert [(key["algorithm"], key["ours"]) for key in keys] == [("rsa", True), ("ed25519", True)]
    assert keys[0]["id"] == f"https://{HOST}/#main-key"
    assert all(len(key["fingerprint"]) == 64 for key in keys)
    assert "No partner server yet" in server("peers").output
    assert json.loads(server("peers --json").output) == []
