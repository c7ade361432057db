"""Saved models: exact numbers, structure without code, and errors that say what is wrong with a file."""

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from autograd import Value
from nn.layers import Dropout, Embedding, Layer, Neuron
from nn.module import Module
from nn.networks import MLP, Sequential
from nn.saving import from_dict, load, load_extra, save, to_dict

AWKWARD = [0.1, -0.0, 5e-324, -1.7976931348623157e308, 2.0**-1022, 1 / 3, math.inf, -math.inf, math.nan]


class Polynomial(Module):
    """A module of a user's own."""

    def __init__(self, coefficients):
        self.coefficients = [Value(c) for c in coefficients]

    def __call__(self, x):
        return sum(c * x**k for k, c in enumerate(self.coefficients))


class Widened(MLP):
    """A subclass, whose code no file holds."""


def square(z):
    return z * z


def bits(model):
    return {name: number.hex() for name, number in model.state_dict().items()}


MODELS = [
    MLP(2, [16, 16, 1]),
    MLP(3, [1], output_activation="sigmoid"),
    MLP(1, [2, 3], activation="gelu", output_activation="softplus", seed=5),
    Sequential(Embedding(5, 3), MLP(3, [4, 2], "tanh"), Dropout(0.25), Sequential(Layer(2, 1, None))),
    Layer(2, 3, "leaky_relu"),
    Neuron(4, "silu"),
    Dropout(0.125),
    Embedding(3, 2, seed=1),
    Sequential(),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_a_model_is_built_from_its_file_alone(model, tmp_path):
    """Class, structure and every number come back; what is built prints and saves as the original does."""
    save(model, tmp_path / "model.json")
    loaded = load(tmp_path / "model.json")
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert bits(loaded) == bits(model)
    save(loaded, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "model.json").read_bytes()


def test_another_process_computes_the_same_bits(tmp_path):
    """A model loaded in a new process, with other hashes, has the same bits and gives the same outputs."""
    model = Sequential(MLP(2, [5, 3], "tanh", seed=9), Layer(3, 2, "sigmoid", seed=8))
    save(model, tmp_path / "model.json")
    program = f"""
import nn
model = nn.load({str(tmp_path / "model.json")!r})
print({{name: number.hex() for name, number in model.state_dict().items()}})
print([z.data.hex() for z in model([0.3, -1.7])])
"""
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(Path(nn.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert printed == [str(bits(model)), str([z.data.hex() for z in model([0.3, -1.7])])]


def test_every_float_survives(tmp_path):
    """−0, the smallest and largest floats, infinities and nan come back as they were, from strict JSON."""
    rng = random.Random(1)
    numbers = AWKWARD + [rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 300) for _ in range(100)]
    save(Polynomial(numbers), tmp_path / "model.json")

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    json.loads((tmp_path / "model.json").read_text(), parse_constant=refuse)
    loaded = load(tmp_path / "model.json", into=Polynomial([0.0] * len(numbers)))
    assert [c.data.hex() for c in loaded.coefficients] == [number.hex() for number in numbers]


def test_a_users_model_is_loaded_into_one(tmp_path):
    """`into` gets the numbers and is returned; without it the error says what to do."""
    path = tmp_path / "model.json"
    save(Polynomial([1.0, 2.0]), path)
    model = Polynomial([0.0, 0.0])
    assert load(path, into=model) is model
    assert model(3.0).data == 7.0
    with pytest.raises(
        ValueError, match=r"model\.json: the file does not say how to build this Polynomial: make"
    ):
        load(path)
    with pytest.raises(
        ValueError, match=r"model\.json: the state does not fit this Polynomial: missing: coeff"
    ):
        load(path, into=Polynomial([0.0] * 3))


def tied():
    model = MLP(2, [2, 1])
    model.layers[0].neurons[1].w = model.layers[0].neurons[0].w
    return model


def changed_neuron():
    model = MLP(2, [2, 1])
    model.layers[0].neurons[1].activation = Value.tanh
    return model


def with_dropout():
    model = MLP(2, [2, 1])
    model.layers.insert(1, Dropout(0.5))
    return model


def with_temperature():
    model = MLP(2, [2, 1])
    model.temperature = Value(3.0)
    return model


def repeated():
    layer = Layer(2, 2)
    return Sequential(layer, layer)


UNUSUAL = [
    tied,
    changed_neuron,
    with_dropout,
    with_temperature,
    repeated,
    lambda: Widened(2, [2, 1]),
    lambda: MLP(2, [2, 1], activation=square),
    lambda: Sequential(Layer(2, 1), Polynomial([1.0])),
]


@pytest.mark.parametrize("make", UNUSUAL)
def test_what_its_arguments_do_not_determine_is_never_built_wrongly(make, tmp_path):
    """Ties, changes by hand, subclasses and own functions are kept by `into`, and not built without it."""
    path = tmp_path / "model.json"
    model, twin = make(), make()
    for parameter in model.parameters():
        parameter.data += 1.0
    save(model, path)
    with pytest.raises(ValueError, match="does not say how to build this"):
        load(path)
    assert bits(load(path, into=twin)) == bits(model)


def test_what_belongs_to_a_model_is_kept_beside_it(tmp_path):
    """`extra` comes back as it was; a file without any gives an empty dict."""
    extra = {"features": ["länge", "b"], "scaler": {"mean": [0.1], "scale": [2.5]}, "classes": None}
    save(MODELS[0], tmp_path / "with.json", extra=extra)
    save(MODELS[0], tmp_path / "without.json")
    assert load_extra(tmp_path / "with.json") == extra
    assert load_extra(tmp_path / "without.json") == {}
    assert bits(load(tmp_path / "with.json")) == bits(MODELS[0])


def test_a_model_is_plain_data():
    """`to_dict` fits into other JSON, `from_dict` ignores keys that others have put beside its own."""
    document = json.loads(json.dumps({**to_dict(MODELS[3]), "note": "mine"}))
    assert bits(from_dict(document)) == bits(MODELS[3])


@pytest.mark.parametrize("extra", [{"x": {1, 2}}, {"x": math.nan}])
def test_a_file_is_written_whole_or_not_at_all(extra, tmp_path):
    """When saving fails, what was there is untouched and nothing else is left behind."""
    path = tmp_path / "model.json"
    save(MODELS[0], path)
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError), match="JSON"):
        save(MODELS[1], path, extra=extra)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]
    with pytest.raises(OSError, match="nowhere"):
        save(MODELS[0], tmp_path / "nowhere" / "model.json")


