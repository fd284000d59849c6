"""The simulator's settings: how slow it is, what share of requests fail, and how."""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Milliseconds = Annotated[int, Field(ge=0, le=3_600_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Fault(Enum):
    """How a request goes wrong; each is named after its share in `Settings`."""

    REJECT = "reject"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    DROP = "drop"
    ACCEPT_THEN_HANG = "accept_then_hang"
    ACCEPT_THEN_CLOSE = "accept_then_close"
    ACCEPT_THEN_UNAVAILABLE = "accept_then_unavailable"


class Settings(BaseModel):
    """What can be set while the simulator runs; a share is a fraction of requests, 0 to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    latency_ms: Milliseconds = 0
    latency_jitter_ms: Milliseconds = 0
    receipt_delay_ms: Milliseconds = 0
    reject: Share = 0
    reject_code: Annotated[int, Field(ge=10_000, le=99_999)] = 21211
    unavailable: Share = 0
    rate_limited: Share = 0
    retry_after: Annotated[int, Field(ge=0, le=3600)] = 1
    drop: Share = 0
    accept_then_hang: Share = 0
    accept_then_close: Share = 0
    accept_then_unavailable: Share = 0
    drop_receipts: Share = 0
    repeat_receipts: Share = 0
    swap_receipts: Share = 0
    delay_receipts: Share = 0
    longest_delay_ms: Milliseconds = 60_000
    undelivered: Share = 0
    seed: int = 0

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        shares = {fault.value: getattr(self, fault.value) for fault in Fault}
        # A little over 1, because 0.1 + 0.2 + 0.7 is.
        if sum(shares.values()) > 1 + 1e-9:
            raise ValueError(f"{', '.join(shares)} together must not be more than 1")
        return self


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one request, and to its message's receipts.

    Receipts may be dropped, come twice, the last one first, or ``receipts_late`` seconds late.
    """

    fault: Fault | None
    latency: float
    undelivered: bool
    receipts_dropped: bool
    receipts_repeated: bool
    receipts_swapped: bool
    receipts_late: float


class Faults:
    """Draws each request's fate from the settings; the same seed gives the same fates."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._random = Random(settings.seed)  # noqa: S311 - repeatable, no secret

    def change(self, changes: dict[str, Any]) -> None:
        """Change the settings named in `changes`; naming `seed` starts its sequence afresh.

        Raises pydantic's ValidationError, changing nothing, if the result is not allowed.
        """
        self.settings = Settings.model_validate({**self.settings.model_dump(), **changes})
        if "seed" in changes:
            self._random = Random(self.settings.seed)  # noqa: S311 - repeatable, no secret

    def draw(self) -> Fate:
        """Return the fate of the request that has just arrived; its latency is in seconds."""
        settings = self.settings
        # The same number of draws every time, so that a sequence does not depend on the shares.
        draws = [self._random.random() for _ in range(8)]
        fault, jitter, undelivered, dropped, repeated, swapped, delayed, delay = draws
        return Fate(
            fault=self._fault(fault),
            latency=(settings.latency_ms + jitter * settings.latency_jitter_ms) / 1000,
            undelivered=undelivered < settings.undelivered,
            receipts_dropped=dropped < settings.drop_receipts,
            receipts_repeated=repeated < settings.repeat_receipts,
            receipts_swapped=swapped < settings.swap_receipts,
            receipts_late=(delayed < settings.delay_receipts)
            * (delay * settings.longest_delay_ms / 1000),
        )

    def _fault(self, drawn: float) -> Fault | None:
        reached = 0.0
        for fault in Fault:
            reached += getattr(self.settings, fault.value)
            if drawn < reached:
                return fault
        return None
