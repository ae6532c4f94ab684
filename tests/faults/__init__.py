"""A server is killed again and again, and afterwards nothing is lost and nothing is doubled.

`python -m tests.faults` starts a real server process (`tests.lab`) between hosts of ours. Their
people say thousands of signed things to it over real sockets; each is written to a ledger of our
own before it is sent, and its answer after it. At random moments the server is killed (`kill -9`)
and started again; the peers send again what was not answered. Then the ledger, the database and
what the hosts were told are held against each other:

| module | |
|---|---|
| `ledger` | what was sent and answered, line by line on the disk |
| `people` | the hosts, who lives there, where they belong |
| `stories` | the plan: what they will say, by a seed |
| `senders` | sends it, and sends again what was not answered |
| `hosts` | the hosts as the server reaches them: documents, inboxes, and who was told what |
| `victim` | the server: killed, started again, ready after so many seconds |
| `expected` | what must be so if every line of the ledger counts exactly once |
| `rows` | whether the database is so |
| `arrivals` | whether every host was told what it had to be told, in order |
| `run` | one run from beginning to end |
"""
