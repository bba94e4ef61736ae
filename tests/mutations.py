"""Breaks the bot in one place at a time, and sees that a test of what it does notices.

    python -m tests.mutations [NAME...]

Each mutation is made in a copy of the tree, files that are not committed yet included. The tests
named beside it must pass without it, and one of them must fail by an assertion with it. Ends with
status 1 when a mutation survives, or when the text that it replaces is no longer there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
MAX_SECONDS = 300


class Mutation(NamedTuple):
    """One piece of text in one file instead of another, and the tests that must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


WEIGHTS = ("tests/unit/test_weights.py",)
REPLICAS = "tests/store/test_replicas.py"
TAKEN_OVER = (
    f"{REPLICAS}::test_no_replica_takes_over_a_message_that_another_may_still_be_posting",
)
POSTING = "tests/slack/test_posting.py"
AUDIENCE = "tests/unit/test_audience.py"
AUDIENCES = "tests/slack/test_audiences.py"
ACCEPTED_ONCE = (f"{REPLICAS}::test_a_message_that_reaches_two_replicas_is_accepted_once",)
TUNED = "bot/answering/weights.py"
MATCHING = "bot/answering/matching.py"
QUERY = "bot/answering/query.py"
READER = "bot/answering/query_reader.py"
LINKS = "bot/links.py"
EVIDENCE = "bot/answering/evidence.py"
VETOES = "bot/answering/vetoes.py"
RANKING = "bot/answering/ranking.py"
SCORING = "bot/answering/scoring.py"
QUOTING = "bot/answering/quoting.py"
EVIDENCE_TESTS = ("tests/unit/test_evidence.py",)
STATED = ("tests/unit/test_statements.py",)
CONTRASTED = ("tests/unit/test_contrasts.py",)

