"""Logging in, sessions and tokens."""

import re
from dataclasses import replace

from tests.wikibase.server.support import ADDRESS, PASSWORD, Api, LocalServer
from wbskills.wikibase.server.accounts import (
    add_bot_password,
)
from wbskills.wikibase.server.settings import SimulatedFaults

LABEL = {"labels": {"en": {"language": "en", "value": "x"}}}


def test_a_bot_password_lets_in_and_a_wrong_one_does_not(server: LocalServer) -> None:
    """The answers are those that clients look for."""
    api = server.anonymous()

    refused = api.log_in("Bot@app", "wrong")
    assert refused["login"]["result"] == "Failed"
    assert api.token == "+\\"  # noqa: S105 - that of nobody

    assert api.log_in("Bot@app")["login"] == {
        "result": "Success",
        "lguserid": 1,
        "lgusername": "Bot",
    }
    assert len(api.token) >= 40


def test_the_other_ways_to_write_a_bot_password(server: LocalServer) -> None:
    """A program's name may stand before its password; user names are normalised."""
    assert server.anonymous().log_in("Bot", f"app@{PASSWORD}")["login"]["result"] == "Success"
    assert server.anonymous().log_in("bot@app")["login"]["result"] == "Success"


def test_after_too_many_failures_even_the_right_password_is_refused(server: LocalServer) -> None:
    """Guessing is slowed down."""
    api = server.anonymous()
    for _ in range(server.settings.login_attempts):
        api.log_in("Bot@app", "wrong")

    found = api.log_in("Bot@app")

    assert found["login"]["result"] == "Failed"
    assert "too many" in found["login"]["reason"]


def test_the_cookie_is_as_clients_need_it_and_new_after_logging_in(server: LocalServer) -> None:
    """wikibase-cli wants 32 word characters; nobody can plant a session id beforehand."""
    api = server.anonymous()
    first = api.raw(action="query", meta="tokens", type="login")
    cookie = first.headers["Set-Cookie"]
    assert re.search(r"[sS]ession=\w{32}", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    # Clients that take a list of cookies apart look for this at the end of each, as in MediaWiki.
    assert cookie.endswith("; HttpOnly")
    token = first.get_json()["query"]["tokens"]["logintoken"]

    entered = api.raw(action="login", lgname="Bot@app", lgpassword=PASSWORD, lgtoken=token)

    assert entered.headers["Set-Cookie"].partition(";")[0] != cookie.partition(";")[0]


def test_a_token_of_somebody_else_is_refused(bot: Api, ada: Api) -> None:
    """Tokens are bound to the session."""
    found = bot("wbeditentity", new="item", data="{}", token=ada.token)

    assert found["error"]["code"] == "badtoken"


def test_logging_out_ends_the_session(bot: Api) -> None:
    """The cookie is worth nothing afterwards."""
    cookie = bot.client.get_cookie("wbskills_session", "127.0.0.1")
    assert cookie is not None

    assert bot.write("logout") == {}

    bot.client.set_cookie("wbskills_session", cookie.value, domain="127.0.0.1")
    assert "anon" in bot("query", meta="userinfo")["query"]["userinfo"]


def test_without_log_in_nothing_can_be_edited(server: LocalServer) -> None:
    """Unless the server was told so."""
    found = server.anonymous().edit(LABEL, new="item")

    assert found["error"]["code"] == "permissiondenied"
    assert server.store.pages.counts()["revisions"] == 0


def test_a_page_of_another_site_cannot_edit_anonymously(server: LocalServer) -> None:
    """The token of anonymous clients is no secret, so the browser's word counts."""
    open_to_all = LocalServer(
        server.store, SimulatedFaults(), replace(server.settings, anonymous_edits=True)
    ).anonymous()

    open_to_all.headers["Origin"] = "http://evil.example"
    assert open_to_all.edit(LABEL, new="item")["error"]["code"] == "badtoken"
    open_to_all.headers["Origin"] = ADDRESS
    assert "success" in open_to_all.edit(LABEL, new="item")


def test_terms_need_a_right_of_their_own(server: LocalServer) -> None:
    """As in Wikibase: who may edit may not yet rename, by whatever module."""
    account = server.store.accounts.find("Bot")
    assert account is not None
    grants = ("basic", "createeditmovepage")
    add_bot_password(server.store.accounts, account, "making", PASSWORD, grants)
    item = server.user("Bot@app").edit(LABEL, new="item")["entity"]["id"]
    making = server.user("Bot@making")

    term = {"id": item, "language": "en"}
    for module, values in (
        ("wbsetlabel", {"value": "x"}), ("wbsetdescription", {"value": "x"}),
        ("wbsetaliases", {"add": "x"}),
    ):  # fmt: skip
        assert making.write(module, **term, **values)["error"]["code"] == "permissiondenied"
    assert making.edit(LABEL, new="item")["error"]["code"] == "permissiondenied"
    assert "success" in making.edit({}, new="item")
    assert "success" in server.user("Bot@app").write("wbsetlabel", **term, value="x")


def test_rights_are_those_that_the_bot_password_grants(server: LocalServer) -> None:
    """A bot password never adds rights, and may take some away."""
    account = server.store.accounts.find("Bot")
    assert account is not None
    add_bot_password(server.store.accounts, account, "looking", PASSWORD, ("basic",))
    looking = server.user("Bot@looking")

    assert looking.edit(LABEL, new="item")["error"]["code"] == "permissiondenied"
    rights = looking("query", meta="userinfo", uiprop="rights")["query"]["userinfo"]["rights"]
    assert "edit" not in rights
    assert (
        "delete"
        not in server.user("Bot@app")("query", meta="userinfo", uiprop="rights")["query"][
            "userinfo"
        ]["rights"]
    )


def test_clientlogin_takes_the_password_of_the_account_only(server: LocalServer) -> None:
    """A bot password is for programs that say so."""
    api = server.anonymous()

    def enter(name: str, password: str) -> str:
        token = api("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        found = api(
            "clientlogin",
            username=name,
            password=password,
            logintoken=token,
            loginreturnurl="http://example.org/",
        )
        return str(found["clientlogin"]["status"])

    assert enter("Bot@app", PASSWORD) == "FAIL"
    assert enter("Bot", "Bot's own password") == "PASS"


def test_passwords_are_kept_as_hashes_only(server: LocalServer) -> None:
    """What is in the store does not let anybody in."""
    account = server.store.accounts.find("Bot")
    assert account is not None
    kept = server.store.accounts.bot_password(account, "app")
    assert kept is not None
    assert kept.secret.startswith("$argon2id$")
    assert account.secret.startswith("$argon2id$")


def test_cookies_tell_who_is_logged_in(server: LocalServer) -> None:
    """As MediaWiki's do, and they go with the log-out."""
    api = server.user("Bot@app")
    bot = server.store.accounts.find("Bot")
    names = ("wbskillsUserID", "wbskillsUserName")

    told = [api.client.get_cookie(name, domain="127.0.0.1") for name in names]
    assert bot is not None
    assert [each and each.value for each in told] == [str(bot.id), "Bot"]

    api.write("logout")
    assert [api.client.get_cookie(name, domain="127.0.0.1") for name in names] == [None, None]
