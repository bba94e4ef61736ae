"""A pool of child processes that work on files, one task per processor."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from bot.documents.worker import LIMITS, Limits, Worker

# At most this many children, since each may use as much memory as its limits allow.
MAX_WORKERS = 4

_T = TypeVar("_T")


class WorkerPool:
    """`number` child processes, each of which runs one task at a time while a thread waits."""

    def __init__(self, number: int, limits: Limits = LIMITS) -> None:
        self._workers = [Worker(limits) for _ in range(number)]
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(number, "worker")

    def submit(self, function: Callable[..., _T], *arguments: object) -> "Future[_T]":
        """Run a function in a child; the future has its result or the error of `Worker.run`."""
        return self._threads.submit(self._run, function, arguments)

    def close(self) -> None:
        """Cancel what is queued and end the children, even while they work."""
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
    """The number of processors that this process may use, at most MAX_WORKERS."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_WORKERS, len(os.sched_getaffinity(0)))
    return min(MAX_WORKERS, os.cpu_count() or 1)
