"""The command line: `article-bot`, and `python -m bot`."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import __version__
from bot.errors import BotError, PosixOnly, SettingsError
from bot.phrases import count, shown
from bot.terminal.options import corpus_option, member, port_option, span

# Each command imports what it needs in its own function, so that `ask` starts fast.
if TYPE_CHECKING:
    from rich.console import Console

# The garbage collector runs after this many new objects. Starting and answering create many objects
# but hardly any cycles; with Python's default of 700, collecting took 5% of the time of `ask`.
NEW_OBJECTS = 50_000

ANSWERED, NOT_ANSWERED, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def entry() -> None:
    """Run the command line of this process. Files that it creates are private to this user."""
    gc.set_threshold(NEW_OBJECTS)
    os.umask(0o077)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an odd character must not stop a command
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run a command and return its exit status. Errors are printed here, and only here."""
    try:
        status = article_bot.main(list(argv), prog_name="article-bot", standalone_mode=False)
    except BotError as error:
        click.echo(shown(f"article-bot: {error}"), err=True)
        return COULD_NOT_RUN
    except click.ClickException as error:
        error.show()
        return COULD_NOT_RUN
    except BrokenPipeError:
        return COULD_NOT_RUN  # the reader has gone
    except OSError as error:  # one that no command translated into a BotError
        click.echo(shown(f"article-bot: {BotError.system(error)}"), err=True)
        return COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return status if isinstance(status, int) else ANSWERED


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try it:  article-bot ask “how many days of annual leave do I have?”",
)
@click.version_option(__version__, prog_name="article-bot")
def article_bot() -> None:
    """Answer questions with verbatim, cited passages from documents you trust.

    No language model, no cloud: BM25 finds the passage, and every word shown is the document's.
    """


