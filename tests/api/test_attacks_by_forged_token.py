"""Tests that an identity provider's forged tokens are refused, and how soon."""

from tests.api.test_oidc import ATTACKS as FORGERIES
from tests.support.attacks import WHO, assert_refused_soon, post, retried
from tests.support.identity_provider import AUDIENCE, provider
from tests.support.served import Served


async def test_every_forged_token_of_a_provider_is_refused_soon(
    served: Served,
) -> None:
    # given
    async with provider() as idp:
        asked = {"OIDC_ISSUER": idp.issuer, "OIDC_AUDIENCE": AUDIENCE}
        async with served.again(**asked) as target:
            assert await target.errors(WHO, token=idp.token()) == []
            table = []
            for name, forge in FORGERIES.items():
                attack = post(WHO, headers={"Authorization": f"Bearer {forge(idp)}"})
                # when
                answers, took = await retried(attack, target)
                table.append((f"JWT: {name}", answers, "401 UNAUTHENTICATED", took))
    # then
    assert_refused_soon(table)
