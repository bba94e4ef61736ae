"""Reading a folder: links, odd files and odd folders, each by itself."""

import os
from pathlib import Path

import pytest

from bot.documents.folder import DocumentFolder
from tests.conftest import open_answerer


def served(folder: Path) -> list[str]:
    return [document.path for document in open_answerer(folder).index.documents]


def problems(folder: Path) -> tuple[str, ...]:
    return open_answerer(folder).index.problems


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "good.txt").write_text("Masons repair the bridge.\n")
    return folder


def test_a_link_to_a_file_or_folder_outside_is_skipped_and_listed(
    corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "corpus-secret").mkdir()
    secret = tmp_path / "corpus-secret" / "secret.txt"
    secret.write_text("The key is under the mat.\n")
    (corpus / "a.txt").symlink_to(secret)
    (corpus / "b").symlink_to(secret.parent)
    (corpus / "hop").mkdir()
    (corpus / "hop" / "c.txt").symlink_to("../a.txt")
    assert served(corpus) == ["good.txt"]
    assert problems(corpus) == tuple(
        f"{corpus}/{name}: a link that leads out of the folder; copy the file into it"
        for name in ("a.txt", "b", "hop/c.txt")
    )


def test_the_folder_itself_may_be_a_link(corpus: Path, tmp_path: Path) -> None:
    (corpus / "link.txt").symlink_to("good.txt")
    (tmp_path / "current").symlink_to(corpus)
    assert served(tmp_path / "current") == ["good.txt", "link.txt"]


def test_a_config_map_is_read_through_its_links(tmp_path: Path) -> None:
    data = tmp_path / "..2025_11_25"
    data.mkdir()
    (data / "plan.txt").write_text("The plan costs £5.\n")
    (data / "synonyms.txt").write_text("plan, scheme\n")
    (tmp_path / "..data").symlink_to(data.name)
    for name in ("plan.txt", "synonyms.txt"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    assert served(tmp_path) == ["plan.txt"]
    assert DocumentFolder(tmp_path).look().synonyms == "plan, scheme\n"


def test_a_linked_folder_inside_is_followed(tmp_path: Path) -> None:
    (tmp_path / ".worktrees" / "abc" / "deep").mkdir(parents=True)
    (tmp_path / ".worktrees" / "abc" / "deep" / "plan.txt").write_text("The plan costs £5.\n")
    (tmp_path / "current").symlink_to(".worktrees/abc")
    assert served(tmp_path) == ["current/deep/plan.txt"]


def test_circular_and_crossing_links_end(corpus: Path) -> None:
    (corpus / "up").symlink_to(".")
    for name in ("one", "two", "three", "four"):
        (corpus / name).mkdir()
        (corpus / name / f"{name}.txt").write_text(f"Number {name} is here.\n")
    for name in ("one", "two", "three", "four"):
        for other in ("one", "two", "three", "four"):
            (corpus / name / f"to-{other}").symlink_to(f"../{other}")
    (corpus / "loop.txt").symlink_to("loop.txt")
    found = DocumentFolder(corpus).look()
    assert len(found.files) <= 1 + 2 * 4 + 1
    assert "loop.txt: Too many levels of symbolic links" in "".join(f.problem for f in found.files)


def test_a_list_of_synonyms_that_is_a_link_to_the_outside_is_not_read(
    corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0\n")
    (corpus / "synonyms.txt").symlink_to(tmp_path / "passwd")
    assert DocumentFolder(corpus).look().synonyms == ""
    assert served(corpus) == ["good.txt"]
    assert "synonyms.txt: a link that leads out" in problems(corpus)[0]


def test_a_file_above_the_limit_is_listed_and_never_opened(corpus: Path) -> None:
    with (corpus / "sparse.txt").open("wb") as file:
        file.truncate(1 << 40)
    assert served(corpus) == ["good.txt"]
    [said] = problems(corpus)
    assert said.endswith("sparse.txt: 1,099,511 MB, more than MAX_FILE_MB=20; split it")


def test_a_folder_1500_deep_is_read(corpus: Path) -> None:
    folders = [f"{corpus}/{'d/' * n}" for n in range(1, 1501)]
    deep = Path(f"{folders[-1]}deep.txt")
    try:
        for folder in folders:
            os.mkdir(folder)  # noqa: PTH102  a Path of so many parts takes long
        deep.write_text("The well is deep.\n")
        assert served(corpus) == [f"{'d/' * 1500}deep.txt", "good.txt"]
    finally:  # what pytest removes it with does not go so deep
        deep.unlink()
        for folder in reversed(folders):
            os.rmdir(folder)  # noqa: PTH106


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_without_permission_is_listed(corpus: Path) -> None:
    (corpus / "lost+found").mkdir(mode=0)
    assert served(corpus) == ["good.txt"]
    assert problems(corpus) == (f"{corpus}/lost+found: Permission denied; make it readable",)


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: !!bool x\n---\n",
        "---\ntitle: !!python/object:os.system x\n---\n",
        f"---\ntitle: {'9' * 5000}\n---\n",
        f"---\ndate: {'9' * 5000}\n---\n",
        f"+++\ntitle = {'9' * 5000}\n+++\n",
        f"+++\ntitle = 0x{'f' * 5000}\n+++\n",
        "---\n? [a, b]\n: c\n---\n",
        "---\n" + "[" * 5000 + "\n---\n",
        "---\ntitle: &a [*a]\n---\n",
        "---\ndate: 2025-13-45\n---\n",
        '---\ntitle: "\\ud800"\n---\n',
    ],
)
def test_no_front_matter_harms_the_other_documents(corpus: Path, front: str) -> None:
    (corpus / "odd.md").write_text(f"{front}\nThe ferry carries horses &#xD800;.\n")
    (corpus / "odd.txt").write_text(f"{front}\nThe ferry carries horses.\n")
    assert "good.txt" in served(corpus)
    assert served(corpus) == ["good.txt", "odd.md", "odd.txt"]
