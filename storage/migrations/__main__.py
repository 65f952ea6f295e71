"""Which migration leads from the newest one to the models?

`python -m storage.migrations "add offer ends at"` writes it, to be read and put right by a person:
a renamed column looks like one dropped and one added, and a changed CHECK is not noticed at all.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import AutoString, SQLModel

import storage.models
from storage import schema
from storage.columns import Instant, Json, Record, Word
from storage.database import sqlite_engine

assert storage.models  # its tables have to be known before they are compared

PLAIN = {
    Instant: "sa.DateTime(timezone=True)",
    Word: "sa.String(length=32)",
    Json: "sa.Text()",
    Record: "sa.Text()",
}


def main(words: str) -> Path:
    """Write the migration called `words`; its path."""
    name = "_".join([time.strftime("%Y_%m_%d"), *words.lower().split()])
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(f"sqlite:///{folder}/kepu.db")
        if schema.revisions():
            schema.migrate(engine)
        with engine.connect() as connection:
            changes = _changes(connection)
        engine.dispose()
    script = ScriptDirectory.from_config(schema.configuration())
    made = script.generate_revision(
        name, words.capitalize(), head="head", upgrades=changes, imports=set()
    )
    assert made is not None
    path = Path(made.path)
    path = path.rename(path.with_name(f"{name}.py"))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=False)
    return path


def _changes(connection: sa.Connection) -> str:
    options = {"render_item": _plain, "user_module_prefix": None, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    found = produce_migrations(context, SQLModel.metadata).upgrade_ops
    assert found is not None
    code = render_python_code(found, render_item=_plain)
    return "\n".join(
        line for line in code.splitlines() if not line.lstrip().startswith("#")
    ).strip()


def _plain(kind: str, item: Any, context: Any) -> Any:
    """Types as the database knows them: a migration imports nothing that changes later."""
    if kind != "type":
        return False
    if type(item) in PLAIN:
        return PLAIN[type(item)]
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


if __name__ == "__main__":
    print(main(" ".join(sys.argv[1:])))
