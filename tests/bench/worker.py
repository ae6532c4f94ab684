"""One of several worker processes on a database: it delivers to the hosts of a sink.

Run as `python -m tests.bench.worker`, with its settings as JSON on its first line of input. It
prints 0 when it is ready and stops with its input. Asked for `cpu`, it prints the CPU microseconds
that it has used; asked to `sign`, those that one signature costs it at this moment.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from fedcop.bootstrap import build
from fedcop.cli.listening import settle_memory
from fedcop.log import configure
from fedcop.net.open_files import raise_limit
from fedcop.settings import Settings
from tests.bench.limits import signing
from tests.bench.others import way_out


async def main(given: dict[str, Any]) -> None:
    authority = given.pop("authority")
    house = build(Settings(**given), way_out(Path(authority) if authority else None))
    await house.start()
    stop = asyncio.Event()
    working = asyncio.create_task(house.run_worker(stop))
    settle_memory()
    _say(0)
    key = PrivateKey.from_pem("#key", "", generate_rsa(), trusted=True)
    while asked := await asyncio.to_thread(sys.stdin.readline):
        _say(round(signing(key, 1)) if asked == "sign\n" else time.process_time_ns() // 1000)
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
