"""The command line: `article-bot`, and `python -m bot`."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import __version__
from bot.errors import BotError
from bot.phrases import count, shown

# Every command imports what it needs at its own door: `ask` must start as fast as Python does.
if TYPE_CHECKING:
    from rich.console import Console

    from bot.answering.answerer import Answerer
    from bot.config import Settings
    from bot.live import LiveAnswerer
    from bot.model import Answer

ANSWERED, NOT_ANSWERED, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def entry() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a strange character is no reason to stop
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run a command and return its exit status: the one place where errors become words."""
    try:
        status = article_bot.main(list(argv), prog_name="article-bot", standalone_mode=False)
    except BotError as error:
        click.echo(shown(f"article-bot: {error}"), err=True)
        return COULD_NOT_RUN
    except click.ClickException as error:
        error.show()
        return COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return status if isinstance(status, int) else ANSWERED


def _folder(_: click.Context, __: click.Parameter, value: str | None) -> Path | None:
    if value == "":  # an unset variable of a shell, which as a path would be this folder
        raise click.BadParameter("it is empty; name a folder.")
    return None if value is None else Path(value)


def _member(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]+", value):
        raise click.BadParameter("a member ID begins with U or W, like U012AB3CD.")
    return value


# Wins over CORPUS_DIR, for every command.
corpus_option = click.option(
    "--corpus",
    callback=_folder,
    metavar="DIR",
    help="The folder of documents.  [default: CORPUS_DIR, or ./corpus]",
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try it:  article-bot ask “what does the truce cover?”",
)
@click.version_option(__version__, prog_name="article-bot")
def article_bot() -> None:
    """Answer questions with verbatim, cited passages from documents you trust.

    No language model, no cloud: BM25 finds the passage, and every word shown is the document's.
    """


@article_bot.command(short_help="Ask a question, here in the terminal.")
@click.argument("question", nargs=-1, required=True)
@click.option("--after", multiple=True, metavar="TEXT", help="An earlier question of the thread.")
@click.option("--json", "as_json", is_flag=True, help="Print an object a question, a line each.")
@click.option("--blocks", is_flag=True, help="Print the Slack message, and a link that shows it.")
@click.option("--explain", is_flag=True, help="Say why: which words matched, and what it is worth.")
@corpus_option
def ask(
    question: tuple[str, ...],
    after: tuple[str, ...],
    as_json: bool,
    blocks: bool,
    explain: bool,
    corpus: Path | None,
) -> int:
    """Ask QUESTION and print the passage that answers it, quoted and cited.

    With - as the QUESTION, read a question a line from standard input; a line may also be a JSON
    object: {"question": "...", "after": ["an earlier one"]}.

    Exit status: 0 answered, 1 not answered (the nearest passages, or nothing), 2 could not run.
    With -, 0 when all lines were read.
    """
    from bot.model import Answered, Question

    if as_json and blocks:
        raise click.UsageError("--json and --blocks exclude each other; leave one out.")
    answerer = _open(corpus)
    show = _printer(as_json, blocks, explain, _corpus_dir(corpus))
    if question == ("-",):
        for text, answer in _answer_lines(answerer, sys.stdin.buffer, after):
            show(text, answer)
        return ANSWERED
    text = " ".join(question)
    answer = answerer.answer(Question(text, after))
    show(text, answer)
    return ANSWERED if isinstance(answer, Answered) else NOT_ANSWERED


@article_bot.command(short_help="Talk with the documents, as in a thread.")
@corpus_option
def chat(corpus: Path | None) -> None:
    """Ask one question after another, as in a Slack thread: a later one may lean on the earlier.

    The arrow keys edit a line and bring back earlier ones. Type "help" for questions that work,
    and Ctrl-D to leave.
    """
    from bot.terminal.chat import converse
    from bot.terminal.pager import page

    converse(_open(corpus), page(), _corpus_dir(corpus))


