"""fit: trains a model on rows and targets, and says what happened."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal, TypeAlias

from autograd import Value
from nn.checks import checked_whole
from nn.data.rows import as_list, generator, mini_batches
from nn.optim.optimizer import Optimizer
from nn.optim.schedules import Recurrence, ReduceLROnPlateau
from nn.training.choosing import chosen_step
from nn.training.compiled import CompiledStep
from nn.training.history import History, Record, Stopped, scores_in
from nn.training.interruption import Interruption
from nn.training.metrics import Metric, Prediction, decision_threshold, metrics_for
from nn.training.sampling import Batch, MiniBatches, MisclassifiedPoints, Sampling
from nn.training.steps import (
    Loss,
    Model,
    NonfiniteError,
    Step,
    check_parts,
    training_mode,
)
from nn.training.stopping import EarlyStopping
from nn.watching.frames import Scene
from nn.watching.watcher import Watch, Watcher, chosen_steps

Data: TypeAlias = tuple[Iterable[Any], Iterable[Any]]  # rows and their targets

ADVICE = (
    "the model and the history are as before it; try a lower learning rate, clip_norm, or standardised inputs"
)


def fit(
    model: Model,
    X: Iterable[Any],
    y: Iterable[Any],
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int = 100,
    batch_size: int | None = None,
    sampling: Literal["shuffled", "misclassified"] = "shuffled",
    validation: Data | None = None,
    metrics: Iterable[str | Metric] | None = None,
    regularization: Callable[[], Value] | None = None,
    schedule: Recurrence | ReduceLROnPlateau | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    seed: int | random.Random = 0,
    compiled: bool | None = None,
    watch: Watch = False,
    progress: bool = True,
) -> History:
    """The history of training `model`, a function of a row, by `optimizer` on `loss(predictions, targets)`.

    A step is on `batch_size` rows: None is all of them (batch gradient descent), 1 is stochastic descent.
    With sampling="misclassified" it is on a random row whose class the model gets wrong, until none is left.
    What `regularization()` adds to the loss of each step is not in the history. Training stops after
    `patience` epochs whose validation loss is not `min_delta` below the best, and the best parameters stay;
    before a step whose loss or gradient is not finite, with a RuntimeWarning; on Ctrl-C after the step.
    compiled: whether to record the step and run it over whole batches (`autograd.compile`): the same numbers
    to rounding, many times as fast, for a model without Dropout whose loss is a mean or a sum over examples.
    None compiles where that is possible, numba is installed, and recording costs less than it saves.
    watch: True, every how many steps, or which, to look at the network; `history.watch()` is then the film.

    >>> from nn import MLP, SGD, half_squared_error
    >>> line = MLP(1, [1])
    >>> sgd = SGD(line.parameters(), lr=0.5)
    >>> history = fit(line, [[0], [1]], [1, 3], loss=half_squared_error, optimizer=sgd, progress=False)
    >>> len(history), history.stopped, round(line([2.0]), 6)
    (100, 'finished', 5.0)
    """
    rows, targets = _paired(X, y)
    if patience is not None and validation is None:
        raise ValueError(f"patience={patience} needs validation=(X, y), whose loss it watches")
    if compiled and sampling != "shuffled":
        raise ValueError(f"compiled=True takes batches: sampling={sampling!r} needs compiled=False")
    if compiled not in (None, False, True):
        raise TypeError(f"compiled is {compiled!r}: expected True, False or None, to compile where that pays")
    epochs = checked_whole("epochs", epochs, low=1)
    check_parts(model, loss, optimizer)
    parts = (model, loss, optimizer, regularization, clip_norm)
    if compiled is None and sampling == "shuffled":
        step = chosen_step(parts, (rows, targets), epochs)
    else:
        step = CompiledStep(*parts) if compiled else Step(*parts)
    run = _Run(
        model,
        step,
        _sampling(sampling, model, rows, targets, batch_size, loss, generator(seed)),
        _paired(*validation) if validation else None,
        metrics_for(metrics, loss, targets),
        schedule,
        EarlyStopping(optimizer.parameters, patience, min_delta),
    )
    if watch is not False:
        steps = chosen_steps(watch, epochs * run.sampling.steps)
        data = (rows, targets)
        scene = Scene(model, loss, optimizer.parameters, data, regularization, run.step.predictions)
        run.watcher = Watcher(scene, steps)
    return run(epochs, progress)


@dataclass
class _Run:
    """The parts of one training, which `fit` puts together."""

    model: Model
    step: Step
    sampling: Sampling
    validation: Batch | None
    metrics: dict[str, Metric]
    schedule: Recurrence | ReduceLROnPlateau | None
    stopping: EarlyStopping
    watcher: Watcher | None = None
    history: History = field(default_factory=History)
    taken: int = 0  # steps

    def __call__(self, epochs: int, progress: bool) -> History:
        """The history, once the last epoch is over or something has ended the training before."""
        history, bar = self.history, _progress_bar(epochs * self.sampling.steps, progress)
        with bar, training_mode(self.model, True), Interruption() as interruption:
            try:
                history.stopped = self.train(epochs, interruption, bar)
            except NonfiniteError as error:
                history.stopped = "diverged"
                warnings.warn(f"{error}; {ADVICE}", RuntimeWarning, stacklevel=3)
        if self.watcher:
            self.watcher.look(self.taken)
            history.film = self.watcher.developed()
        history.best_epoch = self.stopping.restore()
        return history

    def train(self, epochs: int, interruption: Interruption, bar: Any) -> Stopped:
        """Trains, and returns why it ended."""
        for epoch in range(1, epochs + 1):
            bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
            started = perf_counter()
            predictions, targets = self.sampling.judged(*self.take_steps(epoch, interruption, bar))
            record = self.record(epoch, predictions, targets, started)
            self.history.append(record)
            bar.set_postfix_str(scores_in(record), refresh=False)
            if interruption.requested:
                return "interrupted"
            if self.sampling.converged(predictions):
                return "converged"
            watched = record.get("validation_loss", record["loss"])
            if self.stopping.should_stop(epoch, watched):
                return "no improvement"
            if isinstance(self.schedule, ReduceLROnPlateau):
                self.schedule.step(watched)
            elif self.schedule is not None:
                self.schedule.step()
        return "finished"

    def take_steps(self, epoch: int, interruption: Interruption, bar: Any) -> Batch:
        """The predictions from which the epoch's steps were computed, and their targets."""
        predictions: list[Prediction] = []
        targets: list[Any] = []
        for number, (rows, wanted) in enumerate(self.sampling.epoch(), start=1):
            self.look()
            try:
                predictions += self.step(rows, wanted)
            except NonfiniteError as error:
                raise NonfiniteError(
                    f"training stopped before step {number} of epoch {epoch}: {error}"
                ) from None
            targets += wanted
            self.taken += 1
            bar.update()
            if interruption.requested:
                break
        self.step.finish()
        return predictions, targets

    def look(self) -> None:
        """Let the watcher look at the network as it is now, if it wants to."""
        if self.watcher and self.watcher.is_due(self.taken):
            self.step.finish()
            self.watcher.look(self.taken)

    def record(
        self, epoch: int, predictions: Sequence[Prediction], targets: Sequence[Any], started: float
    ) -> Record:
        """What the history keeps of an epoch that is over."""
        record: Record = {"epoch": epoch, **self.scores(predictions, targets)}
        if self.validation:
            X, y = self.validation
            scores = self.scores(self.step.predictions(X), y)
            record |= {f"validation_{name}": score for name, score in scores.items()}
        return record | {"lr": self.step.optimizer.lr, "seconds": perf_counter() - started}

    def scores(self, predictions: Sequence[Prediction], targets: Sequence[Any]) -> Record:
        """The loss of all these predictions together, and the metrics."""
        metrics = {name: float(metric(predictions, targets)) for name, metric in self.metrics.items()}
        return {"loss": self.step.score(predictions, targets), **metrics}


def _sampling(
    given: str,
    model: Model,
    X: list[Any],
    y: list[Any],
    batch_size: int | None,
    loss: Loss,
    rng: random.Random,
) -> Sampling:
    if given == "misclassified":
        if batch_size not in (None, 1):
            raise ValueError(f"batch_size is {batch_size!r}: misclassified points are taken one at a time")
        return MisclassifiedPoints(model, X, y, decision_threshold(loss, y), rng)
    if given != "shuffled":
        raise ValueError(f"sampling is {given!r}: expected 'shuffled' or 'misclassified'")
    return MiniBatches(X, y, batch_size, rng)


def _paired(X: Iterable[Any], y: Iterable[Any]) -> Batch:
    """Rows and targets as lists of one length, or an error: as one batch of all rows in order."""
    rows = as_list(X)
    return next(mini_batches(rows, y, max(len(rows), 1), shuffle=False))


def _progress_bar(steps: int, shown: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook without ipywidgets, that the bar is text
        from tqdm.auto import tqdm

        return tqdm(total=steps, disable=not shown, unit="step")
