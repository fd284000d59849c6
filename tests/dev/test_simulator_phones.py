"""Tests of the simulator's phones: whose they are, and what becomes of a reply written on one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from dev.listening import a_listener
from dev.simulator.__main__ import main
from dev.simulator.store import Reply, Store, StoredMessage
from tests.support.operations import OPERATIONS, SEND
from tests.support.practice import MOBILE
from tests.support.served import Served
from tests.support.simulated import FROM, TO, get, inbox, listening, post, simulator, until

TWIML = "<?xml version='1.0'?><Response>{}</Response>"


async def write_back(
    client: aiohttp.ClientSession, body: Any, phone: Any = TO
) -> tuple[int, dict[str, Any]]:
    async with client.post("/replies", json={"from": phone, "body": body}) as answer:
        return answer.status, await answer.json()


async def replies_on(client: aiohttp.ClientSession, phone: str = TO) -> list[str]:
    bubbles = (await get(client, f"/phones/{phone}"))["bubbles"]
    return [bubble["body"] for bubble in bubbles if bubble["direction"] == "inbound"]


async def numbers_found(client: aiohttp.ClientSession, search: str) -> list[str]:
    async with client.get("/phones", params={"search": search}) as answer:
        return [phone["number"] for phone in (await answer.json())["phones"]]


@asynccontextmanager
async def answering(answer: Callable[[], web.Response]) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a simulator with one message, whose replies are answered by ``answer``."""

    async def handle(_request: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_post("/replies", handle)
    async with (
        listening(web.AppRunner(app)) as url,
        simulator(replies_url=f"{url}/replies") as client,
    ):
        await post(client)
        yield client


async def test_a_stop_written_on_a_phone_blocks_its_number(served: Served) -> None:
    # given a patient who got a message
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    await served.work()
    await served.until_states(recall, "DELIVERED")
    # when
    status, reply = await write_back(served.gateway, "STOP", MOBILE)
    # then
    assert (status, reply["answers"]) == (201, [])
    assert await replies_on(served.gateway, MOBILE) == ["STOP"]
    [entry] = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    assert (entry["mobile"], entry["blockedRecalls"]) == (MOBILE, True)
    assert entry["history"][0]["source"] == "PATIENT_REPLY"
    other = await served.practice.recall()
    answer = await served.call(SEND, recallIds=[f"Recall:{other}"], idempotencyKey="b")
    assert answer["__typename"] == "NothingToSend"


@pytest.mark.parametrize("sender", [{"From": FROM}, {"From": "", "MessagingServiceSid": "MG1"}])
async def test_a_reply_is_posted_as_twilio_posts_it(sender: dict[str, str]) -> None:
    # given
    async with inbox() as replies, simulator(replies_url=replies.url) as client:
        await post(client, **sender)
        # when
        _, reply = await write_back(client, "Ça va? 👍 & = +")
    # then
    service = {name: sender[name] for name in sender if name == "MessagingServiceSid"}
    assert replies.all_signed
    assert replies.forms == [
        {
            "AccountSid": "AC1",
            "ApiVersion": "2010-04-01",
            "Body": "Ça va? 👍 & = +",
            "From": TO,
            "MessageSid": reply["sid"],
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": reply["sid"],
            "SmsSid": reply["sid"],
            "SmsStatus": "received",
            "To": sender["From"],
        }
        | service
    ]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (TWIML.format(""), []),
        (TWIML.format("<Message>Thank you.</Message>"), ["Thank you."]),
        (
            TWIML.format("<Message><Body>A &amp; B</Body></Message><Message>C</Message>"),
            ["A & B", "C"],
        ),
        ("taken", []),
        ("", []),
    ],
)
async def test_an_answer_to_a_reply_is_shown_on_the_phone(text: str, answers: list[str]) -> None:
    # given
    async with answering(lambda: web.Response(text=text, content_type="text/xml")) as client:
        # when
        status, reply = await write_back(client, "Yes")
        # then
        assert (status, reply["answers"]) == (201, answers)
        [newest, _] = (await get(client, f"/phones/{TO}"))["bubbles"]
        assert newest == reply


