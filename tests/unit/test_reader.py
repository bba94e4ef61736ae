import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.reader import read_document
from bot.errors import CorpusError
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
        ("an item", "Part two", (11, 11)),
        ("another", "Part two", (12, 12)),
        ("quoted", "Part two", (14, 14)),
        ("html", "Part two", (16, 16)),
        ("a | b", "Part two", (18, 18)),
        ("c | d", "Part two", (20, 20)),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"caf\xe9", "a.txt: not UTF-8 at byte 3; save it as UTF-8"),
        (b"a\0b", "a.txt: holds a null character, so it is not text; save it as UTF-8"),
        (b"", "a.txt: no paragraph in it; write one or remove the file"),
        (
            b"---\ntitle: x\n",
            "a.txt: the front matter that begins on line 1 has no closing ---; add the line",
        ),
        (b"---\na: [\n---\nx", "a.txt: the front matter is not YAML on line 3; fix it"),
        (b"---\ndate: 2025-13-45\n---\nx", "a.txt: the front matter is not YAML; fix it"),
        (
            b"---\n- x\n---\nx",
            "a.txt: the front matter must be lines of the form `title: ...`",
        ),
        (
            b"---\ntitle: [x]\n---\nx",
            "a.txt: `title` in the front matter must be a line of text",
        ),
        (
            b"---\nurl: javascript:alert(1)\n---\nx",
            "a.txt: `url` in the front matter must begin with http:// or https://",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_fix(content: bytes, said: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_document("a.txt", content)
    assert str(caught.value) == said


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
    for name in ("b/two.md", "a.txt", ".git/x.txt", "b/.hidden.md", "synonyms.txt", "notes.pdf"):
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


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.sampled_from("tm"))
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
