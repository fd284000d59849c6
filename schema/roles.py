"""Who may call which field, said on the field itself."""

from typing import Any

import strawberry
from strawberry.permission import BasePermission

from db.tokens import Role
from schema.compiled import ContextPermission


class _Roles(ContextPermission):
    """Lets the viewers through whose role is one of ``roles``."""

    roles: frozenset[Role]
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002
        """Tell whether the viewer's role is among them."""
        return info.context.viewer.role in self.roles


class _Staff(_Roles):
    """For people who work recalls."""

    message = "This is for the practice's staff; a connector may only sync."
    roles = frozenset({Role.ADMIN, Role.RECEPTIONIST})


class _Connector(_Roles):
    """For the PMS connector, and admins."""

    message = "This is for the PMS connector and the practice's admins."
    roles = frozenset({Role.CONNECTOR, Role.ADMIN})


STAFF: list[type[BasePermission]] = [_Staff]
CONNECTOR: list[type[BasePermission]] = [_Connector]