def test_a_missing_file_is_named():
    """FileNotFoundError says which file and what was expected there."""
    with pytest.raises(FileNotFoundError, match=r"no/such\.json: .*expected a model that nn\.save wrote"):
        load("no/such.json")


DOCUMENT = to_dict(MLP(1, [1]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a model that nn.save wrote, or damaged"),
        (json.dumps(DOCUMENT).encode()[:-20], "not a model that nn.save wrote, or damaged"),
        (b"\xff\xfe\x00PNG", "not a model that nn.save wrote, or damaged"),
        (b"[" * 100_000, "not a model that nn.save wrote, or damaged"),
        (b"[1, 2]", "not a model that nn.save wrote"),
        ({"format": "something else"}, "not a model that nn.save wrote"),
        ({"version": "1"}, "not a model that nn.save wrote"),
        ({"version": 2}, "is in format 2, and this version of glassgrad reads up to 1: upgrade"),
        ({"parameters": None}, "damaged: its parameters are None"),
        ({"parameters": {}}, "missing: layers.0.neurons.0.w.0, layers.0.neurons.0.b"),
        ({"parameters": {**DOCUMENT["parameters"], "b": 1.0}}, "unexpected: b"),
        ({"parameters": {**DOCUMENT["parameters"], "layers.0.neurons.0.b": "x"}}, "not a number: .* is 'x'"),
        (
            {"parameters": {**DOCUMENT["parameters"], "layers.0.neurons.0.b": [1]}},
            r"not a number: .* is \[1\]",
        ),
        ({"class": "Unknown"}, "damaged: its structure is"),
        ({"arguments": {"nin": 1}}, "damaged: its structure is"),
        ({"arguments": [1, [1]]}, "damaged: its structure is"),
        ({"arguments": {**DOCUMENT["arguments"], "nin": -1}}, "nin is -1"),
        ({"class": "Sequential", "arguments": {"layers": [3]}}, "damaged: its structure is"),
        ({"arguments": {**DOCUMENT["arguments"], "activation": "swish"}}, "activation is 'swish'"),
    ],
)
def test_a_file_that_is_no_model_is_refused(content, message, tmp_path):
    """One ValueError names the file and what is wrong with it; a model given as `into` is unchanged."""
    path = tmp_path / "model.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps({**DOCUMENT, **content}).encode())
    with pytest.raises(ValueError, match=rf"(?s)model\.json: .*{message}"):
        load(path)


def test_a_file_that_does_not_fit_changes_nothing(tmp_path):
    """`into` is as it was after a load that failed."""
    path = tmp_path / "model.json"
    save(Polynomial([1.0, 2.0]), path)
    path.write_text(path.read_text().replace("2.0", '"two"'))
    model = Polynomial([5.0, 6.0])
    with pytest.raises(ValueError, match="is 'two'"):
        load(path, into=model)
    assert [c.data for c in model.coefficients] == [5.0, 6.0]


def test_a_damaged_extra_is_refused(tmp_path):
    """`load_extra` gives a dict or says that there is none, and names the file as `load` does."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**DOCUMENT, "extra": 3}))
    with pytest.raises(ValueError, match=r"model\.json: the file is damaged: its extra is 3"):
        load_extra(path)
    with pytest.raises(FileNotFoundError, match=r"no/such\.json"):
        load_extra("no/such.json")
