"""Generated documents: all of their text is read, and nothing else."""

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from bot.documents.reader import read_document
from bot.model import Citation


class Piece(NamedTuple):
    """Lines of source, in which `{}` is a word of text and `<>` one that is left out."""

    source: str


def _lines(*choices: str) -> st.SearchStrategy[Piece]:
    return st.sampled_from(choices).map(Piece)


WORDS = st.integers(1, 12).map(lambda n: " ".join(["{}"] * n))
SENTENCE = WORDS.map(lambda words: f"Um {words}.")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=3).map(" ".join)
HEADING = WORDS.map(lambda words: f"Zu {words}")
PROSE = PARAGRAPH.map(Piece)
INTRODUCTION = WORDS.map(lambda words: Piece(f"Um {words}:"))


@st.composite
def lists(draw: st.DrawFn) -> Piece:
    marks = draw(st.sampled_from(["- ", "* ", "{n}. ", "{n}) "]))
    gap = draw(st.sampled_from(["\n", "\n\n"]))
    items = draw(st.lists(PARAGRAPH, min_size=2, max_size=15))
    return Piece(gap.join(marks.replace("{n}", str(n)) + one for n, one in enumerate(items, 1)))


@st.composite
def tables(draw: st.DrawFn) -> Piece:
    width = draw(st.integers(1, 4))
    cell = st.sampled_from(["{}", "{} {}", "", "{} \\\\| {}"])
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=4))
    header = "| " + " | ".join(["{}"] * width) + " |"
    body = [f"| {' | '.join(row)} |" for row in rows]
    return Piece("\n".join([header, "|" + "---|" * width, *body]))


MARKDOWN = st.one_of(
    PROSE,
    INTRODUCTION,
    lists(),
    tables(),
    st.builds(lambda level, words: Piece(f"{'#' * level} {words}"), st.integers(1, 4), HEADING),
    _lines(
        "**Um {} {}?**\n\nUm {}.",
        "Q: Um {}?\nA: Um {}.",
        "```\n{}\n    {}\n```",
        "- Um {}:\n\n  ```\n  {}\n  ```\n\n- Um {}.\n    1. {}\n    2. {}",
        "> Um {}.\n>\n> {}",
        'Um [{}](https://<>.example/<> "<>") ![{}](<>.png) <b>{}</b>.',
        '[{}]({%% page "/<>/" %%}) *{}* **{}** `{}` ~~{}~~ {}[^{n}]',
        "<!-- <> -->",
        "<script>\n<>\n</script>",
        "<style>\n.<> {}\n</style>".replace("{}", "{ }"),
        "<table><tr><th>{}</th></tr><tr><td>{}</td></tr></table>",
        "<p>{} <em>{}</em></p><ul><li>{}</li><li>{}</li></ul>",
        "<details><summary>{}</summary>\n\n{}\n\n</details>",
        "> [!NOTE]\n> {}",
        "- [ ] {}\n- [x] {}",
        "---",
        "{}\n{}\n===",
    ),
)
PLAIN = st.one_of(
    PROSE,
    INTRODUCTION,
    lists(),
    HEADING.map(Piece),
    _lines(
        "Q: Um {}?\nA: Um {}.",
        "Zu {}\n-----\nUm {}.",
        "- - -",
        "=====",
        "NAME\n    Um {}\n    und {}.",
        "- {}\n  {}\n    - {}\n- {}",
        "1. {}",
    ),
)


class Made(NamedTuple):
    """A source, and the line of each word of it that is text or is left out."""

    source: str
    text: dict[str, int]
    left_out: set[str]


def made(pieces: list[Piece]) -> Made:
    """Fill in words, each another."""
    source = "\n\n".join(piece.source for piece in pieces).replace("%%", "%")
    text: dict[str, int] = {}
    left_out: set[str] = set()
    lines = []
    for number, line in enumerate(source.split("\n"), start=1):
        parts = _filled(line, number, text, left_out)
        lines.append("".join(parts))
    return Made("\n".join(lines) + "\n", text, left_out)


def _filled(line: str, number: int, text: dict[str, int], left_out: set[str]) -> Iterator[str]:
    at = 0
    while at < len(line):
        if line.startswith("{}", at):
            word = f"taq{len(text)}x"
            text[word] = number
            yield word
            at += 2
        elif line.startswith("<>", at):
            word = f"nul{len(left_out)}x"
            left_out.add(word)
            yield word
            at += 2
        elif line.startswith("{n}", at):
            word = f"nul{len(left_out)}x"
            left_out.add(word)
            yield word
            at += 3
        else:
            yield line[at]
            at += 1


def check(name: str, document: Made) -> None:
    """Every word of text is read once, and where it stands; no other word is."""
    if not document.text:
        return
    read, passages = read_document(name, document.source.encode())
    whole = read.text[0 : len(read.text)]
    headings = {heading for passage in passages for heading in passage.headings}
    leads = {
        read.text[span.start : span.end]
        for passage in passages
        for span in Citation(passage, passage.start, passage.end).leads
    } | {read.text[lead.start : lead.end] for passage in passages for lead in passage.leads}
    governing = [*headings, *leads, read.title]
    for word, line in document.text.items():
        assert whole.count(word) == (1 if name != "a.txt" else document.source.count(word))
        inside = [passage for passage in passages if word in passage.text]
        assert len(inside) <= 1
        assert inside or any(word in said for said in governing), (word, document.source)
        for passage in inside:
            assert passage.lines is not None
            assert passage.lines[0] <= line <= passage.lines[1]
            assert whole[passage.start : passage.end] == passage.text
            assert passage.text.strip()
    if name != "a.txt":  # a text file is its own text
        assert not any(word in whole for word in document.left_out)
    said = [passage.text for passage in passages] + governing
    assert not any(word in one for word in document.left_out for one in said)


@given(st.lists(MARKDOWN, min_size=1, max_size=8))
def test_markdown_is_read_in_full_and_adds_nothing(pieces: list[Piece]) -> None:
    check("a.md", made(pieces))


@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_plain_text_is_read_in_full_and_adds_nothing(pieces: list[Piece]) -> None:
    check("a.txt", made(pieces))
