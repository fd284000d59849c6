"""Work that this process does once at a time, however many jobs ask for it."""

from collections.abc import Awaitable, Callable


class Lane:
    """One thing after the other; whoever asks meanwhile has it look once more."""

    def __init__(self) -> None:
        self.busy = False
        self.news = False

    async def work(
        self, step: Callable[[], Awaitable[bool]], may_go_on: Callable[[], bool]
    ) -> bool:
        """Take steps until one says that nothing is left.

        Gives true where ``may_go_on`` ended it before that. Returns at once where the lane is busy.
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
