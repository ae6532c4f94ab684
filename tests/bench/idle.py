"""What a server needs before anybody asks: the time until its first answer, and its memory."""

import asyncio
import os
import re
import socket
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.databases import Place
from tests.bench.measure import Figure
from tests.bench.town import HOST, town

_ASK = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
_PAUSE = 0.005


async def idle(place: Place, many: int) -> list[Figure]:
    """Start `fedcop serve` and ask for its first page until it is there, and look at its memory."""
    url = place.database()
    async with town(url, place.folder, speakers=1) as here:
        secret = here.settings.secret_key.get_secret_value()
    found = [await _started(url, place.folder, secret) for _ in range(many + 1)]
    first, memory = (median(values) for values in zip(*found[1:], strict=True))
    common: dict[str, Any] = {"on": place.kind, "unit": "process"}
    return [
        Figure(
            name="start",
            value=first,
            of="s",
            must=2.0,
            aim=1.0,
            note="from the start of the process to the first answer with a page",
            **common,
        ),
        Figure(
            name="idle-memory",
            value=memory,
            of="MiB (PSS)",
            must=150,
            aim=110,
            note="after that page, one process with its worker",
            **common,
        ),
    ]


async def _started(url: str, folder: Path, secret: str) -> tuple[float, float]:
    """Seconds to the first page, and MiB then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = {
        **os.environ,
        "FEDCOP_HOST": HOST,
        "FEDCOP_DATABASE_URL": url,
        "FEDCOP_DATA_DIR": str(folder),
        "FEDCOP_SECRET_KEY": secret,
        "FEDCOP_LOG_LEVEL": "error",
    }
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fedcop", "serve", "--bind", f"127.0.0.1:{port}"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        while not await _answers(port):
            assert process.returncode is None, "fedcop serve has ended"
            await asyncio.sleep(_PAUSE)
        seconds = time.monotonic() - began
        return seconds, _memory(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(_ASK)
    head = await reader.read()
    writer.close()
    return head.startswith(b"HTTP/1.1 200")


def _memory(pid: int) -> float:
    """MiB of the process's own, and its part of what it shares; 0 where Linux does not tell."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    match = re.search(r"^Pss:\s+([0-9]+) kB", text, re.MULTILINE)
    return int(match[1]) / 1024 if match else 0.0
