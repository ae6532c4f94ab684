"""The name server of the laboratory: a file that the test writes and the server reads.

A key of the file is a name, for the ports of the web (443 and 80), or `name:port`. Its value has
an answer for each look-up in turn, the last one for all later ones; an answer is a list of
addresses, `1.2.3.4` or `127.0.0.1:40001`. With a port it leads to that loopback port, whatever port
was asked for, and may be connected to. A name that is not there does not exist.
"""

import json
from collections.abc import Sequence
from pathlib import Path

WEB = (80, 443)
Answers = list[list[str]]


class Names:
    """The file, from the side that writes it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Answers] = {}
        self._write()

    def point(self, name: str, port: int, address: str = "127.0.0.1") -> None:
        """From now on `name` is a host of ours, which listens on a loopback port."""
        self.answer(name, [f"{address}:{port}"])

    def answer(self, name: str, *answers: Sequence[str]) -> None:
        """What the look-ups of `name` find, one after the other; an empty answer: no address."""
        self._known[name] = [list(one) for one in answers]
        self._write()

    def forget(self, name: str) -> None:
        """From now on there is no such name."""
        self._known.pop(name, None)
        self._write()

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(self._known))
        draft.replace(self._file)


class Asked:
    """The file, from the side of the server that looks names up."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._turns: dict[str, int] = {}

    def look_up(self, name: str, port: int) -> list[tuple[str, int | None]]:
        """Addresses, each with the loopback port that it leads to, if it is a host of ours.

        A name that ends in what stands under `*.name` is found there.
        """
        known: dict[str, Answers] = json.loads(self._file.read_text())
        key = name if port in WEB else f"{name}:{port}"
        answers = known.get(key) or known.get(f"*.{key.partition('.')[2]}") or [[]]
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        return [_split(one) for one in answers[min(turn, len(answers) - 1)]]

    def may_connect(self, address: str, port: int) -> bool:
        """Whether this is the loopback port of a host of ours."""
        known: dict[str, Answers] = json.loads(self._file.read_text())
        return any(
            f"{address}:{port}" in answer for answers in known.values() for answer in answers
        )


def _split(text: str) -> tuple[str, int | None]:
    address, _, port = text.rpartition(":")
    if address and "." in address and port.isdecimal():
        return address, int(port)
    return text, None
