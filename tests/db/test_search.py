"""Tests of searching as people type: names by the start of a word, numbers however written."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.recalls import RecallQuery, count_recalls, list_recalls
from db.types import Pool
from tests.support.practice import Practice, a_practice


async def found(practice: Practice, text: str) -> set[str]:
    """Return the first names that the search finds."""
    page = await list_recalls(
        practice.reader, practice.id, RecallQuery(search=text), first=50, after=None
    )
    count = await count_recalls(practice.reader, practice.id, RecallQuery(search=text))
    assert len(page) == count
    return {row["patient_first_name"] for row in page}


@pytest.fixture
async def people(practice: Practice) -> Practice:
    """Ann O'Brien, Mary-Jane Smith, Zoë Nguyen and one without a first name."""
    for first, last, mobile in [
        ("Ann", "O'Brien", "0491 570 006"),
        ("Mary-Jane", "Smith", "0491 570 156"),
        ("Zoë", "Nguyen", "+64 21 123 4567"),
        ("", "Smithson", None),
    ]:
        await practice.recall(
            await practice.patient(first_name=first, last_name=last, mobile=mobile)
        )
    return practice


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ann", {"Ann"}),
        ("AN", {"Ann"}),
        ("nn", set()),
        ("brien", {"Ann"}),
        ("o'brien", {"Ann"}),
        ("O’Brien", {"Ann"}),
        ("ann o'b", {"Ann"}),
        ("brien ann", {"Ann"}),
        ("jane", {"Mary-Jane"}),
        ("mary-jane", {"Mary-Jane"}),
        ("smith", {"Mary-Jane", ""}),
        ("smith mary", {"Mary-Jane"}),
        ("ann smith", set()),
        ("zoë", {"Zoë"}),
        ("zo", {"Zoë"}),
        ("ng", {"Zoë"}),
    ],
)
async def test_every_word_typed_begins_a_word_of_the_name(
    people: Practice, text: str, names: set[str]
) -> None:
    # when / then
    assert await found(people, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0491", {"Ann", "Mary-Jane"}),
        ("0491570006", {"Ann"}),
        ("0491 570 006", {"Ann"}),
        ("(0491) 570-006", {"Ann"}),
        ("+61 491 570 006", {"Ann"}),
        ("61491570006", {"Ann"}),
        ("491570006", {"Ann"}),
        ("+64 21", {"Zoë"}),
        ("570006", set()),
        ("ann 0491", {"Ann"}),
        ("0491 ann", {"Ann"}),
        ("ann +64", set()),
    ],
)
async def test_a_number_is_found_by_its_beginning_however_it_is_typed(
    people: Practice, text: str, names: set[str]
) -> None:
    # when / then
    assert await found(people, text) == names


@pytest.mark.parametrize("text", ["", "   ", "'", "%", "_", "\\", ".*", "\0", "-", "('"])
async def test_a_search_for_nothing_finds_everybody(people: Practice, text: str) -> None:
    # when / then
    assert len(await found(people, text)) == 4


@pytest.mark.parametrize(
    "text", ["a%", "a_n", "a.*n", "^ann$x", "ann|zo", "an\0zo", "a{9}", "[a-z]"]
)
async def test_characters_that_mean_something_to_a_pattern_are_taken_literally(
    people: Practice, text: str
) -> None:
    # when / then
    assert await found(people, text) in (set(), {"Ann"})


async def test_a_search_stays_within_the_practice(people: Practice) -> None:
    # given
    neighbour = await a_practice(people.pool)

    # when / then
    assert await found(neighbour, "ann") == set()


async def test_a_national_number_is_read_as_one_of_the_practices_country(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, phone_region="NZ")
    await practice.recall(await practice.patient(mobile="021 123 4567"))

    # when / then
    assert await found(practice, "021 123") == {"Ann"}


@settings(max_examples=60)
@given(text=st.text() | st.text("0123+()- aé'%_\\\0\ud800*?[]{}.^$|"))
async def test_no_text_makes_the_search_fail(practice: Practice, text: str) -> None:
    # when / then
    assert await found(practice, text) == set()


