"""Tests of tokens as the providers shape them: which practice and which role they grant."""

import time
from typing import Any

import pytest
from pydantic import ValidationError

from api.claims import at
from api.oidc import Oidc
from api.settings import OidcSettings
from tests.support.identity_provider import AUDIENCE, CLIENT, Provider
from tests.support.served import Served

GUID = "6f1c3a3e-0d0b-4c43-9a37-2f6a0d6f4e11"
OTHER_GUID = "0a1b2c3d-1111-2222-3333-444455556666"
NOTHING_OF_OURS: dict[str, Any] = {"recalls_practice": None, "recalls_role": None}


async def granted(
    idp: Provider, settings: dict[str, Any], **said: Any
) -> tuple[int, str] | tuple[None, None]:
    """Return the practice and role that a token with these claims grants, or None for both."""
    known = {"oidc_issuer": idp.issuer, "oidc_audience": AUDIENCE, "oidc_client_id": CLIENT}
    verifier = Oidc(OidcSettings(**known | settings))
    claims = await verifier.claims(idp.token(**NOTHING_OF_OURS | said))
    return (None, None) if claims is None else (claims.practice_id, claims.role.value)


ENTRA = {
    "aud": GUID, "azp": CLIENT, "azpacr": "0", "oid": OTHER_GUID, "tid": OTHER_GUID,
    "scp": "access", "ver": "2.0", "uti": "x", "rh": "0.x", "name": "Priya Nair",
    "preferred_username": "priya@clinic.example",
}  # fmt: skip
ENTRA_GROUPS = {
    "oidc_audience": GUID,
    "oidc_role_claim": "groups",
    "oidc_roles": f"{GUID}=3/ADMIN, {OTHER_GUID}=3/RECEPTIONIST",
}
ENTRA_ROLES = {
    "oidc_audience": f"{GUID}, api://{GUID}",
    "oidc_role_claim": "roles",
    "oidc_groups": "Recalls.{practice}.{role}",
    "oidc_roles": "Admin=ADMIN, Desk=RECEPTIONIST",
}
KEYCLOAK = {
    "typ": "Bearer", "azp": CLIENT, "aud": [AUDIENCE, "account"], "sid": "x", "acr": "1",
    "realm_access": {"roles": ["offline_access", "default-roles-clinic", "recalls-desk"]},
    "resource_access": {
        "account": {"roles": ["manage-account"]},
        "https://recalls.example": {"roles": ["ADMIN"]},
    },
    "groups": ["/staff", "/recalls/3/RECEPTIONIST"],
    "recalls_practice": 3,
}  # fmt: skip
KEYCLOAK_REALM = {
    "oidc_role_claim": "realm_access.roles",
    "oidc_roles": "recalls-desk=RECEPTIONIST,recalls-admin=ADMIN",
}
AUTH0 = {
    "aud": [AUDIENCE, "https://clinic.example.auth0.com/userinfo"], "azp": CLIENT,
    "sub": "auth0|507f1f77bcf86cd799439020", "scope": "openid profile", "permissions": [],
    "https://recalls.example/practice": "3", "https://recalls.example/roles": ["ADMIN"],
}  # fmt: skip
AUTH0_CLAIMS = {
    "oidc_practice_claim": "https://recalls.example/practice",
    "oidc_role_claim": "https://recalls.example/roles",
}
SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    "Entra's app roles": (
        ENTRA_ROLES,
        ENTRA | {"roles": ["Recalls.3.Desk"]},
        (3, "RECEPTIONIST"),
    ),
    "Entra's v1 tokens": (
        ENTRA_ROLES,
        ENTRA
        | {"aud": f"api://{GUID}", "ver": "1.0", "appid": CLIENT, "roles": ["Recalls.3.Admin"]},
        (3, "ADMIN"),
    ),
    "Entra's app roles of two practices": (
        ENTRA_ROLES,
        ENTRA | {"roles": ["Recalls.3.Desk", "Recalls.4.Desk"]},
        (None, None),
    ),
    "Entra's groups by their ids": (
        ENTRA_GROUPS,
        ENTRA | {"groups": ["11111111-2222-3333-4444-555555555555", GUID]},
        (3, "ADMIN"),
    ),
    "Entra's groups that are too many": (
        ENTRA_GROUPS,
        ENTRA | {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}},
        (None, None),
    ),
    "Entra's token for Microsoft Graph": (
        ENTRA_ROLES,
        ENTRA | {"aud": "00000003-0000-0000-c000-000000000000", "roles": ["Recalls.3.Desk"]},
        (None, None),
    ),
    "Entra's ID token": (
        ENTRA_ROLES,
        ENTRA | {"aud": CLIENT, "roles": ["Recalls.3.Desk"]},
        (None, None),
    ),
    "Keycloak's realm roles": (KEYCLOAK_REALM, KEYCLOAK, (3, "RECEPTIONIST")),
    "Keycloak's client roles": (
        {"oidc_role_claim": "resource_access.https://recalls.example.roles"},
        KEYCLOAK,
        (3, "ADMIN"),
    ),
    "Keycloak's groups": (
        {"oidc_role_claim": "groups", "oidc_groups": "/recalls/{practice}/{role}"},
        KEYCLOAK,
        (3, "RECEPTIONIST"),
    ),
    "Keycloak's groups and another practice as a claim": (
        {"oidc_role_claim": "groups", "oidc_groups": "/recalls/{practice}/{role}"},
        KEYCLOAK | {"recalls_practice": 4},
        (None, None),
    ),
    "Keycloak's groups in a deeper folder": (
        {"oidc_role_claim": "groups", "oidc_groups": "/recalls/{practice}/{role}"},
        KEYCLOAK | {"groups": ["/self-service/recalls/3/ADMIN", "/recalls/3/ADMIN/x"]},
        (None, None),
    ),
    "Keycloak's without a mapper for the audience": (
        KEYCLOAK_REALM,
        KEYCLOAK | {"aud": "account"},
        (None, None),
    ),
    "Auth0's claims that are URLs": (AUTH0_CLAIMS, AUTH0, (3, "ADMIN")),
    "Auth0's token of a day": (
        AUTH0_CLAIMS,
        AUTH0 | {"iat": int(time.time()), "exp": int(time.time()) + 86_400},
        (3, "ADMIN"),
    ),
    "Auth0's roles without their namespace": (
        AUTH0_CLAIMS,
        AUTH0 | {"https://recalls.example/roles": None, "roles": ["ADMIN"]},
        (None, None),
    ),
    "Google's ID token": (
        {},
        {"aud": CLIENT, "azp": CLIENT, "hd": "clinic.example", "email": "priya@clinic.example"},
        (None, None),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_token_grants_what_its_provider_says_in_its_own_way(
    idp: Provider, shape: str
) -> None:
    # given
    settings, said, expected = SHAPES[shape]
    # when / then
    assert await granted(idp, settings, **said) == expected


async def test_an_issuer_may_end_with_a_slash(idp: Provider) -> None:
    # given an issuer like Auth0's and Entra's older ones
    idp.issuer = f"{idp.url}/"
    # when / then
    assert await granted(idp, AUTH0_CLAIMS, **AUTH0) == (3, "ADMIN")


@pytest.mark.parametrize(
    ("practice", "roles", "expected"),
    [
        (1, "ADMIN", (1, "ADMIN")),
        ("1", ["ADMIN"], (1, "ADMIN")),
        (["1"], ["ADMIN", "ADMIN"], (1, "ADMIN")),
        ([1, "1"], ["nurses", "CONNECTOR", 5, None, {"a": 1}], (1, "CONNECTOR")),
        ([1, 2], "ADMIN", (None, None)),
        ([1, "x"], "ADMIN", (None, None)),
        ([], "ADMIN", (None, None)),
        ({"id": 1}, "ADMIN", (None, None)),
        (1.0, "ADMIN", (None, None)),
        ("١", "ADMIN", (None, None)),
        (10**9, "ADMIN", (None, None)),
        ("9" * 5000, "ADMIN", (None, None)),
        (0, "ADMIN", (None, None)),
        (True, "ADMIN", (None, None)),
        (1, [], (None, None)),
        (1, "admin", (None, None)),
        (1, {"ADMIN": True}, (None, None)),
        (1, ["ADMIN", "RECEPTIONIST"], (None, None)),
        (1, ["RECEPTIONIST", "CONNECTOR"], (None, None)),
        (1, [["ADMIN"]], (None, None)),
    ],
)
async def test_one_practice_and_one_role_are_granted_or_nothing(
    idp: Provider, practice: Any, roles: Any, expected: Any
) -> None:
    # when / then
    assert await granted(idp, {}, recalls_practice=practice, recalls_role=roles) == expected


async def test_our_names_for_roles_dont_count_if_the_settings_name_others(idp: Provider) -> None:
    # given
    settings = {"oidc_roles": "boss=ADMIN"}
    # when / then
    assert await granted(idp, settings, recalls_practice=1, recalls_role="boss") == (1, "ADMIN")
    assert await granted(idp, settings, recalls_practice=1, recalls_role="ADMIN") == (None, None)


async def test_a_group_of_endless_digits_is_checked_quickly(idp: Provider) -> None:
    # given a pattern that could be tried in a great many ways
    settings = {"oidc_groups": "{role}{practice}"}
    # when / then
    assert await granted(idp, settings, recalls_role=["0" * 5000 + "x"]) == (None, None)


@pytest.mark.parametrize(
    ("said", "path", "found"),
    [
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a.b": 2, "a": {"b": 1}}, "a.b", 2),
        ({"a": {"b.c": 3}}, "a.b.c", 3),
        ({"a.b": {"c": 4}}, "a.b.c", 4),
        ({"a": {"x": 1}, "a.b": {"c": 5}}, "a.b.c", 5),
        ({"a": ["b"]}, "a.b", None),
        ({"a": "b"}, "a.b", None),
        ({}, "a..b.", None),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_path(
    said: dict[str, Any], path: str, found: Any
) -> None:
    # when / then
    assert at(said, path) == found


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_roles": "boss"},
        {"oidc_roles": "boss=OWNER"},
        {"oidc_roles": "=ADMIN"},
        {"oidc_roles": "boss=x/ADMIN"},
        {"oidc_roles": "boss=0/ADMIN"},
        {"oidc_roles": "boss=/ADMIN"},
        {"oidc_roles": "boss=ADMIN,boss=RECEPTIONIST"},
        {"oidc_groups": "recalls/{role}"},
        {"oidc_groups": "recalls/{practice}/{practice}/{role}"},
        {"oidc_audience": f"{AUDIENCE},{CLIENT}"},
        {"oidc_audience": " , "},
        {"oidc_scope": "profile"},
        {"oidc_longest": "inf"},
    ],
)
def test_settings_that_can_be_read_in_two_ways_or_none_are_refused(given: dict[str, Any]) -> None:
    # given
    known = {
        "oidc_issuer": "https://id.example",
        "oidc_audience": AUDIENCE,
        "oidc_client_id": CLIENT,
    }
    # when / then
    with pytest.raises(ValidationError):
        OidcSettings(**known | given)


async def test_a_token_that_grants_nothing_is_logged_without_a_name(
    idp: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    verifier = Oidc(OidcSettings(oidc_issuer=idp.issuer, oidc_audience=AUDIENCE))
    # when
    for _ in range(3):
        assert await verifier.claims(idp.token(recalls_practice=[1, 2])) is None
    # then
    [told] = [record.getMessage() for record in caplog.records if record.name == "api.oidc"]
    assert "exactly one practice and one role" in told
    assert "Priya" not in told


async def test_people_in_a_group_get_into_their_practice(idp: Provider, signing: Served) -> None:
    # given
    claims = {"OIDC_ROLE_CLAIM": "groups", "OIDC_GROUPS": "/recalls/{practice}/{role}"}
    token = idp.token(**NOTHING_OF_OURS, groups=["/staff", "/recalls/1/RECEPTIONIST"])
    async with signing.again(**claims) as other:
        # when
        viewer = await other.query("{ viewer { name role } }", token=token)
    # then
    assert viewer == {"name": "Priya Nair", "role": "RECEPTIONIST"}