@article_bot.command("corpus", short_help="Show the documents and their passages.")
@click.option("--json", "as_json", is_flag=True, help="Print them as data.")
@click.option("--aliases", is_flag=True, help="Show what the documents call people and bodies.")
@corpus_option
def show_corpus(as_json: bool, aliases: bool, corpus: Path | None) -> None:
    """List the documents, their passages, and the hash of all that decides an answer.

    With --aliases: what the texts themselves say of who is who, as it is used when you ask. A line
    in the corpus's own synonyms.txt overrules it: `prime minister => prime minister` forgets it.
    """
    from bot.terminal import listing

    answerer = _open(corpus)
    if aliases:
        listing.show_aliases(answerer.vocabulary.aliases(), _console())
    elif as_json:
        click.echo(listing.as_json(answerer.corpus))
    else:
        listing.show(answerer.corpus, _corpus_dir(corpus), _console())


@article_bot.command(short_help="Index the documents on disk or on OpenSearch.")
@corpus_option
def index(corpus: Path | None) -> None:
    """Index the documents in DATA_DIR, or on OpenSearch where OPENSEARCH_URL is set.

    Only what changed is indexed again. A running bot does so by itself. This is for a first large
    index, or for one made by night.
    """
    found = _open(corpus, indexed=True).corpus
    passages, documents = count(found.size, "passage"), count(len(found.documents), "document")
    click.echo(f"{passages} of {documents} indexed, content hash {found.content_hash}")


@article_bot.command("eval", short_help="Score a set of questions.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.jsonl")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as data.")
@click.option("--curve", is_flag=True, help="Print what each threshold of the evidence rule costs.")
@corpus_option
def evaluate(file: Path, as_json: bool, curve: bool, corpus: Path | None) -> None:
    """Ask every question of FILE.jsonl and print how many were answered rightly, by kind.

    A line is an object: id, question, kind, answerable, paragraphs (any is a right first passage),
    contains (a right quote holds one of these), and perhaps after, all_of, document.
    """
    from bot.evaluation import cases as evaluation
    from bot.evaluation import report as scores

    cases = evaluation.read_cases(file)
    answerer = _open(corpus)
    if curve:
        scores.show_curve(cases, answerer, _console())
        return
    results = evaluation.evaluate(_with_progress(cases), answerer.answer)
    if as_json:
        click.echo(scores.as_json(results, answerer.corpus.content_hash))
    else:
        scores.show(results, _console())


@article_bot.command(short_help="Say whether this installation can run.")
@corpus_option
def check(corpus: Path | None) -> int:
    """Check the documents, the settings and the tokens, and say what to mend.

    Exit status: 0 when `article-bot slack` can run, 2 when it cannot.
    """
    from bot.terminal.checks import check_all

    fine = check_all(_settings, _answerer, corpus, _console())
    return ANSWERED if fine else COULD_NOT_RUN


@article_bot.command(short_help="Print the manifest that makes the Slack app.")
@click.option("--url", metavar="https://...", help="Your address, for HTTP instead of Socket Mode.")
@click.option(
    "--follow-ups",
    is_flag=True,
    help="Let people ask on in a thread without a mention: the bot then reads its channels.",
)
def manifest(url: str | None, follow_ups: bool) -> None:
    """Print the manifest to paste at api.slack.com/apps, "Create New App", "From a manifest"."""
    from bot.slack.manifest import manifest_json

    try:
        click.echo(manifest_json(url, follow_ups=follow_ups))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None


@article_bot.command(short_help="Run the bot in Slack.")
@corpus_option
def slack(corpus: Path | None) -> None:
    """Answer in Slack until stopped: over Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    from bot.slack.run import run
    from bot.store.database import alone

    settings = _settings()
    settings.needed_for_slack()
    with alone(settings.store_url):
        live = _live(corpus)
        _warn(live.answerer.corpus.problems)
        run(settings, live)


@article_bot.command(short_help="Delete all that is kept of a person.")
@click.argument("user", callback=_member)
def forget(user: str) -> None:
    """Delete the questions and votes of USER now, also while the bot runs.

    USER is a member ID: in Slack, a person's profile, "Copy member ID".
    """
    import asyncio

    rows = asyncio.run(_forget(user))
    click.echo(f"Deleted {count(rows, 'row')} of {user}.")


@article_bot.command(short_help="Copy all that is kept to a file.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy what the bot keeps to a new FILE, also while it runs.

    To put it back: stop the bot, delete article-bot.db and the files that begin with that name in
    the data folder, and copy FILE there as article-bot.db. PostgreSQL has a tool of its own for
    this: pg_dump.
    """
    from bot.store.backup import backup

    backup(_settings().store_url, file)


