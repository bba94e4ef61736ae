"""Which documents an audience may read; its index holds nothing from any other."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audiences import Audiences, open_audiences
from bot.config import Settings
from bot.documents.audience import EVERYBODY, Audience
from bot.documents.folder import DocumentFolder
from bot.errors import BotError, CorpusError, SettingsError
from bot.learning.taught import Entry
from bot.live import LiveAnswerer
from bot.model import Answered, Question
from bot.terminal.documents import open_public
from tests.conftest import Run


def audience(listed: str | None = None, private: str = "") -> Audience:
    """An audience by the names of its folders, with blanks between them."""
    return Audience(
        None if listed is None else frozenset(listed.split()), frozenset(private.split())
    )


def write(folder: Path, **files: str) -> Path:
    """Write files by their names, in which __ stands for a slash."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def names(folder: Path, audience: Audience) -> list[str]:
    return [file.name for file in DocumentFolder(folder, audience=audience).look().files]


def opened(folder: Path, **settings: str) -> Audiences:
    own = {"CORPUS_DIR": str(folder), "DATA_DIR": str(folder.parent / "data")}
    return open_audiences(Settings.from_env(own | settings))


# The rules


@pytest.mark.parametrize(
    ("listed", "private", "read"),
    [
        (None, "", "a hr/b hr/pay/c law/d"),
        (None, "hr", "a law/d"),
        (None, "hr/pay", "a hr/b law/d"),
        ("hr", "", "hr/b hr/pay/c"),
        ("hr", "hr", "hr/b hr/pay/c"),
        ("hr law", "hr", "hr/b hr/pay/c law/d"),
        ("law", "hr", "law/d"),
        ("hr", "hr/pay", "hr/b"),  # to list what stands above a private folder is not enough
        ("hr/pay", "hr", "hr/pay/c"),
        ("hr/pay", "hr hr/pay", "hr/pay/c"),
        ("hr", "hr hr/pay", "hr/b"),
        ("hr hr/pay", "hr hr/pay", "hr/b hr/pay/c"),
    ],
)
def test_a_channel_reads_its_folders_and_a_private_one_only_by_its_name(
    listed: str | None, private: str, read: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, a="A.", hr__b="B.", hr__pay__c="C.", law__d="D.")
    found = [name.removesuffix(".md") for name in names(folder, audience(listed, private))]
    assert found == read.split()


def test_folders_are_compared_by_whole_names(tmp_path: Path) -> None:
    folder = write(tmp_path, hr__a="A.", hrms__b="B.")
    assert names(folder, audience(None, "hr")) == ["hrms/b.md"]
    assert names(folder, audience("hr", "hr")) == ["hr/a.md"]


def test_files_hidden_from_an_audience_are_neither_counted_nor_reported(tmp_path: Path) -> None:
    folder = write(tmp_path, a="A.", hr__b="B.")
    (folder / "hr" / "scan.odt").touch()
    (folder / "hr" / "out.md").symlink_to("/etc/passwd")
    (folder / "hr" / "gone.md").symlink_to("nowhere.md")
    (folder / "hr" / "gone.odt").symlink_to("nowhere.odt")
    looked = DocumentFolder(folder, audience=audience(None, "hr")).look()
    assert [file.name for file in looked.files] == ["a.md"]
    assert looked.not_read == {}
    own = DocumentFolder(folder, audience=audience("hr", "hr")).look()
    assert [file.name for file in own.files] == ["hr/b.md", "hr/gone.md", "hr/out.md"]
    assert own.not_read == {".odt": 2}


def test_a_link_opens_no_private_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", hr__b="B.", hr__more__c="C.")
    (folder / "staff").symlink_to("hr")
    (folder / "more").symlink_to("hr/more")
    (folder / "b.md").symlink_to("hr/b.md")
    (folder / "synonyms.txt").symlink_to("hr/b.md")
    assert names(folder, audience(None, "hr")) == ["a.md"]


