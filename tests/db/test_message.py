"""Tests of a message's text and its segments, against a reference in plain Python."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.types import Pool

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
TEMPLATE = "Hi {firstName}, {reason} {dueDate}. {practiceName} {practicePhone}"

shared_pool = settings(max_examples=150)


def segments(body: str) -> int:
    """Return the segments by 3GPP TS 23.038 and 23.040, counted letter by letter."""
    if all(letter in GSM7 + EXTENSION for letter in body):
        widths = [2 if letter in EXTENSION else 1 for letter in body]
        single, several = 160, 153
    else:
        widths = [len(letter.encode("utf-16-le")) // 2 for letter in body]
        single, several = 70, 67
    if sum(widths) <= single:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > several:
            count, used = count + 1, 0
        used += width
    return count


async def counted(pool: Pool, body: str) -> int:
    count: int = await pool.fetchval("select logic.sms_segments($1)", body)
    return count


async def body_of(pool: Pool, template: str, **facts: str) -> str:
    known = {"first": "Ann", "practice": "Harbour", "reason": "Skin check", "phone": "02"} | facts
    body: str = await pool.fetchval(
        "select logic.sms_body($1, $2, $3, $4, $5, $6)",
        template,
        known["first"],
        known["practice"],
        known["reason"],
        date(2026, 3, 9),
        known["phone"],
    )
    return body


def test_the_reference_has_the_whole_alphabet() -> None:
    # when / then
    assert len(set(GSM7)) == 127  # plus the escape to the extension
    assert len(set(EXTENSION)) == 10


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro would be cut in half
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ж" * 66 + "😀" + "ж" * 66, 3),  # so would the emoji
        ("ç" + "a" * 69, 1),  # only the capital is in the alphabet
        ("ç" + "a" * 70, 2),
        ("Ç" + "a" * 159, 1),
        ("`" * 71, 2),
        ("\t" * 71, 2),
    ],
)
async def test_segments_at_the_boundaries(pool: Pool, body: str, count: int) -> None:
    # when / then
    assert await counted(pool, body) == count == segments(body)


async def test_every_letter_of_the_alphabet_is_gsm7(pool: Pool) -> None:
    # when
    counts = {letter: await counted(pool, letter * 71) for letter in GSM7 + EXTENSION}

    # then
    assert counts == dict.fromkeys(GSM7 + EXTENSION, 1)


LETTERS = st.sampled_from(GSM7[:20] + EXTENSION) | st.characters(
    exclude_categories=["Cs"], exclude_characters="\0"
)
GSM7_TEXT = st.text(st.sampled_from(GSM7 + EXTENSION), min_size=100, max_size=500)
NEAR = st.builds(
    lambda start, middle, count: start * count + middle,
    st.sampled_from("aж"),
    st.text(LETTERS, max_size=3),
    st.sampled_from([*range(64, 72), *range(131, 136), *range(150, 162), *range(303, 308)]),
)


@shared_pool
@given(body=st.text(LETTERS, max_size=400) | GSM7_TEXT | NEAR)
@example(body="\n" * 161)
async def test_segments_equal_the_references(pool: Pool, body: str) -> None:
    # when / then
    assert await counted(pool, body) == segments(body)


async def beyond(pool: Pool, body: str) -> str:
    found: str = await pool.fetchval("select logic.beyond_gsm7($1)", body)
    return found


async def test_no_letter_of_the_alphabet_is_beyond_it(pool: Pool) -> None:
    # when / then
    assert await beyond(pool, GSM7 + EXTENSION) == ""


@shared_pool
@given(body=st.text(LETTERS, max_size=200))
@example(body="ç\t`😀ж\n€ ç")
@example(body="".join(map(chr, range(1, 0x180))))
async def test_letters_beyond_the_alphabet_are_named_one_by_one(pool: Pool, body: str) -> None:
    # when
    found = await beyond(pool, body)

    # then: a text without any is counted as GSM-7
    assert found == "".join(letter for letter in body if letter not in GSM7 + EXTENSION)
    assert await counted(pool, body) == segments(body)
    assert await counted(pool, f"{body}{'a' * 160}") == segments(f"{body}{'a' * 160}")


async def test_every_placeholder_is_filled(pool: Pool) -> None:
    # when
    body = await body_of(pool, TEMPLATE)

    # then
    assert body == "Hi Ann, Skin check 9 March 2026. Harbour 02"


@pytest.mark.parametrize("sign", ["%", "100%", "%s", "%1$s", "%%", "%I%L", "\\1", "$1", "&"])
async def test_characters_that_mean_something_to_a_formatter_stay(pool: Pool, sign: str) -> None:
    # when
    body = await body_of(pool, "{firstName} " + sign)

    # then
    assert body == f"Ann {sign}"


@pytest.mark.parametrize(
    "name", ["{reason}", "{firstName}", "%1$s", "%s", "%", "\\", "$1", "' || '", "O'Brien"]
)
async def test_a_name_that_looks_like_a_placeholder_stays_a_name(pool: Pool, name: str) -> None:
    # when
    body = await body_of(pool, "Hi {firstName}, {reason}", first=name)

    # then
    assert body == f"Hi {name}, Skin check"


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@shared_pool
@given(name=ANY_TEXT | st.sampled_from(["{reason}", "%1$s"]), reason=ANY_TEXT, words=ANY_TEXT)
async def test_a_body_is_its_template_with_each_text_in_its_place(
    pool: Pool, name: str, reason: str, words: str
) -> None:
    # given
    words = words.replace("{", "").replace("}", "")

    # when
    body = await body_of(pool, words + "{firstName}|{reason}", first=name, reason=reason)

    # then
    assert body == f"{words}{name}|{reason}"


@pytest.mark.parametrize(
    ("reasons", "joined"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["B", "A", "B", "C", "A"], "B, A and C"),
        (["A", "A"], "A"),
    ],
)
async def test_reasons_are_joined_as_in_speech(pool: Pool, reasons: list[str], joined: str) -> None:
    # when / then
    assert await pool.fetchval("select logic.join_reasons($1)", reasons) == joined


@pytest.mark.parametrize("template", ["Hi {firstName}, {reason}. {phone}", "{reason}, {reason}"])
async def test_a_text_is_no_longer_than_the_gateway_accepts(pool: Pool, template: str) -> None:
    # given
    template = template.replace("{phone}", "{practicePhone}")

    # when
    body = await body_of(pool, template, reason="r" * 1700)

    # then
    assert len(body) <= 1600
    assert "r..." in body
    assert body.endswith(("02", "..."))


async def test_a_text_that_is_too_long_even_without_its_reason_is_cut(pool: Pool) -> None:
    # when
    body = await body_of(pool, "{firstName} {reason}", first="a" * 2000)

    # then
    assert len(body) == 1600


@shared_pool
@given(reason=st.text(alphabet="r ", min_size=1, max_size=2000), times=st.integers(0, 4))
async def test_a_text_is_whole_if_it_fits_and_shortened_if_not(
    pool: Pool, reason: str, times: int
) -> None:
    # given
    template = "Please call. " + "{reason}; " * times
    whole = template.replace("{reason}", reason)

    # when
    body = await body_of(pool, template, reason=reason)

    # then
    assert body == whole if len(whole) <= 1600 else len(body) <= 1600
