"""A whole server process as `fedcop serve` runs it, worker and all, in a network of nobody.

Run as `python -m tests.bench.working`, with its settings as JSON on its first line of input; it
says when it listens. It serves until its input ends.
"""

import os
import signal
import sys
import threading
from contextlib import ExitStack

import orjson

from fedcop.bootstrap import House, build
from fedcop.cli.listening import Manner, serve
from fedcop.inbox.rates import Rates
from fedcop.log import configure
from fedcop.settings import Settings
from tests.bench.nobody import Nobody
from tests.bench.sampling import reported, reporting


def _put_together(settings: Settings) -> House:
    house = build(settings, Nobody())
    house.receiver._rates = Rates(1 << 40, 300.0)  # all senders have one address
    return house


def _listens(watched: ExitStack) -> None:
    if reporting():
        watched.enter_context(reported())
    sys.stdout.write("listens\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    configure("critical", "json")
    given = Settings(**orjson.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_input, daemon=True).start()
    with ExitStack() as watched:
        manner = Manner(put_together=_put_together, listens=lambda _: _listens(watched))
        serve(given, manner)
