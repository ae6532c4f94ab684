"""What is left out of a message because an admin refuses the server that it comes from."""

from fedcop.activitypub.vocab.activities import Announce, Create, Update
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.network.policies import Rules
from fedcop.inbox.unwrap import Said
from fedcop.net.urls import host_of

_BRINGS = (Create, Update, Announce)


def is_refused(said: Said, rules: Rules) -> bool:
    """Whether nothing is to be done about this activity, whoever passed it on.

    Nothing that an actor of a refused host says counts, and nothing that is written there comes in
    by way of others. What takes such a thing back (a steward's Delete) is still heard: it holds
    when the host is welcome again.
    """
    activity = said.activity
    sources = [said.signer, activity.actor]
    if isinstance(activity, _BRINGS):
        for thing in activity.objects:
            if isinstance(thing, Object):
                sources += [thing.id or "", *thing.attributed_to]
            else:
                sources.append(thing)
    return any(rules.refuses(host) for uri in sources if (host := host_of(uri)))
