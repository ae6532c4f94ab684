"""What a serving process asks of the system: a port to listen on, and word of signals."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from fedcop.errors import Conflict, Invalid


def listen_on(bind: str) -> socket.socket:
    """A socket that listens at `host:port`. Raises Invalid, or Conflict if the port is taken."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise Invalid(f"{bind!r} is no address to listen on. Write it as 127.0.0.1:8000.")
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((name, int(port)))
    except OSError as error:
        listening.close()
        raise Conflict(
            f"Nothing can listen on {bind}: {error.strerror or error}. Another program may be "
            "using the port: stop it, or choose another with --bind 127.0.0.1:8001."
        ) from error
    listening.setblocking(False)
    return listening


def on_signals(act: Callable[[], None]) -> None:
    """Call `act` on SIGINT and SIGTERM instead of what Python does on them."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError):  # Windows, or not the main thread
            loop.add_signal_handler(number, act)
