"""Writes nn_reference.json: PyTorch's own numbers for the optimisers, schedules, clipping and losses of `nn`.

The tests only read the JSON, so they need no PyTorch. To write it again: `python make_nn_reference.py`, with
torch installed. Everything is float64; the inputs are stored beside the results, the floats in full.
"""

import json
import math
from pathlib import Path

import torch
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

STEPS = 100
KEPT = [1, 2, 3, 4, *range(5, STEPS + 1, 5)]  # a deviation stays in the state, so every fifth step is enough
START = [0.5, -1.5, 2.0, 0.25]
MODEL_START = [0.8, -0.1, 0.5, 0.2, 0.1]

OPTIMISERS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.9}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.02, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "dampening": 0.5, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.1, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.002, "alpha": 0.9}),
    ("RMSprop", {"eps": 0.05}),
    ("RMSprop", {"weight_decay": 0.1}),
    ("RMSprop", {"momentum": 0.7}),
    ("RMSprop", {"centered": True}),
    (
        "RMSprop",
        {"lr": 0.003, "alpha": 0.8, "eps": 0.01, "weight_decay": 0.05, "momentum": 0.6, "centered": True},
    ),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.05}),
    ("Adagrad", {"weight_decay": 0.1}),
    ("Adagrad", {"initial_accumulator_value": 0.5}),
    ("Adagrad", {"eps": 0.05}),
    (
        "Adagrad",
        {"lr": 0.05, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.2, "eps": 0.01},
    ),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": [0.8, 0.95]}),
    ("Adam", {"lr": 0.02, "betas": [0.0, 0.5]}),
    ("Adam", {"eps": 0.05}),
    ("Adam", {"weight_decay": 0.1}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.01, "betas": [0.85, 0.9], "eps": 0.001, "weight_decay": 0.05, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.0}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.01, "betas": [0.85, 0.9], "eps": 0.001, "weight_decay": 0.05, "amsgrad": True}),
]

SCHEDULES = [
    (0.1, [["StepLR", {"step_size": 7}]]),
    (0.3, [["StepLR", {"step_size": 1, "gamma": 0.9}]]),
    (0.1, [["ExponentialLR", {"gamma": 0.93}]]),
    (0.1, [["CosineAnnealingLR", {"T_max": 10}]]),
    (0.07, [["CosineAnnealingLR", {"T_max": 25, "eta_min": 0.002}]]),
    (0.07, [["CosineAnnealingLR", {"T_max": 1, "eta_min": 0.01}]]),
    (0.1, [["StepLR", {"step_size": 7}], ["CosineAnnealingLR", {"T_max": 25, "eta_min": 0.002}]]),
]

PLATEAUS = [
    {},
    {"factor": 0.5, "patience": 2},
    {"factor": 0.5, "patience": 1, "threshold": 0.2},
    {"factor": 0.5, "patience": 1, "threshold": 0.2, "threshold_mode": "abs"},
    {"mode": "max", "factor": 0.7, "patience": 1},
    {"mode": "max", "factor": 0.7, "patience": 0, "threshold": 0.3, "threshold_mode": "abs"},
    {"factor": 0.5, "patience": 1, "cooldown": 4},
    {"factor": 0.5, "patience": 0, "min_lr": 0.01},
    {"factor": 0.5, "patience": 0, "eps": 0.01},
]

LOOPS = [
    ("SGD", {"lr": 0.3, "momentum": 0.9}, [["clip_grad_norm_", [0.5]]], ["CosineAnnealingLR", {"T_max": 40}]),
    ("SGD", {"lr": 0.3}, [["clip_grad_norm_", [0.2, 1.0]]], ["ExponentialLR", {"gamma": 0.99}]),
    ("Adam", {"lr": 0.05}, [["clip_grad_value_", [0.1]]], ["StepLR", {"step_size": 20, "gamma": 0.5}]),
    ("AdamW", {"lr": 0.05}, [["clip_grad_value_", [0.3]], ["clip_grad_norm_", [0.4, math.inf]]], None),
]

GRADIENTS_TO_CLIP = [[3.0, -4.0, 12.0], [0.01, 0.02, -0.03], [0.0, 0.0, 0.0], [1e-9, -7.0, 1e5]]
NORMS = [[1.0, 2.0], [1.0, 1.0], [2.5, 3.0], [2.5, math.inf], [0.0, 2.0], [100.0, 1.5]]


def noise(count: int) -> list[float]:
    """Numbers in [−1, 1) from the multiplicative congruential generator of Lewis, Goodman and Miller."""
    state, numbers = 20250101, []
    for _ in range(count):
        state = state * 16807 % 2147483647
        numbers.append(2.0 * state / 2147483647 - 1.0)
    return numbers


def gradient_sequence() -> list[list[float]]:
    """A drifting gradient, a small one, a large one, and one that is 0 in most steps."""
    r = noise(4 * STEPS)
    return [
        [0.3 + r[4 * t], 1e-3 * r[4 * t + 1], 1e3 * r[4 * t + 2], r[4 * t + 3] if t % 7 == 3 else 0.0]
        for t in range(STEPS)
    ]


