"""The table of verbs that do something here."""

from fedcop.activitypub.vocab.activities import (
    Accept,
    Add,
    Announce,
    Block,
    Create,
    Delete,
    Dislike,
    EmojiReact,
    Flag,
    Follow,
    Like,
    Lock,
    Move,
    Reject,
    Remove,
    Undo,
    Update,
)
from fedcop.inbox.activities.accept import accept
from fedcop.inbox.activities.add import add
from fedcop.inbox.activities.announce import announce
from fedcop.inbox.activities.block import block
from fedcop.inbox.activities.create import create
from fedcop.inbox.activities.delete import delete
from fedcop.inbox.activities.flag import flag
from fedcop.inbox.activities.follow import follow
from fedcop.inbox.activities.like import vote
from fedcop.inbox.activities.lock import lock
from fedcop.inbox.activities.move import move
from fedcop.inbox.activities.reject import reject
from fedcop.inbox.activities.remove import remove
from fedcop.inbox.activities.undo import undo
from fedcop.inbox.activities.update import update
from fedcop.inbox.dispatch import Handlers

HANDLERS = (
    Handlers()
    .on(Follow, follow)
    .on(Accept, accept)
    .on(Reject, reject)
    .on(Create, create)
    .on(Update, update)
    .on(Delete, delete)
    .on(Like, vote)
    .on(Dislike, vote)
    .on(EmojiReact, vote)
    .on(Announce, announce)
    .on(Undo, undo)
    .on(Block, block)
    .on(Flag, flag)
    .on(Move, move)
    .on(Add, add)
    .on(Remove, remove)
    .on(Lock, lock)
)
