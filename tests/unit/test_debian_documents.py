"""Debian's manuals as PDF and HTML, compared with Debian's plain text of the same source.

They are downloaded from the apt mirror; these tests are skipped where apt cannot download them.
"""

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from bot.documents.reader import read_document
from bot.english.text import sentences
from bot.model import Passage

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("apt-get") is None,
        reason="NOT RUN: real manuals in PDF and HTML; they come from apt (Debian)",
    ),
]
PACKAGES = ("debian-policy", "developers-reference")
FLOORS = {
    ("policy", "pdf"): 0.92,
    ("policy", "html"): 0.91,
    ("developers-reference", "pdf"): 0.97,
    ("developers-reference", "html"): 0.98,
}


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("debian")
    done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True)
    if done.returncode:
        pytest.skip("NOT RUN: apt cannot download packages here")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder / "x"], check=True)
    for packed in [*folder.rglob("*.txt.gz"), *folder.rglob("*.pdf.gz")]:
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def true_sentences(text: str) -> Iterator[str]:
    """Those of eight words or more."""
    for paragraph in re.split(r"\n\s*\n", text):
        words = re.sub(r"^(?:[*-]|\[\d+\])\s+", "", " ".join(paragraph.split()))
        for span in sentences(words):
            sentence = words[span.start : span.end]
            if len(sentence.split()) >= 8 and not re.match(r"[-=*~^]{4}", sentence):
                yield sentence


def said(passage: Passage) -> str:
    leads = [passage.document.text[lead.start : lead.end] for lead in passage.leads]
    return letters(" ".join([*leads, passage.text]))


def read(manuals: Path, name: str, suffix: str) -> tuple[list[str], list[Passage]]:
    [truth] = list(manuals.rglob(f"{name}.txt"))
    if suffix == "pdf":
        found: Sequence[Path] = [p for p in manuals.rglob(f"{name}.pdf") if p.is_file()][:1]
    else:
        folder = "policy.html" if name == "policy" else "developers-reference"
        found = [p for p in manuals.rglob("*.html") if p.is_file() and p.parent.name == folder]
    passages = [one for file in found for one in read_document(file.name, file.read_bytes())[1]]
    return list(true_sentences(truth.read_text())), passages


@pytest.mark.parametrize(("name", "suffix"), FLOORS)
def test_sentences_of_a_manual_stand_whole_in_one_passage(
    name: str, suffix: str, manuals: Path
) -> None:
    truth, passages = read(manuals, name, suffix)
    whole = "\n".join(map(said, passages))
    kept = sum(letters(sentence) in whole for sentence in truth)
    print(f"{name} {suffix}: {kept / len(truth):.3f} of {len(truth)}")
    assert kept >= FLOORS[name, suffix] * len(truth)


@pytest.mark.parametrize("name", ["policy", "developers-reference"])
def test_a_sentence_is_cited_with_its_own_page(name: str, manuals: Path) -> None:
    import pypdfium2

    _, passages = read(manuals, name, "pdf")
    [file] = [p for p in manuals.rglob(f"{name}.pdf") if p.is_file()][:1]
    document = pypdfium2.PdfDocument(file)
    long = [
        (passage, span)
        for passage in passages
        for span in sentences(passage.text)
        if span.end - span.start > 60
    ]
    for passage, span in Random(1).sample(long, 50):
        page = passage.page_at(passage.start + span.start)
        assert page is not None
        first = letters(passage.text[span.start : span.start + 40])[:25]
        text = document[page.number - 1].get_textpage().get_text_range()
        assert first in letters(text.replace("\ufffe", "")), (page, first)
