"""Tests of nn.command.main, nn.command.train, nn.command.predict and nn.command.results: what users of `glassgrad` see."""

import csv
import io
import os
import random
import re
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nn import load, load_iris, save
from nn.command.main import main
from nn.command.task import Task
from nn.networks import MLP
from nn.training.history import History
from nn.training.steps import predict

ROOT = Path(__file__).parent.parent
PROGRAM = [sys.executable, "-c", "from nn.command.main import main; raise SystemExit(main())"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
EVERYTHING = ["graph.svg", "history.json", "model.json", "training.png"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, *lines: str) -> str:
    """A CSV file with these lines; its name."""
    Path(name).write_text("\n".join(lines) + "\n")
    return name


def prices(name: str = "prices.csv", rows: int = 60) -> str:
    """A CSV file of prices that follow from size and age."""
    rng = random.Random(1)
    points = [(rng.uniform(20, 200), rng.uniform(0, 50)) for _ in range(rows)]
    return write(
        name, "size,age,price", *[f"{s:.1f},{a:.1f},{1000 * s - 500 * a + 9:.0f}" for s, a in points]
    )


def train(*arguments: str) -> None:
    """`glassgrad train` with the fewest epochs that a test can do with, unless it gives others."""
    assert main(["train", "--epochs", "2", *arguments]) == 0


def printed(text: str) -> dict[str, str]:
    """The report that `train` prints, line by line under its first word."""
    return {line[:9].strip(): line[9:] for line in text.splitlines()}


def test_iris_is_learnt_with_the_defaults(capsys):
    """`glassgrad train` alone: over two seeds, at least 93% of the flowers held out are told apart.

    (Over the seeds 0 to 9 it is 96.7%; the margin is for fewer flowers.)
    """
    accuracies = []
    for seed in ("0", "1"):
        assert main(["train", "--seed", seed]) == 0
        report = printed(capsys.readouterr().out)
        assert report["split"] == f"105 rows to train on, 45 held out as a test (seed {seed})"
        accuracies.append(float(report["test"].removeprefix("accuracy ")))
    assert sum(accuracies) / 2 >= 0.93
    assert sorted(os.listdir()) == ["glassgrad-iris", "glassgrad-iris-2"]


def test_train_says_what_it_read_and_did(capsys):
    """The report names rows, features, classes, sizes, network, both scores, files and the next command."""
    train("--out", "here")
    report = printed(capsys.readouterr().out)
    assert (
        report["read"] == "Iris: 150 rows, 4 features: sepal_length, sepal_width, petal_length, petal_width"
    )
    assert report["target"] == "species: 3 classes: setosa (50), versicolor (50), virginica (50)"
    assert report["network"].startswith("MLP(4 → 16 relu → 3, 131 parameters); 2 epochs of Adam")
    assert report["train"].startswith("accuracy ")
    assert report["test"].startswith("accuracy ")
    assert report["wrote"] == "here: model.json, history.json, training.png, graph.svg"
    assert report["next"] == f"glassgrad predict {Path('here', 'model.json')} FILE.csv"
    assert sorted(os.listdir("here")) == EVERYTHING
    assert os.listdir() == ["here"]


def test_the_written_files_are_what_they_say(capsys):
    """The model file gives the accuracy that was printed; history, PNG and SVG can be read."""
    train("--out", "here", "--seed", "3", "--epochs", "5")
    report = printed(capsys.readouterr().out)
    data, model = load_iris(), load("here/model.json")
    assert main(["predict", "here", str(files("nn.data") / "iris.csv")]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    right = sum(row["species"] == row["predicted_species"] for row in rows)
    scores = [float(report[part].removeprefix("accuracy ")) for part in ("train", "test")]
    assert right / 150 == pytest.approx(0.7 * scores[0] + 0.3 * scores[1], abs=1e-4)
    assert len(model.parameters()) == 131
    history = History.load("here/history.json")
    assert len(history) == 5
    assert "validation_accuracy" in history.columns
    assert Path("here/training.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse("here/graph.svg").getroot().tag.endswith("svg")
    assert "petal_width" in Path("here/graph.svg").read_text()
    assert data.target_names[0] in rows[0]["predicted_species"]


def test_the_confusion_of_classes_adds_up(capsys):
    """The table below the test score has a row for each class, and the held-out rows in its cells."""
    train("--out", "here")
    out = capsys.readouterr().out
    rows = [
        re.findall(r"\d+", line)
        for line in out.splitlines()
        if re.search(r"(setosa|color|virginica) +\d", line)
    ]
    assert [sum(map(int, row)) for row in rows] == [15, 15, 15]


def test_a_quantity_is_learnt_in_its_own_unit(capsys):
    """Numbers are found to be a regression; scores and predictions are prices, not standardised ones."""
    assert main(["train", prices(), "--target", "price", "--epochs", "60"]) == 0
    report = printed(capsys.readouterr().out)
    assert report["target"].endswith("(regression)")
    scores = dict(re.findall(r"([^,]+?) ([\d.e+]+)(?:, |$)", report["test"]))
    assert float(scores["R²"]) > 0.98
    assert 100 < float(scores["mean absolute error"]) <= float(scores["root mean squared error"]) < 20_000
    assert main(["predict", "glassgrad-prices", "prices.csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    errors = [abs(float(row["predicted_price"]) - float(row["price"])) for row in rows]
    assert list(rows[0]) == ["size", "age", "price", "predicted_price"]
    assert sum(errors) / len(errors) < 10_000


def test_training_is_reproducible_from_the_seed():
    """The same command writes the same model to the last bit; another seed another one."""
    for seed, out in (("1", "a"), ("1", "b"), ("2", "c")):
        train("--seed", seed, "--out", out)
    assert Path("a/model.json").read_bytes() == Path("b/model.json").read_bytes()
    assert Path("a/model.json").read_bytes() != Path("c/model.json").read_bytes()


def test_predictions_are_the_table_with_columns_added(capsys):
    """All columns stay, in order, also those that were not learnt from; each row's probabilities add to 1."""
    train("--out", "here")
    header = "note;petal_width;petal_length;sepal_width;sepal_length"
    write("flowers.csv", header, '"a; b";0.2;1.4;3.5;5.1', "c;2.5;6.0;3.3;6.3")
    capsys.readouterr()
    assert main(["predict", "here/model.json", "flowers.csv"]) == 0
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert err == ""
    assert list(rows[0])[:6] == [*header.split(";"), "predicted_species"]
    assert [row["note"] for row in rows] == ["a; b", "c"]
    names = ["setosa", "versicolor", "virginica"]
    for row in rows:
        shares = [float(row[f"probability_{name}"]) for name in names]
        assert sum(shares) == pytest.approx(1.0, abs=3e-6)
        assert row["predicted_species"] == names[shares.index(max(shares))]
    assert main(["predict", "here", "flowers.csv", "--out", "predictions.csv"]) == 0
    assert Path("predictions.csv").read_text() == out
    assert capsys.readouterr().out.startswith("wrote predictions.csv: 2 rows, with predicted_species, prob")


def test_results_are_never_overwritten(capsys):
    """Without --out the next free number is taken; --out may name an empty folder, but none with files."""
    train()
    train()
    Path("empty").mkdir()
    train("--out", "empty")
    assert sorted(os.listdir()) == ["empty", "glassgrad-iris", "glassgrad-iris-2"]
    assert sorted(os.listdir("empty")) == EVERYTHING
    before = Path("empty/model.json").read_bytes()
    capsys.readouterr()
    assert main(["train", "--seed", "5", "--out", "empty"]) == 2
    assert capsys.readouterr().err == "glassgrad: error: --out empty exists; give a new name, or remove it\n"
    assert Path("empty/model.json").read_bytes() == before


def test_settings_reach_the_network(capsys):
    """Widths, rate, batch size and share held out are those of the options."""
    train("--hidden", "5,4", "--lr", "0.5", "--batch-size", "50", "--test-size", "0.2", "--out", "here")
    report = printed(capsys.readouterr().out)
    assert report["split"].startswith("120 rows to train on, 30 held out")
    assert (
        report["network"]
        == "MLP(4 → 5 relu → 4 relu → 3, 64 parameters); 2 epochs of Adam at 0.5, 50 rows a step"
    )
    assert {*History.load("here/history.json")["lr"]} == {0.5}


BAD_TABLES = {
    "empty.csv": "",
    "one_class.csv": "a,b\n1,x\n2,x\n",
    "constant.csv": "a,b,c\n1,7,x\n2,7,y\n3,7,x\n4,7,y\n",
    "rare.csv": "a,b\n1,x\n2,x\n3,x\n4,y\n",
    "hole.csv": "a,b\n1,x\n2,\n",
    "text.csv": "a,b\nred,1\nblue,2.5\n",
    "alone.csv": "b\n1.5\n2.5\n3.5\n",
    "ragged.csv": "a,b\n1,2\n3\n",
    "good.csv": "a,b\n1,1.5\n2,2.5\n3,3.5\n4,4.0\n",
    "huge.csv": "a,b\n1e308,1.5\n2,2.5\n3,3.5\n4,4.0\n",
}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("train empty.csv --target b", "empty.csv: the file is empty"),
        ("train one_class.csv --target b", "one_class.csv: the target 'b' is 'x' in every row"),
        ("train constant.csv --target c", "constant.csv: column 'b' is 7 in every row; remove it"),
        ("train rare.csv --target b", "rare.csv: class 'y' of 'b' has one row only"),
        ("train hole.csv --target b", "hole.csv, line 3, column 'b': the cell is empty"),
        ("train text.csv --target b", "text.csv, line 2, column 'a': 'red' is no number"),
        ("train alone.csv --target b", "alone.csv: 'b' is the only column"),
        ("train ragged.csv --target b", "ragged.csv, line 3: 1 cells, but the first line names 2"),
        ("train good.csv --target c", "good.csv: no column 'c' among the 2"),
        ("train good.csv", "good.csv: --target is missing; give the column to predict, one of 'a', 'b'"),
        ("train huge.csv --target b --seed 1", "standardising needs numbers of at most 1e+300"),
        ("train none.csv --target b", "none.csv: No such file or directory"),
        ("train . --target b", ".: Is a directory"),
        ("train --target b", "--target b without a table"),
        ("train --out good.csv", "--out good.csv exists"),
        ("train --out none/here", "none: no such folder to write here to"),
        ("train --epochs 0", "argument --epochs: '0' is not a whole number, 1 or more"),
        ("train --epochs 1.5", "argument --epochs: '1.5' is not a whole number"),
        ("train --hidden 8,x", "argument --hidden: '8,x' is not a list of widths such as 16,16"),
        ("train --hidden 0", "argument --hidden: '0' is not a list of widths"),
        ("train --lr nan", "argument --lr: 'nan' is not a number above 0"),
        ("train --test-size 1", "argument --test-size: '1' is not a number between 0 and 1"),
        ("train --seed -1", "argument --seed: '-1' is not a whole number, 0 or more"),
        ("train --speed", "unrecognized arguments: --speed"),
        ("learn", "invalid choice: 'learn'"),
        ("", "required: COMMAND"),
        ("predict", "required: MODEL, FILE.csv"),
        ("predict none.json good.csv", "none.json: No such file or directory"),
        ("predict good.csv good.csv", "good.csv: not a model"),
        ("predict plain.json good.csv", "plain.json: it does not say what it learnt from which columns"),
        ("predict trained none.csv", "none.csv: No such file or directory"),
        ("predict trained good.csv", "good.csv: no column 'sepal_length' among the 2"),
        ("predict trained again.csv", "again.csv: there is a column 'predicted_species' already"),
        ("predict trained flowers.csv --out none/here.csv", "none/here.csv: No such file or directory"),
        ("predict trained flowers.csv --out flowers.csv", "--out flowers.csv is a file that is read"),
        ("predict trained letters.csv", "letters.csv, line 2, column 'petal_width': 'x' is no number"),
    ],
)
def test_bad_input_is_one_line_and_nothing_written(arguments, message, capsys):
    """Exit code 2, one line on standard error that names what was given, nothing else printed or written."""
    for name, text in BAD_TABLES.items():
        Path(name).write_text(text)
    flower = "sepal_length,sepal_width,petal_length,petal_width"
    write("flowers.csv", flower, "5,3,1,0.2")
    write("letters.csv", flower, "5,3,1,x")
    write("again.csv", f"{flower},predicted_species", "5,3,1,0.2,setosa")
    save(MLP(1, [1]), "plain.json")
    data = load_iris()
    Path("trained").mkdir()
    task = Task.learning("species", data, data.X, data.y)
    save(MLP(4, [3]), "trained/model.json", extra=task.state_dict())
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    try:
        code = main(arguments.split())
    except SystemExit as exit:
        code = exit.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("glassgrad: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_divergence_is_bad_input(capsys):
    """A rate that makes the loss infinite is an error that names step and rate; nothing is written."""
    assert main(["train", "--lr", "1e308"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.match(
        r"glassgrad: error: training stopped before step \d+ of epoch \d+: .* --lr is 1e\+308$", last
    )
    assert os.listdir() == []


def test_a_failure_while_writing_leaves_nothing(capsys, monkeypatch):
    """If the disk is full halfway through, the files before it are gone too."""

    def full(history, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(History, "save", full)
    assert main(["train", "--epochs", "1"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert os.listdir() == []


def test_without_matplotlib_and_graphviz_the_pictures_are_skipped(capsys, monkeypatch):
    """What cannot be made is said before training, with what to install; model and history are written."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", "")
    train("--out", "here")
    lines = capsys.readouterr().out.splitlines()
    skipped = [line for line in lines if line.startswith("skipped")]
    assert re.match(r'skipped +training\.png: .*pip install "glassgrad\[plot\]"', skipped[0])
    assert re.match(r'skipped +graph\.svg: .*pip install "glassgrad\[draw\]"', skipped[1])
    assert lines.index(skipped[1]) < next(i for i, line in enumerate(lines) if line.startswith("train"))
    assert sorted(os.listdir("here")) == ["history.json", "model.json"]


def test_ctrl_c_writes_the_model_as_it_is(tmp_path):
    """SIGINT during training ends in exit code 130, after the step, with everything written."""
    command = [*PROGRAM, "train", "--epochs", "100000", "--out", "here"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        while "accuracy" not in (shown := running.stderr.read(200)):
            assert shown
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=30)
    assert running.returncode == 130
    history = History.load(tmp_path / "here" / "history.json")
    assert history.stopped == "interrupted"
    assert f"by Ctrl-C in epoch {len(history)}" in printed(out)["stopped"]
    assert sorted(os.listdir(tmp_path / "here")) == EVERYTHING
    model = load(tmp_path / "here" / "model.json")
    assert len(predict(model, load_iris().X)) == 150


def test_ctrl_c_at_any_other_time_writes_nothing(capsys, monkeypatch):
    """Interrupted before or after training, it says that nothing was written, and that is so."""

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(History, "save", interrupted)
    assert main(["train", "--epochs", "1"]) == 130
    assert capsys.readouterr().err.endswith("glassgrad: interrupted, nothing was written\n")
    assert os.listdir() == []


def test_a_reader_that_has_had_enough_is_no_error(tmp_path):
    """`glassgrad predict … | head -1` ends quietly."""
    train(prices(rows=20), "--target", "price", "--out", "here")
    prices("many.csv", rows=8000)
    command = [*PROGRAM, "predict", "here", "many.csv"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline() == "size,age,price,predicted_price\n"
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["predict", "--help"], ["--version"]])
def test_help_and_version(arguments, capsys):
    """Each is printed and is no error."""
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 0
    assert "glassgrad" in capsys.readouterr().out


def test_compiled_training_ends_where_eager_training_ends(capsys):
    """--compiled prints the same accuracies and writes the same model to 1e-9."""
    pytest.importorskip("numba", reason="--compiled needs the extra glassgrad[fast]")
    train("--out", "eager", "--epochs", "4", "--no-compiled")
    eager = capsys.readouterr().out
    train("--out", "fast", "--epochs", "4", "--compiled")
    assert capsys.readouterr().out == eager.replace("eager", "fast")
    expected = load("eager/model.json").state_dict()
    assert load("fast/model.json").state_dict() == pytest.approx(expected, rel=1e-9, abs=1e-12)
