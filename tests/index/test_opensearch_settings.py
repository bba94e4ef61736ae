"""OPENSEARCH_URL, its related settings, and the commands that use them."""

from pathlib import Path
from urllib.parse import quote

import pytest

from bot.audiences import open_audiences
from bot.config import Settings
from bot.errors import SettingsError, Unreachable
from bot.live import open_live
from bot.model import Question
from tests.conftest import CORPUS, Run
from tests.fakes.opensearch import OpenSearch
from tests.fakes.tls_front import tls_front

TRUCE = "what does the truce cover?"
PASSWORD = "p@ss/w:rd,?#"


@pytest.mark.parametrize(
    ("setting", "value", "wrong"),
    [
        ("OPENSEARCH_URL", "node:9200", "must be one address of OpenSearch or several"),
        ("OPENSEARCH_URL", "https://a:9200,", "must be one address of OpenSearch or several"),
        ("OPENSEARCH_URL", "https://u:p@ss@a:9200", "must be one address of OpenSearch or several"),
        ("OPENSEARCH_ALIAS", "Passages", "must be a name of small letters"),
        ("OPENSEARCH_ALIAS", "a,b", "must be a name of small letters"),
        ("OPENSEARCH_CA", "nowhere.pem", "names no file"),
    ],
)
def test_an_invalid_setting_is_named_without_repeating_its_value(
    setting: str, value: str, wrong: str
) -> None:
    with pytest.raises(SettingsError, match=f"{setting} {wrong}") as raised:
        Settings.from_env({setting: value})
    assert value not in str(raised.value)


def test_several_addresses_are_read_and_their_passwords_are_not_shown() -> None:
    settings = Settings.from_env({"OPENSEARCH_URL": "https://bot:s3cret@a:9200, http://b/search/"})
    assert settings.opensearch_url == ("https://bot:s3cret@a:9200", "http://b/search")
    assert "s3cret" not in repr(settings)


@pytest.fixture
def with_opensearch(opensearch: OpenSearch, monkeypatch: pytest.MonkeyPatch) -> OpenSearch:
    monkeypatch.setenv("OPENSEARCH_URL", opensearch.url)
    monkeypatch.setenv("DATA_DIR", "kept")
    return opensearch


def test_the_commands_give_the_same_output_with_opensearch(
    run: Run, request: pytest.FixtureRequest
) -> None:
    commands = [("ask", "--json", "--explain", TRUCE), ("corpus",), ("corpus", "--json")]
    usual = [run(*command) for command in commands]
    server: OpenSearch = request.getfixturevalue("with_opensearch")
    indexed = run("index")
    assert indexed.out.startswith("13 passages of 1 document indexed, content hash ")
    assert [run(*command) for command in commands] == usual
    [(_, made)] = server.ask("GET", "/_alias/passages").items()
    assert made == {"aliases": {"passages": {}}}
    assert run("check").out.startswith("✓ documents: 13 passages to answer from in OpenSearch\n")


@pytest.mark.usefixtures("with_opensearch")
def test_index_picks_up_changes_and_ask_only_reads(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry carries horses.\n")
    monkeypatch.setenv("CORPUS_DIR", str(tmp_path))
    horses = ("ask", "what does the ferry carry?")
    assert "horses" in run(*horses).out  # where there is no index yet, the first to ask makes it
    (tmp_path / "ferry.txt").write_text("The ferry carries cows.\n")
    assert "horses" in run(*horses).out
    assert run("index").out.startswith("1 passage of 1 document indexed")
    assert "cows" in run(*horses).out


def test_another_folder_or_engine_does_not_use_opensearch(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENSEARCH_URL", "http://127.0.0.1:9")
    (tmp_path / "ferry.txt").write_text("The ferry carries horses.\n")
    assert "horses" in run("ask", "--corpus", str(tmp_path), "what does the ferry carry?").out
    monkeypatch.setenv("ENGINE", "memory")
    assert run("ask", TRUCE).status == 0


def test_an_unreachable_opensearch_is_a_one_line_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSEARCH_URL", "http://bot:s3cret@127.0.0.1:9")
    ran = run("ask", TRUCE)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "article-bot: OpenSearch cannot be reached; see whether it runs, or fix OPENSEARCH_URL\n"
    )


def answered_at(url: str, folder: Path, **settings: str) -> str:
    ours = {"OPENSEARCH_URL": url, "CORPUS_DIR": str(CORPUS), "DATA_DIR": str(folder)}
    live = open_live(Settings.from_env(ours | settings))
    return live.answerer.answer(Question(TRUCE)).citations[0].quote


def test_opensearch_is_reached_over_tls_with_a_password_and_a_certificate(
    opensearch: OpenSearch, tmp_path: Path
) -> None:
    with tls_front(
        opensearch.urls[0], tmp_path, user="bot", password=PASSWORD, client_certificate=True
    ) as services:
        url = services.url.replace("://", f"://bot:{quote(PASSWORD, safe='')}@")
        files = {
            "OPENSEARCH_CA": str(services.ca),
            "OPENSEARCH_CERT": str(services.certificate),
            "OPENSEARCH_KEY": str(services.key),
        }
        assert "air, sea and energy" in answered_at(url, tmp_path / "kept", **files)
        wrong = services.url.replace("://", "://bot:wrong@")
        with pytest.raises(Unreachable, match="refuses the user or the password"):
            answered_at(wrong, tmp_path / "kept", **files)
        for missing in ("OPENSEARCH_CA", "OPENSEARCH_CERT"):
            others = {name: file for name, file in files.items() if name != missing}
            if missing == "OPENSEARCH_CERT":
                del others["OPENSEARCH_KEY"]
            with pytest.raises(Unreachable, match=r"do not trust each other|cannot be reached"):
                answered_at(url, tmp_path / "kept", **others)


def test_each_audience_has_a_version_of_its_own(opensearch: OpenSearch, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "hr").mkdir(parents=True)
    (folder / "tea.md").write_text("Tea is served at four.")
    (folder / "hr" / "pay.md").write_text("The Quillfeather bonus is nine pounds.")
    settings = Settings.from_env(
        {
            "OPENSEARCH_URL": opensearch.url,
            "CORPUS_DIR": str(folder),
            "DATA_DIR": str(tmp_path / "data"),
            "PRIVATE_SOURCES": "hr",
            "CHANNEL_SOURCES": "C1=hr",
        }
    )
    audiences = open_audiences(settings)
    public, own = audiences.public.answerer.index, audiences.of_channel("C1").answerer.index
    assert [document.path for document in public.documents] == ["tea.md"]
    assert [document.path for document in own.documents] == ["hr/pay.md"]
    assert public.fuzzy("quilfeather", 1) == []
    assert own.fuzzy("quilfeather", 1) == ["quillfeather"]
    assert not public.candidates({"quillfeath": 1.0, "bonus": 1.0}, 10, None)
    everything = open_live(settings)  # what a terminal asks is kept nowhere but here
    assert len(everything.answerer.index.documents) == 2
    assert everything.facts.engine != "cluster"
