"""Work that a process does once at a time, however many jobs ask for it."""

from collections.abc import Awaitable, Callable


class Lane:
    """One step after another; a job that asks meanwhile makes it look once more."""

    def __init__(self) -> None:
        self.busy = False
        self.news = False

    async def work(
        self, step: Callable[[], Awaitable[bool]], may_go_on: Callable[[], bool]
    ) -> bool:
        """Take steps until one reports that nothing is left.

        Return true if ``may_go_on`` ended it before that. Return at once if the lane is busy.
        """
        self.news = True
        if self.busy:
            return False
        self.busy = True
        try:
            while self.news:
                self.news = False
                while await step():
                    if not may_go_on():
                        return True
        finally:
            self.busy = False
        return False