def points() -> list[list[float]]:
    """Eight pairs x, y around y = 3x + 5.

    They are so far from where the model starts that RMSprop, which divides a gradient by its size, meets none
    that is all rounding.
    """
    x = [k / 2 - 1.75 for k in range(8)]
    return [[x, 3.0 * x + 5.0 + 0.5 * e] for x, e in zip(x, noise(8), strict=True)]


def model_loss(w: list[torch.Tensor]) -> torch.Tensor:
    """The mean squared error of w₁·tanh(w₀x + w₂) + w₃x + w₄ on the points."""
    x, y = torch.tensor(points(), dtype=torch.float64).T
    return functional.mse_loss(w[1] * torch.tanh(w[0] * x + w[2]) + w[3] * x + w[4], y)


def scalars(numbers: list[float]) -> list[torch.Tensor]:
    return [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]


def optimiser(name, parameters, arguments):
    tupled = {key: tuple(given) if key == "betas" else given for key, given in arguments.items()}
    return getattr(torch.optim, name)(parameters, **tupled)


def driven(name, arguments, gradients) -> list[list[float]]:
    """The parameters at the kept steps, the gradients being given."""
    parameters = scalars(START)
    steps = optimiser(name, parameters, arguments)
    kept = []
    for step, row in enumerate(gradients, start=1):
        for parameter, gradient in zip(parameters, row, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        steps.step()
        if step in KEPT:
            kept.append([parameter.item() for parameter in parameters])
    return kept


def trained(name, arguments, clips=(), schedule=None) -> list[list[float]]:
    """The parameters at the kept steps, trained on the points."""
    parameters = scalars(MODEL_START)
    steps = optimiser(name, parameters, arguments)
    rate = schedule and getattr(torch.optim.lr_scheduler, schedule[0])(steps, **schedule[1])
    clipping = {"clip_grad_norm_": clip_grad_norm_, "clip_grad_value_": clip_grad_value_}
    kept = []
    for step in range(1, STEPS + 1):
        steps.zero_grad()
        model_loss(parameters).backward()
        for clip, settings in clips:
            clipping[clip](parameters, *settings)
        steps.step()
        if rate:
            rate.step()
        if step in KEPT:
            kept.append([parameter.item() for parameter in parameters])
    return kept


def without_eps(name) -> list[float]:
    """One step with eps=0 along gradients whose squares are 0, where the rule divides by 0."""
    parameters = scalars([1.0, 1.0, 1.0, 1.0])
    steps = optimiser(name, parameters, {"lr": 0.5, "eps": 0.0})
    for parameter, gradient in zip(parameters, [0.0, 1e-200, -1e-200, 2.0], strict=True):
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    steps.step()
    return [parameter.item() for parameter in parameters]


def rates(lr, schedules) -> list[float]:
    """The rate before each of 61 epochs, under schedules that are stepped one after the other."""
    steps = torch.optim.SGD(scalars([0.0]), lr=lr)
    chained = [getattr(torch.optim.lr_scheduler, name)(steps, **arguments) for name, arguments in schedules]
    sequence = [lr]
    for _ in range(60):
        steps.step()
        for schedule in chained:
            schedule.step()
        sequence.append(steps.param_groups[0]["lr"])
    return sequence


def plateau_metrics() -> list[float]:
    """A metric that falls, stays, jumps, is nan once, and falls again."""
    r = noise(60)
    level = [
        3.0 * 0.8**t if t < 15 else 0.12 if t < 35 else 2.0 if t < 40 else 0.1 * 0.9 ** (t - 40)
        for t in range(60)
    ]
    return [math.nan if t == 20 else level[t] + 0.02 * r[t] for t in range(60)]


def plateau_rates(arguments) -> list[float]:
    steps = torch.optim.SGD(scalars([0.0]), lr=0.1)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(steps, **arguments)
    sequence = []
    for metric in plateau_metrics():
        schedule.step(metric)
        sequence.append(steps.param_groups[0]["lr"])
    return sequence


def clipped(gradients, clip, settings) -> tuple[float | None, list[float]]:
    parameters = scalars([0.0] * len(gradients))
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    norm = clip(parameters, *settings)
    return norm if norm is None else norm.item(), [parameter.grad.item() for parameter in parameters]


def reduced(entries: torch.Tensor, reduction: str) -> torch.Tensor:
    return {"mean": entries.mean, "sum": entries.sum, "none": entries.clone}[reduction]()


def half_squared_error(p, y, reduction):
    return reduced(0.5 * (p - y) ** 2, reduction)


def hinge(p, y, reduction):
    return reduced(torch.relu(1.0 - y * p), reduction)


def loss_cases() -> list[tuple]:
    """The name, PyTorch's function, predictions, targets and settings of each case."""
    regression = [0.5, -1.25, 3.0, 1e8, -1e8, 0.7, 1e-200], [0.25, 1.75, 3.0, 1.0, 2.0, -0.3, 0.0]
    rows = [[0.5, -1.0], [2.0, 0.3], [1e4, -7.0]], [[0.0, 1.0], [2.5, 0.3], [3.0, -7.5]]
    kinks = [0.5, -0.5, 0.5000001, 0.4999999, 0.0, 9.0, -1e9], [0.0] * 7
    margins = [0.3, -0.7, 1.0, -1.0, 5.0, -5.0, 1e6, 0.0], [1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0]
    # Inside (0, 1) only: at 0 and 1 PyTorch stops the logarithm at −100, nn does not.
    probabilities = (
        [a for a in (1e-9, 0.01, 0.3, 0.5, 0.99, 1.0 - 1e-9) for _ in range(3)],
        [0.0, 1.0, 0.3] * 6,
    )
    sizes = (1000.0, -1000.0, 100.0, -100.0, 30.0, -30.0, 1.0, -1.0, 0.0, 1e-9)
    logits = [z for z in sizes for _ in range(3)], [0.0, 1.0, 0.3] * 10
    ordinary, even, tiny, close = [0.2, -1.3, 0.7], [5.0, 5.0, 5.0], [1e-9, 0.0, -1e-9], [30.0, -30.0, 29.0]
    large, low = [1000.0, -1000.0, 0.0], [-1000.0, -1001.0, -1000.5]
    classes = [ordinary, large, large, low, even, tiny, close], [0, 0, 1, 2, 1, 0, 2]
    cases = []
    for data in (regression, rows):
        cases.append(("half_squared_error", half_squared_error, *data, {}))
        cases.append(("mean_squared_error", functional.mse_loss, *data, {}))
    for data in (regression, rows, kinks):
        cases += [("huber", functional.huber_loss, *data, {"delta": delta}) for delta in (1.0, 0.5, 2.5)]
    with_logits = functional.binary_cross_entropy_with_logits
    return [
        *cases,
        ("hinge", hinge, *margins, {}),
        ("binary_cross_entropy", functional.binary_cross_entropy, *probabilities, {}),
        ("binary_cross_entropy_with_logits", with_logits, *logits, {}),
        ("cross_entropy", functional.cross_entropy, *classes, {}),
    ]


def losses() -> list[dict]:
    """Each case's value and gradients for each reduction; the gradients of "none" are those of "sum"."""
    results = []
    for name, function, predictions, targets, settings in loss_cases():
        y = torch.tensor(targets, dtype=torch.int64 if name == "cross_entropy" else torch.float64)
        result = {"loss": name, "predictions": predictions, "targets": targets, "settings": settings}
        for reduction in ("mean", "sum", "none"):
            p = torch.tensor(predictions, dtype=torch.float64, requires_grad=True)
            loss = function(p, y, reduction=reduction, **settings)
            loss.sum().backward()
            result[reduction] = {"value": loss.tolist(), "gradients": p.grad.tolist()}
        results.append(result)
    return results


def clipping() -> list[dict]:
    """The norm, None for clipping by value, and the clipped gradients of each case."""
    results = []
    for gradients in GRADIENTS_TO_CLIP:
        cases = [("clip_grad_norm_", clip_grad_norm_, settings) for settings in NORMS]
        for name, clip, settings in [*cases, ("clip_grad_value_", clip_grad_value_, [0.02])]:
            norm, after = clipped(gradients, clip, settings)
            case = {"clip": name, "settings": settings, "gradients": gradients}
            results.append({**case, "norm": norm, "clipped": after})
    return results


def optimisers() -> list[dict]:
    """The parameters of every case, along given gradients and in training."""
    gradients = gradient_sequence()
    results = []
    for name, arguments in OPTIMISERS:
        kept = {"driven": driven(name, arguments, gradients), "trained": trained(name, arguments)}
        results.append({"optimiser": name, "arguments": arguments, **kept})
    return results


def loops() -> list[dict]:
    """The parameters in training with clipping between backward and step, and a schedule after it."""
    results = []
    for name, arguments, clips, schedule in LOOPS:
        case = {"optimiser": name, "arguments": arguments, "clips": clips, "schedule": schedule}
        results.append({**case, "trained": trained(name, arguments, clips, schedule)})
    return results


def reference() -> dict:
    return {
        "torch": torch.__version__,
        "kept": KEPT,
        "start": START,
        "gradients": gradient_sequence(),
        "model_start": MODEL_START,
        "points": points(),
        "optimisers": optimisers(),
        "loops": loops(),
        "without_eps": {name: without_eps(name) for name in ("RMSprop", "Adagrad", "Adam", "AdamW")},
        "schedules": [{"lr": lr, "schedules": given, "rates": rates(lr, given)} for lr, given in SCHEDULES],
        "metrics": plateau_metrics(),
        "plateaus": [{"arguments": given, "rates": plateau_rates(given)} for given in PLATEAUS],
        "clipping": clipping(),
        "losses": losses(),
    }


if __name__ == "__main__":
    path = Path(__file__).with_name("nn_reference.json")
    path.write_text(json.dumps(reference(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes from torch {torch.__version__}")
