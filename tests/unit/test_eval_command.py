"""`eval` as a user sees it, and the options that explain: `--curve`, `--explain`, `--aliases`."""

import json
import re
from pathlib import Path

import pytest

from bot.answering.engine import engine_hash
from tests.conftest import Ran, Run

TRUCE = "what does the ceasefire cover?"
WIFI = "what's the guest wifi password?"
LINE = {
    "id": "1",
    "question": TRUCE,
    "kind": "plain",
    "answerable": True,
    "document": "notes.txt",
    "paragraphs": [1],
    "contains": ["air and sea"],
}
WRONG = LINE | {"id": "2", "document": "other.txt", "contains": ["rye"]}
FAR = LINE | {"id": "3", "question": WIFI, "kind": "far", "answerable": False}
SET = "".join(f"{json.dumps(line)}\n" for line in (LINE, WRONG, FAR))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Two documents, and a set: answered rightly, answered from the wrong one, not found."""
    (tmp_path / "notes.txt").write_text("The truce covers air and sea. It ends in May.\n")
    (tmp_path / "other.txt").write_text("Bakers sell rye in Leeds, says the Rye Bread Trust (RBT).")
    (tmp_path / "set.jsonl").write_text(SET)
    return str(tmp_path)


@pytest.fixture
def evaluate(run: Run, folder: str) -> Run:
    return lambda *argv: run("eval", f"{folder}/set.jsonl", "--corpus", folder, *argv)


# eval


def test_eval_prints_one_row_per_kind_and_the_overall_figures(evaluate: Run) -> None:
    ran = evaluate()
    assert (ran.status, ran.err) == (0, "")
    kinds, overall, hashes = ran.out.split("\n\n")
    assert re.fullmatch(r"Content hash [0-9a-f]{64}, engine hash [0-9a-f]{64}\n", hashes)
    assert [row.split()[:2] for row in kinds.splitlines()[1:]] == [
        ["plain", "2"],
        ["far", "1"],
        ["all", "3"],
    ]
    rows = [re.split("  +", row.strip()) for row in overall.splitlines()]
    assert ["right passage first", "0.50", "0.00 to 1.00", "1", "2"] in rows
    assert ["all parts shown, of questions with several", "0", "0"] in rows


def test_eval_gives_all_as_json(evaluate: Run) -> None:
    figures = json.loads(evaluate("--json").out)
    assert (len(figures["corpus"]), figures["engine"]) == (64, engine_hash())
    plain, far, both = figures["kinds"]
    assert plain["first"] == {"hits": 1, "of": 2, "low": 0.0, "high": 1.0, "value": 0.5}
    assert (far["first"]["of"], far["unanswerable_answered"]["hits"]) == (0, 0)
    assert both["outcomes"] == {"answered": 2, "closest": 0, "not_found": 1, "no_question": 0}
    assert [question["first"] for question in figures["questions"]] == [True, False, False]


def test_the_curve_says_what_each_threshold_costs(evaluate: Run) -> None:
    ran = evaluate("--curve")
    assert (ran.status, ran.err) == (0, "")
    title, *rows = [row.split() for row in ran.out.splitlines()]
    assert " ".join(title) == "chance answered rightly right of answered unanswerable answered"
    thresholds = [int(row[0].rstrip("%")) for row in rows]
    assert thresholds == sorted(set(thresholds))
    assert len(thresholds) > 5
    assert all(0 <= float(share) <= 1 for row in rows for share in row[1:])


def test_eval_says_in_one_line_what_does_not_parse(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(f'{SET}\n{{"question": "{TRUCE}"}}\n')
    ran = run("eval", str(file))
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(
        f"article-bot: {file}:5: not a question of a set (answerable is missing)"
    )


# ask --explain


def test_explain_gives_the_reasons_and_what_the_score_is_made_of(run: Run, folder: str) -> None:
    plain = run("ask", TRUCE, "--corpus", folder)
    ran = run("ask", "--explain", TRUCE, "--corpus", folder)
    assert (ran.status, ran.err) == (plain.status, "")
    answer, explained = ran.out[: len(plain.out)], ran.out[len(plain.out) :]
    assert answer == plain.out
    assert explained.startswith("\nWhy: The best passage covers ")
    assert "ceasefire found as truce (a synonym)\n" in explained
    [total] = re.findall(r"^Notes · paragraph 1 of 1: ([\d.]+)$", explained, re.M)
    worth = [float(number) for number in re.findall(r"^ +([\d.]+)  \w", explained, re.M)]
    assert sum(worth) == pytest.approx(float(total), abs=0.01 * len(worth))


def test_explain_says_why_nothing_was_found(run: Run, folder: str) -> None:
    ran = run("ask", "--explain", WIFI, "--corpus", folder)
    assert ran.status == 1
    assert "\nWhy: No passage has a word of the question.\n" in ran.out
    assert re.search(r"\nContent hash [0-9a-f]{64}, engine hash [0-9a-f]{64}\n$", ran.out)


def test_explain_as_json_only_adds_fields(run: Run, folder: str) -> None:
    def ask(*options: str) -> Ran:
        return run("ask", "--json", TRUCE, "--corpus", folder, *options)

    plain, explained = json.loads(ask().out), json.loads(ask("--explain").out)
    assert explained.pop("reasons")
    assert explained.pop("engine") == engine_hash()
    [why] = [citation.pop("why") for citation in explained["citations"]]
    assert explained == plain
    assert {frozenset(match) for match in why} == {frozenset(("asked", "found", "via", "worth"))}
    [synonym] = [match for match in why if match["asked"] == "ceasefire"]
    assert (synonym["found"], synonym["via"]) == ("truce", "a synonym")


# corpus --aliases


def test_aliases_are_listed_with_the_document_that_gives_them(run: Run, folder: str) -> None:
    ran = run("corpus", "--aliases", "--corpus", folder)
    said = "Rye Bread Trust means RBT  other.txt\nRBT means Rye Bread Trust  other.txt\n"
    assert (ran.status, ran.err) == (0, "")
    assert sorted(ran.out.splitlines()) == sorted(said.splitlines())


def test_a_custom_synonym_line_removes_an_alias_from_the_listing(run: Run, folder: str) -> None:
    Path(folder, "synonyms.txt").write_text("RBT => RBT\nRye Bread Trust => Rye Bread Trust\n")
    assert run("corpus", "--aliases", "--corpus", folder) == Ran(0, "", "")


# --json means data, whatever else is asked for


def test_aliases_and_the_curve_are_printed_as_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann Lee is the treasurer. The treasurer, Ann Lee, signs it.\n")
    ran = run("corpus", "--aliases", "--json", "--corpus", str(tmp_path))
    assert ran.status == 0
    assert all(set(one) == {"alias", "name", "document"} for one in json.loads(ran.out)["aliases"])
    file = tmp_path / "set.jsonl"
    file.write_text(SET)
    ran = run("eval", str(file), "--curve", "--json")
    thresholds = json.loads(ran.out)["thresholds"]
    assert [one["chance"] for one in thresholds][:2] == [0.3, 0.35]
    assert set(thresholds[0]["answered_rightly"]) == {"hits", "of", "low", "high", "value"}


def test_one_question_has_no_interval(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(SET.splitlines()[0])
    ran = run("eval", str(file))
    assert " to " not in ran.out.partition("95% interval")[2].partition("Content hash")[0]
