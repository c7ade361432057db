"""`glassgrad predict`: a table, with columns added for what a trained model predicts from each row."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nn.command.results import MODEL
from nn.command.task import Task
from nn.data.tables import Table, read_table
from nn.files import write_text
from nn.saving import load, load_extra
from nn.training.steps import predict


def predict_table(model: str, file: str, out: str | None) -> bool:
    """Prints the table in `file` with what a model predicts, or writes it to `out`; returns True.

    `model` is the folder that `glassgrad train` wrote, or the file in it. Raises ValueError or OSError for
    any other model, and for a table without the columns that it learnt from; nothing is written then.
    """
    path = Path(model) / MODEL if Path(model).is_dir() else Path(model)
    network, extra = load(path), load_extra(path)
    try:
        task = Task.from_state_dict(extra)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; expected a model that `glassgrad train` wrote") from None
    table = read_table(file)
    if out is not None and Path(out).exists() and any(Path(out).samefile(read) for read in (path, file)):
        raise ValueError(f"--out {out} is a file that is read; give another name")
    columns = task.columns(predict(network, task.inputs.transform(table.numbers(task.features))))
    text = extended(table, columns)
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)
        print(f"wrote {out}: {len(table.rows)} rows, with {', '.join(columns)}")
    return True


def extended(table: Table, columns: Mapping[str, Sequence[Any]]) -> str:
    """The table as CSV with further columns; ValueError if it has one of that name.

    >>> from nn.data.tables import parse_table
    >>> print(extended(parse_table("x\\n1\\n2\\n", "points.csv"), {"y": [3.0, 4.5]}), end="")
    x,y
    1,3.0
    2,4.5
    """
    for name in columns:
        if name in table.names:
            raise ValueError(f"{table.path}: there is a column {name!r} already; rename or remove it")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*table.names, *columns])
    writer.writerows([*row, *added] for row, added in zip(table.rows, zip(*columns.values())))
    return text.getvalue()
