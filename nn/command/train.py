"""`glassgrad train`: a network trained on a table, measured on rows held out, and written into a folder."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from nn.command.results import MODEL, chosen_folder, unavailable, write_results
from nn.command.task import Task
from nn.data.datasets import Dataset, load_iris, read_csv
from nn.data.rows import train_test_split
from nn.data.tables import read_table
from nn.module import counted
from nn.networks import MLP
from nn.optim.optimizers import Adam
from nn.training.fitting import Data, fit
from nn.training.history import History
from nn.training.metrics import confusion_matrix
from nn.training.steps import predict

# Chosen on noisy moons, circles, spirals and XOR, 105 rows to train on and 45 to choose by: of 8, 16 and
# twice 16 neurons, relu and tanh, and rates of 0.003, 0.01 and 0.03, for 25 to 150 epochs. Twice 16 is a
# little better there, in three times the time, but soon overfits; weight decay gains nothing.
HIDDEN = (16,)
LEARNING_RATE = 0.03
BATCH_SIZE = 16
TEST_SIZE = 0.3
ROWS_SEEN = 10_000  # in all epochs together, which takes seconds; but in 10 to 300 epochs

MOST_SHOWN = 10  # names in a line, and classes in a table


def train(
    file: str | None,
    target: str | None,
    out: str | None = None,
    hidden: Sequence[int] = HIDDEN,
    epochs: int | None = None,
    lr: float = LEARNING_RATE,
    batch_size: int = BATCH_SIZE,
    test_size: float = TEST_SIZE,
    seed: int = 0,
    compiled: bool | None = None,
) -> bool:
    """Trains a network on the table in `file`, or on Iris, prints how, and writes it into a new folder.

    Returns whether the training came to its end. Raises ValueError or OSError before anything is written.
    """
    data, target = read(file, target)
    folder = chosen_folder(out, Path(file).stem if file else "iris")
    X, X_test, y, y_test = train_test_split(data.X, data.y, test_size, bool(data.target_names), seed)
    task = Task.learning(target, data, X, y)
    model = MLP(len(task.features), [*hidden, task.width], seed=seed)
    epochs = epochs or min(max(ROWS_SEEN // len(X), 10), 300)
    announce(file or "Iris", data, target)
    say("split", f"{counted(len(X), 'row')} to train on, {len(X_test)} held out as a test (seed {seed})")
    steps = f"{counted(epochs, 'epoch')} of Adam at {lr:g}, {counted(batch_size, 'row')} a step"
    say("network", f"{model!r}; {steps}")
    skipped = unavailable()
    for name, reason in skipped.items():
        say("skipped", f"{name}: {reason}")
    training, held_out = task.seen(X, y), task.seen(X_test, y_test)
    history = run(model, task, training, held_out, lr, epochs, batch_size, seed, compiled)
    say("train", told(task.scores(predict(model, training[0]), y)))
    predictions = predict(model, held_out[0])
    say("test", told(task.scores(predictions, y_test)))
    if 0 < len(task.classes) <= MOST_SHOWN:
        print_confusion(task.classes, confusion_matrix(predictions, y_test, len(task.classes)))
    written = write_results(folder, model, task, history, training, skipped)
    say("wrote", f"{folder}: {', '.join(written)}")
    say("next", f"glassgrad predict {folder / MODEL} FILE.csv")
    return history.stopped != "interrupted"


def read(file: str | None, target: str | None) -> tuple[Dataset, str]:
    """The data, and the name of the target; ValueError or OSError if there is none or nothing to learn."""
    if file is None:
        if target is not None:
            raise ValueError(f"--target {target} without a table; give FILE.csv too, or neither for Iris")
        return load_iris(), "species"
    if target is None:
        names = ", ".join([repr(name) for name in read_table(file).names])
        raise ValueError(f"{file}: --target is missing; give the column to predict, one of {names}")
    data = read_csv(file, target)
    for name, column in zip(data.feature_names, zip(*data.X)):
        if min(column) == max(column):
            raise ValueError(f"{file}: column {name!r} is {column[0]:g} in every row; remove it")
    for k, count in Counter(data.y).items():
        if data.target_names and count == 1:
            raise ValueError(
                f"{file}: class {data.target_names[int(k)]!r} of {target!r} has one row only; expected two "
                "or more, one to train on and one to test with"
            )
    return data, target


def run(
    model: MLP,
    task: Task,
    training: Data,
    held_out: Data,
    lr: float,
    epochs: int,
    batch_size: int,
    seed: int,
    compiled: bool | None,
) -> History:
    """The history of training the model; ValueError if it diverges. Prints why it stopped if it did early."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            history = fit(
                model,
                *training,
                loss=task.loss,
                optimizer=Adam(model.parameters(), lr),
                epochs=epochs,
                batch_size=batch_size,
                validation=held_out,
                metrics=[task.metric],
                seed=seed,
                compiled=compiled,
            )
        except ImportError as error:
            raise ValueError(f"--compiled: {error}") from None
        except RuntimeWarning as warning:
            raise ValueError(f"{warning}; --lr is {lr:g}") from None
    if history.stopped == "interrupted":
        say("stopped", f"by Ctrl-C in epoch {len(history)}; the model is as it was after that step")
    return history


def say(what: str, text: str) -> None:
    """Prints a line of the report."""
    print(f"{what:<8} {text}", flush=True)


def listed(names: Sequence[str]) -> str:
    """The names in a line, or the first of many."""
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return ", ".join(names[:MOST_SHOWN]) + more


def announce(name: str, data: Dataset, target: str) -> None:
    """Prints what was read: rows, features, and the classes with their rows or the range of a quantity."""
    features = f"{counted(len(data.feature_names), 'feature')}: {listed(data.feature_names)}"
    say("read", f"{name}: {len(data.X)} rows, {features}")
    counts = Counter(data.y)
    classes = [f"{name} ({counts[k]})" for k, name in enumerate(data.target_names)]
    if classes:
        say("target", f"{target}: {len(classes)} classes: {listed(classes)}")
    else:
        say("target", f"{target}: a quantity from {min(data.y):g} to {max(data.y):g} (regression)")


def told(scores: Mapping[str, float]) -> str:
    """Scores in a line.

    >>> told({"accuracy": 0.955556})
    'accuracy 0.9556'
    """
    return ", ".join([f"{name} {score:.4g}" for name, score in scores.items()])


def print_confusion(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
    """Prints the counts of a confusion matrix as a table.

    >>> print_confusion(["cat", "dog"], [[5, 0], [1, 4]])
               cat  dog   predicted
          cat    5    0
          dog    1    4
    """
    width = max([len(name) for name in classes])
    say("", " " * width + "".join([f"  {name:>{width}}" for name in classes]) + "   predicted")
    for name, row in zip(classes, counts):
        say("", f"{name:>{width}}" + "".join([f"  {count:>{width}}" for count in row]))
