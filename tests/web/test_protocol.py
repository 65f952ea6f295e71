"""Does the web chat keep its promise to those who embed it?"""

import asyncio
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.channels.chat_json import NotTaken, Spoken, read
from bot.overtaking import PATIENCE_SECONDS
from storage.database import Database
from storage.models import Chat, Inbox, Outbox
from storage.statements import Query, scalar
from tests.web.site import Site, Visitor, new_id, running, tokens

ROWS = {
    model.__name__: Query(select(func.count()).select_from(model), into=scalar)
    for model in (Chat, Inbox, Outbox)
}


def stored(site: Site) -> dict[str, Any]:
    return site.database.read_and_wait(
        lambda db: {name: db.first(query) for name, query in ROWS.items()}
    )


async def test_the_answer_has_exactly_the_promised_shape(visitor: Visitor) -> None:
    response = await visitor.sends({"id": new_id(), "text": "/book"})
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    answer = await response.json()
    assert answer.keys() == {"messages"}
    (message,) = answer["messages"]
    assert message["id"] == 1
    assert message["text"] == "您想去哪个基地？"
    assert message["attachments"] == []
    assert message["said"] == "/book"
    prompt = message["prompt"]
    assert prompt.keys() == {"name", "kind", "choices", "optional"}
    assert (prompt["name"], prompt["kind"], prompt["optional"]) == ("base", "choose", False)
    assert prompt["choices"][0].keys() == {"label", "token", "value"}
    assert prompt["choices"][-1]["value"] == "@cancel"


async def test_a_choice_is_answered_by_its_token(visitor: Visitor) -> None:
    asked = await visitor.says("/book")
    answer = await visitor.taps(tokens(asked)["0"])
    assert answer[0]["said"] == "重庆科技馆"
    assert answer[0]["prompt"]["kind"] == "date"
    assert answer[0]["prompt"]["choices"][0]["value"] == "2026-11-28"


async def test_attachments_are_told_with_kind_name_and_address(visitor: Visitor) -> None:
    asked = await visitor.says("/book")
    for value in ("0", "2026-11-28", "a", "1", "@done", "2", "@yes"):
        asked = await visitor.taps(tokens(asked)[value])
    picture = asked[0]["attachments"][0]
    assert picture.keys() == {"kind", "name", "url"}
    assert picture["kind"] == "image"
    assert picture["url"].startswith("/tickets/")


async def test_nothing_is_asked_after_a_bug_and_the_words_are_polite(visitor: Visitor) -> None:
    (sorry,) = await visitor.says("/broken")
    assert sorry["prompt"] is None
    assert "canary" not in sorry["text"]
    assert "Traceback" not in sorry["text"]


async def test_the_same_id_gets_the_same_bytes_and_no_second_effect(
    site: Site, visitor: Visitor
) -> None:
    await visitor.says("/book")
    before = stored(site)
    answers = await asyncio.gather(
        *(visitor.sends({"id": "again", "text": "重庆科技馆"}) for _ in range(5))
    )
    site.clock.passes(60)
    answers.append(await visitor.sends({"id": "again", "text": "重庆科技馆"}))
    bodies = {await answer.read() for answer in answers}
    assert len(bodies) == 1
    after = stored(site)
    assert (after["Inbox"], after["Outbox"]) == (before["Inbox"] + 1, before["Outbox"] + 1)


async def test_messages_sent_at_once_are_answered_as_they_were_said_though_they_arrive_reversed(
    visitor: Visitor,
) -> None:
    await visitor.has_heard()  # the cookie is set: what follows takes a connection each
    said = [
        {"id": "a", "text": "/book"},
        {"id": "b", "text": "重庆科技馆", "after": "a"},
        {"id": "c", "text": "28号", "after": "b"},
    ]
    arriving = [visitor.sends(each) for each in reversed(said)]
    answers = [await each.json() for each in reversed(await asyncio.gather(*arriving))]
    asked = [answer["messages"][-1]["prompt"]["name"] for answer in answers]
    assert asked == ["base", "day", "time"]
    again = [await (await visitor.sends(each)).json() for each in said]
    assert again == answers


async def test_a_predecessor_that_another_visitor_sent_is_none(site: Site) -> None:
    async with site.visitor() as one, site.visitor() as other:
        await one.says("/book", "a")
        started = asyncio.get_running_loop().time()
        response = await other.sends({"id": "b", "text": "/book", "after": "a"})
        assert response.status == 200
        waited = asyncio.get_running_loop().time() - started
        assert PATIENCE_SECONDS - 0.05 < waited < PATIENCE_SECONDS + 1


async def test_two_visitors_with_the_same_id_get_answers_of_their_own(site: Site) -> None:
    async with site.visitor() as one, site.visitor() as other:
        first = await one.says("/book", "same")
        second = await other.says("/help", "same")
    assert first[0]["text"] != second[0]["text"]


async def test_words_come_back_as_they_were_said(visitor: Visitor) -> None:
    for text in ("“<b>&amp;</b>”", "😀 家庭", "a\nb", "'; DROP TABLE chat; --", "\u202e\u200b!"):
        (message, *_) = await visitor.says(text)
        assert message["said"] == text