@article_bot.command(short_help="Move all that is kept to another database.")
@click.argument("old_url")
@click.argument("new_url")
def migrate(old_url: str, new_url: str) -> None:
    """Copy all that the bot keeps from the database at OLD_URL to the empty one at NEW_URL.

    The bot must not run meanwhile. OLD_URL stays as it is. A URL is sqlite:///FILE or
    postgresql://USER:PASSWORD@HOST/NAME.
    """
    from bot.store.migration import migrate

    for table, rows in migrate(old_url, new_url).items():
        click.echo(f"{table}: {count(rows, 'row')}, in both")


async def _forget(user: str) -> int:
    from bot.store.store import open_store

    settings = _settings()
    async with open_store(settings.store_url, settings.keep_questions_days, make=False) as store:
        return await store.forget(user)


def _settings() -> "Settings":
    from bot.config import read_settings

    return read_settings()


def _corpus_dir(chosen: Path | None) -> Path:
    return chosen or _settings().corpus_dir


def _open(corpus: Path | None, *, indexed: bool = False) -> "Answerer":
    """The answerer for the documents, with a word on each file that was left out."""
    answerer = _answerer(corpus, indexed=indexed)
    _warn(answerer.corpus.problems)
    return answerer


def _answerer(corpus: Path | None, *, indexed: bool = False) -> "Answerer":
    live = _live(corpus, indexed=indexed)
    live.close()
    return live.answerer


def _live(corpus: Path | None, *, indexed: bool = False) -> "LiveAnswerer":
    from bot.terminal.progress import indexing
    from bot.wiring import open_live

    return open_live(_settings(), corpus, indexing(), indexed=indexed)


def _warn(problems: Iterable[str]) -> None:
    for problem in problems:
        click.echo(shown(f"article-bot: left out: {problem}"), err=True)


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


def _printer(
    as_json: bool, blocks: bool, explain: bool, folder: Path
) -> Callable[[str, "Answer"], None]:
    """What prints an answer in the form that was asked for."""
    from bot.model import Question

    if as_json:
        from bot.json_lines import answer_line

        return lambda text, answer: click.echo(answer_line(text, answer, explain=explain))
    if blocks:
        from bot.slack.rendering.messages import preview

        return lambda text, answer: click.echo(preview(Question(text), answer))
    from bot.terminal.answers import Terminal
    from bot.terminal.pager import page

    terminal = Terminal(page(), folder)
    return lambda _, answer: terminal.show(answer, explain=explain)


def _answer_lines(
    answerer: "Answerer", lines: Iterable[bytes], after: tuple[str, ...]
) -> Iterable[tuple[str, "Answer"]]:
    """Answer a question a line; a line that holds none is not found, with the reason."""
    from bot.json_lines import read_question
    from bot.model import NotFound, Question

    for line in lines:
        try:
            question = read_question(line)
        except ValueError as error:
            text = line.decode("utf-8", errors="replace").strip()
            yield text, NotFound(corpus=answerer.corpus.content_hash, notes=(str(error),))
        else:
            asked = Question(question.text, after + question.after)
            yield asked.text, answerer.answer(asked)


def _with_progress(cases: Sequence[Any]) -> Iterable[Any]:
    """A bar on the terminal while many questions are asked."""
    if len(cases) < 500 or not sys.stderr.isatty():
        return cases
    from rich.console import Console
    from rich.progress import track

    return track(cases, "Asking", console=Console(stderr=True), transient=True)