def test_the_target_of_a_link_in_a_private_folder_stays_public(tmp_path: Path) -> None:
    folder = write(tmp_path, law__a="A.", hr__b="B.")
    (folder / "hr" / "law").symlink_to("../law")
    assert names(folder, audience(None, "hr")) == ["law/a.md"]
    assert names(folder, audience("hr", "hr")) == ["hr/b.md", "hr/law/a.md"]


def test_the_target_of_a_private_folder_that_is_a_link_is_private(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", people__secret__b="B.")
    (folder / "hr").symlink_to("people/secret")
    audiences = opened(folder, PRIVATE_SOURCES="hr", CHANNEL_SOURCES="C1=hr")
    everybody = audiences.public.answerer.index
    assert [document.path for document in everybody.documents] == ["a.md"]
    [own] = audiences.of_channel("C1").answerer.index.documents
    assert own.path == "hr/b.md"


FOLDERS = ("hr", "hr/pay", "law", "law/eu", "hrms")
FILES = ("a", "hr/b", "hr/pay/c", "hr/pay/old/d", "law/e", "law/eu/f", "hrms/g")
SOME_FOLDERS = st.frozensets(st.sampled_from(FOLDERS))


@given(listed=st.none() | SOME_FOLDERS, private=SOME_FOLDERS)
def test_an_audience_sees_the_folder_as_if_the_rest_were_deleted(
    listed: frozenset[str] | None, private: frozenset[str]
) -> None:
    """Against a copy in which the other files were deleted, by a rule written another way."""

    def may_read(name: str) -> bool:
        above = {name[:n] for n, letter in enumerate(name) if letter == "/"}
        own = above & (listed or frozenset())
        return bool(listed is None or own) and all(
            any(one == closed or one.startswith(f"{closed}/") for one in own)
            for closed in above & private
        )

    with TemporaryDirectory() as place:
        folder = write(Path(place), **{name.replace("/", "__"): f"{name}." for name in FILES})
        seen = DocumentFolder(folder, audience=Audience(listed, private)).look()
        for name in FILES:
            if not may_read(name):
                (folder / f"{name}.md").unlink()
        assert [file.name for file in seen.files] == [
            file.name for file in DocumentFolder(folder).look().files
        ]


# What is refused


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CHANNEL_SOURCES", "hr"),
        ("CHANNEL_SOURCES", "#people=hr"),
        ("CHANNEL_SOURCES", "c0123=hr"),
        ("CHANNEL_SOURCES", "D0123=hr"),
        ("CHANNEL_SOURCES", "U0123=hr"),
        ("CHANNEL_SOURCES", "C0123"),
        ("CHANNEL_SOURCES", "C0123="),
        ("CHANNEL_SOURCES", "C0123=hr,C0456"),
        ("CHANNEL_SOURCES", "C0123=hr,=law"),
        ("CHANNEL_SOURCES", "C0123=../other"),
        ("PRIVATE_SOURCES", "hr,.."),
        ("PRIVATE_SOURCES", "hr//pay"),
        ("PRIVATE_SOURCES", "/"),
        ("PRIVATE_SOURCES", "C0123=hr"),
    ],
)
def test_an_invalid_channel_or_folder_stops_the_start(
    setting: str, value: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "docs", hr__a="A.", law__b="B.", c="C.")
    with pytest.raises(BotError, match=f"{setting}"):
        opened(folder, **{setting: value})


def test_a_channel_takes_several_folders_in_one_entry_or_in_several() -> None:
    one = Settings.from_env({"CHANNEL_SOURCES": "C1=hr, law/eu/, C2=law"})
    other = Settings.from_env({"CHANNEL_SOURCES": "C1=hr,C1=law/eu,C2=law"})
    assert one.sources_of_channels == other.sources_of_channels
    assert one.sources_of_channels == {"C1": {"hr", "law/eu"}, "C2": {"law"}}
    with pytest.raises(SettingsError, match="CHANNEL_SOURCES must be ids of channels"):
        Settings.from_env({"CHANNEL_SOURCES": "people=hr"})


