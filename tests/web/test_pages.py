"""Do pages leave the house in good order: content, headers, languages, errors, without script?"""

import asyncio
import re
from html.parser import HTMLParser

import pytest
from aiohttp import FormData, web
from structlog.testing import capture_logs

from bot.pages import CONTENT_POLICY, PAGE_FOLDER
from bot.static_files import StaticFiles
from storage.database import Database
from tests.fakes import rename_table
from tests.web.site import Site, Visitor, new_id, running

PAGE_BYTES_MAX = 60 * 1024
SECURITY = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Page(HTMLParser):
    """What is on a page: its buttons with their fields, its words, the files it asks for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.buttons: list[dict[str, str]] = []
        self.fields: dict[str, str] = {}
        self.files: list[str] = []
        self.attributes: set[str] = set()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes |= given.keys()
        if tag == "button":
            self.buttons.append({**given, "text": ""})
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        self.files += [given[name] for name in ("src", "href") if name in given]

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.buttons and not self.buttons[-1]["text"]:
            self.buttons[-1]["text"] = data.strip()

    def button(self, text: str) -> dict[str, str]:
        return next(each for each in self.buttons if each["text"] == text)


async def submits(visitor: Visitor, path: str, **fields: str) -> str:
    """Submit a form without script; the page it leads to."""
    async with visitor.http.post(path, data=fields) as response:
        assert response.status == 200, await response.text()
        assert [each.status for each in response.history] == [303]
        return await response.text()


async def test_a_newcomer_sees_the_greeting_and_what_to_tap(visitor: Visitor) -> None:
    page = Page(await visitor.sees())
    assert "您好，我是科普约" in page.text
    tapped = [(each["value"], each["text"]) for each in page.buttons if each.get("name") == "text"]
    assert tapped == [("/book", "预约参观"), ("/me", "我的孩子"), ("/help", "帮助")]


async def test_every_page_has_strict_headers(site: Site, visitor: Visitor) -> None:
    for path in ("/", "/no-such-page", "/static/x/none.css"):
        async with visitor.http.get(path) as response:
            for name, value in SECURITY.items():
                assert response.headers[name] == value, (path, name)
            assert "Python" not in response.headers["Server"]


async def test_nothing_inline_and_nothing_of_others_is_on_the_page(visitor: Visitor) -> None:
    await visitor.says("/book")
    html = await visitor.sees()
    page = Page(html)
    assert not {"style", "onclick", "onload", "onsubmit"} & page.attributes
    assert "style" not in page.tags
    assert re.findall(r"<script[^>]*>", html) == [f'<script type="module" src="{page.files[2]}">']
    assert all(each.startswith("/") and not each.startswith("//") for each in page.files)


async def test_the_whole_page_is_light(visitor: Visitor) -> None:
    for text in ("/book", "重庆科技馆", "28号"):
        await visitor.says(text)
    html = await visitor.sees()
    weight = StaticFiles([PAGE_FOLDER / "static"]).weight() + len(html.encode())
    assert weight <= PAGE_BYTES_MAX


async def test_files_are_kept_for_a_year_and_asked_for_anew_when_they_change(
    visitor: Visitor,
) -> None:
    page = Page(await visitor.sees())
    for path in {each for each in page.files if each.startswith("/static/")}:
        async with visitor.http.get(path) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            body = await response.read()
        old = re.sub(r"/static/\w+/", "/static/0ld/", path)
        async with visitor.http.get(old, headers={"Accept-Encoding": "identity"}) as response:
            assert response.headers["Cache-Control"] == "no-cache"
            assert "Content-Encoding" not in response.headers
            assert await response.read() == body


@pytest.mark.parametrize("name", ["chat.css%00", "..%2Fchat.css", "%2E%2E/chat.css", "chat.html"])
async def test_no_other_file_is_given_away(visitor: Visitor, name: str) -> None:
    async with visitor.http.get(f"/static/x/{name}") as response:
        assert response.status == 404


async def test_what_people_write_is_words_and_never_markup(visitor: Visitor) -> None:
    nasty = "</p><script>alert(1)</script>'\"&{{ 7*7 }}"
    await visitor.says("/me")
    await visitor.says("豆豆")
    await visitor.says(nasty)
    html = await visitor.sees()
    assert "<script>alert" not in html
    assert nasty in Page(html).text


async def test_the_page_speaks_the_language_chosen_in_its_head(visitor: Visitor) -> None:
    page = Page(await visitor.sees())
    assert page.button("中文")["value"] == "zh_CN"
    in_chinese = await submits(visitor, "/chat/language", lang="zh_CN")
    assert '<html lang="zh-CN">' in in_chinese
    assert Page(in_chinese).button("English")["value"] == "en"


async def test_the_language_chosen_is_kept_for_the_person_too(visitor: Visitor) -> None:
    await visitor.says("/book")
    await submits(visitor, "/chat/language", lang="zh_CN")
    visitor.http.cookie_jar.clear(lambda cookie: cookie.key == "kepu_lang")
    async with visitor.http.get("/", headers={"Accept-Language": "en"}) as response:
        assert '<html lang="zh-CN">' in await response.text()


async def test_an_unknown_language_is_refused(visitor: Visitor) -> None:
    async with visitor.http.post("/chat/language", data={"lang": "xx"}) as response:
        assert response.status == 400


async def test_a_whole_visit_is_booked_without_script(visitor: Visitor) -> None:
    page = Page(await visitor.sees())
    said = {"id": page.fields["id"], "text": page.button("预约参观")["value"]}
    page = Page(await submits(visitor, "/chat/form", **said))
    for text in ("重庆科技馆", "Sat 28 Nov", "09:30", "豆豆", "乐乐", "Done", "2", "Confirm"):
        button = next(each for each in page.buttons if each["text"].startswith(text))
        fields = {"id": page.fields["id"], "token": button["value"], "text": ""}
        page = Page(await submits(visitor, "/chat/form", **fields))
    assert "K7M2-9QXB" in page.text
    assert any(each.endswith(".ics") for each in page.files)
    assert any(each.endswith("/qr.png") for each in page.files)
    # Each tick told the question again; the page shows it once.
    assert page.text.count("哪些孩子来？") == 1


async def test_what_came_by_itself_is_tapped_without_script(site: Site, visitor: Visitor) -> None:
    await visitor.says("/book")
    await site.notice("有空位了", 要="/help yes")
    html = await visitor.sees()
    assert '<button form="choices" name="token" value="/help yes"><span>要</span></button>' in html
    await visitor.http.post("/chat/form", data={"id": "x1", "token": "/help yes"})
    (*_before, answer, _question) = await visitor.has_heard()
    assert answer["said"] == "要"
    assert answer["text"].startswith("可以点选")


async def test_a_form_sent_twice_has_one_effect(visitor: Visitor) -> None:
    page = Page(await visitor.sees())
    for _ in range(2):
        html = await submits(visitor, "/chat/form", id=page.fields["id"], text="/book")
    assert Page(html).text.count("您想去哪个基地？") == 1


async def test_an_empty_form_leads_back_to_the_page(visitor: Visitor) -> None:
    await submits(visitor, "/chat/form", id=new_id(), text="")
    assert await visitor.has_heard() == []


async def test_a_form_that_cannot_be_taken_is_answered_with_a_page(visitor: Visitor) -> None:
    for fields in ({"text": "hi"}, {"id": "a", "text": "x" * 1001}, {"id": "a", "b": "c"}):
        async with visitor.http.post("/chat/form", data=fields) as response:
            assert response.status in (400, 413)
            assert response.headers["Content-Type"].startswith("text/html")
    upload = FormData({"id": "a"})
    upload.add_field("text", b"\0", filename="words.txt")
    async with visitor.http.post("/chat/form", data=upload) as response:
        assert response.status == 400


async def test_a_demo_says_so(sqlite_database: Database) -> None:
    async with running(sqlite_database, is_demo=True) as site, site.visitor() as visitor:
        assert 'class="demo"' in await visitor.sees()
    async with running(sqlite_database) as site, site.visitor() as visitor:
        assert 'class="demo"' not in await visitor.sees()


async def test_an_unknown_address_is_told_on_a_friendly_page(visitor: Visitor) -> None:
    async with visitor.http.get("/no/such/page") as response:
        assert response.status == 404
        page = Page(await response.text())
    assert "There is nothing at this address." in page.text
    assert "/" in page.files


async def fails(request: web.Request) -> web.Response:
    raise RuntimeError("canary 13800138000")


async def test_a_bug_is_told_in_one_sentence_and_logged_once(sqlite_database: Database) -> None:
    routes = [web.get("/broken/{secret}", fails)]
    async with running(sqlite_database, more_routes=routes) as site, site.visitor() as visitor:
        with capture_logs() as logs:
            async with visitor.http.get("/broken/sesame") as response:
                assert response.status == 500
                html = await response.text()
    for leaked in ("canary", "Traceback", "RuntimeError", "sesame", ".py"):
        assert leaked not in html
    assert [(each["event"], each["route"]) for each in logs] == [
        ("request failed", "/broken/{secret}")
    ]


async def test_a_database_that_fails_is_told_in_json_to_the_page(
    site: Site, visitor: Visitor
) -> None:
    rename_table(site.database, "inbox", "inbox_gone")
    with capture_logs() as logs:
        response = await visitor.sends({"id": "a", "text": "hi"})
    assert response.status == 500
    assert (await response.json()).keys() == {"error"}
    assert sum(each["event"] == "request failed" for each in logs) == 1


async def test_live_ready_and_metrics(site: Site, visitor: Visitor) -> None:
    address = (await visitor.sends({"id": "a", "text": "/book"})).headers["Set-Cookie"][10:42]
    async with visitor.http.get("/livez") as response:
        assert response.status == 200
    async with visitor.http.get("/readyz") as response:
        assert (response.status, await response.json()) == (200, {"ready": True, "complaints": []})
    site.fitness.wrong = ["disk"]
    async with visitor.http.get("/readyz") as response:
        assert (response.status, (await response.json())["complaints"]) == (503, ["disk"])
    async with visitor.http.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        metrics = await response.text()
    for name in ("kepu_events_total", "kepu_turn_seconds", "kepu_outbox_waiting", "kepu_dead"):
        assert name in metrics
    assert address not in metrics


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff HTTP/1.1\r\nA\r\n\r\n"],
)
async def test_what_is_no_request_at_all_learns_nothing_of_us(site: Site, garbage: bytes) -> None:
    host, port = site.url.removeprefix("http://").rstrip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(garbage)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    assert answer == b"" or answer.startswith(b"HTTP/1.")
    assert b" 200 " not in answer
    for leaked in (b"Traceback", b".py", b"/work", b"site-packages"):
        assert leaked not in answer
