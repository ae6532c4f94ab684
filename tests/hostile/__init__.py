"""A black-box harness that runs a file of hostile cases against a real server process.

`python -m tests.hostile [--json] [--only AREA|ID …] [--keep] [--full]` reads the cases from
`FEDCOP_HOSTILE_CASES` (by default the shared file), lays a world (`world`), starts servers in the
laboratory (`stage`) with their honest, hostile, third and blocked hosts on real sockets (`hosts`),
plays each case over HTTP (`play`), and judges it by status, by what changed in the database
(`snapshot`, `states`), by what the hosts and the server's way out have in their ledgers, and by
the sentences of the case (`words`). Nothing here knows a case by its id: what is said in words is
looked up in tables of patterns, and what no table knows is counted as *not evaluated*.
"""
