"""A laboratory: a real server process among hosts of ours, over real sockets.

The server runs as in production (`https://NAME`, no development switch) and is spoken to as behind
a proxy: plain http on loopback, with `Host` and `X-Forwarded-Proto`. Its own requests go through
the product's transport, where only two things differ, both in `tests.lab.wires`: names are looked
up in a file that the test writes, and the exact loopback ports that this file names may be
connected to. Every look-up and every attempt to connect stands in a ledger.

    lab = Lab(folder)                                 # a folder of the test's own
    lab.names.point("peer.test", port)                # https://peer.test is our port on loopback
    lab.names.answer("rebind.test", ["93.184.216.34"], ["127.0.0.1"])   # look-up by look-up
    server = LabServer(lab, "local.test", {"database_url": url})
    await server.start()                              # ready when this returns; .seconds_to_ready
    async with server.client() as client:             # an httpx client; https://local.test
        await client.get("/")
    lab.ledger()                                      # [{"at", "kind", "name" | "address", …}]
    await server.kill(); await server.start()         # the same port and data again
    await server.stop()

`lab.authority.certificate_for("peer.test")` gives the files of a certificate that the server
believes, `lab.authority.tls_for("peer.test")` a context for a host of ours.
"""
