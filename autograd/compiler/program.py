"""Program: a function of one example, compiled to run over batches."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from autograd.compiler.arguments import Signature, dimensions, example_of, numbers_of
from autograd.compiler.data import data_of, with_grads
from autograd.compiler.equations.naming import Names
from autograd.compiler.equations.reading import Readable
from autograd.compiler.errors import named_rows
from autograd.compiler.execution.batches import Batch
from autograd.compiler.execution.careful import Careful
from autograd.compiler.plans.decisions import ONE_AT_A_TIME
from autograd.compiler.plans.recording import Recording, record
from autograd.compiler.plans.splitting import Split
from autograd.compiler.quick import Quick, quick_way
from autograd.compiler.variants import Variant, bare
from autograd.value import Value

__all__ = ["Program"]

Array = np.ndarray
Reduction = Literal["mean", "sum", "none"]


class Program(Readable):
    """A compiled function: call it on batches, or ask for the mean of its result and the gradient."""

    def __init__(
        self, function: Callable[..., Any], example: tuple[Any, ...], dtype: Any, threads: int, branch: bool
    ) -> None:
        self.function: Callable[..., Any] | None = function
        self.dtype = np.dtype(dtype)
        self.threads = threads
        self.may_branch = branch
        first = record(function, example)
        self.shapes = first.shapes
        self.dimensions = [dimensions(shape) for shape in first.shapes]
        self.signature = Signature(self.dimensions, self.dtype)
        self.result = dimensions(first.output_shape, "result")
        if not first.outputs:
            raise ValueError("the function returned lists with no Value in them: there is nothing to compute")
        self.inputs = len(first.inputs)
        self.values: list[Value] = []
        self.variants: list[Variant] = []
        self.names: Names | None = None  # found when first asked for: it means a walk over f's globals
        # For the mean of a function that does not branch, once it was asked for.
        self.quick: Quick | None = None
        self._add(first)

    def __getstate__(self) -> dict[str, Any]:
        """All that runs: where the program is loaded, its function need not be known.

        A loaded program computes what it was made to compute before; it cannot record further branches.
        """
        try:
            for variant in self.variants if self.result == () else []:
                variant.gradient()
        except Exception as error:
            error.add_note("while the gradient, which is saved with a program, was made")
            raise
        return {**self.__dict__, "function": None, "names": self._named(), "quick": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # The one that arrays have, by which they are known: what is loaded is another like it.
        self.dtype = self.signature.dtype = np.dtype(self.dtype.type)

    def __repr__(self) -> str:
        return (
            f"Program({len(self.values)} parameters, {self.inputs} inputs, a result of shape {self.result})"
        )

    @property
    def parameters(self) -> Array:
        """The current data of `values`, the parameters, as a new array in the order of the gradients."""
        return data_of(self.values, self.dtype)

    def extend(self, values: Iterable[Value]) -> None:
        """Add `values` to the parameters, behind those there are; what no branch uses has gradient 0."""
        with ONE_AT_A_TIME:
            known = set(self.values)
            self.values.extend([value for value in dict.fromkeys(values) if value not in known])
            self.quick = None

    def write(self, parameters: Array) -> None:
        """Make the numbers of `parameters` the data of `values`."""
        for value, number in zip(self.values, self._numbers(parameters).tolist()):
            value.data = number

    def __call__(self, *arguments: Any, parameters: Array | None = None) -> Array:
        """The result for each row: shape (rows,) for a Value, (rows, n) for a list of n Values, and so on."""
        batch = self.signature.batch(arguments)
        first = self.variants[0]
        if first.always:
            outputs = first.forward().outputs(
                batch, self._numbers(parameters)[: len(first.places)], self.threads
            )
            return outputs.T.reshape(-1, *self.result)
        results = np.empty((math.prod(self.result), batch.rows), self.dtype)
        for variant, rows, numbers in self._branches(batch, parameters):
            with named_rows(rows):
                results[:, rows] = variant.forward().outputs(batch.chosen(rows), numbers, self.threads)
        return results.T.reshape(-1, *self.result)

    def value_and_grad(
        self,
        *arguments: Any,
        reduction: Reduction = "mean",
        weights: Any = None,
        parameters: Array | None = None,
        check_finite: bool = False,
    ) -> tuple[Any, Array]:
        """The mean (or sum) of the result over all rows, and its gradient for each of `values`.

        weights: how much each row counts, shape (rows,); the mean is then Σ wᵢfᵢ / Σ wᵢ. Terms of the
        result that are computed from parameters alone, such as a penalty, are counted once. reduction="none"
        gives wᵢfᵢ for each row with all its terms, shape (rows,), and their gradients, shape (rows, values):
        their mean, or Σ / Σ wᵢ, is that of the rows together. parameters: numbers to use in place of the
        Values', so that none of these is touched. check_finite: raise ValueError for a nan or ∞ in the
        arguments. Raises TypeError for a function with several results.
        """
        quick = self.quick  # another thread may take it away
        if quick and reduction == "mean" and weights is None and not check_finite and self.threads == 1:
            answer = quick(arguments, self.parameters if parameters is None else parameters)
            if answer is not None:
                return answer
        if self.result != ():
            raise TypeError(
                f"the function has a result of shape {self.result}; a gradient needs a single Value"
            )
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f'reduction must be "mean", "sum" or "none", got {reduction!r}')
        batch = self.signature.batch(arguments, weights)
        if check_finite:
            self.signature.require_finite(batch)
        counts = batch.columns[-batch.rows :] if weights is not None else None
        if reduction == "none":
            return self._each(batch, counts, parameters)
        whole: float = batch.rows
        if counts is not None:
            with np.errstate(all="ignore"):
                whole = float(counts.sum())
        if whole == 0 and reduction == "mean":
            raise ValueError("the weights add up to 0, so that there is no mean: some rows must count")
        scale = 1.0 / whole if reduction == "mean" else 1.0
        first = self.variants[0]
        if not first.always:
            return self._together(batch, counts, parameters, scale, whole)
        numbers = self._numbers(parameters)
        pipeline = first.gradient(counts is not None)
        unused = len(numbers) - len(first.places)  # parameters that other branches or the caller brought in
        if not unused:
            if self.quick is None and counts is None:
                self._settle(pipeline)
            return pipeline.value_and_grad(batch, numbers, self.threads, scale, 1.0)
        value, gradient = pipeline.value_and_grad(batch, numbers[:-unused], self.threads, scale, 1.0)
        return value, np.pad(gradient, (0, unused))

    def _settle(self, pipeline: Careful) -> None:
        """Take the quick way from now on, if there is one, until there are more parameters."""
        quick = quick_way(self.signature, pipeline.pipeline)
        if quick is not None:
            with ONE_AT_A_TIME:
                if len(self.values) == len(self.variants[0].places):
                    self.quick = quick

    @np.errstate(all="ignore")  # for ∞ − ∞
    def _together(
        self, batch: Batch, counts: Array | None, parameters: Any, scale: float, whole: float
    ) -> tuple[float, Array]:
        """`scale` times the sum over the rows of all branches, and its gradient; the rows count `whole`."""
        value = 0.0
        parts: list[tuple[Array, Array]] = []
        for variant, rows, numbers in self._branches(batch, parameters):
            share = len(rows) / batch.rows
            if counts is not None and whole:
                share = float(counts[rows].sum()) / whole
            pipeline = variant.gradient(counts is not None)
            with named_rows(rows):
                summed, gradient = pipeline.value_and_grad(
                    batch.chosen(rows), numbers, self.threads, scale, share
                )
            value += summed
            parts.append((variant.places, gradient))
        total = np.zeros(len(self.values), self.dtype)
        for places, gradient in parts:
            total[places] += gradient
        return value, total

    def _each(self, batch: Batch, counts: Array | None, parameters: Any) -> tuple[Array, Array]:
        """The results of the rows, times `counts` if given, and the gradient of each."""
        values = np.empty(batch.rows, self.dtype)
        parts: list[tuple[Array, Array, Array]] = []
        for variant, rows, numbers in self._branches(batch, parameters):
            shares = np.ones(len(rows), self.dtype) if counts is None else counts[rows]
            pipeline = variant.gradient(counts is not None)
            with named_rows(rows):
                values[rows], gradients = pipeline.values_and_grads(
                    batch.chosen(rows), numbers, self.threads, shares
                )
            parts.append((rows, variant.places, gradients))
        every = np.zeros((batch.rows, len(self.values)), self.dtype)
        for rows, places, gradients in parts:
            every[rows[:, None], places] = gradients
        return values, every

    def backward(self, *arguments: Any, reduction: Reduction = "mean", weights: Any = None) -> float:
        """Add the gradient to the `grad` of `values`, and return the mean (or sum)."""
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum", got {reduction!r}')
        value, gradient = self.value_and_grad(*arguments, reduction=reduction, weights=weights)
        for parameter, grad in zip(self.values, with_grads(self.values, gradient).tolist()):
            parameter.grad = grad
        return float(value)

    def _branches(self, batch: Batch, given: Any) -> Iterator[tuple[Variant, Array, Array]]:
        """(variant, its rows, its parameters), until every row has one; variants are recorded as needed."""
        variants = list(self.variants)  # other threads may add some, with parameters that `numbers` lacks
        numbers = self._numbers(given)
        left = np.arange(batch.rows)
        for variant in variants:
            own = numbers[variant.places]
            fits = variant.fits(batch, left, own)
            if fits.any():
                yield variant, left[fits], own
            left = left[~fits]
        while len(left):
            row = batch.chosen(left[:1]).matrix()[: self.inputs, 0]
            variant, numbers = self._record_row(row, int(left[0]), numbers)
            own = numbers[variant.places]
            fits = variant.fits(batch, left, own)
            fits[0] = True  # it was recorded for this row, however its comparisons round
            yield variant, left[fits], own
            left = left[~fits]

    def _numbers(self, given: Any) -> Array:
        """The parameters to use: those given, or the Values' own."""
        if given is None:
            return self.parameters
        return numbers_of(given, "parameters", len(self.values), self.dtype)

    def _record_row(self, row: Array, position: int, numbers: Array) -> tuple[Variant, Array]:
        """The variant that `row` needs, which is added, and the parameters with those that it adds."""
        if not self.may_branch:
            first = self.variants[0]
            guard = first.first_broken(row, numbers[first.places])
            raise ValueError(
                f"row {position} takes another branch than the example at {guard.where}; compile with "
                'on_branch="record" to follow it, or compute both sides and choose with autograd.where'
            )
        if self.function is None:
            raise RuntimeError(
                f"row {position} takes a branch that was not recorded before the program was saved"
            )
        with ONE_AT_A_TIME:
            kept = [(value, value.data) for value in self.values]
            for value, number in zip(self.values, numbers.tolist()):
                value.data = number
            try:
                variant = self._add(record(self.function, example_of(row, self.shapes)))
            except Exception as error:
                error.add_note(f"while row {position}, which takes a branch of its own, was recorded")
                raise
            finally:
                for value, number in kept:
                    value.data = number
            added = [value.data for value in self.values[len(numbers) :]]
        return variant, np.concatenate([numbers, np.array(added, self.dtype)])

    def _add(self, recording: Recording) -> Variant:
        """The variant that was recorded: one that is known, or else a new one."""
        if dimensions(recording.output_shape, "result") != self.result:
            raise TypeError(f"branches return results of different shapes: {self.result} and others")
        guards, parameters = bare(recording.guards), set(recording.parameters)
        for known in self.variants:
            if known.guards == guards and {self.values[place] for place in known.places} == parameters:
                return known  # the row left it by a rounding error
        split = Split(recording)
        self.extend(split.parameters)
        place = {value: i for i, value in enumerate(self.values)}
        self.variants.append(Variant(guards, split, [place[v] for v in split.parameters], self.dtype))
        return self.variants[-1]
