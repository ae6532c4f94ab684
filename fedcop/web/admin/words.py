"""What was done, as the log of the server says it."""

from collections.abc import Mapping

from fedcop.domain.moderation.log import Deeds
from fedcop.outbox import policing
from fedcop.web.forms import N_
from fedcop.web.locale import Language

ROLE, PROFILE, RULES, PRIVACY = (
    "changed role",
    "changed profile",
    "changed rules",
    "changed privacy",
)
INVITED, REVOKED, SIGN_IN_LINK = "invited", "revoked invitation", "made sign-in link"
RETRIED, TREATED = "retried host", "changed what a host is told"

_WORDS: Mapping[str, str] = {
    policing.BLOCKED: N_("Blocked the server"),
    policing.ALLOWED: N_("Allowed the server"),
    policing.FORGOTTEN: N_("Took back the decision about the server"),
    policing.PARTNERS_ONLY: N_("Limited this server to allowed partners"),
    policing.OPEN: N_("Opened this server to all that are not blocked"),
    ROLE: N_("Changed the role of"),
    PROFILE: N_("Changed what the organization says about itself"),
    RULES: N_("Changed the rules"),
    PRIVACY: N_("Changed the privacy text"),
    INVITED: N_("Made an invitation"),
    REVOKED: N_("Called back an invitation"),
    SIGN_IN_LINK: N_("Made a sign-in link for"),
    RETRIED: N_("Had the server tried again"),
    TREATED: N_("Changed what the server is told"),
    Deeds.SUSPENDED: N_("Suspended"),
    Deeds.REINSTATED: N_("Reinstated"),
    Deeds.RESOLVED: N_("Resolved a report about"),
    Deeds.RESUMED: N_("Reopened a report about"),
}


def deed_words(deed: str, language: Language) -> str:
    """A sentence's beginning; whom or what it was done to follows."""
    return language.gettext(_WORDS.get(deed, deed))