@pytest.mark.parametrize("status", [302, 403, 500])
async def test_a_reply_that_is_refused_is_not_shown_as_accepted(status: int) -> None:
    # given
    headers = {"Location": "/elsewhere"}
    async with answering(lambda: web.Response(status=status, headers=headers)) as client:
        # when
        answered, told = await write_back(client, "STOP")
        # then
        assert answered == 502
        [error] = told["errors"]
        assert error["message"] == f"Recalls did not take it: it answered {status}."
        assert await replies_on(client) == []


async def test_recalls_refuses_a_reply_with_a_wrong_signature(served: Served) -> None:
    # given an API with a different token from the simulator's
    async with (
        served.again(GATEWAY_TOKEN="another") as api,
        simulator(replies_url=f"{api.url}/replies/twilio") as client,
    ):
        await post(client)
        # when
        status, told = await write_back(client, "STOP")
        # then
        assert status == 502
        assert told["errors"][0]["message"] == "Recalls did not take it: it answered 403."


async def test_a_reply_that_reaches_nobody_is_not_shown_as_accepted() -> None:
    # given an address where nobody listens
    with a_listener() as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/replies"
        async with simulator(replies_url=url) as client:
            await post(client)
            # when
            status, told = await write_back(client, "STOP")
            # then
            assert status == 502
            assert told["errors"][0]["message"].startswith("Recalls did not answer: it can't be")
            assert await replies_on(client) == []


async def test_a_reply_that_nobody_answers_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given an address that accepts connections and says nothing
    monkeypatch.setattr("dev.simulator.replies.SECONDS", 0.1)
    with a_listener() as silent:
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/replies"
        async with simulator(replies_url=url) as client:
            await post(client)
            # when
            status, told = await write_back(client, "STOP")
            # then
            assert status == 502
            assert told["errors"][0]["message"] == (
                "Recalls did not answer: nothing came back in 0.1 seconds."
            )
            assert await replies_on(client) == []


async def test_a_reply_arrives_even_if_its_page_was_closed_meanwhile() -> None:
    # given a server that accepts replies, and takes its time
    arrived, finish = asyncio.Event(), asyncio.Event()

    async def slowly(_request: web.Request) -> web.Response:
        arrived.set()
        await finish.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/replies", slowly)
    async with (
        listening(web.AppRunner(app)) as url,
        simulator(replies_url=f"{url}/replies") as client,
    ):
        await post(client)
        writing = asyncio.create_task(write_back(client, "STOP"))
        await arrived.wait()
        # when
        writing.cancel()
        await asyncio.wait([writing])
        finish.set()

        # then
        async def shown() -> bool:
            return await replies_on(client) == ["STOP"]

        await until(shown)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
