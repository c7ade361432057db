"""Program: a function of one example, compiled to run over batches."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from autograd.compiler.arguments import columns_of, dimensions, example_of, require_finite
from autograd.compiler.counting import stats
from autograd.compiler.errors import RowError
from autograd.compiler.naming import Names, names_of
from autograd.compiler.pipeline import Pipeline
from autograd.compiler.recording import Guard, Recording, record
from autograd.compiler.show import Listing, listing
from autograd.compiler.splitting import Split, Stages
from autograd.value import Value

__all__ = ["Program"]

Array = np.ndarray
Reduction = Literal["mean", "sum"]
Rows = Any  # what selects rows: their numbers, or a slice of all


class Program:
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
        self.result = dimensions(first.output_shape)
        self.inputs = len(first.inputs)
        self.values: list[Value] = []
        self.variants: list[_Variant] = []
        self.names: Names | None = None  # found when first asked for: it means a walk over f's globals
        self._add(first)

    def __getstate__(self) -> dict[str, Any]:
        """All that runs: where the program is loaded, its function need not be known.

        A loaded program computes what it was made to compute before; it cannot record further branches.
        """
        if self.result == ():
            for variant in self.variants:
                variant.gradient()
        return {**self.__dict__, "function": None, "names": self._named()}

    def __str__(self) -> str:
        """The equations, a line for each group, with shapes."""
        text = self.listing().text()
        branches = len(self.variants)
        return text if branches == 1 else f"{text}\n(along the first of {branches} branches)"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def latex(self) -> str:
        """The equations, typeset."""
        return self.listing().latex()

    def listing(self) -> Listing:
        """The equations that were found: of the sum over rows and its gradient, or of several results."""
        return listing(self._named(), self.dimensions, self._stages())

    def stats(self) -> dict[str, float | str]:
        """How many nodes, groups, instructions and bytes there are, and what share of them is regular."""
        return stats(self._stages())

    def _stages(self) -> Stages:
        first = self.variants[0]
        return (first.gradient() if self.result == () else first.forward()).stages

    def _named(self) -> Names:
        if self.names is None:
            assert self.function is not None
            parameters = [self.values[place] for place in self.variants[0].places]
            self.names = names_of(self.function, len(self.shapes), parameters)
        return self.names

    @property
    def parameters(self) -> Array:
        """The current data of `values`, the parameters, as a new array in the order of the gradients."""
        return np.array([value.data for value in self.values], self.dtype)

    def extend(self, values: Iterable[Value]) -> None:
        """Add `values` to the parameters, behind those there are; what no branch uses has gradient 0."""
        known = set(self.values)
        self.values.extend([value for value in dict.fromkeys(values) if value not in known])

    def write(self, parameters: Array) -> None:
        """Make the numbers of `parameters` the data of `values`."""
        for value, number in zip(self.values, self._numbers(parameters).tolist()):
            value.data = number

    def __call__(self, *arguments: Any, parameters: Array | None = None) -> Array:
        """The result for each row: shape (rows,) for a Value, (rows, n) for a list of n Values, and so on."""
        columns = columns_of(arguments, self.dimensions, self.inputs, self.dtype)
        results: Array | None = None
        for variant, rows, numbers in self._branches(columns, parameters):
            chosen = columns if variant.always else np.ascontiguousarray(columns[:, rows])
            with named_rows(rows):
                outputs = variant.forward().outputs(chosen, numbers, self.threads)
            if results is None:
                results = np.empty((len(outputs), columns.shape[1]), self.dtype)
            results[:, rows] = outputs
        assert results is not None
        return results.T.reshape(-1, *self.result)

    def value_and_grad(
        self,
        *arguments: Any,
        reduction: Reduction = "mean",
        weights: Any = None,
        parameters: Array | None = None,
        check_finite: bool = False,
    ) -> tuple[float, Array]:
        """The mean (or sum) of the result over all rows, and its gradient for each of `values`.

        weights: how much each row counts, shape (rows,); the mean is then Σ wᵢfᵢ / Σ wᵢ. Terms of the
        result that are computed from parameters alone, such as a penalty, are counted once. parameters:
        numbers to use in place of the Values', so that none of these is touched. check_finite: raise
        ValueError for a nan or ∞ in the arguments.
        Raises TypeError for a function with several results.
        """
        if self.result != ():
            raise TypeError(
                f"the function has a result of shape {self.result}; a gradient needs a single Value"
            )
        if reduction not in ("mean", "sum"):
            raise ValueError(
                f'reduction must be "mean" or "sum", got {reduction!r}; a call gives the rows\' own'
            )
        columns = columns_of(arguments, self.dimensions, self.inputs, self.dtype)
        if check_finite:
            require_finite(columns, self.dimensions)
        if weights is not None:
            columns = np.vstack([columns, columns_of([weights], [()], 1, self.dtype)])
        whole = float(columns[-1].sum()) if weights is not None else columns.shape[1]
        scale = 1.0 / whole if reduction == "mean" else 1.0
        value = 0.0
        parts: list[tuple[Array, Array]] = []
        for variant, rows, numbers in self._branches(columns[: self.inputs], parameters):
            chosen = columns if variant.always else np.ascontiguousarray(columns[:, rows])
            part = float(chosen[-1].sum()) if weights is not None else chosen.shape[1]
            pipeline = variant.gradient() if weights is None else variant.weighted_gradient()
            with named_rows(rows):
                summed, gradient = pipeline.value_and_grad(chosen, numbers, self.threads, scale, part / whole)
            if variant.always and len(gradient) == len(self.values):
                return summed, gradient
            value += summed
            parts.append((variant.places, gradient))
        total = np.zeros(len(self.values), self.dtype)
        for places, gradient in parts:
            total[places] += gradient
        return value, total

    def backward(self, *arguments: Any, reduction: Reduction = "mean", weights: Any = None) -> float:
        """Add the gradient to the `grad` of `values`, and return the mean (or sum)."""
        value, gradient = self.value_and_grad(*arguments, reduction=reduction, weights=weights)
        for parameter, entry in zip(self.values, gradient.tolist()):
            parameter.grad += entry
        return value

    def _branches(self, columns: Array, given: Any) -> "Iterator[tuple[_Variant, Rows, Array]]":
        """(variant, its rows, its parameters), until every row has one; variants are recorded as needed."""
        numbers = self._numbers(given)
        if self.variants[0].always:
            yield self.variants[0], slice(None), numbers[: len(self.variants[0].places)]
            return
        left = np.arange(columns.shape[1])
        for variant in self.variants:
            own = numbers[variant.places]
            fits = variant.fits(columns[:, left], own)
            if fits.any():
                yield variant, left[fits], own
            left = left[~fits]
        while len(left):
            numbers = self._record_row(columns[:, left[0]], int(left[0]), numbers)
            variant = self.variants[-1]
            own = numbers[variant.places]
            fits = variant.fits(columns[:, left], own)
            fits[0] = True  # it was recorded for this row, however its comparisons round
            yield variant, left[fits], own
            left = left[~fits]

    def _numbers(self, given: Any) -> Array:
        """The parameters to use: those given, or the Values' own."""
        if given is None:
            return self.parameters
        numbers: Array = np.ascontiguousarray(given, self.dtype)
        if numbers.shape != (len(self.values),):
            raise ValueError(f"expected {len(self.values)} parameters, got an array of shape {numbers.shape}")
        return numbers

    def _record_row(self, row: Array, position: int, numbers: Array) -> Array:
        """Add the variant that `row` needs, and return the parameters with those that it adds."""
        if not self.may_branch:
            guard = self.variants[0].first_broken(row[:, None], numbers)
            raise ValueError(
                f"row {position} takes another branch than the example at {guard.where}; compile with "
                'on_branch="record" to follow it, or compute both sides and choose with autograd.where'
            )
        if self.function is None:
            raise RuntimeError(
                f"row {position} takes a branch that was not recorded before the program was saved"
            )
        kept = [value.data for value in self.values]
        self.write(numbers)
        try:
            self._add(record(self.function, example_of(row, self.shapes)))
        finally:
            for value, number in zip(self.values, kept):
                value.data = number
        added = [value.data for value in self.values[len(numbers) :]]
        return np.concatenate([numbers, np.array(added, self.dtype)])

    def _add(self, recording: Recording) -> None:
        if dimensions(recording.output_shape) != self.result:
            raise TypeError(f"branches return results of different shapes: {self.result} and others")
        split = Split(recording)
        self.extend(split.parameters)
        place = {value: i for i, value in enumerate(self.values)}
        self.variants.append(_Variant(recording, split, [place[v] for v in split.parameters], self.dtype))


