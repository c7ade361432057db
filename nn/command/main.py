"""The command line, `glassgrad`: its options, its errors and its exit codes."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn, TypeVar

from nn.command.predict import predict_table
from nn.command.step import PAGE, RESULT, step
from nn.command.train import BATCH_SIZE, HIDDEN, LEARNING_RATE, TEST_SIZE, train

T = TypeVar("T")

BAD_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as in shells


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `glassgrad` and returns its exit code: 0, 2 for bad input, 130 after Ctrl-C.

    Bad input is reported in one line on standard error, and then nothing has been written.
    """
    options = vars(parser().parse_args(arguments))
    command: Callable[..., bool] = options.pop("command")
    try:
        finished = command(**options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has had enough, as `head` has. At exit, Python would try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        print(f"glassgrad: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("glassgrad: interrupted, nothing was written", file=sys.stderr)
        return INTERRUPTED
    return 0 if finished else INTERRUPTED


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Ends the program."""
        self.exit(BAD_INPUT, f"glassgrad: error: {message} (see {self.prog} --help)\n")

    # Any: argparse overloads it for namespaces of other classes.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Also takes assignments that come after an option, such as y=1 in `step A --loss L y=1`."""
        found, rest = super().parse_known_args(args, namespace)
        if not hasattr(found, "assignments"):
            return found, rest
        unknown = [word for word in rest if word.startswith("-")]
        if unknown:
            hint = f'; if that is an expression, it needs a space before the -: " {unknown[0]}"'
            shown = " ".join(unknown)
            self.error(f"unrecognized arguments: {shown}{'' if shown.startswith('--') else hint}")
        found.assignments = [*found.assignments, *rest]
        return found, []


def parser() -> Parser:
    """The parser of the command line; the `command` that it finds returns whether it came to its end."""
    top = Parser(
        prog="glassgrad",
        description="Train a small neural network on a table, predict with it, and step through "
        "backpropagation.",
    )
    top.add_argument("--version", action="version", version=f"glassgrad {installed_version()}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    describe_train(
        commands.add_parser(
            "train",
            help="train a network on a CSV file, or on Fisher's Iris data",
            description="Train a network to predict one column of a table from the others, all numbers. "
            "Text in that column, and few different whole numbers, are classes; all else is a quantity. "
            "Writes the model, the history of its training and two pictures into a new folder.",
        )
    )
    describe_predict(
        commands.add_parser(
            "predict",
            help="predict with a trained network",
            description="Write a table, as CSV, with columns added for what a network predicts of each row.",
        )
    )
    describe_step(
        commands.add_parser(
            "step",
            help="step through the forward and the backward pass of an expression",
            description="Write a page that steps through the forward and the backward pass of an expression\n"
            "with every number, or step through them in the terminal. For instance:\n\n"
            '  glassgrad step "sigmoid(w*x + b)" w=0.5 x=2 b=-1 --loss "(a-y)**2" y=1\n\n'
            "Expressions are arithmetic with names, and functions such as tanh(x) and maximum(x, y).",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    return top


def describe_train(command: argparse.ArgumentParser) -> None:
    """Gives `glassgrad train` its options."""
    whole = checked(int, lambda number: number >= 1, "a whole number, 1 or more")
    seed = checked(int, lambda number: number >= 0, "a whole number, 0 or more")
    rate = checked(float, lambda number: 0.0 < number < math.inf, "a number above 0")
    share = checked(float, lambda number: 0.0 < number < 1.0, "a number between 0 and 1")
    widths = checked(widths_in, lambda numbers: min(numbers) >= 1, "a list of widths such as 16,16")
    command.set_defaults(command=train)
    add = command.add_argument
    add("file", nargs="?", metavar="FILE.csv", help="a table; its first line names the columns (else Iris)")
    add("--target", metavar="COLUMN", help="the column to predict")
    add("--out", metavar="DIR", help="the folder to write, a new one (default: glassgrad-NAME)")
    add("--hidden", metavar="N,N", type=widths, default=HIDDEN, help="width of each hidden layer (16)")
    add("--epochs", metavar="N", type=whole, help="passes over the rows (10 to 300, by their number)")
    add("--lr", metavar="RATE", type=rate, default=LEARNING_RATE, help="learning rate (%(default)s)")
    add("--batch-size", metavar="N", type=whole, default=BATCH_SIZE, help="rows a step (%(default)s)")
    add("--test-size", metavar="SHARE", type=share, default=TEST_SIZE, help="held out (%(default)s)")
    add("--seed", metavar="N", type=seed, default=0, help="decides what is random (%(default)s)")
    add(
        "--compiled",
        action=argparse.BooleanOptionalAction,
        help='whether to compile (needs pip install "glassgrad[fast]"; default: where that is sooner done)',
    )


def describe_predict(command: argparse.ArgumentParser) -> None:
    """Gives `glassgrad predict` its options."""
    command.set_defaults(command=predict_table)
    command.add_argument(
        "model", metavar="MODEL", help="the folder that `glassgrad train` wrote, or its model.json"
    )
    command.add_argument(
        "file", metavar="FILE.csv", help="a table with the columns that the model learnt from"
    )
    command.add_argument("--out", metavar="FILE", help="the file to write (default: print the table)")


def describe_step(command: argparse.ArgumentParser) -> None:
    """Gives `glassgrad step` its options."""
    command.set_defaults(command=step)
    add = command.add_argument
    add("expression", metavar="EXPRESSION", help='in quotes; with a space before a leading -: " -x**2"')
    add("assignments", metavar="NAME=NUMBER", nargs="*", default=[], help="a number for each of its names")
    add("--loss", metavar="LOSS", help="a second expression, of the first one's result")
    add(
        "--as",
        metavar="NAME",
        dest="result",
        default=RESULT,
        help="what --loss calls that result (%(default)s)",
    )
    add("--out", metavar="FILE", help=f"the page to write ({PAGE})")
    add("--terminal", action="store_true", help="step in the terminal instead")


def checked(read: Callable[[str], T], valid: Callable[[T], bool], expected: str) -> Callable[[str], T]:
    """`read` for the text of an option; argparse reports what it does not accept, with what is `expected`."""

    def convert(text: str) -> T:
        try:
            given = read(text)
        except ValueError:
            given = None
        if given is None or not valid(given):
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return given

    return convert


def widths_in(text: str) -> list[int]:
    """The whole numbers in a list with commas.

    >>> widths_in("16,8")
    [16, 8]
    """
    return [int(width) for width in text.split(",")]


def installed_version() -> str:
    """The version of the distribution."""
    try:
        return version("glassgrad")
    except PackageNotFoundError:
        return "(not installed)"
