"""Tests of nn.training.history."""

import json
import math
import os

import pytest

from nn.training.history import History


def three_epochs() -> History:
    """A history as `fit` makes it."""
    return History(
        [{"epoch": n, "loss": 1.0 / n, "accuracy": n / 4, "lr": 0.1, "seconds": 0.01} for n in (1, 2, 3)],
        stopped="finished",
    )


def test_positions_give_epochs_and_names_give_columns():
    """A history is a sequence of records, and a table of columns."""
    history = three_epochs()
    assert len(history) == 3
    assert history[-1]["loss"] == 1 / 3
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert history["accuracy"] == [0.25, 0.5, 0.75]
    assert history.columns == ("epoch", "loss", "accuracy", "lr", "seconds")
    assert "accuracy" in history
    assert "validation_loss" not in history


def test_a_column_that_is_not_there_is_named_beside_those_that_are():
    """A misspelt name is answered with the names there are; a history without epochs has empty columns."""
    with pytest.raises(KeyError, match="no column 'los': there are epoch, loss, accuracy, lr, seconds"):
        three_epochs()["los"]
    assert History()["loss"] == []
    assert History().columns == ()


def test_epochs_have_the_same_columns():
    """A record with other columns is refused, and the history keeps what it had."""
    history = three_epochs()
    with pytest.raises(
        ValueError, match="the columns are epoch, loss, accuracy, lr, seconds, not epoch, loss"
    ):
        history.append({"epoch": 4, "loss": 0.1})
    assert len(history) == 3


def test_a_record_is_copied():
    """What the caller does with a record afterwards does not change the history."""
    record = {"epoch": 1, "loss": 0.5}
    history = History()
    history.append(record)
    record["loss"] = 9.0
    assert history["loss"] == [0.5]


def test_repr_says_how_far_it_came_and_why_it_stopped():
    """One line: epochs, why it stopped, and the last epoch's scores."""
    assert repr(three_epochs()) == "History(3 epochs, finished: loss 0.3333, accuracy 0.75)"
    assert repr(History()) == "History(0 epochs)"
    assert (
        repr(History([{"epoch": 1, "loss": 2.0}], "interrupted")) == "History(1 epoch, interrupted: loss 2)"
    )


def test_a_saved_history_loads_to_the_last_bit(tmp_path):
    """Numbers, nan and infinities, the reason and the best epoch come back; epochs stay whole numbers."""
    history = History(
        [{"epoch": 1, "loss": 0.1 + 0.2, "validation_loss": math.inf, "r2_score": math.nan}],
        "no improvement",
        1,
    )
    history.save(tmp_path / "history.json")
    loaded = History.load(tmp_path / "history.json")
    assert loaded["loss"] == [0.1 + 0.2]
    assert loaded["validation_loss"] == [math.inf]
    assert math.isnan(loaded["r2_score"][0])
    assert type(loaded["epoch"][0]) is int
    assert (loaded.stopped, loaded.best_epoch) == ("no improvement", 1)


def test_a_saved_history_is_json_for_every_reader(tmp_path):
    """The file has none of the words, NaN and Infinity, that Python writes and JSON does not know."""
    History([{"epoch": 1, "loss": math.nan}]).save(tmp_path / "history.json")

    def refuse(word):
        raise AssertionError(word)

    state = json.loads((tmp_path / "history.json").read_text(), parse_constant=refuse)
    assert state["epochs"] == [{"epoch": 1, "loss": "nan"}]


def test_saving_replaces_whole_files_only(tmp_path):
    """A history that cannot be written leaves the old file as it was, and nothing beside it."""
    history, path = three_epochs(), tmp_path / "history.json"
    history.save(path)
    before = path.read_bytes()
    history.records[0]["loss"] = object()  # type: ignore[assignment]
    with pytest.raises(TypeError):
        history.save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["history.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "glassgrad model"}',
        '{"format": "glassgrad history 1", "stopped": "bored", "best_epoch": null, "epochs": []}',
        '{"format": "glassgrad history 1", "stopped": "", "best_epoch": null, "epochs": [3]}',
        '{"format": "glassgrad history 1", "stopped": "", "best_epoch": null, "epochs": [{"loss": "low"}]}',
        '{"format": "glassgrad history 1", "stopped": "", "best_epoch": null, "epochs": [{"loss": null}]}',
    ],
)
def test_loading_another_file_is_refused_by_name(tmp_path, text):
    """Whatever is no history is refused with the file's name; so is one that was cut or altered."""
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json: not a history that History\.save wrote"):
        History.load(path)


def test_a_missing_file_is_not_found(tmp_path):
    """A file that is not there is the usual error."""
    with pytest.raises(FileNotFoundError):
        History.load(tmp_path / "nothing.json")
