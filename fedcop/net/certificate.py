"""The certificate that a server shows: whether it is believed, and until when."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from fedcop.errors import Unreachable

_SECONDS = 10.0


class Distrusted(Unreachable):
    """The certificate is not valid for the name; the message is the verifier's reason."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was verified for the name that was asked."""

    until: datetime
    issuer: str


async def certificate(
    name: str, address: str, port: int = 443, context: ssl.SSLContext | None = None
) -> Certificate:
    """The certificate that `address` shows for `name`, verified as every peer verifies it.

    The caller has decided that `address` may be connected to. `context` says which authorities
    are believed (by default the system's). Raises Distrusted, and Unreachable for no TLS at all.
    """
    trust = context or ssl.create_default_context()
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(
                address, port, ssl=trust, server_hostname=name
            )
    except ssl.SSLCertVerificationError as error:
        raise Distrusted(error.verify_message or str(error)) from error
    except (OSError, TimeoutError) as error:
        raise Unreachable(f"{address} port {port}: {error or 'no answer in time'}") from error
    try:
        shown = writer.get_extra_info("peercert")
    finally:
        writer.close()
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    issuer = dict(pair for part in shown.get("issuer", ()) for pair in part)
    return Certificate(until, issuer.get("organizationName") or issuer.get("commonName", ""))
