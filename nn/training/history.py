"""What happened in a training, epoch by epoch: to look at, plot, save and load."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, get_args, overload

from nn.files import write_text
from nn.module import counted
from nn.plotting import plot_history

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nn.watching.film import Film

Record: TypeAlias = dict[str, float]
Stopped: TypeAlias = Literal["", "finished", "interrupted", "no improvement", "converged", "diverged"]

FORMAT = "glassgrad history 1"


class History:
    """The epochs of a training, each a record of numbers by name, and why it ended.

    By position it gives records, by name columns. `stopped` is "" while training; then "finished" (all
    epochs were done), "interrupted" (Ctrl-C), "no improvement" (early stopping), "converged" (no point is
    misclassified) or "diverged" (nan or infinity). `best_epoch` is the epoch whose parameters early
    stopping gave back to the model, if it was asked for.

    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}], stopped="finished")
    >>> history["loss"], history[-1], len(history)
    ([0.5, 0.25], {'epoch': 2, 'loss': 0.25}, 2)
    >>> history
    History(2 epochs, finished: loss 0.25)
    """

    def __init__(
        self,
        records: Iterable[Mapping[str, float]] = (),
        stopped: Stopped = "",
        best_epoch: int | None = None,
    ) -> None:
        self.records: list[Record] = [dict(record) for record in records]
        self.stopped: Stopped = stopped
        self.best_epoch = best_epoch
        self.film: Film | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the numbers that each record holds: "epoch", "loss", metrics, "lr", "seconds" ..."""
        return tuple(self.records[0]) if self.records else ()

    def append(self, record: Mapping[str, float]) -> None:
        """Adds an epoch; ValueError if its columns are not those of the epochs before."""
        if self.records and tuple(record) != self.columns:
            raise ValueError(f"the columns are {', '.join(self.columns)}, not {', '.join(record)}")
        self.records.append(dict(record))

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    @overload
    def __getitem__(self, key: str) -> list[float]: ...
    @overload
    def __getitem__(self, key: int) -> Record: ...
    def __getitem__(self, key: str | int) -> list[float] | Record:
        if not isinstance(key, str):
            return self.records[key]
        if self.records and key not in self.columns:
            raise KeyError(f"no column {key!r}: there are {', '.join(self.columns)}")
        return [record[key] for record in self.records]

    def plot(self) -> Figure:
        """A figure with the curves of the loss and of each metric; needs matplotlib."""
        return plot_history(self)

    def watch(self) -> Film:
        """The film of the training, which a notebook shows as a page and which saves as .html or .gif.

        Raises ValueError unless `fit` was asked to watch. A history that is saved does not hold the film.
        """
        if self.film is None:
            raise ValueError("nothing was watched: call fit(..., watch=True)")
        return self.film

    def save(self, path: str | PathLike[str]) -> None:
        """Writes a JSON file, whole or not at all; nan and infinities as text."""
        state = {
            "format": FORMAT,
            "stopped": self.stopped,
            "best_epoch": self.best_epoch,
            "epochs": [{name: _to_json(number) for name, number in record.items()} for record in self],
        }
        write_text(path, json.dumps(state, indent=1) + "\n")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """The history in a file that `save` wrote; ValueError, naming the file, if it is another kind."""
        try:
            state = json.loads(Path(path).read_text(encoding="utf-8"))
            if state["format"] != FORMAT or state["stopped"] not in get_args(Stopped):
                raise ValueError(f"format {state['format']!r}")
            records = [
                {name: _from_json(number) for name, number in record.items()} for record in state["epochs"]
            ]
            return cls(records, state["stopped"], state["best_epoch"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{path}: not a history that History.save wrote ({error!r})") from None

    def __repr__(self) -> str:
        how = f", {self.stopped}" if self.stopped else ""
        numbers = f": {scores_in(self[-1])}" if self.records else ""
        return f"History({counted(len(self), 'epoch')}{how}{numbers})"


def scores_in(record: Record) -> str:
    """The loss and metrics of an epoch in a line.

    >>> scores_in({"epoch": 3, "loss": 0.25, "accuracy": 1.0, "lr": 0.1, "seconds": 0.01})
    'loss 0.25, accuracy 1'
    """
    shown = [name for name in record if name not in ("epoch", "lr", "seconds")]
    return ", ".join([f"{name} {record[name]:.4g}" for name in shown])


def _to_json(number: float) -> float | str:
    return number if math.isfinite(number) else repr(number)


def _from_json(number: Any) -> float:
    return float(number) if isinstance(number, str) else number + 0
