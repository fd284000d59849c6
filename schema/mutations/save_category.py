"""saveCategory: sets a category's links, template and automation rule."""

from typing import Annotated

import strawberry

from db import categories
from schema.context import Info
from schema.inputs import read_id, text
from schema.types.enums import ContactKind
from schema.types.node import Problem
from schema.types.recall import Category


@strawberry.input
class SaveCategoryInput:
    """The whole category; without ``id``, a new one."""

    id: strawberry.ID | None = None
    name: str
    reasons: list[str]
    urgencies: list[str]
    sms_template: str
    automated: bool
    steps: list[ContactKind]


@strawberry.type
class InvalidTemplate(Problem):
    """The template can't be filled in."""

    unknown_placeholders: list[str]


@strawberry.type
class InvalidCategory(Problem):
    """The message names the field."""


SaveCategoryResult = Annotated[
    Category | InvalidTemplate | InvalidCategory, strawberry.union("SaveCategoryResult")
]


async def save_category(info: Info, input: SaveCategoryInput) -> SaveCategoryResult:  # noqa: A002
    """Create a category, or replace the one with the given id."""
    draft = categories.CategoryDraft(
        category_id=None if input.id is None else read_id(input.id, "Category", "id"),
        name=text(input.name, "name"),
        reasons=[text(reason, "reasons") for reason in input.reasons],
        urgencies=[text(urgency, "urgencies") for urgency in input.urgencies],
        sms_template=input.sms_template,
        automated=input.automated,
        steps=[step.value for step in input.steps],
    )
    try:
        row = await categories.save_category(
            info.context.pool, info.context.practice_id, draft, actor=info.context.actor
        )
    except categories.InvalidTemplateError as error:
        return InvalidTemplate(message=str(error), unknown_placeholders=error.unknown)
    except categories.InvalidCategoryError as error:
        return InvalidCategory(message=str(error))
    return Category(row=row)
