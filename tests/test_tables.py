"""Tests of nn.data.tables."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data.tables import Table, parse_number, parse_table, read_table


def parsed(text: str) -> Table:
    return parse_table(text, "t.csv")


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\n1,x\n2,y",
        "a,b\r\n1,x\r\n2,y\r\n",
        "a,b\r1,x\r2,y\r",
        "a;b\n1;x\n2;y\n",
        "a\tb\n1\tx\n2\ty\n",
        ' a , b \n 1 , x \n2,"y"\n',
        '"a","b"\n"1","x"\n"2","y"\n',
        'a, "b"\n1, "x"\n2, "y"\n',
        "\n\na;b\n1;x\n2;y\n",
        "\n\na,b\n\n1,x\n   \n2,y\n,\n\n",
    ],
)
def test_the_same_table_however_it_is_written(text):
    """Line ends, delimiters, quotes, blanks around cells and empty rows do not change what is read."""
    table = parsed(text)
    assert (table.names, table.rows) == (("a", "b"), [["1", "x"], ["2", "y"]])
    assert table.numbers(["a"]) == [[1.0], [2.0]]
    assert table.column("b") == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Height, cm;Weight, kg\n1;2\n", ("Height, cm", "Weight, kg")),
        ('"a;b",c\n1,2\n', ("a;b", "c")),
        ("a;b\tc,d\n1\t2\n", ("a;b", "c,d")),
        ("only\n1\n", ("only",)),
    ],
)
def test_the_first_line_decides_the_delimiter(text, names):
    """Tab before semicolon before comma, as far as they stand outside quotes in the line of names."""
    assert parsed(text).names == names


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8).filter(str.strip)


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(TEXTS, min_size=n, max_size=n), min_size=2, max_size=6)
    )
)
def test_what_the_csv_module_writes_is_read_back(records):
    """Quoted cells, with delimiters and quotes in them, come back as they were."""
    names = [f"column {i}" for i in range(len(records[0]))]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, *records])
    assert parsed(text.getvalue()).rows == records


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_bit_for_bit(number):
    """A float written with repr is the same float when read."""
    assert parsed(f"x\n{number!r}\n").numbers(["x"]) == [[number]]


def test_quoted_cells_keep_their_line_ends():
    """A line end inside quotes is part of the cell, as it was written."""
    assert parsed('a,b\r\n"x\r\ny","x\ny"\r\n').rows == [["x\r\ny", "x\ny"]]


def test_columns_come_in_the_order_asked_for():
    """Features are picked by name: order in the file and further columns do not matter."""
    table = parsed("c,name,a,b\n3,Ann,1,2\n6,Bob,4,5\n")
    assert table.numbers(["a", "b", "c"]) == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert table.numbers([]) == [[], []]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1", 1.0),
        ("-2.50", -2.5),
        ("+1e-3", 0.001),
        (".5", 0.5),
        ("1e999", float("inf")),
        ("1_000", None),
        ("1,000", None),
        ("1.000.000", None),
        ("1,5", None),
        ("12 kg", None),
        ("0x10", None),
        ("n/a", None),
        ("", None),
    ],
)
def test_what_is_a_number(cell, number):
    """Decimal points and exponents are; separators, units, other bases and Python's own 1_000 are not."""
    assert parse_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("abc", "'abc' is no number"),
        ('"1,234"', "'1,234' is no number"),
        ("1_000", "'1_000' is no number"),
        ("", "no number in an empty cell"),
        ('" "', "no number in an empty cell"),
        ("nan", "'nan' is not finite"),
        ("-inf", "'-inf' is not finite"),
        ("1e999", "'1e999' is not finite"),
    ],
)
def test_a_cell_that_is_no_number_is_named(cell, fault):
    """The error says the file, the line as an editor counts it, the column and the cell."""
    table = parsed(f'id,"long\nname",width\n\nA,"two\nlines",1.5\nB,b,{cell}\n')
    with pytest.raises(ValueError) as caught:
        table.numbers(["width"])
    assert str(caught.value) == f"t.csv, line 6, column 'width': {fault}; expected one like 1234.5"


def test_a_column_that_is_not_there_is_named():
    """The error names the columns that are there, the first ten of many."""
    with pytest.raises(ValueError) as caught:
        parsed("a,b\n1,2\n").column("c")
    assert str(caught.value) == "t.csv: no column 'c' among the 2 that the first line names: 'a', 'b'"
    wide = ",".join(f"p{i}" for i in range(784))
    with pytest.raises(ValueError, match=r"among the 784 that .*: 'p0', .*'p9', …$"):
        parsed(f"{wide}\n{wide}\n").numbers(["label"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: the file is empty"),
        ("\n  \n,,\n", "t.csv: the file is empty"),
        ("a,b\n", "t.csv: no rows follow the line of column names"),
        ("a,,c\n1,2,3\n", "t.csv, line 1: column 2 has no name"),
        ("\na,b,a\n1,2,3\n", "t.csv, line 2: columns 1 and 3 are both named 'a'"),
        ("a,b\n1,2\n\n3\n", "t.csv, line 4: 1 cells, but the first line names 2"),
        ("a,b\n1,2,3\n", "t.csv, line 2: 3 cells, but the first line names 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "t.csv, line 3: unexpected end of data; is a quote"),
        ('a,b\n1,"2"3\n', "t.csv, line 2: ',' expected after '\"'; is a quote"),
        ("a,b\n1," + "2" * 200_000 + "\n", "t.csv, line 2: field larger than field limit"),
    ],
)
def test_text_that_is_no_table_is_refused(text, message):
    """Empty files, missing and repeated names, ragged rows and open quotes are one line that says where."""
    with pytest.raises(ValueError) as caught:
        parsed(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_files_with_a_byte_order_mark(tmp_path):
    """The mark that spreadsheets put first is not part of the first name."""
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbfh\xc3\xb6he,b\n1,2\n")
    assert read_table(path).names == ("höhe", "b")
    assert read_table(str(path)).path == str(path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_that_are_not_utf8(tmp_path, mark):
    """The error names the line and the byte, after a byte order mark too."""
    path = tmp_path / "latin.csv"
    path.write_bytes(mark + b"a,b\n1,2\nh\xf6he,3\n")
    with pytest.raises(
        ValueError, match=r"latin\.csv, line 3: byte 0xf6 is not UTF-8; save the file as UTF-8"
    ):
        read_table(path)


def test_files_that_cannot_be_opened(tmp_path):
    """A missing file and a folder keep their own kind of error, with the path first."""
    missing = tmp_path / "missing.csv"
    with pytest.raises(FileNotFoundError) as caught:
        read_table(missing)
    assert str(caught.value) == f"{missing}: No such file or directory; expected a CSV file"
    with pytest.raises(IsADirectoryError, match="Is a directory; expected a CSV file"):
        read_table(tmp_path)
