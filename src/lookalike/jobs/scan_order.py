"""Results come in as workers finish and go out in the order of the scan."""

from __future__ import annotations

from lookalike.catalog import FileResult


class ScanOrder:
    """Puts results back into their order. Holds as many as finish while one earlier file is worked on."""

    def __init__(self) -> None:
        self.ready: list[FileResult] = []  # in order, without a gap before them
        self.waiting: dict[int, FileResult] = {}
        self.gone: set[int] = set()  # taken before their turn
        self.following = 0

    def put(self, number: int, result: FileResult) -> None:
        """Take in the result of file *number*."""
        if number != self.following:
            self.waiting[number] = result
            return
        self.ready.append(result)
        self.following += 1
        while self.following in self.waiting or self.following in self.gone:
            if self.following in self.waiting:
                self.ready.append(self.waiting.pop(self.following))
            self.gone.discard(self.following)
            self.following += 1

    def take(self, *, everything: bool) -> list[FileResult]:
        """What may be recorded: all up to the first file that is not done yet, or simply all."""
        taken, self.ready = self.ready, []
        if everything:
            self.gone.update(self.waiting)
            taken += [self.waiting.pop(number) for number in sorted(self.waiting)]
        return taken
