"""Strangers cannot fill the disk with log lines."""

import logging
from collections.abc import Mapping

import pytest

from bot.logs import AtMost


def record(said: object) -> logging.LogRecord:
    return logging.LogRecord("here", logging.WARNING, __file__, 1, said, None, None)


def test_repeated_lines_are_limited_per_minute_and_the_rest_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    few = AtMost(3)
    assert [few.filter(record("again")) for _ in range(5)] == [True, True, True, False, False]
    now = 61.0
    plain, event = record("again"), record({"event": "again"})
    assert few.filter(plain)
    assert plain.getMessage() == "again (and 2 similar lines)"
    for _ in range(9):
        few.filter(record("again"))
    now = 122.0
    assert few.filter(event)
    assert isinstance(event.msg, Mapping)
    assert event.msg["left_out"] == 7
    now = 183.0
    assert few.filter(after := record("again"))
    assert after.getMessage() == "again"
