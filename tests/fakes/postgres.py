"""A throw-away PostgreSQL on loopback, that may be stopped as by a power cut and started again."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

USER, PASSWORD = "bot", "s3cret"
HOW_TO_GET_IT = (
    "NOT RUN, no PostgreSQL server is here: "
    "apt-get install -y --no-install-recommends postgresql-15 (or later; any PostgreSQL's initdb "
    "and pg_ctl on the PATH will do), and pip install '.[postgres]'"
)


@dataclass
class Postgres:
    """A server with its files in a folder."""

    programs: Path
    folder: Path
    port: int
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _free: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        """The address of a database on it."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        if self._free:
            return self._free.pop()
        name = f"bot{next(self._numbers)}"
        self.run_sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Empty a database for the next who wants one: that is faster than to make one."""
        name = url.rpartition("/")[2]
        self.run_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name)
        self._free.append(url)

    def run_sql(self, command: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a command outside of any transaction; returns its rows, if it gives any."""
        import psycopg

        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            done = connection.execute(command.encode())
            return done.fetchall() if done.description else []

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        listen = f"-c listen_addresses=127.0.0.1 -c port={self.port}"
        # The machine goes on when a test stops the server, so nothing needs to reach the disk.
        options = f"{listen} -c unix_socket_directories={self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop it in the middle of whatever it does, as a power cut would."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def make(self) -> None:
        """Make its files."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (self.folder, password):
                shutil.chown(path, _unprivileged())
        how = ["-A", "scram-sha-256", "-U", USER, f"--pwfile={password}", "-E", "UTF8"]
        self._run("initdb", "-D", self._data, *how, "--locale=C", "--no-sync")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *argv: str) -> None:
        command = [str(self.programs / program), *argv]
        if os.geteuid() == 0:  # which PostgreSQL does not run as
            command = ["runuser", "-u", _unprivileged(), "--", *command]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open with the server
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            raise AssertionError(f"{program} failed: {log.read_text() if log.exists() else argv}")


@contextmanager
def started() -> Iterator[Postgres]:
    """A server for as long as the `with`; skips, and says why, where there is none."""
    programs = _programs()
    try:
        import psycopg  # noqa: F401  without it there is no use in a server
    except ImportError:
        programs = None
    if programs is None:
        pytest.skip(HOW_TO_GET_IT)
    folder = Path(tempfile.mkdtemp(prefix="article-bot-postgres-"))
    server = Postgres(programs, folder, _free_port())
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Where initdb and pg_ctl are: of the newest version in Debian's folder, or on the PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda path: float(path.parts[4]), default=None)
    found = str(newest) if newest else shutil.which("initdb")
    return Path(found).parent if found else None


def _unprivileged() -> str:
    """A user that may run a server."""
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