BAD: list[tuple[str, Any, int]] = [
    ("no JSON", b"{", 400),
    ("no UTF-8", b'{"id":"a","text":"\xff"}', 400),
    ("UTF-16", '{"id":"a","text":"b"}'.encode("utf-16"), 400),
    ("empty", b"", 400),
    ("a list", [], 400),
    ("a number", 1, 400),
    ("null", None, 400),
    ("deeply nested", b"[" * 16000, 400),
    ("a number too long", b'{"id":"a","text":' + b"9" * 10000 + b"}", 400),
    ("no id", {"text": "hi"}, 400),
    ("neither text nor token", {"id": "a"}, 400),
    ("both", {"id": "a", "text": "hi", "token": "k1:0"}, 400),
    ("an unknown field", {"id": "a", "text": "hi", "address": "x"}, 400),
    ("an id that is a number", {"id": 1, "text": "hi"}, 400),
    ("a text that is null", {"id": "a", "text": None}, 400),
    ("a text that is a list", {"id": "a", "text": ["hi"]}, 400),
    ("an empty id", {"id": "", "text": "hi"}, 400),
    ("an id too long", {"id": "x" * 65, "text": "hi"}, 400),
    ("an id with a line break", {"id": "a\nb", "text": "hi"}, 400),
    ("an id of half a character", b'{"id":"\\ud800","text":"hi"}', 400),
    ("an empty text", {"id": "a", "text": ""}, 400),
    ("a text of blanks", {"id": "a", "text": " \n\u3000"}, 400),
    ("a text too long", {"id": "a", "text": "长" * 1001}, 413),
    ("a text with a NUL", {"id": "a", "text": "a\0b"}, 400),
    ("half a character", b'{"id":"a","text":"\\udc00"}', 400),
    ("an empty token", {"id": "a", "token": ""}, 400),
    ("a token too long", {"id": "a", "token": "k" * 65}, 400),
    ("a token with a NUL", {"id": "a", "token": "k\0"}, 400),
    ("nothing but after", {"id": "a", "after": "b"}, 400),
    ("an after that is a number", {"id": "a", "text": "hi", "after": 1}, 400),
    ("an after that is null", {"id": "a", "text": "hi", "after": None}, 400),
    ("an empty after", {"id": "a", "text": "hi", "after": ""}, 400),
    ("an after too long", {"id": "a", "token": "k1:0", "after": "x" * 65}, 400),
    ("an after of half a character", b'{"id":"a","text":"hi","after":"\\ud800"}', 400),
    ("a body too large", {"id": "a", "text": "hi", "x": "y" * 17000}, 413),
]


@pytest.mark.parametrize(("body", "status"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
async def test_what_cannot_be_taken_is_told_in_a_sentence_and_nothing_is_stored(
    site: Site, visitor: Visitor, body: Any, status: int
) -> None:
    response = await visitor.sends(body)
    assert response.status == status
    answer = await response.json()
    assert answer.keys() == {"error"}
    assert answer["error"].endswith(".")
    assert stored(site) == {"Chat": 0, "Inbox": 0, "Outbox": 0}


async def test_the_longest_message_is_taken(visitor: Visitor) -> None:
    assert (await visitor.sends({"id": "x" * 64, "text": "长" * 1000})).status == 200


async def test_a_body_of_unknown_length_is_measured_too(site: Site, visitor: Visitor) -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 1024

    headers = {"Content-Type": "application/json"}
    async with visitor.http.post("/chat/messages", data=endless(), headers=headers) as response:
        assert response.status == 413
        assert (await response.json()).keys() == {"error"}
    assert stored(site)["Inbox"] == 0


async def test_a_body_that_unpacks_to_too_much_is_refused(visitor: Visitor) -> None:
    packed = gzip.compress(b" " * 5_000_000)
    response = await visitor.sends(packed, **{"Content-Encoding": "gzip"})
    assert response.status == 413
    assert (await response.json()).keys() == {"error"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_body_that_does_not_claim_to_be_json_is_refused(site: Site, kind: str) -> None:
    async with site.visitor() as visitor:
        body = {"id": "a", "text": "hi"}
        assert (await visitor.sends(body, **{"Content-Type": kind})).status == 415


async def test_errors_are_told_in_the_visitors_language(site: Site) -> None:
    async with site.visitor(**{"Accept-Language": "en-GB"}) as english:
        in_english = await (await english.sends(b"{")).json()
    assert in_english["error"] == "Please send one JSON object."


async def test_a_method_that_is_not_promised_is_told_in_json_too(visitor: Visitor) -> None:
    async with visitor.http.delete("/chat/messages") as response:
        assert response.status == 405
        assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}
        assert (await response.json()).keys() == {"error"}


async def test_history_begins_after_the_message_that_was_seen(visitor: Visitor) -> None:
    await visitor.says("/book")
    await visitor.says("重庆科技馆")
    everything = await visitor.has_heard()
    assert [each["id"] for each in everything] == [1, 2]
    assert everything[1]["said"] == "重庆科技馆"
    assert everything[1]["at"].startswith("2026-11-22T02:00:00")
    assert await visitor.has_heard(1) == everything[1:]
    assert await visitor.has_heard(2) == []


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "99999999999", ""])
async def test_history_after_no_number_is_refused(visitor: Visitor, after: str) -> None:
    async with visitor.http.get("/chat/messages", params={"after": after}) as response:
        assert response.status == 400
        assert (await response.json()).keys() == {"error"}