MUTATIONS = (
    # What answers, and what is only near
    Mutation("quoted", TUNED, " quote: float = 0.5", " quote: float = 0.1", WEIGHTS),
    Mutation("own words", TUNED, "own_words: float = 0.3", "own_words: float = 0.0", WEIGHTS),
    Mutation("yes or no", TUNED, '"yes_no": -', '"yes_no": ', WEIGHTS),
    Mutation("lead", TUNED, '"lead": ', '"lead": -', WEIGHTS),
    Mutation("a section is a rival", RANKING, "is_of_section(one, best) or", "", EVIDENCE_TESTS),
    Mutation(
        "three tell enough",
        RANKING,
        "return any(competes(one, best[0]) for one in own[1:])",
        "return True",
        ("tests/unit/test_ranking.py",),
    ),
    Mutation(
        "a conflict within three",
        RANKING,
        "if len(own) < top or best[0].conflict is not None:",
        "if len(own) < top:",
        ("tests/unit/test_ranking.py",),
    ),
    *(
        Mutation(f"stated: {rule}", VETOES, f"if {rule}", f"if False and {rule}", STATED)
        for rule in (
            "says_it_the_other_way_round(",
            "is_only_a_condition(",
            "is_no_longer_so(",
            "is_what_is_not_wanted(",
            "_needs_reason(",
            "_needs_time(",
            "questions.asks_how_often(",
        )
    ),
    Mutation(
        "words that are not covered",
        EVIDENCE,
        "lacking = not_covered(query, best)",
        "lacking = ()",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "as it was typed",
        "bot/answering/answerer.py",
        "typed.get(word, word) for word in asked",
        "word for word in asked",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "a follow-up's own word",
        QUERY,
        "return group.weight == 1.0 or not self.has_own",
        "return True",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "a name in a path",
        READER,
        "and not self._vocabulary.in_a_path(word.plain)",
        "",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "leads are evidence",
        QUOTING,
        "self._own = [self._in(with_leads) for _, with_leads in",
        "self._own = [self._in(joined) for joined, _ in",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "a bound reaches as far as the score",
        SCORING,
        "bound += self._weighted.most_bonus + candidate.pair_bonus",
        "bound += candidate.pair_bonus",
        ("tests/unit/test_ranking.py",),
    ),
    Mutation(
        "files that are prepared ahead keep their order",
        "bot/index/preparing.py",
        "file, prepared = begun.popleft()",
        "file, prepared = begun.pop()",
        (
            "tests/unit/test_worker.py::"
            "test_files_shared_by_several_processes_give_the_same_results_in_order",
        ),
    ),
    Mutation(
        "another name",
        SCORING,
        "other = other or self._other_name(weighed.lacking, candidate.analysis, quote.sentence)",
        "",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "a heading is the question",
        MATCHING,
        "return any(one in joined and one in analysis.above for one in self._literal)",
        "return False",
        EVIDENCE_TESTS,
    ),
    Mutation(
        "worth reading",
        TUNED,
        "reading: float = 0.15",
        "reading: float = 0.0",
        ("tests/unit/test_evidence.py",),
    ),
    Mutation(
        "worth reading synonyms",
        TUNED,
        "synonyms: float = 0.22",
        "synonyms: float = 0.15",
        WEIGHTS,
    ),
    Mutation(
        "bears on it",
        TUNED,
        "BEARS_ON_IT = 0.4",
        "BEARS_ON_IT = 0.0",
        WEIGHTS,
    ),
    # Which passage is the first
    Mutation("sentence bonus", TUNED, "SENTENCE_BONUS = 0.5", "SENTENCE_BONUS = 0.0", WEIGHTS),
    Mutation("pair bonus", TUNED, "PAIR_BONUS = 0.6", "PAIR_BONUS = 0.0", WEIGHTS),
    Mutation("covered bonus", TUNED, "COVERAGE_BONUS = 0.6", "COVERAGE_BONUS = 0.0", WEIGHTS),
    Mutation(
        "kind bonus",
        TUNED,
        "KIND_BONUS = 1.0",
        "KIND_BONUS = 0.0",
        ("tests/unit/test_evidence.py",),
    ),
    Mutation("earlier questions", TUNED, "EARLIER = 0.5", "EARLIER = 1.0", WEIGHTS),
    Mutation("synonym", TUNED, "SYNONYM = 0.3", "SYNONYM = 1.0", WEIGHTS),
    Mutation("second step", TUNED, "SECOND_STEP = 0.4", "SECOND_STEP = 1.0", WEIGHTS),
    Mutation(
        "rarity in the corpus",
        MATCHING,
        "return {asked: math.log((size + 1) / max(1.0, count)) for",
        "return {asked: 1.0 for",
        WEIGHTS,
    ),
    Mutation(
        "rarity in a place",
        MATCHING,
        "found[asked] = math.log((index.size + 1) / max(1.0, count))",
        "found[asked] = 1.0",
        WEIGHTS,
    ),
    Mutation(
        "rarity in the evidence",
        READER,
        "says, self._idf(stem) * says, strict",
        "says, says, strict",
        WEIGHTS,
    ),
    Mutation(
        "what a word says",
        MATCHING,
        "asked: rarity * query.groups[asked[0]].says(asked[1])",
        "asked: rarity",
        WEIGHTS,
    ),
    Mutation("rarity in English", READER, "min(1.0, rarity(word) / RARE_ENOUGH)", "1.0", WEIGHTS),
    # The opposite, and the other one of a class
    Mutation("conflict answered", VETOES, "    if best.conflict:\n", "    if False:\n", CONTRASTED),
    Mutation("conflict costs nothing", TUNED, "CONFLICT = 0.7", "CONFLICT = 1.0", CONTRASTED),
    Mutation(
        "conflict as a rival",
        RANKING,
        "return one.conflict is None and not (",
        "return not (",
        CONTRASTED,
    ),
    Mutation(
        "in another place",
        "bot/english/conflicts.py",
        "for found, beside in there if not near.isdisjoint(beside)",
        "for found, beside in there",
        CONTRASTED,
    ),
    Mutation(
        "asked first",
        RANKING,
        "if conflict is None or conflict.of is None or conflict.of.anywhere",
        "if True",
        CONTRASTED,
    ),
    # Where a link lands
    Mutation(
        "only the first clause",
        LINKS,
        "ends_there = not end or whole.find",
        "ends_there = True or whole.find",
        ("tests/unit/test_links.py",),
    ),
    Mutation(
        "only the start",
        LINKS,
        '(prefix and f"{prefix}-", start, end, suffix and f"-{suffix}")',
        "(start,)",
        ("tests/unit/test_links.py",),
    ),
    Mutation(
        "found more than once",
        LINKS,
        "best = (one for one in directives if one.finds_only(quote, letters))",
        "best = iter(directives)",
        ("tests/unit/test_links.py",),
    ),
    # What survives
    Mutation(
        "durable catalog",
        "bot/index/catalog_writer.py",
        "pragma synchronous = full",
        "pragma synchronous = normal",
        ("tests/store/test_durability.py",),
    ),
    Mutation(
        "durable store",
        "bot/store/sqlite.py",
        "PRAGMA synchronous=FULL",
        "PRAGMA synchronous=NORMAL",
        ("tests/store/test_durability.py",),
    ),
    Mutation(
        "forget threads",
        "bot/store/forgetting.py",
        "run(sql.FORGET_THREADS, threads)",
        "0",
        (
            "tests/store/test_store.py::test_forgetting_a_person_leaves_no_byte_of_theirs_in_any_file",
        ),
    ),
    Mutation(
        "order of locks",
        "bot/store/commits.py",
        "sorted(batch, key=lambda asked: asked.order)",
        "batch",
        ACCEPTED_ONCE,
    ),
    Mutation(
        "lease unchecked",
        "bot/slack/timing.py",
        "self.lease <= self.trust + self.call",
        "self.lease <= 0",
        ("tests/slack/test_timing.py",),
    ),
    Mutation(
        "lease",
        "bot/store/inbox.py",
        '{"lease": self._seconds_of_lease}',
        '{"lease": 0.9 * self._seconds_of_lease}',
        TAKEN_OVER,
    ),
    Mutation(
        "trust",
        "bot/slack/delivering/leases.py",
        "while self._clock() - self._renewed_at >= self._timing.trust:",
        "while self._clock() - self._renewed_at >= 1.3 * self._timing.trust:",
        TAKEN_OVER,
    ),
    Mutation(
        "deadline",
        "bot/slack/app.py",
        "ClientTimeout(total=timing.call)",
        "ClientTimeout(total=2 * timing.call)",
        TAKEN_OVER,
    ),
    # One post in a channel, twenty in all, and only for the workspace that is served
    Mutation(
        "posts at once",
        "bot/slack/delivering/queue.py",
        "MAX_AT_ONCE = 20",
        "MAX_AT_ONCE = 25",
        (f"{POSTING}::test_twenty_posts_run_at_once_and_no_more",),
    ),
    Mutation(
        "order of a limited channel",
        "bot/slack/delivering/queue.py",
        "FIRST if pause is not None else time.monotonic() + wait",
        "time.monotonic() + wait",
        (f"{POSTING}::test_a_rate_limited_channel_keeps_its_order_and_delays_no_other",),
    ),
    Mutation(
        "another workspace",
        "bot/slack/receiving/access.py",
        "return enterprise == self.enterprise if self.is_org_wide else team == self.team",
        "return True",
        ("tests/slack/test_installations.py",),
    ),
    Mutation(
        "any organisation",
        "bot/slack/receiving/access.py",
        'return self.is_org_wide and not str(home).startswith("E")',
        "return bool(self.enterprise)",
        ("tests/slack/test_installations.py",),
    ),
    Mutation(
        "one gesture",
        "bot/slack/receiving/intake.py",
        "client_msg_id=asked.client_msg_id,",
        'client_msg_id="",',
        (f"{POSTING}::test_a_message_with_two_time_stamps_is_answered_once",),
    ),
    Mutation(
        "hanging up",
        "bot/slack/socket_mode.py",
        "SECONDS_TO_HANG_UP = 1.0",
        "SECONDS_TO_HANG_UP = 9.0",
        (
            "tests/processes/test_promise.py"
            "::test_sigterm_stops_in_time_when_sockets_views_and_posts_hang",
        ),
    ),
    Mutation(
        "ready",
        "bot/slack/http.py",
        "200 if all(state.values()) else 503",
        "200",
        (
            "tests/processes/test_outages.py::test_the_bot_is_ready_except_while_its_database_is_locked",
        ),
    ),
    # What an audience may read
    Mutation(
        "a parent is not enough",
        "bot/documents/audience.py",
        "any(is_within(own, folder) for own in listed) for folder in closed",
        "bool(listed) for folder in closed",
        (f"{AUDIENCE}::test_a_channel_reads_its_folders_and_a_private_one_only_by_its_name",),
    ),
    Mutation(
        "links into private folders",
        "bot/documents/folder.py",
        "return is_listed and self._without_links.may_see(self._below_root(real))",
        "return is_listed",
        (f"{AUDIENCE}::test_a_link_opens_no_private_folder",),
    ),
    Mutation(
        "a private folder that is renamed",
        "bot/documents/folder.py",
        "if missing := self._audience.missing(self.path):",
        "if missing := []:",
        (f"{AUDIENCE}::test_a_private_folder_that_is_renamed_is_an_outage_and_publishes_nothing",),
    ),
    Mutation(
        "a window's channel",
        "bot/slack/receiving/places.py",
        """{**view, "private_metadata": channel} if channel""",
        """{**view} if channel""",
        (f"{AUDIENCES}::test_a_window_remembers_in_which_channel_it_was_opened",),
    ),
    Mutation(
        "who reads in a channel",
        "bot/audiences.py",
        "found is None or (shared and self._keeps_from_others(found))",
        "found is None",
        (f"{AUDIENCES}::test_a_shared_channel_gets_a_private_folder_only_where_that_is_allowed",),
    ),
    Mutation(
        "sharing before it is known who reads",
        "bot/audiences.py",
        "found is None or shared is not None or not",
        "True or not",
        (
            f"{AUDIENCES}::"
            "test_a_private_answer_cannot_be_shared_until_the_channel_is_known_to_be_internal",
        ),
    ),
    Mutation(
        "find the source in the channel's documents",
        "bot/slack/receiving/listeners/shortcut.py",
        "services.presenter(shortcut)",
        "services.presenters.in_channel('C1HR')",
        (f"{AUDIENCES}::test_private_documents_leave_no_trace_on_any_surface_elsewhere",),
    ),
    # Who may use the web
    Mutation(
        "another host",
        "bot/web/guards.py",
        'if headers.get("host", "").lower() not in self._hosts:',
        "if False:",
        ("tests/web/test_page.py::test_other_sites_cannot_use_the_page",),
    ),
    Mutation(
        "another page's form",
        "bot/web/guards.py",
        "return origin.lower() ==",
        "return True or origin.lower() ==",
        ("tests/web/test_page.py::test_forms_are_accepted_only_from_the_page_itself",),
    ),
    Mutation(
        "part of the token",
        "bot/web/guards.py",
        "return is_right and scheme",
        "return scheme",
        ("tests/web/test_api.py::test_a_configured_token_is_required_in_full",),
    ),
    Mutation(
        "a link's words",
        "bot/web/blocks.py",
        "return escape(unescape(mrkdwn))",
        "return mrkdwn",
        ("tests/web/test_blocks.py",),
    ),
    Mutation(
        "a quote that has changed",
        "bot/web/reading.py",
        "return citation if digest(citation.quote) == self.digest else None",
        "return citation",
        ("tests/web/test_page.py::test_a_link_to_a_quote_that_is_gone_says_so",),
    ),
)


