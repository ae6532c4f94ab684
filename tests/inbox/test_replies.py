"""Create: what arrives becomes a post, with all that follows."""

from datetime import datetime

import pytest

from fedcop.domain.network.models import Activity
from fedcop.domain.notifications.models import Notification
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


async def test_a_reply_to_ours(home: Home, bob: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    post = await home.find_post(note["id"])
    assert post is not None
    assert (post.parent_id, post.kind, post.title) == (home.post, "reply", "")
    assert await home.count(Notification) == 1
    root = await home.row(Post, Post.id == home.post)
    assert (root.reply_count, root.thread_count) == (1, 1)
    message = await home.last()
    assert (message.state, message.body) == ("done", b"")
    journal = await home.row(Activity, Activity.object_uri == note["id"], ~Activity.local)
    assert (journal.actor_uri, journal.type) == (bob.uri, "Create")
    assert isinstance(post.published_at, datetime)


async def test_twice_is_once(home: Home, bob: Them) -> None:
    create = bob.creates(bob.note(inReplyTo=home.post_uri))
    await home.hears(bob, create, create)
    again = Them(bob.web, bob.uri, bob.rsa, bob.ed25519)
    home.receiver._seen.clear()
    await home.hears(again, create)
    assert await home.count(InboxMessage) == 1
    assert await home.count(Post) == 2
