"""Attacks without a valid token: with made-up ones, forged ones and none."""

import random
import secrets
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.siege.attack import Fight, On, attack
from tests.siege.facts import AUDIENCE, REPLIES_URL
from tests.siege.wire import HOST, http, operation
from workers.gateway.twilio_signature import sign

WHO = "{ viewer { name } }"
FORGED = 64
"""JWTs prepared in advance, because signing one takes longer than refusing it."""


def made_up(practice: int) -> str:
    """Return a token that looks like a real one."""
    return f"recalls_{practice}_{secrets.token_urlsafe(32)}"


@attack()
async def junk_tokens(fight: Fight) -> None:
    """125 made-up tokens a second, from the canary's own address."""
    practice = fight.facts.other.practice
    await fight.flood(lambda _: operation(made_up(practice), WHO), rate=125, address=HOST)


@attack()
async def junk_tokens_from_everywhere(fight: Fight) -> None:
    """400 made-up tokens a second, each from a different /64 according to the trusted proxy."""
    practice, luck = fight.facts.other.practice, random.Random(1)  # noqa: S311

    def asked(_: int) -> bytes:
        network = f"2001:db8:{luck.getrandbits(16):x}:{luck.getrandbits(16):x}::1"
        return operation(made_up(practice), WHO, headers={"X-Forwarded-For": network})

    await fight.flood(asked, rate=400, lines=100, address=HOST)


@attack(On.PROVIDER)
async def forged_jwts(fight: Fight) -> None:
    """400 JWTs a second signed by another key, under key names that exist and that don't."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    said = {"iss": fight.facts.issuer, "aud": AUDIENCE, "sub": "s-1", "iat": now, "exp": now + 600}
    said |= {"name": "Mallory", "recalls_practice": fight.facts.other.practice}
    said |= {"recalls_role": "ADMIN"}
    forged = [
        operation(jwt.encode(said, key, "RS256", headers={"kid": f"{n}" if n % 2 else "one"}), WHO)
        for n in range(FORGED)
    ]
    await fight.flood(lambda n: forged[n % FORGED], rate=400, lines=50)


@attack()
async def no_tokens(fight: Fight) -> None:
    """400 operations a second without any token."""
    headers = {"Content-Type": "application/json"}
    asked = http("POST", "/graphql", b'{"query": "{ viewer { name } }"}', headers)
    await fight.flood(lambda _: asked, rate=400)


def form(fields: bytes, signature: str = "", path: str = "/replies/twilio") -> bytes:
    """Return the bytes of a posted form."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"X-Twilio-Signature": signature} if signature else {}
    return http("POST", path, fields, headers)


def many_fields() -> bytes:
    """Return a form of 63 KB with as many fields as fit."""
    return b"&".join(b"%x=" % n for n in range(11_000))[:63_000]


@attack()
async def unsigned_forms(fight: Fight) -> None:
    """Unsigned forms of 63 KB, 3 MB a second."""
    asked = [form(many_fields(), path=f"/{name}/twilio") for name in ("replies", "receipts")]
    await fight.flood(lambda n: asked[n % 2], rate=46)


@attack()
async def badly_signed_forms(fight: Fight) -> None:
    """Forms of 63 KB with wrong signatures of the right length, 3 MB a second."""
    signature = sign("another", REPLIES_URL, {})
    asked = [form(many_fields(), signature, f"/{name}/twilio") for name in ("replies", "receipts")]
    await fight.flood(lambda n: asked[n % 2], rate=46)


@attack()
async def small_badly_signed_forms(fight: Fight) -> None:
    """300 short forms a second with wrong signatures of the right length."""
    asked = form(b"From=%2B61491000001&Body=STOP", sign("another", REPLIES_URL, {}))
    await fight.flood(lambda _: asked, rate=300)


@attack()
async def replayed_stop(fight: Fight) -> None:
    """One patient's signed STOP, intercepted and replayed 100 times a second."""
    said = {"MessageSid": "SM7", "From": fight.facts.attacked.mobiles[0], "Body": "STOP"}
    fields = "&".join(f"{name}={text.replace('+', '%2B')}" for name, text in said.items())
    asked = form(fields.encode(), sign(fight.facts.gateway_token, REPLIES_URL, said))
    await fight.flood(lambda _: asked, rate=100)


@attack()
async def health_checks(fight: Fight) -> None:
    """400 health checks a second."""
    asked = http("GET", "/healthz")
    await fight.flood(lambda _: asked, rate=400)
