"""Logging setup: one line per event, readable on a terminal and JSON elsewhere."""

import logging
import secrets
import sys
import time

import structlog

log = structlog.get_logger(__name__)

# These log received payloads and connections at INFO.
QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "uvicorn")

# Loggers that strangers can make write any number of lines.
NOISY = ("bot.slack.connections", "bot.slack.http", "uvicorn.error", "asyncio")
MAX_LINES_A_MINUTE = 60


class AtMost(logging.Filter):
    """Passes at most `most` lines a minute; the next line after that tells how many it dropped."""

    def __init__(self, most: int = MAX_LINES_A_MINUTE) -> None:
        super().__init__()
        self._most = most
        self._since, self._lines = time.monotonic(), 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a line."""
        if time.monotonic() - self._since > 60:
            if self._lines > self._most:
                _tell(record, self._lines - self._most)
            self._since, self._lines = time.monotonic(), 0
        self._lines += 1
        return self._lines <= self._most


def log_failure(what: str) -> str:
    """Log the exception being handled; returns a reference to show to the asker."""
    reference = secrets.token_hex(4)
    log.exception(f"{what} (reference {reference})", reference=reference)
    return reference


def _tell(record: logging.LogRecord, left_out: int) -> None:
    if isinstance(record.msg, dict):  # structlog's
        record.msg["left_out"] = left_out
    else:
        record.msg = f"{record.msg} (and {left_out} similar lines)"


def configure(level: str) -> None:
    """Send all logs of this process to standard error, in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(
        exception_formatter=structlog.dev.plain_traceback  # the default also shows variables
    )
    if not sys.stderr.isatty():
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, renderer])
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).filters = [AtMost()]
    if level != "DEBUG":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
