"""Every file keeps the size, the opening and the silence that the house asks for."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALL = 400

# Put together, so that this file does not name them itself.
UNNAMED = [
    *("pypi" + dot for dot in (r"\.org", r"\.python")),
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "npmjs" + r"\.(?:com|org)",
    "registry" + r"\.yarnpkg",
    "crates" + r"\.io",
    "proxy" + r"\.golang",
    "repo1?" + r"\.maven",
    "deb" + r"\.debian\.org",
    r"(?<![\w.*)}-])/" + "work/",
    "/opt/" + "uvenv",
    r"/root" + "/",
    r"\.library" + "/",
]


def _files() -> list[Path]:
    """Every file that the repository has or is about to have."""
    git = shutil.which("git")
    listed = git and subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed and listed.returncode == 0:
        names = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    else:  # an unpacked archive has no history
        made = {".venv", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
        names = [p for p in ROOT.rglob("*") if not made.intersection(p.relative_to(ROOT).parts)]
    return sorted(path for path in names if path.is_file())


FILES = _files()
MODULES = [path for path in FILES if path.suffix == ".py"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_longer_than_the_wall() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: n for name, n in lengths.items() if n > WALL} == {}


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        _name(path)
        for path in MODULES
        if not re.search(
            r"\w[^.:?!]{4,}[.:?!](?:\s|$)", ast.get_docstring(ast.parse(path.read_text())) or ""
        )
    ]
    assert silent == []


def test_nobody_but_the_engine_commits() -> None:
    committing = [
        _name(path)
        for path in MODULES
        if _name(path).startswith("fedcop/")
        and re.search(r"(?<!savepoint)\.commit\(", path.read_text())
    ]
    driver = "fedcop/db/sqlite.py"  # hands the engine's commit on to SQLite's thread
    assert set(committing) <= {"fedcop/db/engine.py", driver}


@pytest.mark.parametrize("pattern", UNNAMED)
def test_no_file_names_a_registry_or_a_machine(pattern: str) -> None:
    search = re.compile(pattern.encode())
    found = [
        f"{_name(path)}: {hit.group().decode()}"
        for path in FILES
        if (hit := search.search(path.read_bytes()))
    ]
    assert found == []


def test_the_commands_of_the_readme_can_be_started() -> None:
    for name in ("demo", "test", "check", "bench"):
        path = ROOT / "scripts" / name
        assert path.stat().st_mode & 0o111, f"chmod +x scripts/{name}"
        assert f"scripts/{name}" in (ROOT / "README.md").read_text()
    assert len((ROOT / "README.md").read_text().splitlines()) <= 70, "one screen"
