"""`fedcop serve` as a process: it answers, it stops when it is told to, it says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedcop.demo.check import free_ports

PATIENCE = 90.0


def _environment(folder: Path, port: int) -> dict[str, str]:
    mine = {name: text for name, text in os.environ.items() if not name.startswith("FEDCOP_")}
    return mine | {
        "FEDCOP_HOST": f"red.localhost:{port}",
        "FEDCOP_BIND": f"127.0.0.1:{port}",
        "FEDCOP_DATA_DIR": str(folder / "data"),
        "FEDCOP_CONFIG": str(folder),
        "FEDCOP_DEVELOPMENT": "true",
        "FEDCOP_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }


def _run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fedcop", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_a_server_starts_from_nothing_but_its_name(tmp_path):
    (port,) = free_ports(1)
    environment = _environment(tmp_path, port)
    assert _run(environment, "health").returncode == 1
    log = tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "fedcop", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as server,
    ):
        try:
            assert server.stdout is not None
            said = ""
            end = time.monotonic() + PATIENCE
            while "Ctrl-C stops" not in said:
                assert time.monotonic() < end, log.read_text()
                line = server.stdout.readline()
                assert line, log.read_text()
                said += line
            assert f"http://red.localhost:{port}/join/" in said
            assert f"http://red.localhost:{port}/" in said.splitlines()[-1]
            assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
            health = _run(environment, "health")
            assert (health.returncode, health.stdout.strip()) == (0, "ready")
            taken = _run(environment, "serve")
            assert taken.returncode == 1
            assert "--bind" in taken.stderr
            assert "Traceback" not in taken.stderr
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()
    assert "Traceback" not in log.read_text()


def test_a_server_does_not_load_what_it_seldom_needs():
    """Alembic, PyLD with lxml, aiohttp: a quarter of the start, and 20 MiB."""
    code = """
import sys, fedcop.cli.serve
print([name for name in ("alembic", "mako", "pyld", "lxml", "aiohttp") if name in sys.modules])
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:x", "127.0.0.1:99999", ""])
def test_an_address_that_is_none_is_refused(tmp_path, fedcop, bind):
    fedcop("init red.example.org")
    done = fedcop(f"serve --bind '{bind}'")
    assert done.exit_code == 1
    assert "127.0.0.1:8000" in done.output


def test_a_taken_port_is_said_in_words(fedcop):
    fedcop("init red.example.org")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = fedcop(f"serve --bind 127.0.0.1:{port}")
    assert done.exit_code == 1
    assert f"Nothing can listen on 127.0.0.1:{port}" in done.output
    assert "--bind" in done.output
