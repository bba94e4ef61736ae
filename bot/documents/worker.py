"""A child process for work on files: it runs one function at a time, within limits.

A hostile file can harm only the child, which is killed and replaced for the next piece of work.
The child runs at low priority and ends with its parent.
"""

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from bot.errors import WorkerError

MEGABYTE = 1_000_000
# Seconds between the child's signs of life, and between the parent's checks.
BEAT = 0.5
# CPU seconds that do not count as progress, because the beats alone need them.
_IDLE = 0.1

# Platforms where ru_maxrss is in bytes, not in kilobytes.
_IN_BYTES = frozenset({"darwin"})
# The parent checks the memory twice a second; the system enforces a limit this many times higher.
_MARGIN = 2

# The environment variables that are passed to the child; none contains a token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may use.

    `silence` is for how many seconds it may make no progress, for example when a disk does not
    respond. `cpu` is in seconds of CPU time, `memory` in megabytes for the whole child.
    """

    silence: float = 30.0
    cpu: float = 120.0
    memory: int = 600


LIMITS = Limits()


class Beat(NamedTuple):
    """What the child uses: CPU time so far in seconds, and memory in megabytes."""

    cpu: float
    memory: float


class Result(NamedTuple):
    """The result of the child's work, or the error that it raised."""

    value: Any = None
    error: Exception | None = None


class Worker:
    """One child process, started on first use and again after it was killed.

    `tick` is called about twice a second while the parent waits; raise from it to cancel.
    """

    def __init__(self, limits: Limits = LIMITS, tick: Callable[[], None] | None = None) -> None:
        self._limits, self._tick = limits, tick or (lambda: None)
        self._child: subprocess.Popen[bytes] | None = None
        self._heard: queue.SimpleQueue[Beat | Result | None] = queue.SimpleQueue()

    def run(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Run a module-level function in the child and return its result.

        Raises what the function raises, and WorkerError if the child died or exceeded a limit.
        """
        if self._child is None:
            self._start()
        try:
            self._send((function, arguments))
            result = self._wait()
        except BaseException:
            self.close()
            raise
        if isinstance(result.error, MemoryError):
            self.close()
            raise WorkerError.memory(self._limits.memory)
        if result.error is not None:
            raise result.error
        value: _T = result.value
        return value

    def close(self) -> None:
        """Kill the child, whatever it is doing."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                with contextlib.suppress(OSError):
                    assert pipe is not None
                    pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1)  # a child that hangs on a dead disk ends when the disk is back

    def _start(self) -> None:
        command = [sys.executable, "-m", "bot.documents.worker", str(self._limits.memory)]
        env = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
            )
        except OSError as error:
            raise WorkerError.no_child(error) from error
        self._child, self._heard = child, queue.SimpleQueue()
        assert child.stdout is not None
        listening = threading.Thread(
            target=_listen, args=(child.stdout, self._heard.put), daemon=True
        )
        listening.start()

    def _send(self, message: object) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            pickle.dump(message, self._child.stdin)
            self._child.stdin.flush()
        except OSError as error:
            raise WorkerError.died() from error

    def _wait(self) -> Result:
        """Wait for the result. Raises WorkerError if the child dies or exceeds a limit."""
        first: Beat | None = None
        last, progressed = 0.0, time.monotonic()
        while True:
            heard: Beat | Result | None = Beat(last, 0)
            with contextlib.suppress(queue.Empty):
                heard = self._heard.get(timeout=BEAT)
                first = first or (heard if isinstance(heard, Beat) else None)
            self._tick()
            if isinstance(heard, Result):
                return heard
            if heard is None:
                raise WorkerError.died()
            if heard.cpu - last > _IDLE:
                last, progressed = heard.cpu, time.monotonic()
            if time.monotonic() - progressed > self._limits.silence:
                raise WorkerError.silent(self._limits.silence)
            if first is not None and heard.cpu - first.cpu > self._limits.cpu:
                raise WorkerError.slow(self._limits.cpu)
            if heard.memory > self._limits.memory:
                raise WorkerError.memory(self._limits.memory)


def _listen(pipe: IO[bytes], tell: Callable[[Beat | Result | None], None]) -> None:
    """Pass on the child's messages, and None when it is gone."""
    try:
        while True:
            tell(pickle.load(pipe))  # trusted: from our own child
    except Exception:
        tell(None)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Run one piece of work after another until the parent is gone."""
    speaking = threading.Lock()

    def say(message: Beat | Result) -> None:
        packed = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with speaking:
            answers.write(packed)
            answers.flush()

    working = threading.Event()

    def beat() -> None:
        while working.wait():
            time.sleep(BEAT)
            try:
                say(Beat(time.process_time(), _memory()))
            except OSError:
                os._exit(0)  # the parent is gone, so drop the work

    threading.Thread(target=beat, daemon=True).start()
    while True:
        try:
            function, arguments = pickle.load(requests)  # trusted: from our own parent
        except EOFError:
            return
        working.set()
        try:
            result = Result(function(*arguments))
        except Exception as error:
            result = Result(error=error)
        working.clear()
        try:
            say(result)
        except OSError:
            return
        except Exception as error:  # the result cannot be pickled, or there is no memory for it
            say(Result(error=error if isinstance(error, MemoryError) else ValueError(str(error))))


def _memory() -> float:
    """The memory of this process in megabytes; 0 if unknown.

    On systems that report only the peak, it is the peak.
    """
    with contextlib.suppress(OSError):
        pages = Path("/proc/self/statm").read_bytes().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform in _IN_BYTES else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def _limit(memory: int) -> None:
    """Lower this process's priority, and set its memory limit."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        import resource
    except ImportError:
        return
    most = memory * MEGABYTE * _MARGIN
    with contextlib.suppress(OSError, ValueError):  # if this fails, the parent still watches
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    _limit(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    # Import by name: classes pickled as __main__'s could not be unpickled by the parent.
    from bot.documents import worker

    worker._main()
