"""`fedcop federation explain`: files, folders and the standard input, without a server."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fedcop.cli import app

LIKE = {
    "id": "https://there.example/a/1",
    "type": "Like",
    "actor": "https://there.example/u/anna",
    "object": "https://here.example/post/2",
}
KEYS = ["file", "type", "outcome", "reason"]


def lines(output: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of every kind, and what is none."""
    root = tmp_path / "logs"
    (root / "b").mkdir(parents=True)
    (root / "a.json").write_text(json.dumps([LIKE, {"hello": "world"}, 3]))
    (root / "b" / "like.activity").write_text(json.dumps(LIKE))
    (root / "b" / "broken.json").write_bytes(b"\xff\xfe{\x00}\x00")
    (root / "c.json.d").mkdir()
    (root / "notes.txt").write_text("not read")
    (root / "loop.json").symlink_to("loop.json")
    (root / "up").symlink_to("..")
    (root / "\udcff.json").write_text('{"type": "\\u001b[31mNote"}')
    os.mkfifo(root / "pipe.json")
    return root


def test_a_folder_is_a_line_for_each_document_in_order(fedcop, folder: Path) -> None:
    done = fedcop(f"federation explain {folder} --json")
    assert done.exit_code == 0, done.output
    rows = lines(done.stdout)
    assert all(list(row) == KEYS for row in rows)
    found = [(Path(row["file"]).relative_to(folder).as_posix(), row["outcome"]) for row in rows]
    assert found == [
        ("a.json", "vote"),
        ("a.json", "ignored"),
        ("a.json", "refused"),
        ("b/broken.json", "refused"),
        ("b/like.activity", "vote"),
        ("loop.json", "refused"),
        ("pipe.json", "refused"),
        ("\udcff.json", "ignored"),
    ]
    assert "a pipe" in rows[6]["reason"]
    assert "cannot be read" in rows[5]["reason"]


def test_a_reader_gets_words_and_a_summary(fedcop, folder: Path) -> None:
    done = fedcop(f"federation explain {folder}")
    assert done.exit_code == 0, done.output
    assert "A vote for https://here.example/post/2" in done.output
    assert "8 documents: 2 vote, 2 ignored, 4 refused." in done.output
    assert "Left out: 1, whose name does not end in .activity, .json" in done.output
    assert "\x1b[31mNote" not in done.output


def test_one_file_and_the_standard_input(fedcop, folder: Path) -> None:
    done = fedcop(f"federation explain {folder / 'b' / 'like.activity'}")
    assert (done.exit_code, "1 document: 1 vote." in done.output) == (0, True)
    piped = CliRunner().invoke(
        app, ["federation", "explain", "-", "--json"], input=json.dumps(LIKE)
    )
    assert [(row["file"], row["outcome"]) for row in lines(piped.stdout)] == [("-", "vote")]


@pytest.mark.parametrize("name", ["nowhere.json", "logs/loop.json"])
def test_a_path_that_cannot_be_read_says_so(fedcop, folder: Path, name: str) -> None:
    done = fedcop(f"federation explain {folder.parent / name}")
    assert (done.exit_code, "cannot be read" in done.output) == (1, True)
    assert "Traceback" not in done.output


def test_an_empty_folder_holds_nothing(fedcop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "0 documents: nothing to read." in fedcop("federation explain empty").output


def test_a_folder_that_may_not_be_read(fedcop, folder: Path, monkeypatch) -> None:
    walk = os.walk

    def refuse(top: Path, onerror):
        onerror(PermissionError(13, "Permission denied", str(refused)))
        return walk(top)

    monkeypatch.setattr(os, "walk", refuse)
    refused = folder / "b"
    rows = lines(fedcop(f"federation explain {folder} --json").stdout)
    assert [row["outcome"] for row in rows if row["file"] == str(refused)] == ["refused"]
    refused = folder
    done = fedcop(f"federation explain {folder} --json")
    assert (done.exit_code, "Permission denied" in done.output) == (1, True)
