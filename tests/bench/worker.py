"""One of several worker processes on a database: it delivers to the hosts of a sink.

Run as `python -m tests.bench.worker`, with its settings as JSON on its first line of input. It
prints 0 when it is ready, the CPU microseconds that it has used after each further line, and stops
with its input.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

from fedcop.bootstrap import build
from fedcop.cli.listening import settle_memory
from fedcop.log import configure
from fedcop.net.open_files import raise_limit
from fedcop.settings import Settings
from tests.bench.others import way_out


async def main(given: dict[str, Any]) -> None:
    authority = given.pop("authority")
    house = build(Settings(**given), way_out(Path(authority) if authority else None))
    await house.start()
    stop = asyncio.Event()
    working = asyncio.create_task(house.run_worker(stop))
    settle_memory()
    _say(0)
    while await asyncio.to_thread(sys.stdin.readline):
        _say(time.process_time_ns() // 1000)
    stop.set()
    await working
    await house.close()


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    configure("info", "json")
    raise_limit()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(orjson.loads(sys.stdin.readline())))