class _Variant:
    """The function along one of its branches: a recording, and what is made of it when first needed.

    places: where its parameters are among those of the program.
    """

    def __init__(self, recording: Recording, split: Split, places: list[int], dtype: np.dtype) -> None:
        self.guards = recording.guards
        self.split: Split | None = split
        self.places = np.array(places, np.int64)
        self.dtype = dtype
        self.always = not recording.guards
        self.pipelines: dict[str, Pipeline] = {}

    def __getstate__(self) -> dict[str, Any]:
        """All that runs, without the graph it was made from."""
        self.forward()
        if self.guards:
            self.comparisons()
        guards = [guard._replace(left=None, right=None) for guard in self.guards]
        return {**self.__dict__, "split": None, "guards": guards}

    def forward(self) -> Pipeline:
        """What computes the results."""
        return self._pipeline("forward", Split.forward)

    def gradient(self) -> Pipeline:
        """What computes the sum of the result over rows and its gradient."""
        return self._pipeline("gradient", Split.gradient)

    def weighted_gradient(self) -> Pipeline:
        """The same with a weight for each row."""
        return self._pipeline("weighted gradient", lambda split: split.gradient(weighted=True))

    def comparisons(self) -> Pipeline:
        """What computes both sides of each guard."""
        return self._pipeline("comparisons", Split.comparisons)

    def _pipeline(self, kind: str, stages: Callable[[Split], Stages]) -> Pipeline:
        if kind not in self.pipelines:
            if self.split is None:
                raise RuntimeError(f"the program was saved without its {kind}: compute it once before saving")
            self.pipelines[kind] = Pipeline(stages(self.split), self.dtype)
        return self.pipelines[kind]

    def fits(self, columns: Array, parameters: Array) -> Array:
        """For each row, whether it makes all comparisons as the recorded one did."""
        fitting: Array = np.all(self._outcomes(columns, parameters), axis=0)
        return fitting

    def first_broken(self, columns: Array, parameters: Array) -> Guard:
        """The first comparison that the one row makes otherwise."""
        return self.guards[int(np.argmin(self._outcomes(columns, parameters)[:, 0]))]

    def _outcomes(self, columns: Array, parameters: Array) -> Array:
        if not self.guards:
            return np.ones((1, columns.shape[1]), bool)
        sides = self.comparisons().outputs(np.ascontiguousarray(columns), parameters, 1)
        pairs = zip(self.guards, sides[::2], sides[1::2])
        return np.array([guard.compare(left, right) == guard.outcome for guard, left, right in pairs])


@contextmanager
def named_rows(rows: Rows) -> Iterator[None]:
    """Let an error that names one of the chosen rows name it as the batch does."""
    try:
        yield
    except RowError as error:
        raise RowError(error.row if isinstance(rows, slice) else int(rows[error.row])) from None
