"""Tests of nn.data.datasets."""

from fractions import Fraction
from importlib.resources import files

import numpy as np
import pytest

from nn.data.datasets import Dataset, find_target, load_iris, read_csv
from nn.data.tables import parse_table

# Fisher (1936): sepal length, sepal width, petal length, petal width, in cm.
FISHER_MEANS = {  # Table VIII
    "setosa": ["5.006", "3.428", "1.462", "0.246"],
    "versicolor": ["5.936", "2.770", "4.260", "1.326"],
    "virginica": ["6.588", "2.974", "5.552", "2.026"],
}
FISHER_PRODUCTS = [  # Table III: S_pq of setosa and versicolor together
    ["19.1434", "9.0356", "9.7634", "3.2394"],
    ["9.0356", "11.8658", "4.6232", "2.4746"],
    ["9.7634", "4.6232", "12.2978", "3.8794"],
    ["3.2394", "2.4746", "3.8794", "2.4604"],
]
FISHER_COMPOUND = [-3.308998, -2.759132, 8.866048, 9.392551]  # section VI, times 100

Products = list[list[Fraction]]


def means_and_products(species: str) -> tuple[list[Fraction], Products]:
    """The means and S_pq, the sums of products of deviations from them, in exact arithmetic."""
    iris = load_iris()
    k = iris.target_names.index(species)
    rows = [[Fraction(str(x)) for x in row] for row, y in zip(iris.X, iris.y, strict=True) if y == k]
    means = [sum(column) / Fraction(50) for column in zip(*rows, strict=True)]
    products = [
        [sum(((row[p] - means[p]) * (row[q] - means[q]) for row in rows), Fraction(0)) for q in range(4)]
        for p in range(4)
    ]
    return means, products


def combined(weights: dict[str, int]) -> Products:
    """The weighted sum of the S_pq of some species."""
    parts = [(weight, means_and_products(species)[1]) for species, weight in weights.items()]
    return [[sum((w * s[p][q] for w, s in parts), Fraction(0)) for q in range(4)] for p in range(4)]


def target_of(*cells: str) -> tuple[list[float], tuple[str, ...]]:
    return find_target(parse_table("x,t\n" + "".join(f"0,{cell}\n" for cell in cells), "t.csv"), "t")


def test_iris_is_fishers_table():
    """150 rows of four, 50 of each species, with the names of both."""
    iris = load_iris()
    assert [len(iris.X), {len(row) for row in iris.X}] == [150, {4}]
    assert iris.y == [0] * 50 + [1] * 50 + [2] * 50
    assert iris.feature_names == ("sepal_length", "sepal_width", "petal_length", "petal_width")
    assert iris.target_names == ("setosa", "versicolor", "virginica")
    assert iris.task == "classification"


@pytest.mark.parametrize("species", FISHER_MEANS)
def test_iris_has_the_means_that_fisher_published(species):
    """In exact arithmetic the mean of each measurement is the number printed in the paper."""
    assert means_and_products(species)[0] == [Fraction(mean) for mean in FISHER_MEANS[species]]


def test_iris_has_the_sums_of_products_that_fisher_published():
    """In exact arithmetic S_pq of setosa and versicolor is the paper's Table III: no row is off, or swapped
    between columns."""
    assert combined({"setosa": 1, "versicolor": 1}) == [
        [Fraction(s) for s in line] for line in FISHER_PRODUCTS
    ]


def test_iris_gives_the_discriminant_that_fisher_published():
    """Solving Σ_q (16 vi + ve + 25 se)_pq λ_q = (4 vi + ve − 5 se)_p, as Fisher did with all 150
    flowers, gives his coefficients to the accuracy of his arithmetic."""
    matrix = combined({"virginica": 16, "versicolor": 1, "setosa": 25})
    virginica, versicolor, setosa = (means_and_products(k)[0] for k in ("virginica", "versicolor", "setosa"))
    means = [4 * a + b - 5 * c for a, b, c in zip(virginica, versicolor, setosa, strict=True)]
    solution = np.linalg.solve(np.array(matrix, dtype=float), np.array(means, dtype=float))
    assert 100 * solution == pytest.approx(FISHER_COMPOUND, abs=3e-6)


def test_iris_has_the_rows_that_other_copies_have_wrong():
    """Rows 35 and 38, which the UCI repository's copy has as 4.9, 3.1, 1.5, 0.1, are as in the paper."""
    iris = load_iris()
    assert iris.X[34] == [4.9, 3.1, 1.5, 0.2]
    assert iris.X[37] == [4.9, 3.6, 1.4, 0.1]


def test_iris_is_a_plain_csv_file_in_the_package():
    """The data ship beside the code and are read by the reader that reads users' files."""
    text = files("nn.data").joinpath("iris.csv").read_text(encoding="utf-8")
    assert text.startswith(
        "sepal_length,sepal_width,petal_length,petal_width,species\n5.1,3.5,1.4,0.2,setosa\n"
    )
    assert text.count("\n") == 151


