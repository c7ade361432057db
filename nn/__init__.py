"""Neural networks made of Values: modules and layers, losses, optimisers, data, and saved models."""

from nn.data.datasets import Dataset, find_target, load_iris, read_csv
from nn.data.point_sets import make_circles, make_moons, make_spirals, make_xor
from nn.data.rows import mini_batches, train_test_split
from nn.data.scaling import StandardScaler
from nn.data.tables import Table, read_table
from nn.initialisers import (
    calculate_gain,
    kaiming_normal,
    kaiming_uniform,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from nn.layers import Dropout, Embedding, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    l1_penalty,
    l2_penalty,
    mean_squared_error,
)
from nn.module import Module
from nn.networks import MLP, Sequential
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from nn.optim.optimizer import Optimizer
from nn.optim.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from nn.optim.schedules import CosineAnnealingLR, ExponentialLR, LRScheduler, ReduceLROnPlateau, StepLR
from nn.plotting import plot_decision_boundary, plot_history, plot_parameters
from nn.saving import load, load_extra, save
from nn.training.fitting import fit
from nn.training.history import History
from nn.training.metrics import (
    accuracy,
    confusion_matrix,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from nn.training.steps import NonfiniteError, predict
from nn.training.story import training_story

__all__ = [
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "Dataset",
    "Dropout",
    "Embedding",
    "ExponentialLR",
    "History",
    "LRScheduler",
    "Layer",
    "Module",
    "Neuron",
    "NonfiniteError",
    "Optimizer",
    "RMSprop",
    "ReduceLROnPlateau",
    "Sequential",
    "StandardScaler",
    "StepLR",
    "Table",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "calculate_gain",
    "clip_grad_norm_",
    "clip_grad_value_",
    "confusion_matrix",
    "cross_entropy",
    "find_target",
    "fit",
    "half_squared_error",
    "hinge",
    "huber",
    "kaiming_normal",
    "kaiming_uniform",
    "l1_penalty",
    "l2_penalty",
    "load",
    "load_extra",
    "load_iris",
    "make_circles",
    "make_moons",
    "make_spirals",
    "make_xor",
    "mean_absolute_error",
    "mean_squared_error",
    "mini_batches",
    "plot_decision_boundary",
    "plot_history",
    "plot_parameters",
    "predict",
    "r2_score",
    "read_csv",
    "read_table",
    "root_mean_squared_error",
    "save",
    "train_test_split",
    "training_story",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]
