"""One complete server with a test door, at which foreign test suites, peers and clients point.

    .venv/bin/python -m tests.blackbox                    # http://localhost:PORT, a free port
    .venv/bin/python -m tests.blackbox --port 3000 --base-url http://fedcop.localhost:3000
    .venv/bin/python -m tests.blackbox --port 443 --base-url https://fedcop.test \
        --certificate fedcop.pem --key fedcop.key         # SSL_CERT_FILE names the CA of the others
    .venv/bin/python -m tests.blackbox --data folder --database postgresql://…

It prints one line of JSON when it is ready: `base_url`, `pid`, and `actors`, the seeded ones with
`id` and `token`: `ada`, who is a steward of the community `commons`, and `ben`, its member.
SIGTERM ends it.

It is the product as it is, with these differences: addresses of this machine and of private
networks may be reached, nothing is limited in rate, a delivery waits half a second at most for the
NodeInfo of a host that is new, and what failed is tried again after one to three seconds.

The test door, which the product does not have, opens to callers on loopback only:

POST /-/test/reset
    Answers `{"actors": …}`: an empty server with the seeded actors. A new one is put together, so
    that no cache of the old one is left. The same name has the same keys again.

POST /-/test/actors {"username", "type": "Person" or "Group"}
    Answers `{"id", "token"}`. The steward of a Group is `ada`.

POST /-/test/objects {"actor", "object"}
    Answers `{"id"}` of what was made. A Note, Article or Page is published by the actor: as a
    reply, if `inReplyTo` names a post (which is fetched, if need be), else as a discussion in the
    community among its addressees, or in `commons`, to which the actor then belongs; a Group
    publishes by its steward. A `Follow`, `Like`, `Dislike`, `Delete`, or `Undo` of the first
    three, is done, and `id` is its object's.

GET the inbox of an actor, with `Authorization: Bearer TOKEN`
    An OrderedCollection of the activities that were received for this actor, the latest first.

GET the outbox of an actor, with its token
    An OrderedCollection of all that this actor has said, the latest first.

What the door refuses it refuses in JSON: `{"error": "a sentence"}`.
"""