@pytest.mark.parametrize("name", ["HR", "hr2", "hr/none", "a.md"])
def test_a_missing_folder_stops_the_start_and_is_named(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", hr__b="B.")
    for settings in ({"PRIVATE_SOURCES": name}, {"CHANNEL_SOURCES": f"C1={name}"}):
        with pytest.raises(CorpusError, match=f"PRIVATE_SOURCES: {name} is no folder in"):
            opened(folder, **settings)


def test_all_folders_that_are_not_there_are_named_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", hr__b="B.")
    with pytest.raises(CorpusError, match="law, pay are no folders in"):
        opened(folder, PRIVATE_SOURCES="pay,hr", CHANNEL_SOURCES="C1=law,hr")


def test_an_audience_without_a_document_stops_the_start(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", hr__b="B.")
    (folder / "law").mkdir()
    with pytest.raises(CorpusError, match="no document to answer from in law"):
        opened(folder, CHANNEL_SOURCES="C1=law")
    with pytest.raises(CorpusError, match="PRIVATE_SOURCES leaves no document"):
        opened(folder, PRIVATE_SOURCES="hr")


# The index


def test_without_these_settings_everything_is_as_it_was(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", hr__b="B.")
    audiences = opened(folder)
    assert audiences.all == (audiences.public,)
    assert audiences.of_channel("C1") is audiences.public
    assert EVERYBODY.key == ""
    assert not (tmp_path / "data" / "index").exists()  # in memory, as ever


def test_channels_with_the_same_folders_share_an_index(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", a="A.", hr__b="B.", law__c="C.")
    audiences = opened(folder, CHANNEL_SOURCES="C1=hr,C2=hr,C3=hr,law")
    assert audiences.of_channel("C1") is audiences.of_channel("C2")
    assert len(audiences.all) == 3


def without(folder: Path, *names: str) -> Path:
    """A copy of the folder in which some were never written."""
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*names))
    return copy


@pytest.mark.parametrize("engine", ["memory", "disk"])
def test_the_public_index_holds_no_trace_of_private_documents(engine: str, tmp_path: Path) -> None:
    """Words, names, aliases, spelling, suggestions, counts and hashes: nothing differs."""
    folder = write(
        tmp_path / "docs",
        leave="# Leave\n\n## How much leave is there?\n\nEverybody has thirty days of leave.",
        hr__pay="# Pay\n\n## What is the Quillfeather bonus?\n\nThe Quillfeather bonus is 900 "
        "pounds. Ivo Horvat, the treasurer, pays it. Everybody has thirty days of leave.",
    )
    kept = opened(folder, PRIVATE_SOURCES="hr", ENGINE=engine).public.answerer
    never = opened(without(folder, "hr"), ENGINE=engine).public.answerer
    assert kept.index.documents_hash == never.index.documents_hash
    assert kept.index.size == never.index.size
    assert list(kept.index.documents) == list(never.index.documents)
    assert list(kept.vocabulary.aliases()) == list(never.vocabulary.aliases())
    assert kept.examples == never.examples
    for asked in (
        "what is the Quillfeather bonus?",
        "what is the Quilfeather bonus?",
        "who is the treasurer?",
        "who is Ivo Horvat?",
        "how much leave is there in:hr?",
        "how much leave is there in:pay?",
        "what documents do you have?",
        "what is it about?",
        "how many days of leave are there?",
    ):
        question = Question(asked)
        assert kept.answer(question) == never.answer(question), asked
        assert kept.nearest(question) == never.nearest(question), asked


def test_in_narrows_to_the_folders_of_a_channel_and_never_beyond(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "docs",
        hr__pay="Gardeners are paid on Friday.",
        hr__leave="Gardeners have thirty days of leave.",
        law__pay="Lawyers are paid on Monday.",
    )
    answerer = opened(folder, CHANNEL_SOURCES="C1=hr").of_channel("C1").answerer
    inside = answerer.answer(Question("when are gardeners paid in:hr/pay?"))
    assert isinstance(inside, Answered)
    outside = answerer.answer(Question("when are lawyers paid in:law?"))
    assert not isinstance(outside, Answered)
    assert "No document or folder is called “law”" in " ".join(outside.notes)
    assert all(c.passage.document.path.startswith("hr/") for c in outside.citations)


# While the bot runs


def test_a_private_folder_that_is_renamed_is_an_outage_and_publishes_nothing(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "docs", a="Tea is served at four.", hr__b="Pay is nine pounds.")
    public = opened(folder, PRIVATE_SOURCES="hr", ENGINE="memory").public
    assert isinstance(public, LiveAnswerer)
    (folder / "hr").rename(folder / "people")
    public.refresh()
    assert [document.path for document in public.answerer.index.documents] == ["a.md"]
    assert "hr is no folder in" in (public.facts.problem or "")
    assert public.facts.broken
    (folder / "people").rename(folder / "hr")
    (folder / "c.md").write_text("Coffee at nine.")
    public.refresh()
    assert public.facts.problem is None
    assert [document.path for document in public.answerer.index.documents] == ["a.md", "c.md"]


# In a terminal


def test_a_command_shows_who_runs_it_all_documents(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "docs", a="Tea is served at four.", hr__b="Pay is nine pounds.")
    monkeypatch.setenv("PRIVATE_SOURCES", "hr")
    monkeypatch.setenv("CHANNEL_SOURCES", "C1=hr")
    monkeypatch.setenv("CORPUS_DIR", str(folder))
    assert "nine pounds" in run("ask", "how much is the pay?").out
    built = run("index").out.splitlines()
    assert [line.split(" indexed")[0] for line in built] == ["1 passage of 1 document"] * 2
    assert "; 1 document in C1" in run("check").out.replace("\n", "")


# What editors write


@pytest.mark.parametrize(
    ("listed", "read"),
    [(None, ["answers/hall.md", "hall.md"]), ("hr", ["answers/hr/bonus.md", "hr/pay.md"])],
)
def test_a_kept_answer_belongs_to_the_folder_that_it_was_kept_in(
    listed: str | None, read: list[str], tmp_path: Path
) -> None:
    folder = write(tmp_path / "docs", hall="It.", hr__pay="It.", answers__hall="It.")
    write(folder, answers__hr__bonus="It.")
    assert names(folder, audience(listed, "hr")) == read


def test_a_lesson_about_a_private_document_is_used_only_where_it_may_be_read(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "docs", hall="The hall is red.", hr__pay="The bonus is nine pounds.")
    taught = [
        Entry("what do gardeners get?", "hr/pay.md", "The bonus is nine pounds."),
        Entry("who gets the Quillfeather?", "hr/pay.md", "This has gone."),
    ]
    (folder / "taught.jsonl").write_text("".join(f"{entry.line}\n" for entry in taught))
    audiences = opened(folder, CHANNEL_SOURCES="C1=hr", PRIVATE_SOURCES="hr")
    asked = Question(taught[0].question)
    inside, outside = audiences.of_channel("C1").answerer, audiences.public.answerer
    assert inside.answer(asked).citations[0].quote == "The bonus is nine pounds."
    assert [entry.question for entry in inside.lessons.stale] == [taught[1].question]
    assert not outside.answer(asked).citations
    assert not outside.lessons.stale
    audiences.close()


def test_the_web_and_assistants_read_nothing_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "docs", hall="The hall is red.", hr__pay="The bonus is nine pounds.")
    monkeypatch.setenv("CORPUS_DIR", str(folder))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PRIVATE_SOURCES", "hr")
    public = open_public(None)
    assert not public.answer(Question("what is the bonus?")).citations
    assert isinstance(public.answer(Question("is the hall red?")), Answered)
    assert [document.path for document in public.answerer.index.documents] == ["hall.md"]
    public.documents.answerer.index.close()