async def test_a_page_goes_on_where_the_last_one_ended_among_equal_due_dates(
    practice: Practice,
) -> None:
    # given
    recalls = [await practice.recall(due_date=practice.due(day // 4)) for day in range(11)]
    seen: list[int] = []
    after = None
    more = True

    # when
    while more:
        page = await list_recalls(practice.pool, practice.id, RecallQuery(), first=3, after=after)
        more = len(page) > 3
        page = page[:3]
        seen += [row["id"] for row in page]
        after = (page[-1]["due_date"], page[-1]["id"])

    # then
    assert seen == recalls


async def test_filters_hold_together(practice: Practice) -> None:
    # given
    category = await practice.category(name="Moles", reasons=["Mole"])
    wanted = await practice.recall(reason="Mole", due_date=practice.due(3))
    await practice.recall(due_date=practice.due(3))
    await practice.recall(reason="Mole", due_date=practice.due(9))
    query = RecallQuery(
        tab="TO_ACTION",
        category_ids=[category],
        due_from=practice.due(1),
        due_to=practice.due(5),
        search="ann 0491",
        blocked=False,
    )

    # when
    page = await list_recalls(practice.reader, practice.id, query, first=10, after=None)

    # then
    assert [row["id"] for row in page] == [wanted]
    assert await count_recalls(practice.reader, practice.id, query) == 1


@pytest.fixture
async def names(practice: Practice) -> Practice:
    """People whose names are written in more ways than one."""
    for first, last in [
        ("Zoë", "Nguyễn"),
        ("Siobhán", "O'Shea"),
        ("Mary-Jane", "De Luca"),
        ("Søren", "Łukasz"),
        ("Jürgen", "Groß"),
        ("Ａｋｉ", "Sato"),
    ]:
        await practice.recall(await practice.patient(first_name=first, last_name=last))
    return practice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoe", {"Zoë"}),
        ("ZOE nguyen", {"Zoë"}),
        ("zoe\u0308", {"Zoë"}),  # as a Mac may type it: the letter, then its dots
        ("siobhan", {"Siobhán"}),
        ("oshea", {"Siobhán"}),
        ("o shea", {"Siobhán"}),
        ("O’Shea", {"Siobhán"}),
        ("shea", {"Siobhán"}),
        ("maryjane", {"Mary-Jane"}),
        ("mary-jane de luca", {"Mary-Jane"}),
        ("deluca", {"Mary-Jane"}),
        ("soren lukasz", {"Søren"}),
        ("jurgen gross", {"Jürgen"}),
        ("groß", {"Jürgen"}),
        ("aki", {"Ａｋｉ"}),
    ],
)
async def test_a_name_is_found_without_its_accents_and_punctuation(
    names: Practice, text: str, expected: set[str]
) -> None:
    # when / then
    assert await found(names, text) == expected


@pytest.fixture
async def births(practice: Practice) -> Practice:
    """Ann, born on 5 March 1958, and Ben, born on 3 May 2019."""
    for first, pms_id, birth_date in [
        ("Ann", "20581", date(1958, 3, 5)),
        ("Ben", "771", date(2019, 5, 3)),
    ]:
        await practice.recall(
            await practice.patient(pms_id, first_name=first, birth_date=birth_date)
        )
    return practice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5/3/1958", {"Ann"}),
        ("05/03/1958", {"Ann"}),
        ("05.03.1958", {"Ann"}),
        ("5-3-1958", {"Ann"}),
        ("5/3/58", {"Ann"}),
        ("3/5/19", {"Ben"}),
        ("1958-03-05", {"Ann"}),
        ("5 Mar 1958", {"Ann"}),
        ("5 march 1958", {"Ann"}),
        ("ann 5/3/1958", {"Ann"}),
        ("ben 5/3/1958", set()),
        ("6/3/1958", set()),
        ("31/2/1958", set()),
    ],
)
async def test_a_person_is_found_by_date_of_birth(
    births: Practice, text: str, expected: set[str]
) -> None:
    # when / then
    assert await found(births, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("20581", {"Ann"}), ("2058", set()), ("ann 20581", {"Ann"})]
)
async def test_a_person_is_found_by_the_whole_record_number(
    births: Practice, text: str, expected: set[str]
) -> None:
    # when / then
    assert await found(births, text) == expected


async def test_where_months_come_first_a_date_is_read_so(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, phone_region="US")
    patient = await practice.patient(first_name="Ann", mobile=None, birth_date=date(1958, 3, 5))
    await practice.recall(patient)

    # when / then
    assert await found(practice, "3/5/1958") == {"Ann"}
    assert await found(practice, "5/3/1958") == set()
