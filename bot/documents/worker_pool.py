"""Several child processes for work on files: as many pieces at a time as there are processors."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from bot.documents.worker import LIMITS, Limits, Worker

# No more children than this: each may hold as much memory as the limits allow.
MAX_WORKERS = 4

_T = TypeVar("_T")


class WorkerPool:
    """Children that each do one piece of work at a time; a thread waits for each."""

    def __init__(self, number: int, limits: Limits = LIMITS) -> None:
        self._workers = [Worker(limits) for _ in range(number)]
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(number, "worker")

    def submit(self, function: Callable[..., _T], *arguments: object) -> "Future[_T]":
        """What the function will return, or the error as `Worker.run` raises it."""
        return self._threads.submit(self._run, function, arguments)

    def close(self) -> None:
        """End the children, whatever they do."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _run(self, function: Callable[..., _T], arguments: tuple[object, ...]) -> _T:
        worker = self._idle.get()
        try:
            return worker.run(function, *arguments)
        finally:
            self._idle.put(worker)


def processors() -> int:
    """How many processors this process may use, but no more than MAX_WORKERS."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_WORKERS, len(os.sched_getaffinity(0)))
    return min(MAX_WORKERS, os.cpu_count() or 1)
