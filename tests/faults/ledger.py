"""The ledger: what was sent and what was answered, on the disk before anything else happens."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
_AGAIN = frozenset({408, 425, 429})


class Ledger:
    """Appends lines of JSON; `write` returns when its line is synced. Many share one sync."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("ab", buffering=0)
        self._lines: list[bytes] = []
        self._written: asyncio.Future[None] | None = None

    async def write(self, **line: Any) -> None:
        self._lines.append(json.dumps({"at": time.time(), **line}).encode() + b"\n")
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(self._sync)
        await self._written

    def _sync(self) -> None:
        # in this thread on purpose: nothing may be sent meanwhile
        self._file.write(b"".join(self._lines))
        os.fdatasync(self._file.fileno())
        self._lines.clear()
        if self._written is not None:
            self._written.set_result(None)
            self._written = None

    def close(self) -> None:
        self._file.close()


@dataclass(slots=True)
class Entry:
    """All that the ledger has about one activity, in the order of first sending."""

    id: str
    hash: str
    what: dict[str, Any]
    tries: int = 0
    answers: list[int] = field(default_factory=list[int])
    """The statuses that came; a try without an answer has none."""
    without_wait: int = 0
    """How often it was answered 429 or 503 without `Retry-After`."""

    @property
    def kind(self) -> str:
        """Acknowledged (2xx; a form: 303), refused for good (4xx), or unknown."""
        if any(200 <= status < 400 for status in self.answers):
            return ACKNOWLEDGED
        if any(self._is_final(status) for status in self.answers):
            return REFUSED
        return UNKNOWN

    @property
    def contradicts_itself(self) -> bool:
        """Whether it was taken once and refused once."""
        return self.kind == ACKNOWLEDGED and any(map(self._is_final, self.answers))

    @staticmethod
    def _is_final(status: int) -> bool:
        return 400 <= status < 500 and status not in _AGAIN


class Read(dict[str, Entry]):
    """A ledger as it stands on the disk: the entries by id, in the order of first sending."""

    @classmethod
    def of(cls, file: Path) -> Self:
        """Raises ValueError for an answer to what was never sent, or for other bytes of one id."""
        found = cls()
        for line in _lines(file):
            if (uri := line.get("sent")) is not None:
                entry = found.setdefault(uri, Entry(uri, line["hash"], line.get("what", {})))
                if entry.hash != line["hash"]:
                    raise ValueError(f"{uri} was sent with other bytes")
                entry.tries += 1
            else:
                entry = found.get(line["answered"])
                if entry is None:
                    raise ValueError(f"{line['answered']} was answered and never sent")
                if line["status"] is not None:
                    entry.answers.append(line["status"])
                    must_say = line["status"] in {429, 503}
                    entry.without_wait += must_say and not line.get("wait")
        return found

    def of_kind(self, kind: str) -> list[Entry]:
        return [entry for entry in self.values() if entry.kind == kind]


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            yield json.loads(line)