@article_bot.command(short_help="Ask a question, here in the terminal.")
@click.argument("question", nargs=-1, required=True)
@click.option("--after", multiple=True, metavar="TEXT", help="An earlier question of the thread.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per question, one per line."
)
@click.option(
    "--blocks", is_flag=True, help="Print the Slack message as blocks, and a link to preview it."
)
@click.option(
    "--explain", is_flag=True, help="Say why: which words matched, and what each was worth."
)
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

    With - as QUESTION, read questions from standard input, one per line. A line may also be a JSON
    object: {"question": "...", "after": ["an earlier one"]}.

    Exit status: 0 answered, 1 not answered (the closest passages, or nothing), 2 could not run.
    With -, 0 when all lines were read.
    """
    from bot.terminal import documents
    from bot.terminal.ask import ask, printer

    if as_json and blocks:
        raise click.UsageError("--json and --blocks exclude each other; leave one out.")
    corpus = documents.or_sample(corpus)
    answerer = documents.open_answerer(corpus)
    folder, notes = documents.folder(corpus), documents.notes_on(corpus)
    show = printer(
        folder,
        as_json=as_json,
        blocks=blocks,
        explain=explain,
        model=answerer.model,
        notes=notes,
    )
    return ANSWERED if ask(answerer, question, after, show) else NOT_ANSWERED


@article_bot.command(short_help="Ask in a conversation, as in a thread.")
@corpus_option
def chat(corpus: Path | None) -> None:
    """Ask one question after another, as in a Slack thread: each may refer to earlier ones.

    The arrow keys edit a line and recall earlier ones. Type "help" for example questions, and
    "exit", "quit" or ":q" (or press Ctrl-D) to leave.
    """
    from bot.terminal import documents
    from bot.terminal.chat import converse
    from bot.terminal.pager import page

    corpus = documents.or_sample(corpus)
    converse(documents.open_answerer(corpus), page(), documents.folder(corpus))


@article_bot.command("corpus", short_help="Show the documents and their passages.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print them as data.")
@click.option("--aliases", is_flag=True, help="Show what the documents call people and bodies.")
@corpus_option
def show_corpus(file: str | None, as_json: bool, aliases: bool, corpus: Path | None) -> None:
    """List the documents, their passages, and the hash of their content.

    With FILE, a path on disk or a document's path in the folder, show how that file is read:
    each passage with its kind, lines, headings, and what is shown with it, such as the sentence
    that introduces a list.

    With --aliases, show what the documents themselves say about who is who, as used when you ask.
    A line in the folder's synonyms.txt overrides an alias: `prime minister => prime minister`
    removes it.
    """
    from bot.documents.reader import read_named
    from bot.terminal import documents, listing

    if file is not None:
        if aliases:
            raise click.UsageError("--aliases covers all documents; leave FILE out.")
        folder = documents.folder(corpus)
        read = read_named(file, folder)
        if as_json:
            click.echo(listing.document_as_json(read))
        else:
            listing.show_document(read, folder, _console())
        return
    answerer = documents.open_answerer(corpus)
    if aliases and as_json:
        click.echo(listing.aliases_as_json(answerer.vocabulary.aliases()))
    elif aliases:
        listing.show_aliases(answerer.vocabulary.aliases(), _console())
    elif as_json:
        click.echo(listing.as_json(answerer.index))
    else:
        listing.show(answerer.index, documents.folder(corpus), _console())


@article_bot.command(short_help="Index the documents on disk or on OpenSearch.")
@corpus_option
def index(corpus: Path | None) -> None:
    """Build the index in DATA_DIR, or on OpenSearch if OPENSEARCH_URL is set.

    Only changed documents are indexed again. A running bot does this by itself; use this command to
    build a large index in advance. Channels with their own sources have their own index.
    """
    from bot.answering.engine import engine_hash
    from bot.terminal.documents import open_audiences, warn

    audiences = open_audiences(corpus, indexed=True)
    audiences.close()
    for one in audiences.all:
        found = one.answerer.index
        warn(found.problems)
        passages, documents = count(found.size, "passage"), count(len(found.documents), "document")
        hashes = (
            f"content hash {found.documents_hash}, engine hash {engine_hash(one.answerer.model)}"
        )
        click.echo(f"{passages} of {documents} indexed, {hashes}")


@article_bot.command("eval", short_help="Score a set of questions.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.jsonl", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as data.")
@click.option("--curve", is_flag=True, help="Show precision and recall at each answer threshold.")
@click.option("--taught", is_flag=True, help="Ask what editors taught; fail if one is wrong.")
@corpus_option
def evaluate(
    file: Path | None, as_json: bool, curve: bool, taught: bool, corpus: Path | None
) -> int:
    """Ask every question of FILE.jsonl and print how many were answered correctly, by kind.

    Each line is an object: id, question, kind, answerable, paragraphs (any of them is a right first
    passage), contains (a right quote has one of these), and optionally after, all_of and document.

    With --taught, ask every taught question instead; the exit status is 1 if any of them is not
    answered as taught.
    """
    if taught == (file is not None):
        raise click.UsageError("name either a FILE.jsonl or --taught.")
    if taught:
        from bot.terminal.teaching import ask_taught

        return ANSWERED if ask_taught(corpus) else NOT_ANSWERED
    assert file is not None
    from bot.evaluation import cases, report
    from bot.terminal.documents import open_answerer
    from bot.terminal.progress import asking

    questions = cases.read_cases(file)
    answerer = open_answerer(corpus)
    if curve:
        turned = report.curve(questions, answerer)
        if as_json:
            click.echo(report.curve_as_json(turned, answerer.index.documents_hash, answerer.model))
        else:
            report.show_curve(turned, _console())
        return ANSWERED
    results = cases.evaluate(asking(questions), answerer.answer)
    if as_json:
        click.echo(report.as_json(results, answerer.index.documents_hash, answerer.model))
    else:
        report.show(results, answerer.index.documents_hash, _console(), answerer.model)
    return ANSWERED


@article_bot.command(short_help="Check whether this installation can run.")
@click.option("--slack", "messages", is_flag=True, help="Ask Slack about a sample of each message.")
@corpus_option
def check(messages: bool, corpus: Path | None) -> int:
    """Check the documents, the settings and the tokens, and say what to fix.

    With --slack, ask Slack whether it accepts a made-up sample of each message and window that the
    bot sends. Nothing from your documents is sent.

    Exit status: 0 when `article-bot slack` can run, 2 when it cannot.
    """
    from bot.terminal.checks import check_all

    fine = check_all(corpus, _console(), messages=messages)
    return ANSWERED if fine else COULD_NOT_RUN


@article_bot.command(short_help="Print the manifest that makes the Slack app.")
@click.option("--url", metavar="https://...", help="Your address, for HTTP instead of Socket Mode.")
@click.option(
    "--follow-ups",
    is_flag=True,
    help="Allow follow-ups in a thread without a mention; the bot then reads its channels.",
)
def manifest(url: str | None, follow_ups: bool) -> None:
    """Print the manifest to paste at api.slack.com/apps: "Create New App", "From a manifest"."""
    from bot.slack.manifest import manifest_json

    try:
        click.echo(manifest_json(url, follow_ups=follow_ups))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None


@article_bot.command(short_help="Run the bot in Slack.")
@corpus_option
def slack(corpus: Path | None) -> None:
    """Answer in Slack until stopped: over Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    if sys.platform == "win32":
        raise PosixOnly("slack")
    from dataclasses import replace

    from bot.config import read_settings
    from bot.slack.run import run
    from bot.store.locks import single_instance
    from bot.terminal import documents
    from bot.web.service import api_beside_slack

    settings = read_settings()
    settings.needed_for_slack()
    if corpus is not None:
        settings = replace(settings, corpus_dir=corpus, answers_dir=None)
    with single_instance(settings.store_url):
        audiences = documents.open_audiences(corpus, isolated=True)
        for one in audiences.all:
            documents.warn(one.answerer.index.problems)
        run(settings, audiences, api=api_beside_slack(audiences.public, settings))


