"""What the tests share: the article's answerer, and the command line as a person runs it."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.cli import main
from bot.config import names
from bot.wiring import open_answerer

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in the project's folder, with none of its settings in the environment."""
    monkeypatch.chdir(ROOT)
    for name in names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(scope="session")
def article() -> Answerer:
    return open_answerer(CORPUS)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process; `stdin` is what is typed or piped into it."""

    def run(*argv: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin), encoding="utf-8"))
        status = main(argv)
        out, err = capsys.readouterr()
        return Ran(status, out, err)

    return run