def test_each_call_gives_its_own_lists():
    """Changing one load of the data does not change the next."""
    load_iris().X[0][0] = 99.0
    assert load_iris().X[0][0] == 5.1


@pytest.mark.parametrize(
    ("cells", "y", "names"),
    [
        (["red", "blue", "red", "blue"], [1, 0, 1, 0], ("blue", "red")),
        (["0", "1", "1", "0"], [0, 1, 1, 0], ("0", "1")),
        (["1.0", "2.0", "2", "1e0"], [0, 1, 1, 0], ("1", "2")),
        (["10", "9", "10", "9", "-1", "-1"], [2, 1, 2, 1, 0, 0], ("-1", "9", "10")),
        (["-0.0", "0", "1", "1"], [0, 0, 1, 1], ("0", "1")),
        (["0", "1", "1", "1"], [0, 1, 1, 1], ("0", "1")),
        ([str(i % 10) for i in range(20)], [i % 10 for i in range(20)], tuple("0123456789")),
    ],
)
def test_targets_that_are_classes(cells, y, names):
    """Text, and few whole numbers that repeat, are classes: alphabetical, or in the order of their size."""
    assert target_of(*cells) == (y, names)
    assert {type(label) for label in target_of(*cells)[0]} == {int}


@pytest.mark.parametrize(
    "cells",
    [
        ["0.5", "1.5", "0.5", "1.5"],
        ["1", "2", "3", "4"],
        ["1", "2", "3", "3", "4"],
        ["0", "1", "1", "0.5", "0", "1", "0", "1"],
        [str(i % 11) for i in range(110)],
    ],
)
def test_targets_that_are_numbers(cells):
    """Fractions, whole numbers that hardly repeat, and more than ten of them are regression."""
    y, names = target_of(*cells)
    assert y == [float(cell) for cell in cells]
    assert names == ()
    assert {type(number) for number in y} == {float}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", "", "b"], "t.csv, line 3, column 't': the cell is empty; every row needs a target"),
        (["1.5", "nan", "2"], "t.csv, line 3, column 't': 'nan' is not finite"),
        (["a", "NaN", "b"], "t.csv, line 3, column 't': 'NaN' is not finite"),
        (["1", "inf"], "t.csv, line 3, column 't': 'inf' is not finite"),
        (
            ["1.5", "2", "n/a", "3"],
            "t.csv, line 4, column 't': 'n/a' is text, but line 2 has the number '1.5'",
        ),
        (["a", "b", "7", "a"], "t.csv, line 2, column 't': 'a' is text, but line 4 has the number '7'"),
        (["1000", '"1,000"'], "t.csv, line 3, column 't': '1,000' is text, but line 2 has the number '1000'"),
        (["a", "a", "a"], "t.csv: the target 't' is 'a' in every row: nothing to learn"),
        (["1", "1.0", "1"], "t.csv: the target 't' is '1' in every row: nothing to learn"),
        (["2.5"], "t.csv: the target 't' is '2.5' in every row: nothing to learn"),
        (
            ["a", "b", "c"],
            "t.csv: the target 't' has 3 different texts in 3 rows; expected numbers, or classes",
        ),
        (
            ["a", "b", "a"],
            "t.csv: the target 't' has 2 different texts in 3 rows; expected numbers, or classes",
        ),
    ],
)
def test_targets_that_cannot_be_learnt(cells, message):
    """Missing and mixed cells are named by line; a target that never or always changes is an error."""
    with pytest.raises(ValueError) as caught:
        target_of(*cells)
    assert str(caught.value).startswith(message)


def test_reading_a_file_for_classification(tmp_path):
    """Every column but the target is a feature, in the order of the file, wherever the target stands."""
    path = tmp_path / "data.csv"
    path.write_text("w;kind;h\n1;b;10\n2;a;20\n3;a;30\n4;b;40\n", encoding="utf-8")
    assert read_csv(path, "kind") == Dataset(
        [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]], [1, 0, 0, 1], ("w", "h"), ("a", "b")
    )


def test_reading_a_file_for_regression(tmp_path):
    """Numbers to learn come as floats without class names."""
    path = tmp_path / "data.csv"
    path.write_text("w,price\n1,2.5\n2,3.5\n", encoding="utf-8")
    data = read_csv(str(path), "price")
    assert data == Dataset([[1.0], [2.0]], [2.5, 3.5], ("w",))
    assert data.task == "regression"
    assert repr(data) == "Dataset(2 rows of 1 feature, regression)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w,colour,t\n1,red,0\n2,blue,1\n3,red,2\n", "line 2, column 'colour': 'red' is no number"),
        ("w,t\n1,0.5\n,1.5\n", "line 3, column 'w': no number in an empty cell"),
        ("t\n1.5\n2.5\n", "'t' is the only column; expected others to learn it from"),
        ("w,h\n1,2\n", "no column 't' among the 2 that the first line names: 'w', 'h'"),
    ],
)
def test_files_that_cannot_be_learnt_from(tmp_path, text, message):
    """Features that are no numbers, no features and no target are errors that start with the path."""
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        read_csv(path, "t")
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