async def test_a_form_from_another_sites_page_is_refused(content_type: str) -> None:
    # given
    content = f'{{"from": "{TO}", "body": "STOP"}}'.encode()
    headers = {"Content-Type": content_type, "Origin": "https://another.example"}
    async with inbox() as replies, simulator(replies_url=replies.url) as client:
        await post(client)
        # when
        async with client.post("/replies", data=content, headers=headers) as answer:
            # then
            assert answer.status == 415
        assert replies.forms == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/replies"), ("PUT", "/settings"), ("DELETE", "/messages")]
)
async def test_no_other_sites_page_is_allowed_to_change_anything(method: str, path: str) -> None:
    # given the browser's preflight for another site's page, which it skips only for forms
    headers = {
        "Origin": "https://another.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    # when
    async with simulator() as client, client.options(path, headers=headers) as answer:
        # then
        assert answer.status == 405
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_simulator_says_if_it_has_no_address_for_replies() -> None:
    # given
    async with simulator() as client:
        await post(client)
        # when
        status, told = await write_back(client, "STOP")
        # then
        assert status == 409
        assert told["errors"][0]["message"] == (
            "Replies go nowhere: start the simulator with --replies-url."
        )
        assert not (await get(client, f"/phones/{TO}"))["canReply"]


@pytest.mark.parametrize(
    ("phone", "body", "status", "field"),
    [
        (TO, "", 400, "body"),
        (TO, " \n", 400, "body"),
        (TO, "x" * 1601, 400, "body"),
        (TO, None, 400, "body"),
        (TO + "1", "STOP", 404, "from"),
        (None, "STOP", 404, "from"),
    ],
)
async def test_a_reply_that_no_phone_could_send_goes_nowhere(
    phone: Any, body: Any, status: int, field: str
) -> None:
    # given
    async with inbox() as replies, simulator(replies_url=replies.url) as client:
        await post(client)
        # when
        answered, told = await write_back(client, body, phone)
        # then
        assert (answered, told["errors"][0]["field"]) == (status, field)
        assert replies.forms == []


@pytest.mark.parametrize("content", ["[]", "STOP", ""])
async def test_a_reply_that_is_not_a_json_object_goes_nowhere(content: str) -> None:
    # given
    headers = {"Content-Type": "application/json"}
    async with inbox() as replies, simulator(replies_url=replies.url) as client:
        # when
        async with client.post("/replies", data=content, headers=headers) as answer:
            # then
            assert answer.status == 400
        assert replies.forms == []


async def test_phones_are_listed_by_their_newest_message_or_reply() -> None:
    # given
    async with inbox() as replies, simulator(replies_url=replies.url) as client:
        for number in ("1", "2", "3"):
            await post(client, To=TO + number, Body=number)
        # when
        await write_back(client, "Thank you", TO + "2")
        listed = (await get(client, "/phones"))["phones"]
        # then
        assert [(phone["number"], phone["newest"]["body"]) for phone in listed] == [
            (TO + "2", "Thank you"),
            (TO + "3", "3"),
            (TO + "1", "1"),
        ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["+6421000000", TO]),
        ("0491 570 156", [TO]),
        ("+61 491", [TO]),
        ("(0491) 570-1", [TO]),
        ("156", [TO]),
        ("000", ["+6421000000"]),
        ("0492", []),
        ("Ruby", []),
    ],
)
async def test_phones_are_found_by_their_number(search: str, found: list[str]) -> None:
    # given
    async with simulator() as client:
        await post(client)
        await post(client, To="+6421000000")
        # when
        numbers = await numbers_found(client, search)
        # then
        assert numbers == found


async def test_the_newest_are_shown_and_all_of_them_counted() -> None:
    # given
    async with simulator() as client:
        for number in range(60):
            await post(client, To=f"+614000000{number:02}")
        for number in range(101):
            await post(client, Body=str(number))
        # when
        listed, phone = await get(client, "/phones"), await get(client, f"/phones/{TO}")
        # then
        assert (len(listed["phones"]), listed["total"]) == (50, 61)
        assert (len(phone["bubbles"]), phone["total"]) == (100, 101)
        assert phone["bubbles"][0]["body"] == "100"


async def test_a_phone_that_got_nothing_is_empty() -> None:
    # given
    async with simulator(replies_url="http://127.0.0.1:1/") as client:
        # when
        phone = await get(client, f"/phones/{TO}")
        # then
        assert phone == {"bubbles": [], "total": 0, "sender": None, "canReply": False}


def test_the_oldest_reply_is_forgotten_when_there_is_no_room() -> None:
    # given
    store = Store(capacity=2)
    message = StoredMessage("AC1", TO, FROM, None, "due", None, None)
    replies = [Reply(message, "1"), Reply(message, "2")]
    # when
    store.add(message)
    for reply in replies:
        store.add(reply)
    # then
    assert list(store.conversation(TO)) == replies[::-1]
    assert list(store.newest()) == []


def test_a_phone_without_messages_is_forgotten() -> None:
    # given
    store = Store(capacity=1)
    # when
    for to in (TO, TO + "1"):
        store.add(StoredMessage("AC1", to, FROM, None, "due", None, None))
    # then
    assert list(store.phones()) == [TO + "1"]


@pytest.mark.parametrize("url", ["https://recalls.example/replies", "http://192.0.2.1/", "here"])
def test_replies_go_to_this_machine_only(url: str) -> None:
    # when
    result = CliRunner().invoke(main, ["--replies-url", url, "--port", "0"])
    # then
    assert result.exit_code == 2
    assert "this machine only" in result.output
