"""The filter of the recall list."""

from datetime import date

import strawberry

from db.recalls import RecallQuery
from schema.inputs import optional_text, read_id
from schema.types.enums import RecallTab, SmsBlockReason


@strawberry.input
class RecallFilter:
    """Restrictions that must all hold; any that is left out restricts nothing."""

    category_ids: list[strawberry.ID] | None = None
    due_from: date | None = None
    due_to: date | None = None
    search: str | None = strawberry.field(
        default=None,
        description="Patients' names and numbers, by the start of a word, whatever the accents and"
        " punctuation; or a date of birth, or a record number.",
    )
    blocked: bool | None = None
    reasons: list[SmsBlockReason] | None = None


def recall_query(tab: RecallTab | None, given: RecallFilter | None) -> RecallQuery:
    """Return db's query for a tab and a filter. Raises ``BadUserInputError`` if unreadable."""
    one_tab = None if tab is None or tab is RecallTab.ALL else tab.value
    if given is None:
        return RecallQuery(tab=one_tab)
    category_ids = given.category_ids
    return RecallQuery(
        tab=one_tab,
        category_ids=None
        if category_ids is None
        else [read_id(i, "Category", "filter.categoryIds") for i in category_ids],
        due_from=given.due_from,
        due_to=given.due_to,
        search=optional_text(given.search, "filter.search"),
        blocked=given.blocked,
        reasons=None if given.reasons is None else [reason.value for reason in given.reasons],
    )
