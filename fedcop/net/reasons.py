"""Why a server could not be reached, in words for the admin who has to do something about it.

Strangers are told one sentence for everything (`net.limits.unreachable`); the cause is chained to
the error, and these words are read out of it.
"""

from collections.abc import Iterator

from fedcop.errors import FedcopError, Sentence
from fedcop.net.addresses import Refused

_NOT_PUBLIC = Sentence("Its address is not on the public internet.")
NO_ANSWER = Sentence("It does not answer.")

_SIGNS = (
    ("certificate has expired", Sentence("Its certificate has expired.")),
    ("certificate is not yet valid", Sentence("Its certificate is not valid yet.")),
    ("hostname mismatch", Sentence("Its certificate is for another name.")),
    ("certificate is not valid for", Sentence("Its certificate is for another name.")),
    ("certificate_verify_failed", Sentence("Its certificate is not one that we can trust.")),
    ("name or service not known", Sentence("Its name is not known (DNS).")),
    ("no address associated", Sentence("Its name has no address (DNS).")),
    ("nodename nor servname", Sentence("Its name is not known (DNS).")),
    (
        "temporary failure in name resolution",
        Sentence("Our own name server does not answer (DNS)."),
    ),
    ("is not a public address", _NOT_PUBLIC),
    ("connection refused", Sentence("It refuses the connection.")),
    ("connect call failed", Sentence("It refuses the connection.")),
    ("network is unreachable", Sentence("There is no way to its network.")),
    ("no route to host", Sentence("There is no way to its network.")),
    ("connection reset", Sentence("It breaks off the connection.")),
    ("disconnected", Sentence("It breaks off the connection.")),
    ("ssl", Sentence("No encrypted connection can be made with it.")),
    ("timeout", Sentence("It takes too long to answer.")),
    ("timed out", Sentence("It takes too long to answer.")),
)
REASONS = frozenset({NO_ANSWER, *(words for _, words in _SIGNS)})
"""Every sentence that `reason_of` says of itself."""


def reason_of(error: BaseException) -> str:
    """What stood in the way, as one sentence. Without a cause, the error's own words."""
    causes = list(_causes(error))
    if any(isinstance(cause, Refused) for cause in causes):
        return _NOT_PUBLIC
    for cause in reversed(causes):
        said = f"{type(cause).__name__} {cause}".lower()
        found = next((words for sign, words in _SIGNS if sign in said), None)
        if found is not None:
            return found
    if len(causes) > 1:
        return NO_ANSWER
    return error.words if isinstance(error, FedcopError) else str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of, the first cause last."""
    at: BaseException | None = error
    for _ in range(10):
        if at is None:
            return
        yield at
        at = at.__cause__ or at.__context__
