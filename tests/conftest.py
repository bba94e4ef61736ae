"""What the tests share: the article's answerer, and the command line as a person runs it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest

from bot.answering.answerer import Answerer
from bot.cli import main
from bot.config import names
from bot.documents.folder import DocumentFolder, Listing
from bot.index.builder import Builder, CatalogPassages
from bot.index.catalog_writer import CatalogWriter
from bot.index.memory import MemoryIndex
from bot.live import LiveAnswerer
from tests.fakes.opensearch import OpenSearch
from tests.fakes.opensearch import started as started_cluster
from tests.fakes.postgres import Postgres, started

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
FERRY = """\
Lowmere agreed on Tuesday to close its old bridge for eleven weeks.
Dagny Tarrant, the mayor of Lowmere, said masons would repair the cracked arches.
Meanwhile a ferry from Norway will carry 40 passengers at a time across the Wendle.
What will it cost?
Under a plan by Ivo Horvat, the town’s treasurer, nobody will pay for a crossing.
The Lowmere Bridge Trust (LBT) fears the work will swallow two million pounds.
"""


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


# The machine that runs the tests may be slow: how long an example takes proves nothing.
hypothesis.settings.register_profile(
    "here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("here")


# A test that uses one of these needs that server.
SERVERS = {
    "postgres": {"postgres", "trouble", "database"},
    "opensearch": {"cluster", "opensearch"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, and what starts whole processes, without a word in each test."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for marker, needed in SERVERS.items():
            if fixtures & needed or ("postgresql" in item.name and marker == "postgres"):
                item.add_marker(marker)
        if item.path.parent.name == "processes" or item.get_closest_marker("long"):
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped in one line for each cause."""
    skipped = terminalreporter.stats.get("skipped", [])
    causes = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for cause, number in causes.most_common():
        terminalreporter.write_line(f"SKIPPED {number}: {cause}")


@pytest.fixture(autouse=True)
def fresh_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in a folder with the corpus and no .env, and with no setting of ours set.

    What is kept where the system keeps such data is kept there too.
    """
    folder = tmp_path_factory.mktemp("here")
    (folder / "corpus").symlink_to(CORPUS)
    monkeypatch.chdir(folder)
    for name in (*names(), "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEMANTIC", "off")  # what tries it turns it on
    for name in ("XDG_DATA_HOME", "HOME", "LOCALAPPDATA"):  # of Linux, macOS and Windows
        monkeypatch.setenv(name, str(folder / "data"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own; where there is none, its tests are skipped."""
    with started() as server:
        yield server


@pytest.fixture
def trouble() -> Iterator[Postgres]:
    """A server that a test stops and starts."""
    with started() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database on it."""
    url = postgres.new_database()
    yield url
    postgres.give_back(url)


@pytest.fixture(scope="session")
def cluster() -> Iterator[OpenSearch]:
    """An OpenSearch cluster of three nodes; where there is no server, its tests are skipped."""
    with started_cluster(3) as cluster:
        yield cluster


@pytest.fixture
def opensearch(cluster: OpenSearch) -> OpenSearch:
    """The cluster, emptied and with all its nodes, whatever the test before did to it."""
    cluster.go()
    cluster.empty()
    return cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet: a file, and then a database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'store.db'}"
    new: str = request.getfixturevalue("database")
    return new


@pytest.fixture(scope="session")
def article() -> Answerer:
    return open_answerer(CORPUS)


def _letters(n: int) -> str:
    return chr(97 + n) if n < 26 else _letters(n // 26 - 1) + _letters(n % 26)


def look(folder: Path) -> Listing:
    """What lies in a folder."""
    return DocumentFolder(folder).look()


def open_answerer(folder: Path) -> Answerer:
    """An answerer that knows the documents below a folder, indexed in memory."""
    return LiveAnswerer(folder, folder, "memory").answerer


def answerer_of(*texts: str, synonyms: str = "", hash: str = "hash") -> Answerer:
    """An answerer that knows these texts, as a.txt, b.txt and so on."""
    files = {f"{_letters(n)}.txt": text for n, text in enumerate(texts)}
    return answerer_from(files, synonyms, hash)


def answerer_from(files: Mapping[str, str], synonyms: str = "", hash: str = "hash") -> Answerer:
    """An answerer that knows these files, told by their hash."""
    catalog = CatalogWriter()
    with TemporaryDirectory() as folder:
        for name, text in {**files, **({"synonyms.txt": synonyms} if synonyms else {})}.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        Builder(catalog, CatalogPassages(catalog)).update(look(Path(folder)))
    catalog.note(hash=hash)
    index = MemoryIndex(catalog.copy())
    catalog.close()
    return Answerer(index)


@pytest.fixture(scope="session")
def ferry() -> Answerer:
    return answerer_of(FERRY)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process; `stdin` is what is typed or piped into it."""

    def run(*argv: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin), encoding="utf-8"))
        status = main(argv)
        out, err = capsys.readouterr()
        return Ran(status, out, err)

    return run
