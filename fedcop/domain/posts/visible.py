"""Which posts somebody may be shown in a list: the one place where lists ask."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor, Block
from fedcop.domain.posts.models import Post

_REPLY: ColumnElement[str] = literal_column("'reply'")
"""Not a parameter: only so a database sees that a partial index of thread starters fits."""


def starters(post: type[Post] = Post) -> list[ColumnElement[bool]]:
    """That a post starts a thread, in the words of the indexes of thread starters."""
    return [post.parent_id.is_(None), post.kind != _REPLY]


def visible(post: type[Post] = Post) -> list[ColumnElement[bool]]:
    """That the words of a post may be shown to anybody."""
    return [post.confirmed.is_(True), post.deleted_at.is_(None), post.removed_at.is_(None)]


def heard_by(reader_id: int | None, actor: type[Actor] = Actor) -> list[ColumnElement[bool]]:
    """That an actor is nobody whom this server or this reader does not want to hear."""
    heard: list[ColumnElement[bool]] = [
        actor.suspended_at.is_(None),
        ~is_hidden(actor.id),
    ]
    if reader_id is not None:
        heard.append(actor.id.not_in(_blocked(reader_id)))
    return heard


def _blocked(reader_id: int) -> Any:
    return select(Block.target_id).where(Block.blocker_id == reader_id)
