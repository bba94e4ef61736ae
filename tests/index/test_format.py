"""Changing what is written to an index requires a new format number."""

import sqlite3
from hashlib import sha256
from pathlib import Path

from bot.english import synonyms
from bot.index import FORMAT
from bot.index.tantivy import CATALOG, TantivyBuilder
from tests.conftest import look

FILES = {
    "synonyms.txt": "boat, ferry\n",
    "town/bridge.md": "# The bridge\n\n## Repairs\n\nMasons repair it. It is old.\n\n| a | b |\n"
    "\n## Not covered\n\n- QueueDepth\n- help@town.example\n",
    "town/ferry.txt": "---\nurl: https://town.example/ferry\n---\nFerries\n\n"
    "Dagny Tarrant, the mayor of Lowmere, said the ferry carries 40 horses.\n"
    "The Lowmere Bridge Trust (LBT) fears that Ms Tarrant’s plan costs $2 million a year.\n",
}
# What these files and the word lists are written as. Who changes it raises FORMAT, and then writes
# the new pair here: an index that is older is built again, and only then.
GOLDEN = (8, "28a130acb6ef0148b0001e2faf67bf9891d627864ba8901b4ece9be3ce293650")

# What differs from one writing, or one machine, to the next.
_NOT_WRITTEN_ALIKE = ("state", "changed")


def written(index: Path) -> str:
    """All that stands in a catalog, in an order, and its schema."""
    db = sqlite3.connect(index / CATALOG)
    tables = db.execute("select name, sql from sqlite_master where sql is not null order by name")
    lines = []
    for name, schema in tables.fetchall():
        lines.append(" ".join(schema.split()))
        if schema.lstrip().lower().startswith("create table"):
            kept = {"facts": f"where name not in {_NOT_WRITTEN_ALIKE}"}.get(name, "")
            columns = "name, hash, problem, document" if name == "files" else "*"
            lines += sorted(map(repr, db.execute(f"select {columns} from {name} {kept}")))
    db.close()
    return "\n".join(lines)


def test_the_format_number_matches_what_is_written_to_the_index(tmp_path: Path) -> None:
    for name, text in FILES.items():
        file = tmp_path / "corpus" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    indexer = TantivyBuilder(tmp_path / "index")
    indexer.update(look(tmp_path / "corpus"), keep=False)
    indexer.close()
    # By the first words of the lists it is told who is no person, and so who is called what.
    lists = Path(synonyms.__file__).with_name(synonyms.COMPILED[synonyms.SHIPPED])
    firsts = [line.partition("\t")[0] for line in lists.read_text("utf-8").splitlines()]
    everything = written(tmp_path / "index") + "\n".join(firsts)
    assert (FORMAT, sha256(everything.encode()).hexdigest()) == GOLDEN
