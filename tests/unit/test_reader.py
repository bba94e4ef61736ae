import codecs
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.reader import read_document
from bot.errors import CorpusError
from bot.phrases import not_read
from tests.conftest import CORPUS, open_answerer


def test_a_text_file_is_read_as_it_stands() -> None:
    file = CORPUS / "coalition-of-the-willing.txt"
    document, passages = read_document(file.name, file.read_bytes())
    assert document.text == file.read_bytes().decode("utf-8")
    assert document.title == "Coalition of the willing"
    assert len(passages) == 13


def test_front_matter_is_read_and_lines_count_in_the_file() -> None:
    source = b'---\ntitle: "A day"\nurl: https://a.example/x\ndate: 2025-03-02\n---\n\nOne.\n'
    document, passages = read_document("a.txt", source)
    assert (document.title, document.url, document.date) == (
        "A day",
        "https://a.example/x",
        "2025-03-02",
    )
    assert [(p.text, p.number, p.lines) for p in passages] == [("One.", 1, (7, 7))]


def test_markdown_is_read_without_its_markup() -> None:
    source = (
        b"---\nauthor: Jane Doe\n---\n# The *plan*\n\nFirst **bold** [link](https://a.example)\n"
        b"goes `on`.\n\n## Part two\n\n- an item\n- another\n\n> quoted\n\n<b>html</b>\n\n"
        b"| a | b |\n|---|---|\n| c | d |\n"
    )
    document, passages = read_document("a.md", source)
    assert (document.title, document.author) == ("The plan", "Jane Doe")
    assert [(p.text, p.heading, p.lines) for p in passages] == [
        ("First bold link goes on.", None, (6, 7)),
        ("- an item\n- another", "Part two", (11, 12)),
        ("quoted", "Part two", (14, 14)),
        ("html", "Part two", (16, 16)),
        ("c | d", "Part two", (20, 20)),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"caf\xe9", "a.txt: not UTF-8 at byte 3; save it as UTF-8"),
        (b"a\0b", "a.txt: contains a null character, so it is not text; save it as UTF-8"),
        (b"", "a.txt: no paragraph in it; write one or remove the file"),
        (b"\xff\xfea", "a.txt: not UTF-16 at byte 2; save it as UTF-8"),
        (
            b"\xff\xfe\0\0a\0\0\0",
            "a.txt: contains a null character, so it is not text; save it as UTF-8",
        ),
        (
            "Café. ".encode() + b"\xff" + b"It is open. " * 9,
            "a.txt: not UTF-8 at byte 7; save it as UTF-8",
        ),
        (bytes([7, 200, 3, 129, 144, 1]) * 20, "a.txt: not UTF-8 at byte 1; save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_fix(content: bytes, said: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_document("a.txt", content)
    assert str(caught.value) == said


PLAN = "The mayor’s plan – it costs £5 – is old.\n\nIt is in the café.\n"


@pytest.mark.parametrize(
    ("content", "guess"),
    [
        (PLAN.encode(), None),
        (codecs.BOM_UTF8 + PLAN.encode(), None),
        (PLAN.encode("utf-16"), None),
        (codecs.BOM_UTF16_BE + PLAN.encode("utf-16-be"), None),
        (PLAN.encode("cp1252"), "windows-1252"),
    ],
)
def test_encodings_are_read_and_a_guess_is_said(
    tmp_path: Path, content: bytes, guess: str | None
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    index = open_answerer(tmp_path).index
    assert [passage.text for passage in index.passages_of("a.txt")] == [
        *PLAN.split("\n\n")[:1],
        "It is in the café.",
    ]
    assert index.problems == ()
    assert index.warnings == ((f"{tmp_path}/a.txt: read as {guess}",) if guess else ())


def test_russian_is_not_taken_for_a_western_encoding() -> None:
    text = "Привет, как дела? Мы идём домой."
    document, _ = read_document("a.txt", text.encode("cp1251"))
    assert document.text == text


@pytest.mark.parametrize("mark", ["---\ntitle: Plan\n---\n", "# Plan\n"])
def test_a_byte_order_mark_hides_nothing(mark: str) -> None:
    document, passages = read_document("a.md", codecs.BOM_UTF8 + f"{mark}\nOne.\n".encode())
    assert (document.title, [p.text for p in passages]) == ("Plan", ["One."])


@pytest.mark.parametrize("name", ["a.MD", "a.markdown", "a.Markdown", "a.TXT", "a.text"])
def test_a_document_is_known_by_its_name_in_any_case(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# Plan\n\nOne.\n")
    [document] = open_answerer(tmp_path).index.documents
    assert document.path == name
    assert (document.title == "Plan") == name.lower().startswith("a.m")


def test_other_files_are_counted_by_kind_and_no_problem(tmp_path: Path) -> None:
    for name in ("a.txt", "b.odt", "c/d.ODT", "LICENSE", ".env", ".git/x.pdf", "synonyms.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("One.")
    index = open_answerer(tmp_path).index
    assert index.not_read == {"": 1, ".odt": 2}
    assert not_read(index.not_read) == [
        "1 file without a suffix is not read",
        "2 .odt files are not read",
    ]
    assert index.problems == index.warnings == ()


def test_a_folder_without_documents_says_what_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.odt").touch()
    with pytest.raises(CorpusError, match=r"or \.md file into it; 1 \.odt file is not read"):
        open_answerer(tmp_path)


@pytest.mark.parametrize("name", [b"a\xff.txt", b"a\xff.jpg", b"a\xff/b.txt"])
def test_a_name_that_is_not_utf_8_is_skipped_and_listed(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "good.txt").write_text("One.")
    file = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    file.parent.mkdir(exist_ok=True)
    file.write_text("Two.")
    index = open_answerer(tmp_path).index
    assert [document.path for document in index.documents] == ["good.txt"]
    shown = name.split(b"/")[0].replace(b"\xff", b"\\xff").decode()
    assert index.problems == (f"{tmp_path}/{shown}: its name is not UTF-8; rename it",)


def test_a_bad_file_is_left_out_and_named_and_the_others_serve(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("One.")
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    corpus = open_answerer(tmp_path).index
    assert [document.path for document in corpus.documents] == ["good.txt"]
    assert corpus.problems == (
        f"{tmp_path}/bad.txt: not UTF-8 at byte 0; save it as UTF-8",
        f"{tmp_path}/gone.txt: No such file or directory; make it readable or remove it",
        f"{tmp_path}/pipe.txt: not a regular file; remove it",
    )


def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    """Root may read everything, so there the file is served."""
    file = tmp_path / "a.txt"
    file.write_text("One.")
    file.chmod(0)
    if os.access(file, os.R_OK):
        assert open_answerer(tmp_path).index.size == 1
    else:
        with pytest.raises(CorpusError, match=r"a\.txt: Permission denied; make it readable"):
            open_answerer(tmp_path)


def test_an_empty_folder_and_a_missing_one_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no document to answer from; put a \.txt or \.md file"):
        open_answerer(tmp_path)
    with pytest.raises(CorpusError, match="no such folder; name one with --corpus or CORPUS_DIR"):
        open_answerer(tmp_path / "none")


def test_folders_are_followed_and_hidden_files_and_synonyms_are_not_documents(
    tmp_path: Path,
) -> None:
    for name in ("b/two.md", "a.txt", ".git/x.txt", "b/.hidden.md", "synonyms.txt", "notes.odt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("One.")
    assert [d.path for d in open_answerer(tmp_path).index.documents] == ["a.txt", "b/two.md"]


def test_the_content_hash_changes_with_a_name_and_with_a_letter(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("One.")
    first = open_answerer(tmp_path).index.documents_hash
    assert open_answerer(tmp_path).index.documents_hash == first
    file.write_text("Two.")
    second = open_answerer(tmp_path).index.documents_hash
    file.rename(tmp_path / "b.txt")
    assert len({first, second, open_answerer(tmp_path).index.documents_hash}) == 3


_BEGINNINGS = (
    b"",
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    b"---\n",
    b"+++\n",
    b"% ",
)
_CONTENT = st.builds(
    bytes.__add__,
    st.sampled_from(_BEGINNINGS),
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
)


@given(_CONTENT, st.sampled_from("tm"))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes, kind: str) -> None:
    name = {"t": "a.txt", "m": "a.md"}[kind]
    try:
        document, passages = read_document(name, content)
    except CorpusError as error:
        assert str(error).startswith(name)  # noqa: PT017  some bytes are a document
    else:
        assert all(p.text == document.text[p.start : p.end] != "" for p in passages)
        assert [p.number for p in passages] == list(range(1, len(passages) + 1))


@pytest.mark.parametrize("fence", ["---", "-----", "---  ", "---\r"])
def test_the_line_below_the_front_matter_may_be_longer_or_end_in_white_space(fence: str) -> None:
    document, passages = read_document("a.txt", f"---\ntitle: A day\n{fence}\nOne.\n".encode())
    assert document.title == "A day"
    assert [passage.text for passage in passages] == ["One."]


def test_a_line_of_hyphens_below_the_front_matter_is_the_document_s_own() -> None:
    document, _ = read_document("a.txt", b"---\ntitle: A day\n---\nOne.\n---\nTwo.\n")
    assert document.text[-14:] == "One.\n---\nTwo.\n"
