"""Tests of rotating secrets while everybody is at work: the old and the new one both hold."""

from collections.abc import AsyncIterator

import pytest

from db.types import Pool
from tests.support.practice import MOBILE, Practice
from tests.support.served import GATEWAY_TOKEN, Served
from workers.gateway.twilio_signature import sign

WHO = "{ viewer { name } }"
NEXT = "8f2c61b0d94e47a3b5e07c1d9a6f3428"
REFERENCE = "1.00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def exchanging(served: Served) -> AsyncIterator[Served]:
    """The API while the gateway's token is being rotated."""
    async with served.again(GATEWAY_TOKEN=NEXT, GATEWAY_OTHER_TOKEN=GATEWAY_TOKEN) as both:
        yield both


async def posted(api: Served, served: Served, token: str) -> set[int]:
    """Post a STOP and a receipt to the API, signed with the token; return the answers' statuses."""
    found = set()
    for path in ("/replies/twilio", f"/receipts/twilio?reference={REFERENCE}"):
        form = {"MessageSid": "SM1", "MessageStatus": "sent", "From": MOBILE, "Body": "STOP"}
        headers = {"X-Twilio-Signature": sign(token, served.url + path, form)}
        async with api.http.post(path, data=form, headers=headers) as answer:
            found.add(answer.status)
    return found


@pytest.mark.parametrize("token", [GATEWAY_TOKEN, NEXT], ids=["old", "new"])
async def test_a_request_signed_with_either_token_is_accepted(
    exchanging: Served, served: Served, token: str
) -> None:
    assert await posted(exchanging, served, token) == {200, 204}


@pytest.mark.parametrize(
    "token", ["", "other", f"{NEXT}{GATEWAY_TOKEN}"], ids=["none", "another", "both"]
)
async def test_a_request_signed_with_neither_token_is_refused(
    exchanging: Served, served: Served, token: str
) -> None:
    assert await posted(exchanging, served, token) == {403}


async def test_a_second_token_that_is_left_out_signs_nothing(served: Served) -> None:
    assert await posted(served, served, "") == {403}


@pytest.fixture
async def second_role(pool: Pool) -> AsyncIterator[str]:
    """The name of a second database role that may serve."""
    await pool.execute("create role recalls_app_2 login in role recalls_app")
    yield "recalls_app_2"
    await pool.execute("drop role recalls_app_2")


async def test_a_second_database_role_serves_beside_the_first(
    served: Served, database_url: str, second_role: str, practice: Practice
) -> None:
    # given
    await practice.patient()
    url = database_url.replace("//postgres@", f"//{second_role}@")
    # when
    async with served.again(DATABASE_URL=url) as other:
        for each in (served, other):
            # then
            assert await each.query(WHO) == {"name": "Admin"}
            reached = await each.query(f'{{ checkMobile(mobile: "{MOBILE}") {{ __typename }} }}')
            assert reached["__typename"] != "InvalidMobile"
        blocked = "mutation ($i: BlockMobileInput!) { blockMobile(input: $i) { __typename } }"
        given = {"i": {"mobile": MOBILE, "blockedRecalls": True}}
        assert await other.query(blocked, given) == {"__typename": "BlockedCommunication"}
