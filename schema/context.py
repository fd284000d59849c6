"""What every resolver has at hand: who asks, the database, and what was loaded for them."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from db.attempts import attempts_of_recalls, get_attempts, recalls_of_attempts
from db.blocklist import get_blocked, history_of
from db.categories import get_categories
from db.practices import get_practice
from db.recalls import get_patients, get_recalls, patients_reached
from db.rows import Pool, RefusalCount, Row
from db.runs import RunNews, get_runs, refusals_of_runs
from db.tokens import Viewer


class Wake(Protocol):
    """Wakes the workers. It may fail silently: what was accepted is sent all the same, later."""

    async def wake_planner(self, practice_id: int, run_id: int) -> None:
        """Have the run planned."""

    async def wake_delivery(self) -> None:
        """Have what is ready delivered."""


class Context:
    """One operation's surroundings. Everything it loads is of the viewer's practice."""

    def __init__(self, pool: Pool, news: RunNews, wake: Wake, viewer: Viewer | None = None) -> None:
        self.pool = pool
        self.news = news
        self.wake = wake
        self.connection_params: dict[str, Any] = {}
        """What a WebSocket's client said when it connected."""
        self._viewer = viewer
        self.loaders = Loaders(self)

    @property
    def viewer(self) -> Viewer:
        """Who asks; nothing is resolved before that is known."""
        if self._viewer is None:
            raise LookupError("an operation without a viewer")
        return self._viewer

    @viewer.setter
    def viewer(self, viewer: Viewer) -> None:
        self._viewer = viewer

    @property
    def practice_id(self) -> int:
        """Whose data this operation may touch."""
        return self.viewer.practice_id


class Loaders:
    """Loads what many objects of one answer ask for in one statement each.

    Nothing is cached: between two mutations of an operation, or two events of a subscription, the
    facts may have changed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.practice: DataLoader[int, Row] = _loader(self._practices)
        self.recall: DataLoader[int, Row | None] = _loader(self._by_id(get_recalls))
        self.patient: DataLoader[int, Row | None] = _loader(
            self._by_id(get_patients, key="patient_id")
        )
        self.category: DataLoader[int, Row | None] = _loader(self._by_id(get_categories))
        self.attempt: DataLoader[int, Row | None] = _loader(self._by_id(get_attempts))
        self.blocked: DataLoader[int, Row | None] = _loader(self._by_id(get_blocked))
        self.run: DataLoader[int, Row | None] = _loader(self._by_id(get_runs))
        self.attempts_of_recall: DataLoader[int, list[Row]] = _loader(
            self._grouped(attempts_of_recalls, key="recall_id")
        )
        self.recalls_of_attempt: DataLoader[int, list[Row]] = _loader(self._recalls_of_attempts)
        self.patients_on: DataLoader[str, list[Row]] = _loader(
            self._grouped(patients_reached, key="mobile")
        )
        self.history_of: DataLoader[str, list[Row]] = _loader(
            self._grouped(history_of, key="mobile")
        )
        self.refusals_of_run: DataLoader[int, list[RefusalCount]] = _loader(self._refusals)

    async def _practices(self, keys: list[int]) -> list[Row]:
        context = self._context
        row = await get_practice(context.pool, context.practice_id)
        return [row for _ in keys]

    def _by_id(self, fetch: Any, *, key: str = "id") -> Any:
        async def load(ids: list[int]) -> list[Row | None]:
            rows = await fetch(self._context.pool, self._context.practice_id, ids)
            found = {row[key]: row for row in rows}
            return [found.get(wanted) for wanted in ids]

        return load

    def _grouped(self, fetch: Any, *, key: str) -> Any:
        async def load(keys: list[Any]) -> list[list[Row]]:
            rows = await fetch(self._context.pool, self._context.practice_id, keys)
            return _group(keys, ((row[key], row) for row in rows))

        return load

    async def _recalls_of_attempts(self, ids: list[int]) -> list[list[Row]]:
        context = self._context
        links = await recalls_of_attempts(context.pool, context.practice_id, ids)
        recalls = await self.recall.load_many([link["recall_id"] for link in links])
        pairs = zip(links, recalls, strict=True)
        return _group(ids, ((link["attempt_id"], row) for link, row in pairs if row is not None))

    async def _refusals(self, ids: list[int]) -> list[list[RefusalCount]]:
        context = self._context
        refusals = await refusals_of_runs(context.pool, context.practice_id, ids)
        return [refusals.get(run_id, []) for run_id in ids]


def _loader(load: Any) -> DataLoader[Any, Any]:
    return DataLoader(load, cache=False)


def _group(keys: Sequence[Any], pairs: Iterable[tuple[Any, Row]]) -> list[list[Row]]:
    groups: dict[Any, list[Row]] = {key: [] for key in keys}
    for key, row in pairs:
        groups[key].append(row)
    return [groups[key] for key in keys]


Info: TypeAlias = strawberry.Info[Context, None]
