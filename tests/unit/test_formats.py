"""PDF, Word, HTML, CSV and Excel: the same passages as from text, with page or anchor."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import docx
import pytest

from bot.answering.answerer import Answerer
from bot.documents import zips
from bot.documents.pdf import MAX_PAGES
from bot.documents.reader import read_document
from bot.documents.tables import MAX_ROWS
from bot.errors import CorpusError
from bot.json_lines import citation_object
from bot.links import link_to
from bot.live import LiveAnswerer
from bot.model import Citation, Passage, Question
from bot.phrases import page_of
from tests.conftest import ROOT, Run, open_answerer
from tests.fakes import files

HANDBOOK = ROOT / "tests/corpora/handbook"
MARKDOWN = (HANDBOOK / "handbook.md").read_text()
QUESTIONS = [
    line.split("\t") for line in (HANDBOOK / "questions.tsv").read_text().splitlines() if line
]
needs_browser = pytest.mark.skipif(
    files.BROWSER is None,
    reason="NOT RUN: the handbook as a browser prints it; no Chromium (Debian: chromium)",
)

Shown = list[tuple[tuple[str, ...], str]]


def shown(passages: Iterable[Passage]) -> Shown:
    return [(passage.headings, passage.text) for passage in passages]


def warnings_of(folder: Path, name: str, content: bytes) -> tuple[str, ...]:
    (folder / name).write_bytes(content)
    return tuple(
        one.removeprefix(f"{folder}/{name}: ") for one in open_answerer(folder).index.warnings
    )


# One handbook in each format


def right(answerer: Answerer) -> set[str]:
    """The questions whose right passage comes first."""
    found = set[str]()
    for question, words in QUESTIONS:
        citations = answerer.answer(Question(question)).citations
        leads = [citations[0].passage.document.text[slice(*s)] for s in citations[0].leads]
        if words in " ".join([*leads, citations[0].passage.text]):
            found.add(question)
    return found


def test_html_has_the_passages_of_the_markdown_it_was_made_from() -> None:
    _, written = read_document("a.md", MARKDOWN.encode())
    document, made = read_document("a.html", files.html(MARKDOWN))
    assert shown(made) == shown(written)
    assert document.title == "Brookfield staff handbook"
    assert {passage.lines for passage in made} == {None}
    assert {p.anchor for p in made if p.headings[-1:] == ("Night work",)} == {"night-work"}


def test_word_has_the_passages_of_the_markdown_it_was_made_from() -> None:
    _, written = read_document("a.md", MARKDOWN.encode())
    document, made = read_document("a.docx", files.docx_of(MARKDOWN))
    assert shown(made) == shown(written)
    assert document.title == "Brookfield staff handbook"
    assert {(p.lines, p.pages, p.anchor) for p in made} == {(None, (), "")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.html", "a.docx", pytest.param("a.pdf", marks=needs_browser)])
def test_questions_find_in_every_format_what_they_find_in_markdown(
    name: str, tmp_path: Path
) -> None:
    make: dict[str, Callable[[str], bytes]] = {
        "a.html": files.html,
        "a.docx": files.docx_of,
        "a.pdf": lambda markdown: files.printed(files.html(markdown), tmp_path),
    }
    for folder, file, content in (
        ("md", "a.md", MARKDOWN.encode()),
        ("other", name, make[name](MARKDOWN)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_bytes(content)
    written = right(open_answerer(tmp_path / "md"))
    found = right(open_answerer(tmp_path / "other"))
    assert len(QUESTIONS) == 60
    assert len(written) >= 50
    assert len(found) >= len(written) - 2, sorted(written - found)


def test_the_same_text_in_two_formats_is_one_passage_and_markdown_comes_first(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.html").write_bytes(files.html(MARKDOWN))
    (tmp_path / "b.docx").write_bytes(files.docx_of(MARKDOWN))
    (tmp_path / "c.md").write_text(MARKDOWN)
    answer = open_answerer(tmp_path).answer(Question("What does a meal cost for guests?"))
    first = answer.citations[0]
    assert (first.passage.document.path, first.also) == ("c.md", ("a.html", "b.docx"))


# HTML


def page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        "<nav>Menu</nav><header>Logo</header><p>One.</p><aside>Ad</aside><footer>Foot</footer>",
        "<p>Around</p><main><p>One.</p><nav>Menu</nav></main>",
        "<p>Around</p><div role=main><p>One.</p></div>",
        "<p>Around</p><article><p>One.</p></article>",
        "<form>Search</form><p hidden>Not yet</p><p style='display:none'>Never</p><p>One.</p>",
        "<script>x()</script><style>p</style><template>T</template><p>One.</p><!-- no -->",
    ],
)
def test_only_the_main_text_of_a_page_is_read(body: str) -> None:
    _, passages = read_document("a.html", page(body))
    assert [passage.text for passage in passages] == ["One."]


def test_articles_are_read_one_after_another_and_each_once() -> None:
    body = "<article><p>One.</p><article><p>Two.</p></article></article><article>Three.</article>"
    _, passages = read_document("a.html", page(body))
    assert [passage.text for passage in passages] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Leave - Acme</title>", "<h1>Leave</h1><p>One.", "Leave"),
        ("<title>Leave at Acme</title>", "<h1>Rules</h1><p>One.", "Leave at Acme"),
        ("", "<h1>Rules</h1><p>One.", "Rules"),
        ("<title>untitled</title>", "<p>One.", "Two words"),
    ],
)
def test_the_title_of_a_page_comes_from_its_title_its_heading_or_the_file_name(
    head: str, body: str, title: str
) -> None:
    document, _ = read_document("two-words.html", page(body, head))
    assert document.title == title


def test_a_page_says_its_author_date_and_address() -> None:
    head = (
        "<meta name=author content='Jane Doe'><link rel=canonical href='https://a.example/x'>"
        "<meta property='article:modified_time' content='2025-03-02T10:00:00Z'>"
    )
    document, _ = read_document("a.htm", page("<p>One.", head))
    about = (document.author, document.date, document.url)
    assert about == ("Jane Doe", "2025-03-02", "https://a.example/x")


@pytest.mark.parametrize(
    ("meta", "encoding"),
    [("iso-8859-1", "cp1252"), ("windows-1251", "cp1251"), ("utf-8", "utf-8"), ("none", "utf-8")],
)
def test_a_page_is_read_in_the_encoding_that_it_names(meta: str, encoding: str) -> None:
    text = "Привет, мир." if encoding == "cp1251" else "Café – open."
    content = f"<meta charset={meta}><p>{text}</p>".encode(encoding)
    _, [passage] = read_document("a.html", content)
    assert passage.text == text


def test_a_page_opens_at_the_heading_of_the_quote() -> None:
    head = "<link rel=canonical href='https://a.example/x.html'>"
    body = "<h1 id=top>Rules</h1><section id=leave><h2>Leave</h2><p>You get 28 days.</p></section>"
    _, [passage] = read_document("x.html", page(body, head))
    citation = Citation(passage, passage.start, passage.end)
    assert citation.url == "https://a.example/x.html#leave"
    assert (link_to(citation) or "").startswith("https://a.example/x.html#leave:~:text=You%20get")
    found = citation_object(citation)
    assert (found["url"], found["anchor"], found["lines"]) == (citation.url, "leave", None)


def test_marks_of_links_and_footnotes_are_no_words() -> None:
    body = '<h1>A</h1><h2>Leave<a href="#x">¶</a></h2><p>28 days<sup><a href="#n">[1]</a></sup>.'
    _, [passage] = read_document("a.html", page(body))
    assert (passage.headings, passage.text) == (("Leave",), "28 days.")


def test_a_cell_that_spans_rows_is_in_each_of_them() -> None:
    body = (
        "<table><tr><th>Country<th>City<th>Limit<tr><td rowspan=2>Japan<td>Tokyo<td>190"
        "<tr><td>Kyoto<td>150<tr><td colspan=2>Elsewhere<td>100</table>"
    )
    _, passages = read_document("a.html", page(body))
    assert [passage.text for passage in passages] == [
        "Japan | Tokyo | 190",
        "Japan | Kyoto | 150",
        "Elsewhere |  | 100",
    ]


def test_terms_stand_with_what_defines_them() -> None:
    body = "<dl><div><dt>Core time</dt><dd>From ten to three.</dd></div><dt>Night</dt><dd>Late."
    _, [passage] = read_document("a.html", page(body))
    assert passage.text == "Core time\n    From ten to three.\nNight\n    Late."


def test_a_layout_table_is_read_as_its_contents() -> None:
    body = "<table><tr><td><h2>Leave</h2><p>28 days.</p></td><td><p>Ask.</p></td></tr></table>"
    _, passages = read_document("a.html", page(body))
    assert shown(passages) == [(("Leave",), "28 days."), (("Leave",), "Ask.")]


# Word


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    return files._saved(document)


def in_document(content: bytes, old: str, new: str) -> bytes:
    def change(name: str, part: bytes) -> bytes:
        return part.replace(old.encode(), new.encode()) if name.endswith(".xml") else part

    return files.changed(content, change)


def test_insertions_are_text_deletions_and_comments_are_not(tmp_path: Path) -> None:
    tracked = (
        '<w:ins w:id="1" w:author="x"><w:r><w:t>28</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="x"><w:r><w:delText>25</w:delText></w:r></w:del>'
    )
    content = in_document(word("You get HERE days."), "HERE", f"</w:t></w:r>{tracked}<w:r><w:t>")
    content = in_document(content, "<w:t>You get ", '<w:t xml:space="preserve">You get ')
    content = in_document(content, "<w:t> days.", '<w:t xml:space="preserve"> days.')
    _, [passage] = read_document("a.docx", content)
    assert passage.text == "You get 28 days."
    said = "has tracked changes: insertions are read as text, deletions are dropped"
    assert warnings_of(tmp_path, "a.docx", content) == (said,)


def test_sensible_properties_of_a_word_file_are_used() -> None:
    document = docx.Document()
    document.add_paragraph("One.")
    document.core_properties.title = "Travel rules"
    document.core_properties.author = "Jane Doe"
    found, _ = read_document("a.docx", files._saved(document))
    assert (found.title, found.author, found.date) == ("Travel rules", "Jane Doe", "2013-12-23")
    document.core_properties.title = "Microsoft Word - x.doc"
    document.core_properties.author = "Windows User"
    found, _ = read_document("travel-rules.docx", files._saved(document))
    assert (found.title, found.author) == ("Travel rules", None)


def test_a_title_of_word_stands_above_its_headings() -> None:
    document = docx.Document()
    document.add_heading("Handbook", 0)
    document.add_heading("Leave", 1)
    document.add_paragraph("28 days.")
    document.add_heading("Pay", 1)
    document.add_paragraph("On the 27th.")
    found, passages = read_document("a.docx", files._saved(document))
    assert found.title == "Handbook"
    assert shown(passages) == [(("Leave",), "28 days."), (("Pay",), "On the 27th.")]


def test_a_short_paragraph_in_bold_is_a_heading_in_word() -> None:
    document = docx.Document()
    document.add_heading("Pay", 1)
    document.add_paragraph().add_run("Bonus").bold = True
    document.add_paragraph("It is paid in November.")
    document.add_paragraph().add_run("This is important.").bold = True
    _, passages = read_document("pay-rules.docx", files._saved(document))
    assert [text for _, text in shown(passages)] == [
        "It is paid in November.",
        "This is important.",
    ]
    assert [headings[-1:] for headings, _ in shown(passages)] == [("Bonus",)] * 2


# CSV and Excel


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "Name,City\nBob,Rome\n\nAnn,Oslo\n"),
        ("a.TSV", "Name\tCity\nBob\tRome\n\nAnn\tOslo\n"),
        ("a.csv", "Name;City\r\nBob;Rome\r\n\r\nAnn;Oslo\r\n"),
    ],
)
def test_each_row_of_data_is_read_below_its_column_names(name: str, content: str) -> None:
    _, passages = read_document(name, content.encode())
    assert [(p.cells, p.lines) for p in passages] == [
        ((("Name", "Bob"), ("City", "Rome")), (2, 2)),
        ((("Name", "Ann"), ("City", "Oslo")), (4, 4)),
    ]


def test_a_cell_of_csv_may_have_commas_and_lines() -> None:
    _, [passage] = read_document("a.csv", b'Name,Note\n"Doe, Jane","two\nlines"\n')
    assert (passage.text, passage.lines) == ("Doe, Jane | two lines", (2, 3))


def test_sheets_are_headings_and_what_is_hidden_is_left_out() -> None:
    rows: list[list[files.Cell]] = [
        ["Grade", "Secret", "Rate"],
        ["A", "x", 10.0],
        ["B", "y", 11.5],
        ["C", "z", 12],
    ]
    content = files.xlsx(
        {"Rates": rows, "Old": [["Gone", "x"], ["a", "b"]]},
        hidden=("Old",),
        hidden_rows=(3,),
        hidden_column=2,
    )
    _, passages = read_document("a.xlsx", content)
    assert [(p.headings, p.cells, p.lines) for p in passages] == [
        (("Rates",), (("Grade", "A"), ("Rate", "10")), None),
        (("Rates",), (("Grade", "C"), ("Rate", "12")), None),
    ]


def test_rows_beyond_the_limit_are_reported(tmp_path: Path) -> None:
    content = "Name,Number\n" + "".join(f"row,{n}\n" for n in range(MAX_ROWS + 5))
    _, passages = read_document("a.csv", content.encode())
    assert len(passages) == MAX_ROWS - 1
    (tmp_path / "small.csv").write_text("Name,Number\nrow,1\n")
    assert warnings_of(tmp_path, "small.csv", b"Name,Number\nrow,1\n") == ()
    said = "has more than 20,000 rows; the first 20,000 are read"
    from bot.documents.tables import read_text

    assert read_text(content.encode(), "a.csv", ",").warnings == (said,)


# PDF

LONG = (
    "The works council has to be asked before any change of the hours that are worked",
    "in the halls, and it has two weeks to answer. Nothing is changed before that.",
)


def lines(*words: str, top: float = 780, size: int = 11, step: float = 14) -> list[files.Placed]:
    return [(60, top - n * step, size, said) for n, said in enumerate(words)]


def test_lines_of_a_page_are_paragraphs_below_their_headings() -> None:
    content = files.pdf(
        [
            [
                (60, 800, 20, "Mill handbook"),
                (60, 760, 14, "Hours"),
                *lines(*LONG, top=730),
                *lines("Breaks are not paid.", top=680),
                (60, 640, 14, "Leave"),
                *lines("You get 28 days.", top=610),
            ]
        ]
    )
    document, passages = read_document("a.PDF", content)
    assert document.title == "Mill handbook"
    assert shown(passages) == [
        (("Hours",), " ".join(LONG)),
        (("Hours",), "Breaks are not paid."),
        (("Leave",), "You get 28 days."),
    ]
    assert [(p.lines, p.pages[0][1:]) for p in passages] == [(None, (1, ""))] * 3


def test_a_paragraph_across_pages_is_one_passage_and_cites_the_page_of_the_quote() -> None:
    foot = [(60, 40, 9, "Mill handbook, page 1")]
    content = files.pdf(
        [
            [*lines("A first paragraph of this page ends here.", *LONG[:1], top=90), *foot],
            [*lines(*LONG[1:], top=780), (60, 40, 9, "Mill handbook, page 2")],
        ]
    )
    _, passages = read_document("a.pdf", content)
    passage = passages[-1]
    assert passage.text.endswith(" ".join(LONG))
    place = passage.start + passage.text.index("Nothing is changed")
    quoted = Citation(passage, place, passage.end)
    whole = Citation(passage, passage.start, passage.end)
    assert (page_of(whole.page), page_of(quoted.page)) == ("page 1", "page 2")
    assert (quoted.fragment, citation_object(quoted)["page"]) == ("page=2", 2)


def test_running_headers_and_footers_are_left_out() -> None:
    pages = [
        [
            (60, 820, 9, "Brookfield Mill" if n % 2 else f"Chapter {n // 4}"),
            *lines(f"The rule of day {n} is to sing {n} songs.", top=700),
            (300, 30, 9, f"- {n + 3} -"),
        ]
        for n in range(8)
    ]
    _, passages = read_document("a.pdf", files.pdf(pages))
    assert [p.text for p in passages] == [
        f"The rule of day {n} is to sing {n} songs." for n in range(8)
    ]


def test_a_printed_label_that_differs_stands_beside_the_page() -> None:
    pages = [lines(f"The rule of day {n} is to sing.", top=700) for n in range(3)]
    content = files.pdf(pages, labels="0 << /S /r >> 1 << /S /D /St 2 >>")
    _, passages = read_document("a.pdf", content)
    said = [page_of(passage.pages[0]) for passage in passages]
    assert said == ["page 1, printed i", "page 2", "page 3"]


def test_the_outline_says_what_is_a_heading() -> None:
    content = files.pdf(
        [
            [*lines("Hours", top=700), *lines("The week has 37 hours.", top=660)],
            [*lines("2.1 Leave", top=700), *lines("You get 28 days.", top=660)],
        ],
        outline=[("Hours", 0), ("Leave", 1)],
    )
    _, passages = read_document("a.pdf", content)
    assert shown(passages) == [
        (("Hours",), "The week has 37 hours."),
        (("2.1 Leave",), "You get 28 days."),
    ]


def test_a_word_broken_at_a_line_end_is_joined() -> None:
    content = files.pdf(
        [
            lines(
                "Ask the per-",
                "sonnel office of this mill to re-sign the contract, and then to re-",
                "sign it once more, for this is a well-",
                "known place of the mill.",
            )
        ]
    )
    _, [passage] = read_document("a.pdf", content)
    assert passage.text == (
        "Ask the personnel office of this mill to re-sign the contract, and then to re-sign it "
        "once more, for this is a well-known place of the mill."
    )


def test_columns_are_read_one_after_the_other() -> None:
    left = ["The first column is about", "the hours that we work", "and when breaks are taken."]
    right = ["The second column is about", "the days of leave that we", "have in each year."]
    placed = [
        (x, 700 - 14 * n, 11, said)
        for x, column in ((60, left), (320, right))
        for n, said in enumerate(column)
    ]
    _, passages = read_document("a.pdf", files.pdf([placed]))
    assert [p.text for p in passages] == [" ".join(left), " ".join(right)]


def test_lists_and_tables_on_a_pdf_page_are_recognised() -> None:
    table = [("Grade", "Wage", "Years"), ("Trainee", "13 euros", "none"), ("Foreman", "26", "6")]
    cells = [
        (x, 600 - 18 * n, 11, said)
        for n, row in enumerate(table)
        for x, said in zip((60, 200, 340), row, strict=True)
    ]
    content = files.pdf(
        [[*lines("To ask:", top=700), *lines("• Fill in the form", "• Wait", top=680), *cells]]
    )
    _, [listed, *rows] = read_document("a.pdf", content)
    assert listed.text == "- Fill in the form\n- Wait"
    assert [row.cells for row in rows] == [
        (("Grade", "Trainee"), ("Wage", "13 euros"), ("Years", "none")),
        (("Grade", "Foreman"), ("Wage", "26"), ("Years", "6")),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (files.pdf([[], []]), "a.pdf: no text in it; is it a scan? Run OCR first (`ocrmypdf`)"),
        (b"garbage", "a.pdf: not a PDF file, or corrupt; save it again or remove it"),
        (b"", "a.pdf: not a PDF file, or corrupt; save it again or remove it"),
    ],
)
def test_a_pdf_without_text_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_document("a.pdf", content)
    assert str(caught.value) == said


def test_an_encrypted_pdf_asks_for_one_without_a_password() -> None:
    locked = (
        f"/ID [<{'00' * 16}> <{'00' * 16}>] "
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /Size"
    )
    content = files.pdf([lines("One day.")]).replace(b"/Size", locked.encode())
    with pytest.raises(CorpusError, match="needs a password; save it without one"):
        read_document("a.pdf", content)


def test_a_lone_numbered_line_is_a_heading_and_letter_bullets_make_a_list() -> None:
    said = ["1. Leave", "You get 28 days of leave in each year.", "o rest", "o sleep"]
    placed = [(60, 700 - 30 * n, 11, words) for n, words in enumerate(said)]
    _, passages = read_document("a.pdf", files.pdf([placed]))
    assert shown(passages) == [
        (("1. Leave",), said[1]),
        (("1. Leave",), "- rest\n- sleep"),
    ]


def test_a_table_that_goes_on_over_a_page_keeps_its_column_names() -> None:
    def placed(rows: list[tuple[str, ...]], top: int) -> list[files.Placed]:
        return [
            (x, top - 18 * n, 11, said)
            for n, row in enumerate(rows)
            for x, said in zip((60, 200, 340), row, strict=True)
        ]

    head = ("Grade", "Wage", "Years")
    content = files.pdf(
        [
            [*lines("The mill pays by grade.", top=700), *placed([head, ("A", "13", "1")], 100)],
            [*placed([head, ("B", "19", "2")], 800), *lines("Nothing else is paid.", top=600)],
        ]
    )
    _, passages = read_document("a.pdf", content)
    rows = [(p.cells, p.pages[0].number) for p in passages if p.kind == "row"]
    assert rows == [
        ((("Grade", "A"), ("Wage", "13"), ("Years", "1")), 1),
        ((("Grade", "B"), ("Wage", "19"), ("Years", "2")), 2),
    ]


def test_entries_of_the_contents_are_marked_as_pointers() -> None:
    entries = [f"{n}. The rule of day {n} . . . . . . . . . {n + 3}" for n in range(1, 7)]
    content = files.pdf([lines(*entries, ". . . . . . . ."), lines("Sing on each day.")])
    _, passages = read_document("a.pdf", content)
    pointing = [passage.text for passage in passages if passage.points]
    assert pointing[:2] == ["1. The rule of day 1 4", "2. The rule of day 2 5"]
    assert not passages[-1].points


def test_sensible_properties_of_a_pdf_are_used() -> None:
    info = {"Title": "Travel rules", "Author": "Jane Doe", "ModDate": "D:20250302101010Z"}
    document, _ = read_document("a.pdf", files.pdf([lines("One day.")], info=info))
    assert (document.title, document.author, document.date) == (
        "Travel rules",
        "Jane Doe",
        "2025-03-02",
    )


def test_a_pdf_of_ten_thousand_pages_is_read_up_to_the_limit(tmp_path: Path) -> None:
    content = files.pdf([lines("One day.")] + [[]] * 9_999)
    began = time.process_time()
    assert warnings_of(tmp_path, "a.pdf", content) == (
        f"has 10,000 pages; the first {MAX_PAGES:,} are read",
    )
    assert time.process_time() - began < 20


# As used


def test_ask_names_the_page_and_parses_nothing_the_second_time(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    file = folder / "a.pdf"
    file.write_bytes(files.pdf([lines("Nothing."), lines("The canteen is open from noon.")]))
    asked = ("ask", "When is the canteen open?", "--corpus", str(folder))
    assert f"page 2\n  {file.as_posix()}#page=2\n" in run(*asked).out
    live = LiveAnswerer(folder, tmp_path / "data")
    assert live.facts.engine == "disk"
    live.close()
    file.touch()
    said = _imported(folder, tmp_path / "data")
    assert "pypdfium2" not in said


def _imported(folder: Path, data: Path) -> set[str]:
    code = (
        "import sys, json; from pathlib import Path; from bot.live import LiveAnswerer;"
        f"LiveAnswerer(Path({str(folder)!r}), Path({str(data)!r}));"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout))


def test_text_and_markdown_import_no_other_library(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nOne.")
    (tmp_path / "b.txt").write_text("Two.")
    used = {"pypdfium2", "mammoth", "selectolax", "python_calamine"}
    assert not used & _imported(tmp_path, tmp_path / "data")


# Hostile files


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    bomb = files.zipped({"word/document.xml": b" " * (zips.MAX_UNPACKED + 1)})
    many = files.zipped({"word/document.xml": b" " * 1_000_000})
    for content, said in ((bomb, "MB unpacked"), (many, "more than 200 times")):
        for name in ("a.docx", "a.xlsx"):
            with pytest.raises(CorpusError, match=said):
                read_document(name, content)


def test_a_sheet_whose_cells_lie_far_apart_is_refused() -> None:
    content = files.changed(
        files.xlsx({"A": [["Name", "Rate"], ["Bob", 3.0]]}),
        lambda _, part: part.replace(b"<c><v>3.0", b'<c r="XFD1048576"><v>3.0'),
    )
    with pytest.raises(CorpusError, match="a sheet of more than 20,000,000 cells"):
        read_document("a.xlsx", content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(encoding: str) -> None:
    evil = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'.encode(encoding)
    content = files.changed(
        word("One."), lambda name, part: evil if name == "word/document.xml" else part
    )
    with pytest.raises(CorpusError, match="declares XML entities"):
        read_document("a.docx", content)


def test_an_old_or_encrypted_office_file_is_refused_with_a_reason() -> None:
    with pytest.raises(CorpusError, match="needs a password"):
        read_document("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))


def test_elements_nested_by_thousands_are_no_crash() -> None:
    with pytest.raises(CorpusError, match="nested too deep"):
        read_document("a.html", b"<div>" * 20_000 + b"One.")


KINDS = {
    "html": files.html(MARKDOWN),
    "csv": b"Name,City\nBob,Rome\n" * 20,
    "docx": word("One.", "Two."),
    "xlsx": files.xlsx({"A": [["Name", "Rate"], ["Bob", 3.0]]}),
    "pdf": files.pdf([lines(*LONG), lines("Two days.")], outline=[("Two days.", 1)]),
}


def _read_mutations(kind: str, number: int, seed: int) -> None:
    random = Random(seed)
    for _ in range(number):
        content = files.mutated(KINDS[kind], random)
        try:
            document, passages = read_document(f"a.{kind}", content)
        except CorpusError:
            continue
        assert all(document.text[p.start : p.end] == p.text for p in passages)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused(kind: str) -> None:
    _read_mutations(kind, 50, 1)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files_are_read_or_refused(kind: str) -> None:
    _read_mutations(kind, 500, 2)
