"""Who is spoken to in which way."""

import pytest

from fedcop.outbox.dialects import BLOG, FORUM, MICROBLOG, fallback, of_software, of_user_agent


@pytest.mark.parametrize(
    ("name", "manner"),
    [
        ("lemmy", FORUM),
        ("PieFed", FORUM),
        (" mbin ", FORUM),
        ("fedcop", FORUM),
        ("hubzilla", FORUM),
        ("wordpress", BLOG),
        ("mobilizon", BLOG),
        ("mastodon", MICROBLOG),
        ("something-new", MICROBLOG),
    ],
)
def test_by_node_info(name, manner):
    assert of_software(name) == manner


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Mastodon/4.5.0 (http.rb/5.3.1; +https://mastodon.example/)", MICROBLOG),
        ("http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)", MICROBLOG),
        ("python-httpx/0.27 (Takahe/0.11; +https://t.example)", MICROBLOG),
        ("gotosocial/0.17.3 (+https://g.example)", MICROBLOG),
        ("Pleroma 2.5.0; https://p.example <mail@p.example>", MICROBLOG),
        ("Friendica 'Interrupted Fern' 2024.12-1571; https://f.example", FORUM),
        ("Lemmy/0.19.5; +https://lemmy.example", FORUM),
        ("kbinBot/0.1 (+https://kbin.example/agent)", FORUM),
        ("Fediverse client Mbin/1.8.0 (+https://m.example)", FORUM),
        ("WordPress/6.7; https://w.example; ActivityPub", BLOG),
        ("FedCoP/0.1 (+https://cop.example/)", FORUM),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", None),
        ("curl/8.5.0", None),
        ("SomeBot/1.0 (+https://mastodon/about)", None),
        ("SomeBot/1.0 (+https://example.org/lemmy/2)", None),
        ("", None),
        ("a " * 5_000 + "Mastodon/4.5", None),
    ],
)
def test_by_user_agent(text, manner):
    assert of_user_agent(text) == manner


def test_who_does_not_say():
    assert fallback("Group") == FORUM
    assert fallback("Person") == fallback(None) == BLOG