@article_bot.command(short_help="Answer programs over HTTP, without Slack.")
@port_option
@corpus_option
def serve(port: int | None, corpus: Path | None) -> None:
    """Answer over HTTP until stopped: /ask and /documents, and /mcp with the extra `mcp`.

    Only this machine may ask, unless API_TOKEN is set: then anyone may who sends it as
    "Authorization: Bearer TOKEN".
    """
    if sys.platform == "win32":
        raise PosixOnly("serve")
    from bot.config import DEFAULT_PORT, read_settings
    from bot.logs import configure
    from bot.terminal import documents
    from bot.web.run import run
    from bot.web.service import api_app, host_to_listen_on, with_health

    settings = read_settings()
    host, port = host_to_listen_on(settings), port or settings.port or DEFAULT_PORT
    public = documents.open_public(corpus, isolated=True)
    web = with_health(api_app(public, settings, port), public)
    configure(settings.log_level)
    run(web, public, host, port)


@article_bot.command(short_help="Run as a tool for another assistant (MCP).")
@corpus_option
def mcp(corpus: Path | None) -> None:
    """Answer an assistant over standard input and output, using the Model Context Protocol.

    Tools: ask, documents. Needs the extra `mcp`.
    """
    if find_spec("mcp") is None:
        raise SettingsError.no_mcp()
    from bot.logs import configure
    from bot.terminal import documents
    from bot.web.mcp import run_on_standard_streams

    public = documents.open_public(documents.or_sample(corpus))
    configure("WARNING")
    run_on_standard_streams(public)


@article_bot.command(short_help="Try the bot in a browser, on this machine.")
@port_option
@click.option("--open", "in_browser", is_flag=True, help="Open the page in your browser.")
@corpus_option
def play(port: int | None, in_browser: bool, corpus: Path | None) -> None:
    """Serve a web page to try the bot without Slack, only on this machine, until Ctrl-C.

    Ask questions and follow-ups, see the context and the reasons of an answer, and read the
    documents with the quote marked. An edit in the folder shows within two seconds.
    """
    import webbrowser

    from bot.config import DEFAULT_PORT
    from bot.logs import configure
    from bot.terminal import documents
    from bot.web.page import page_app
    from bot.web.run import run

    configure("WARNING")
    port = port or DEFAULT_PORT
    url = f"http://localhost:{port}/"
    public = documents.open_public(documents.or_sample(corpus))

    def tell() -> None:
        click.echo(f"Ask at {url} (Ctrl-C ends)")
        if in_browser:
            webbrowser.open(url)

    run(page_app(public, port), public, "127.0.0.1", port, tell)


