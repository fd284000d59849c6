"""Who may call which field: one declaration, shown in the schema and enforced."""

from typing import Any, ClassVar

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.permission import PermissionExtension
from strawberry.schema_directive import Location

from core.identity import Role
from rowql import ContextPermission
from schema.types import enums as _enums  # noqa: F401 - makes Role an enum of the schema


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The roles that may use the field; all others get the error FORBIDDEN.",
)
class Allowed:
    """The directive that shows a permission in the schema."""

    roles: list[Role]


class _Roles(ContextPermission):
    """Admits viewers whose role is one of ``roles``."""

    roles: tuple[Role, ...] = ()
    _allowed: ClassVar[Allowed]
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._allowed = Allowed(roles=list(cls.roles))

    @property
    def schema_directive(self) -> Allowed:
        """The directive that shows the permission."""
        return self._allowed

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002
        """Return whether the viewer's role is among them."""
        return info.context.viewer.role in self.roles


ADMINS_ONLY = "Only your practice's admins can do this."
"""The message of FORBIDDEN for what only admins may do, also outside GraphQL."""


class _Staff(_Roles):
    """For staff who work through recalls."""

    message = "Only your practice's staff can do this; a connector can only sync."
    roles = (Role.ADMIN, Role.RECEPTIONIST)


class _Admin(_Roles):
    """For setting up the practice and managing access to it."""

    message = ADMINS_ONLY
    roles = (Role.ADMIN,)


class _Connector(_Roles):
    """For the PMS connector, and admins."""

    message = "Only the PMS connector and your practice's admins can do this."
    roles = (Role.ADMIN, Role.CONNECTOR)


STAFF: list[FieldExtension] = [PermissionExtension([_Staff()])]
ADMIN: list[FieldExtension] = [PermissionExtension([_Admin()])]
CONNECTOR: list[FieldExtension] = [PermissionExtension([_Connector()])]
"""A field's ``extensions``."""


def require_admin(info: strawberry.Info) -> None:
    """Raise FORBIDDEN as ``ADMIN`` does, for admin data behind a field open to all staff."""
    permission = _Admin()
    if not permission.has_permission(None, info):
        raise GraphQLError(permission.message, extensions=dict(permission.error_extensions))
