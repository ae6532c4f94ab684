"""What a test of speed counts: statements, by their beginning, and commits."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from fedcop.db.engine import Database


class Counted:
    """The statements of one stretch of work, and how often it committed."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.commits = 0

    @property
    def said(self) -> str:
        """The statements with their numbers, for the message of a failing test."""
        begun = Counter(statement[:90].replace("\n", " ") for statement in self.statements)
        return "\n".join(f"{many:4} {text}" for text, many in begun.most_common())

    def about(self, *words: str) -> list[str]:
        """The statements in which all of these words stand."""
        return [one for one in self.statements if all(word in one for word in words)]


@contextmanager
def counted(db: Database) -> Iterator[Counted]:
    """Count what is executed meanwhile; BEGIN and savepoints, too, but no COMMIT."""
    found = Counted()
    engine = db.engine.sync_engine

    def executed(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.statements.append(statement)

    def committed(_: Any) -> None:
        found.commits += 1

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committed)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", executed)
        event.remove(engine, "commit", committed)
