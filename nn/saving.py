"""Models as JSON files: what to build and the number of every parameter, exact to the last bit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from nn.activations import activation_name
from nn.files import write_text
from nn.layers import Dropout, Embedding, Layer, Neuron
from nn.module import Module
from nn.networks import MLP, Sequential

FORMAT: Final = "glassgrad model"
VERSION: Final = 1

File: TypeAlias = str | PathLike[str]
Document: TypeAlias = dict[str, Any]

_WORDS: Final[Mapping[str, Any]] = MappingProxyType({"nan": math.nan, "inf": math.inf, "-inf": -math.inf})

# A subclass is none of these: what it does is in code that the file does not hold.
_BUILT_IN: Final[Mapping[str, type[Module]]] = MappingProxyType(
    {kind.__name__: kind for kind in (MLP, Sequential, Layer, Neuron, Dropout, Embedding)}
)


def save(model: Module, path: File, extra: Mapping[str, Any] | None = None) -> None:
    """Write the model to a JSON file, whole or not at all.

    extra: whatever else belongs to it, such as the names of its inputs, for `load_extra`; data that JSON
    can hold. Raises TypeError or ValueError if it cannot, OSError if the file cannot be written.
    """
    document = to_dict(model) | {"extra": dict(extra or {})}
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def load(path: File, into: Module | None = None) -> Module:
    """The model in a file that `save` wrote, built anew; or `into`, with the file's parameters.

    A model of this package's own modules is built from the file alone, in training mode, with dropout drawn
    from seed 0. One that is, or holds, a class of your own needs an instance of it as `into`. Raises OSError
    if the file cannot be read, and ValueError, naming it, if it holds no such model or is damaged.
    """
    document = _read(path)
    try:
        return from_dict(document, into)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def load_extra(path: File) -> dict[str, Any]:
    """The `extra` that a model was saved with. Raises what `load` raises."""
    extra = _read(path).get("extra", {})
    if not isinstance(extra, dict):
        raise ValueError(f"{path}: the file is damaged: its extra is {extra!r}")
    return extra


def to_dict(model: Module) -> Document:
    """The model as plain data that JSON can hold: `format`, `version`, `class`, `arguments`, `parameters`.

    Floats survive JSON to the last bit; nan and infinities, for which it has no word, are text. `arguments`
    are those that make a model of this structure, None where the class and its arguments do not determine it.

    >>> document = to_dict(MLP(2, [4, 1]))
    >>> document["class"], document["arguments"]["nouts"], document["parameters"]["layers.0.neurons.3.b"]
    ('MLP', [4, 1], 0.0)
    """
    parameters = {name: x if math.isfinite(x) else repr(x) for name, x in model.state_dict().items()}
    described = _described(model)
    # Ties, and neurons that were changed one by one, are what a new model of these arguments would not have.
    if described["arguments"] is not None and _outline(_built(described)) != _outline(model):
        described["arguments"] = None
    return {"format": FORMAT, "version": VERSION, **described, "parameters": parameters}


def from_dict(document: Mapping[str, Any], into: Module | None = None) -> Module:
    """The model that `to_dict` described, built anew; or `into`, with its parameters.

    Other keys are ignored. Raises ValueError if `document` is none that `to_dict` made, or not for `into`.
    """
    version = document.get("version")
    if document.get("format") != FORMAT or not isinstance(version, int):
        raise ValueError("not a model that nn.save wrote")
    if version > VERSION:
        raise ValueError(
            f"the model is in format {version}, and this version of glassgrad reads up to {VERSION}: "
            "upgrade it (pip install --upgrade glassgrad)"
        )
    parameters = document.get("parameters")
    if not isinstance(parameters, dict):
        raise ValueError(f"the model is damaged: its parameters are {parameters!r}")
    model = _built(document) if into is None else into
    model.load_state_dict(
        {name: _WORDS.get(x, x) if isinstance(x, str) else x for name, x in parameters.items()}
    )
    return model


def _described(module: Module) -> Document:
    """The name of the module's class, and the arguments that make another like it, as far as they tell."""
    name = type(module).__name__
    return {
        "class": name,
        "arguments": _arguments(module) if _BUILT_IN.get(name) is type(module) else None,
    }


def _arguments(module: Module) -> dict[str, Any] | None:
    match module:
        case Neuron():
            return {"nin": len(module.w), "activation": activation_name(module.activation)}
        case Layer():
            width, activation = len(module.neurons), activation_name(module.activation)
            return {"nin": module.nin, "nout": width, "activation": activation}
        case MLP():
            layers = [layer for layer in module.layers if isinstance(layer, Layer)]
            if len(layers) != len(module.layers):
                return None
            return {
                "nin": layers[0].nin,
                "nouts": [len(layer.neurons) for layer in layers],
                "activation": activation_name(layers[0].activation),
                "output_activation": activation_name(layers[-1].activation),
            }
        case Sequential():
            parts = [_described(layer) for layer in module.layers]
            return None if any(part["arguments"] is None for part in parts) else {"layers": parts}
        case Dropout():
            return {"p": module.p}
        case Embedding():
            return {"num_embeddings": len(module.weight), "embedding_dim": len(module.weight[0])}
    return None


def _built(description: Mapping[str, Any]) -> Module:
    """A new module as `_described` told."""
    name, arguments = description.get("class"), description.get("arguments")
    if arguments is None:
        raise ValueError(
            f"the file does not say how to build this {name}: make one in your program, "
            "and give it as `into`, as in load(path, into=model)"
        )
    try:
        if name == "Sequential":
            return Sequential(*[_built(part) for part in arguments["layers"]])
        return _BUILT_IN[str(name)](**arguments)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the model is damaged: its structure is {description!r} ({error!r})") from None


def _outline(model: Module) -> list[Any]:
    """What models have in common that differ in nothing but numbers."""
    parts = [(name, type(part), vars(part).get("activation")) for name, part in model.named_modules()]
    return [*parts, *[name for name, _ in model.named_parameters()]]


def _read(path: File) -> Document:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise type(error)(f"{path}: {error.strerror}; expected a model that nn.save wrote") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a model that nn.save wrote, or damaged ({error})") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: not a model that nn.save wrote")
    return document
