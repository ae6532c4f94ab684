"""Why a server could not be reached, in words for the admin who has to do something about it.

Strangers are told one sentence for everything (`net.limits.unreachable`); the cause is chained to
the error, and these words are read out of it.
"""

from collections.abc import Iterator

from fedcop.net.transport import Refused

NO_ANSWER = "It does not answer."

_SIGNS = (
    ("certificate has expired", "Its certificate has expired."),
    ("certificate is not yet valid", "Its certificate is not valid yet."),
    ("hostname mismatch", "Its certificate is for another name."),
    ("certificate is not valid for", "Its certificate is for another name."),
    ("certificate_verify_failed", "Its certificate is not one that we can trust."),
    ("name or service not known", "Its name is not known (DNS)."),
    ("no address associated", "Its name has no address (DNS)."),
    ("nodename nor servname", "Its name is not known (DNS)."),
    ("temporary failure in name resolution", "Our own name server does not answer (DNS)."),
    ("is not a public address", "Its address is not on the public internet."),
    ("connection refused", "It refuses the connection."),
    ("connect call failed", "It refuses the connection."),
    ("network is unreachable", "There is no way to its network."),
    ("no route to host", "There is no way to its network."),
    ("connection reset", "It breaks off the connection."),
    ("disconnected", "It breaks off the connection."),
    ("ssl", "No encrypted connection can be made with it."),
    ("timeout", "It takes too long to answer."),
    ("timed out", "It takes too long to answer."),
)
REASONS = frozenset({NO_ANSWER, *(words for _, words in _SIGNS)})
"""Every sentence that `reason_of` says of itself."""


def reason_of(error: BaseException) -> str:
    """What stood in the way, as one sentence. Without a cause, the error's own words."""
    causes = list(_causes(error))
    if any(isinstance(cause, Refused) for cause in causes):
        return "Its address is not on the public internet."
    for cause in reversed(causes):
        said = f"{type(cause).__name__} {cause}".lower()
        found = next((words for sign, words in _SIGNS if sign in said), None)
        if found is not None:
            return found
    return NO_ANSWER if len(causes) > 1 else str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of, the first cause last."""
    at: BaseException | None = error
    for _ in range(10):
        if at is None:
            return
        yield at
        at = at.__cause__ or at.__context__