@article_bot.command(short_help="List what the documents did not answer.")
@click.option("--since", callback=span, metavar="7d", help="Only the last hours, days or weeks.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option(
    "--as-eval",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write them to a new FILE as a question set for `eval`.",
)
def gaps(since: float | None, as_json: bool, as_eval: Path | None) -> None:
    """List the questions that people asked in Slack and that the documents did not answer.

    The most asked come first, each in its most common wording, with how often and by how many
    people it was asked, its outcome, and the closest passage. The words of questions asked in
    private are not stored. In FILE, the closest passage is given as the right answer: correct it
    before you rely on it.
    """
    import asyncio

    from bot.terminal import gaps as listing

    found = asyncio.run(listing.read(since))
    if as_eval is not None:
        listing.write_cases(found, as_eval)
    elif as_json:
        listing.show_json(found)
    else:
        listing.show(found, _console())


@article_bot.command(short_help="Teach which passage answers a question.")
@click.argument("question", nargs=-1, required=True)
@corpus_option
def teach(question: tuple[str, ...], corpus: Path | None) -> int:
    """Pick the passage that answers QUESTION; it is added to taught.jsonl as one line.

    The closest passages are shown. Type the number of one, other words to search for, or "none" if
    nothing in the documents answers. Press Enter to leave.
    """
    from bot.terminal.teaching import teach

    return ANSWERED if teach(" ".join(question), corpus) else NOT_ANSWERED


@article_bot.command(short_help="Check whether earlier quotes are still there.")
@click.argument("file", metavar="FILE")
@corpus_option
def verify(file: str, corpus: Path | None) -> int:
    """Read answers that `ask --json` printed, one per line, from FILE or - (standard input).

    For each quote, print where it stands in the documents word for word, or that it is gone.

    Exit status: 0 when all stand, 1 when one is gone, 2 when it could not run.
    """
    from bot.terminal.verifying import verify

    return ANSWERED if verify(file, corpus) else NOT_ANSWERED


@article_bot.command(short_help="Delete everything stored about a person.")
@click.argument("user", callback=member)
def forget(user: str) -> None:
    """Delete the questions and votes of USER now, even while the bot runs.

    They are also deleted from the copies that upgrades left next to the database, but not from
    backups.

    USER is a member ID: in Slack, open the person's profile and choose "Copy member ID".
    """
    import asyncio

    from bot.config import read_settings
    from bot.store.admin import copies_of, forget_in

    rows = asyncio.run(_forget(user))
    click.echo(f"Deleted {count(rows, 'row')} about {user}.")
    for copy in copies_of(read_settings().store_url):
        rows = forget_in(copy, user)
        click.echo(shown(f"Deleted {count(rows, 'row')} about {user} in the copy {copy.path}."))


@article_bot.command(short_help="Copy everything stored to a file.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy everything the bot stores to a new FILE, even while it runs.

    To restore it, stop the bot, move article-bot.db, article-bot.db-wal and article-bot.db-shm out
    of the data folder, and copy FILE there as article-bot.db. For PostgreSQL, use pg_dump.
    """
    from bot.config import read_settings
    from bot.store.admin import backup

    backup(read_settings().store_url, file)


@article_bot.command(short_help="Copy everything stored to another database.")
@click.argument("old_url")
@click.argument("new_url")
def migrate(old_url: str, new_url: str) -> None:
    """Copy everything the bot stores from the database at OLD_URL to the empty one at NEW_URL.

    Stop the bot first. OLD_URL keeps its data; if an older article-bot made it, it is upgraded
    first. A URL is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.
    """
    from bot.store.admin import migrate

    for table, rows in migrate(old_url, new_url).items():
        click.echo(f"{table}: {count(rows, 'row')}, in both")


async def _forget(user: str) -> int:
    from bot.config import read_settings
    from bot.store.store import open_store

    settings = read_settings()
    async with open_store(settings.store_url, settings.keep_questions_days, make=False) as store:
        return await store.forget(user)


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)
