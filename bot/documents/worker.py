"""A child process for work on files: it runs one function at a time, within limits.

What a file can do to it, it does to the child alone: the child is killed, and the next piece of
work gets another one. The child runs at low priority and ends with its parent.
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
# How often the child says that it is alive, in seconds, and how often the parent looks up.
BEAT = 0.5
# So much processor time in seconds within `Limits.silence` is no progress: the beats alone.
_IDLE = 0.1

# Where the system counts memory in bytes, not in kilobytes.
_IN_BYTES = frozenset({"darwin"})
# The parent looks at the memory twice a second. The system holds the child to so many times that.
_MARGIN = 2

# What the child is given of the environment: no tokens.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may take.

    `silence` is for how many seconds it may get nothing done, as when a disk does not answer. `cpu`
    is in seconds of processor time, `memory` in megabytes for all that the child holds.
    """

    silence: float = 30.0
    cpu: float = 120.0
    memory: int = 600


LIMITS = Limits()


class Beat(NamedTuple):
    """What the child has used so far: processor time in seconds, and memory in megabytes."""

    cpu: float
    memory: float


class Result(NamedTuple):
    """What the child's work came to, or the error that it ended with."""

    value: Any = None
    error: Exception | None = None


class Worker:
    """One child process, started at the first work and again after it was killed.

    `tick` is called about twice a second while the parent waits; what it raises ends the work.
    """

    def __init__(self, limits: Limits = LIMITS, tick: Callable[[], None] | None = None) -> None:
        self._limits, self._tick = limits, tick or (lambda: None)
        self._child: subprocess.Popen[bytes] | None = None
        self._heard: queue.SimpleQueue[Beat | Result | None] = queue.SimpleQueue()

    def run(self, function: Callable[..., _T], *arguments: object) -> _T:
        """What the function returns; it is found by its name in the child.

        Raises what the function raises, and WorkerError when the child had to be killed or died.
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
        """End the child, whatever it does."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                with contextlib.suppress(OSError):
                    assert pipe is not None
                    pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1)  # one that waits for a dead disk ends when the disk is back

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
        """The result; killed is what gets nothing done for too long or takes too much."""
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
    """Pass on what a child says, and None when it is gone."""
    try:
        while True:
            tell(pickle.load(pipe))  # our own child
    except Exception:
        tell(None)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Do one piece of work after another, until the parent is gone."""
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
                os._exit(0)  # the parent is gone, whatever is being done

    threading.Thread(target=beat, daemon=True).start()
    while True:
        try:
            function, arguments = pickle.load(requests)  # our own parent
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
        except Exception as error:  # it cannot be pickled, or there is no memory for it
            say(Result(error=error if isinstance(error, MemoryError) else ValueError(str(error))))


def _memory() -> float:
    """The memory that this process holds, in megabytes; 0 where nobody knows.

    Where the system tells only the most that it has held, it is that.
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
    """Leave the processor to the parent, and let the system hold this process to a limit."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        import resource
    except ImportError:
        return
    most = memory * MEGABYTE * _MARGIN
    with contextlib.suppress(OSError, ValueError):  # where it does not hold, the parent watches
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    _limit(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    # As itself, not as __main__: what is pickled here is unpickled there.
    from bot.documents import worker

    worker._main()