def main(names: Sequence[str]) -> int:
    known = {mutation.name: mutation for mutation in MUTATIONS}
    if strange := [name for name in names if name not in known]:
        sys.exit(f"no mutation is called {', '.join(strange)}; there are: {', '.join(known)}")
    width = max(map(len, known))
    bad = 0
    with copied() as tree:
        for name in names or known:
            is_caught, said = trial(known[name], tree)
            print(
                f"{name:{width}}  {'caught' if is_caught else 'NOT CAUGHT':10}  {said}", flush=True
            )
            bad += not is_caught
    return 1 if bad else 0


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the tree as it lies here, without what git ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
        yield Path(folder)


def trial(mutation: Mutation, tree: Path) -> tuple[bool, str]:
    """Whether a test notices a mutation, and which one or why not."""
    file = tree / mutation.file
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if text.count(mutation.old) != 1:
        return False, f"its text is {text.count(mutation.old)} times in {mutation.file}"
    if not passes(tree, mutation.tests):
        return False, f"without it {' '.join(mutation.tests)} fails, or runs nothing"
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        status, said = pytest(tree, mutation.tests)
    finally:
        file.write_text(text, encoding="utf-8")
    # A line of pytest's summary; what is no assertion is an error of the mutation itself.
    failed = re.search(r"^FAILED tests/(.+?) - (?:assert|AssertionError|Failed: )", said, re.M)
    if status == 1 and failed:
        return True, failed[1]
    if status == 0:
        return False, "it survives"
    return False, f"no assertion fails; pytest ends with {status}: {said.strip()[-80:]!r}"


@cache
def passes(tree: Path, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass as they are, and are not all skipped."""
    status, said = pytest(tree, tests)
    return status == 0 and bool(re.search(r"\d passed", said))


def pytest(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in a tree until one fails; returns pytest's exit status and what it printed."""
    argv = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    env = os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "400"}
    done = subprocess.run(
        argv, cwd=tree, env=env, capture_output=True, text=True, timeout=MAX_SECONDS
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
