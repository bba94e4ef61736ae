"""Commits survive a power cut: SQLite waits until the disk has them."""

from contextlib import closing
from pathlib import Path

from bot.index.catalog_writer import CatalogWriter
from bot.store.database import open_engine

# SQLite's number for FULL: it syncs the write-ahead log at each commit, and not now and then.
FULL = 2


def test_the_store_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == FULL
    engine.dispose()


def test_the_catalog_waits_for_the_disk_before_the_engine_deletes_anything(tmp_path: Path) -> None:
    with closing(CatalogWriter(tmp_path / "catalog.db")) as writer:
        assert writer._db.execute("PRAGMA synchronous").fetchone() == (FULL,)
