"""Files of each kind that the bot reads, made from a Markdown text or by hand."""

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random

import docx
from markdown_it import MarkdownIt

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
_PRINTS = "--headless --no-sandbox --disable-gpu --disable-quic --no-pdf-header-footer".split()
_STYLE = "body { font: 12pt serif } td, th { border: 1px solid; padding: 4px }"


# Words on a page: x and y in points from the lower left corner, their size, and they.
Placed = tuple[float, float, int, str]


def html(markdown: str) -> bytes:
    """A page as a site generator makes it, each heading with an id."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(markdown)
    for opened, inline in pairwise(tokens):
        if opened.type == "heading_open":
            opened.attrSet("id", inline.content.lower().replace(" ", "-"))
    body = parser.renderer.render(tokens, parser.options, {})
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        "<title>Brookfield staff handbook - Intranet</title>"
        f"<style>{_STYLE}</style></head><body><nav>Home News</nav>"
        f"<main>{body}</main><footer>Printed on paper</footer></body></html>"
    ).encode()


def docx_of(markdown: str) -> bytes:
    """A Word file with the styles that Word has for it."""
    document = docx.Document()
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    style, rows = "Normal", list[list[str]]()
    for opened, token in pairwise(tokens):
        match opened.type, token.type:
            case "heading_open", _:
                document.add_heading(token.content, int(opened.tag[1:]))
            case "paragraph_open", _:
                document.add_paragraph(token.content, style)
            case "bullet_list_open" | "ordered_list_open", _:
                style = "List Bullet" if opened.type.startswith("bullet") else "List Number"
            case "bullet_list_close" | "ordered_list_close", _:
                style = "Normal"
            case "tr_open", _:
                rows.append([])
            case "th_open" | "td_open", _:
                rows[-1].append(token.content)
            case "table_close", _:
                _add_table(document, rows)
                rows = []
    return _saved(document)


def _add_table(document: object, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]))  # type: ignore[attr-defined]
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words


def _saved(document: object) -> bytes:
    saved = BytesIO()
    document.save(saved)  # type: ignore[attr-defined]
    return saved.getvalue()


def printed(page: bytes, folder: Path) -> bytes:
    """A page as Chromium prints it."""
    assert BROWSER is not None
    source, target = folder / "printed.html", folder / "printed.pdf"
    source.write_bytes(page)
    places = (f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}")
    subprocess.run(
        [BROWSER, *_PRINTS, *places, source.as_uri()],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return target.read_bytes()


def pdf(
    pages: Sequence[Sequence[Placed]],
    *,
    bold: Sequence[str] = (),
    labels: str = "",
    outline: Sequence[tuple[str, int]] = (),
    info: Mapping[str, str] | None = None,
) -> bytes:
    """A PDF whose pages have words at places: x and y in points, size, words.

    `labels` are those of the pages, as PDF writes them; `outline` has titles and pages from 0.
    """
    objects: dict[int, bytes] = {}
    count = len(pages)
    kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(count))
    names = " ".join(f"/{key} ({value})" for key, value in (info or {}).items())
    extra = f"/PageLabels << /Nums [{labels}] >> " if labels else ""
    first = 10 + 2 * count
    if outline:
        last = first + len(outline)
        extra += f"/Outlines {first} 0 R "
        objects[first] = f"<< /First {first + 1} 0 R /Last {last} 0 R /Count 9 >>".encode()
        for n, (title, page) in enumerate(outline, start=first + 1):
            after = f"/Next {n + 1} 0 R " if n < last else ""
            target = f"/Dest [{10 + 2 * page} 0 R /Fit]"
            objects[n] = f"<< /Title ({title}) /Parent {first} 0 R {after}{target} >>".encode()
    objects |= {
        1: f"<< /Type /Catalog /Pages 2 0 R {extra}>>".encode(),
        2: f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        5: f"<< {names} >>".encode(),
    }
    for n, placed in enumerate(pages):
        drawn = "\n".join(
            f"BT /F{2 if words in bold else 1} {size} Tf {x} {y} Td ({_escaped(words)}) Tj ET"
            for x, y, size, words in placed
        ).encode("cp1252")
        fonts = "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects[10 + 2 * n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} "
            f"/Contents {11 + 2 * n} 0 R >>"
        ).encode()
        objects[11 + 2 * n] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)
    return _pdf_file(objects)


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _pdf_file(objects: Mapping[int, bytes]) -> bytes:
    written, places = b"%PDF-1.7\n", dict[int, int]()
    for number, said in sorted(objects.items()):
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, said)
    size, start = max(objects) + 1, len(written)
    table = "".join(
        f"{places[n]:010} 00000 n \n" if n in places else "0000000000 65535 f \n"
        for n in range(size)
    )
    trailer = f"trailer << /Size {size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF"
    return written + f"xref\n0 {size}\n{table}{trailer}".encode()


Cell = str | float


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    *,
    hidden: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_column: int = 0,
    merged: str = "",
) -> bytes:
    """An Excel file with these sheets; rows and columns count from 1.

    The cells of the range `merged`, such as `A2:A3`, are merged in each sheet.
    """
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    listed, related, parts = "", "", dict[str, str]()
    for n, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"{state}/>'
        related += (
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/s{n}.xml"/>'
        )
        cols = f'<cols><col min="{hidden_column}" max="{hidden_column}" hidden="1"/></cols>'
        merges = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
        parts[f"xl/worksheets/s{n}.xml"] = (
            f'<worksheet xmlns="{main}">{cols if hidden_column else ""}<sheetData>'
            + "".join(_row(place, row, hidden_rows) for place, row in enumerate(rows, start=1))
            + f"</sheetData>{merges}</worksheet>"
        )
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>'
    )
    relations = f'<Relationships xmlns="{package}/relationships">'
    parts["xl/_rels/workbook.xml.rels"] = f"{relations}{related}</Relationships>"
    parts["_rels/.rels"] = (
        f'{relations}<Relationship Id="rId1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    )
    return zipped({name: f'<?xml version="1.0"?>{xml}'.encode() for name, xml in parts.items()})


def _row(place: int, row: Sequence[Cell], hidden: Sequence[int]) -> str:
    cells = "".join(
        f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        if isinstance(cell, str)
        else f"<c><v>{cell}</v></c>"
        for cell in row
    )
    unseen = ' hidden="1"' if place in hidden else ""
    return f'<row r="{place}"{unseen}>{cells}</row>'


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A zip with `change` made to each of its parts, told by name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return zipped({name: change(name, archive.read(name)) for name in archive.namelist()})


def mutated(content: bytes, random: Random) -> bytes:
    """A file with a few bytes changed, lost or repeated; of a zip perhaps within a part."""
    if content.startswith(b"PK") and random.random() < 0.7:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            chosen = random.choice(archive.namelist())
        return changed(content, lambda name, part: _cut(part, random) if name == chosen else part)
    return _cut(content, random)


def _cut(content: bytes, random: Random) -> bytes:
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 3, 20))):
        at = random.randrange(len(found) + 1)
        match random.randrange(4):
            case 0:
                found[at : at + 1] = bytes((random.randrange(256),))
            case 1:
                del found[at : at + random.randrange(200)]
            case 2:
                again = random.randrange(len(found) + 1)
                found[at:at] = found[again : again + random.randrange(300)]
            case _ if random.random() < 0.2:
                del found[at:]
    return bytes(found)
