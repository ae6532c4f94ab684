"""Forget hashtags that no post carries any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from fedcop.domain.posts.models import PostTag, Tag
from fedcop.ids import new_id
from fedcop.work.schedule import AT_ONCE

_FRESH = timedelta(days=1)


def sweep_tags(session: Session, now: datetime) -> bool:
    """Delete some; True if more may be left. A fresh one may be about to be hung on a post."""
    bare = select(Tag.id).where(
        Tag.id < new_id(now - _FRESH), ~exists().where(PostTag.tag_id == Tag.id)
    )
    ids = session.scalars(bare.limit(AT_ONCE)).all()
    if ids:
        session.execute(delete(Tag).where(Tag.id.in_(ids)))
    return len(ids) == AT_ONCE