async def test_nobody_reads_another_visitors_history(site: Site) -> None:
    async with site.visitor() as one, site.visitor() as other:
        await one.says("秘密")
        assert await other.has_heard() == []
        assert "秘密" not in await other.sees()


async def test_one_who_only_looks_is_not_stored(site: Site) -> None:
    async with site.visitor() as visitor:
        await visitor.sees()
        await visitor.has_heard()
        await visitor.sees()
    assert stored(site) == {"Chat": 0, "Inbox": 0, "Outbox": 0}


async def test_too_many_messages_are_told_when_to_come_back(sqlite_database: Database) -> None:
    limited = running(sqlite_database, messages_per_minute=3)
    async with limited as site, site.visitor() as visitor, site.visitor() as other:
        for _ in range(3):
            await visitor.says("hi")
        response = await visitor.sends({"id": "more", "text": "hi"})
        assert response.status == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 20
        assert (await response.json()).keys() == {"error"}
        assert sum(each["said"] == "hi" for each in await visitor.has_heard()) == 3
        await other.says("hi")  # the limit is each visitor's own


CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
@pytest.mark.parametrize("path", ["/chat/messages", "/chat/form", "/chat/language"])
async def test_what_another_site_sends_is_refused(
    site: Site, visitor: Visitor, headers: dict[str, str], path: str
) -> None:
    await visitor.sees()
    data = json.dumps({"id": "a", "text": "hi"})
    async with visitor.http.post(
        path, data=data, headers={"Content-Type": "application/json", **headers}
    ) as response:
        assert response.status == 403
    assert stored(site)["Inbox"] == 0


async def test_our_own_page_and_a_program_may_send(site: Site, visitor: Visitor) -> None:
    origin = site.url.rstrip("/")
    body = {"id": "a", "text": "hi"}
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": origin}, {}):
        assert (await visitor.sends(body, **headers)).status == 200


async def test_a_page_behind_a_proxy_may_send(sqlite_database: Database) -> None:
    behind = running(sqlite_database, public_url="https://kepu.example")
    async with behind as site, site.visitor() as visitor:
        body = {"id": "a", "text": "hi"}
        response = await visitor.sends(body, Origin="https://kepu.example")
        assert response.status == 200


async def test_the_cookie_is_set_once_and_signed(site: Site) -> None:
    async with site.visitor() as visitor:
        first = await visitor.sends({"id": "a", "text": "hi"})
        cookie = first.headers["Set-Cookie"]
        assert cookie.startswith("kepu_chat=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie  # a demo on plain http has to work
        second = await visitor.sends({"id": "b", "text": "hi"})
        assert "Set-Cookie" not in second.headers
        assert [each["said"] for each in await visitor.has_heard() if each["said"]] == ["hi", "hi"]


async def test_the_cookie_is_for_https_only_where_the_public_address_is(
    sqlite_database: Database,
) -> None:
    behind = running(sqlite_database, public_url="https://kepu.example")
    async with behind as site, site.visitor() as visitor, visitor.http.get("/") as response:
        assert response.headers["Set-Cookie"].endswith("; Secure")


async def test_a_forged_cookie_is_replaced_and_reads_nothing(site: Site) -> None:
    async with site.visitor() as visitor:
        mine = (await visitor.sends({"id": "a", "text": "hi"})).headers["Set-Cookie"]
    address, signature = mine.removeprefix("kepu_chat=").split(";")[0].split(".")
    for forged in (address, f"{address}.", f"{address}.{'0' * 64}", f"{'0' * 32}.{signature}", "é"):
        async with site.visitor(Cookie=f"kepu_chat={forged}") as forger:
            async with forger.http.get("/chat/messages") as response:
                assert response.status == 200
                assert (await response.json())["messages"] == []
                assert response.headers["Set-Cookie"].startswith("kepu_chat=")
            assert (await forger.sends({"id": "a", "text": "hi"})).status == 200


def taken_or_not(body: bytes) -> Spoken | NotTaken:
    try:
        return read(body)
    except NotTaken as error:
        return error


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    assert isinstance(taken_or_not(body), Spoken | NotTaken)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=80), st.lists)
FIELDS = st.sampled_from(["id", "text", "token", "after", "more"])


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_object_is_a_message_or_refused(sent: dict[str, Any]) -> None:
    taken = taken_or_not(json.dumps(sent).encode())
    if isinstance(taken, NotTaken):
        assert taken.status in (400, 413)
    else:
        assert 1 <= len(taken.id) <= 64
        assert bool(taken.text) != bool(taken.token)
        assert taken.after == sent.get("after", "")
        assert {"id": taken.id, "text": taken.text or None, "token": taken.token or None} == {
            name: sent.get(name) for name in ("id", "text", "token")
        }
