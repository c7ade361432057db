"""A small GPT written for single numbers, and how much faster it learns once it is compiled.

    python benchmarks/gpt.py [--rounds 9] [--json results.json]

It learns the names in Python's standard library, a word at a step: a program for each word length, recorded
when one first comes up, all of them reading and moving one flat array of parameters.
"""

import builtins
import keyword
import math
import os
import random
import sys
import time
from statistics import median

import numpy as np

import autograd
from autograd import Value
from nn import Adam, Embedding, Module

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARK = len(LETTERS)  # stands before and behind every word
BLOCK = 16  # positions: the longest word, of 15 letters, and the mark before it
WIDTH, HEADS = 16, 4


class Linear(Module):
    """A matrix: W x, without a bias."""

    def __init__(self, nin, nout, rng):
        self.weight = [[Value(rng.gauss(0.0, nin**-0.5)) for _ in range(nin)] for _ in range(nout)]

    def __call__(self, x):
        return [autograd.dot(row, x) for row in self.weight]


def rms_norm(x):
    """x, scaled so that the mean of its squares is 1."""
    scale = (autograd.dot(x, x) / len(x) + 1e-5) ** -0.5
    return [scale * value for value in x]


def plus(x, y):
    """x + y, number by number."""
    return [a + b for a, b in zip(x, y)]


class Attention(Module):
    """Each position asks those up to it, by head, and adds up what they answer."""

    def __init__(self, rng):
        self.wq, self.wk, self.wv, self.wo = [Linear(WIDTH, WIDTH, rng) for _ in range(4)]

    def __call__(self, xs):
        queries, keys, values = [[w(x) for x in xs] for w in (self.wq, self.wk, self.wv)]
        heads = [slice(h, h + WIDTH // HEADS) for h in range(0, WIDTH, WIDTH // HEADS)]
        return [
            self.wo([z for head in heads for z in self.head(head, query, keys[: t + 1], values)])
            for t, query in enumerate(queries)
        ]

    def head(self, head, query, keys, values):
        scores = [autograd.dot(query[head], key[head]) / math.sqrt(WIDTH // HEADS) for key in keys]
        weights = autograd.softmax(scores)
        return [autograd.dot(weights, column) for column in zip(*[v[head] for v in values[: len(keys)]])]


class GPT(Module):
    """One block of attention and a perceptron: 4,192 parameters."""

    def __init__(self, seed=0):
        rng = random.Random(seed)
        self.token = Embedding(len(LETTERS) + 1, WIDTH, rng)
        self.position = Embedding(BLOCK, WIDTH, rng)
        self.attention = Attention(rng)
        self.up, self.down = Linear(WIDTH, 4 * WIDTH, rng), Linear(4 * WIDTH, WIDTH, rng)
        self.head = Linear(WIDTH, len(LETTERS) + 1, rng)

    def __call__(self, tokens):
        """The logits of what follows each of `tokens`."""
        xs = [rms_norm(plus(self.token(token), self.position(t))) for t, token in enumerate(tokens)]
        xs = [plus(x, z) for x, z in zip(xs, self.attention([rms_norm(x) for x in xs]))]
        xs = [plus(x, self.down([z.relu() for z in self.up(rms_norm(x))])) for x in xs]
        return [self.head(x) for x in xs]

    def loss(self, word):
        """The mean surprise at each letter of a word, given as numbers with a mark at both ends."""
        surprises = map(autograd.cross_entropy, self(word[:-1]), word[1:])
        return autograd.sum(surprises) / (len(word) - 1)


def words():
    """The words of 2 to 15 letters in names of the standard library, in an order of their own."""
    modules = (builtins, keyword, math, os, random, sys, time, str, list, dict, set, int)
    names = {*sys.stdlib_module_names, *keyword.kwlist, *[name for module in modules for name in dir(module)]}
    parts = {part for name in names for part in name.split("_") if 2 <= len(part) < BLOCK}
    found = sorted(part for part in parts if set(part) <= set(LETTERS))
    return random.Random(0).sample(found, len(found))


def numbers(word):
    """A word as the model reads it."""
    return [MARK, *map(LETTERS.index, word), MARK]


class Eager:
    """Learning on Values: the loss and its gradient are recorded anew at each step."""

    def __init__(self):
        self.model = GPT()
        self.adam = Adam(self.model.parameters(), lr=0.01)

    def value_and_grad(self, word):
        loss = self.backward(word)
        return loss, np.array([value.grad for value in self.adam.parameters])

    def step(self, word):
        loss = self.backward(word)
        self.adam.step()
        return loss

    def backward(self, word):
        self.adam.zero_grad()
        loss = self.model.loss(word)
        loss.backward()
        return loss.data


class Compiled:
    """The same on flat arrays, any number of words of one length at a time; a program for each length."""

    def __init__(self):
        self.model = GPT()
        self.adam = Adam(self.model.parameters(), lr=0.01)
        self.place = {value: i for i, value in enumerate(self.adam.parameters)}
        self.data = np.array([value.data for value in self.place])
        self.state = {}
        self.programs = {}

    def program(self, word):
        """The program for words as long as this one, and where its parameters are in `data`."""
        if len(word) not in self.programs:
            program = autograd.compile(self.model.loss, word)
            self.programs[len(word)] = program, np.array([self.place[value] for value in program.values])
        return self.programs[len(word)]

    def value_and_grad(self, batch):
        program, places = self.program(batch[0])
        gradient = np.zeros(len(self.data))  # positions behind the word's end have no part in its loss
        loss, gradient[places] = program.value_and_grad(batch, parameters=self.data[places])
        return loss, gradient

    def step(self, batch):
        loss, gradient = self.value_and_grad(batch)
        self.adam.steps += 1
        self.data = self.adam.update(self.data, gradient, self.state)
        return loss


def check(found):
    """Raise unless compiled losses and gradients are the eager ones, and so are the losses of ten steps."""
    eager, compiled = Eager(), Compiled()
    if len(compiled.data) != 4192:
        raise SystemExit(f"the model has {len(compiled.data)} parameters")
    for word in (found[0], "a" * (BLOCK - 1)):
        expected, gradient = eager.value_and_grad(numbers(word))
        given, gradients = compiled.value_and_grad([numbers(word)])
        off = max(
            abs(given - expected) / expected, np.abs(gradients - gradient).max() / np.abs(gradient).max()
        )
        if not off < 1e-12:
            raise SystemExit(f"compiled and eager differ by {off:.1e} on {word}")
    for word in found[:10]:
        expected, given = eager.step(numbers(word)), compiled.step([numbers(word)])
        if not abs(given - expected) < 1e-9 * expected:
            raise SystemExit(f"compiled and eager learn differently: {given} and {expected} on {word}")


def seconds(run, *arguments, times=1):
    """The median time that a run takes."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run(*arguments)
        taken.append(time.perf_counter() - start)
    return median(taken)


def measure_recording():
    """Seconds until the first result for a word of each length, by length."""
    autograd.compile(lambda x: x * x, 1.0)  # numba's kernels are loaded once
    compiled = Compiled()
    lengths = range(2, BLOCK)
    return {length: seconds(compiled.value_and_grad, [numbers("a" * length)]) for length in lengths}


def measure_steps(found, rounds):
    """Milliseconds of a step on a word of six letters, and the ratios of the ways to take one."""
    six = [numbers(word) for word in found if len(word) == 6]
    batch = [six[i % len(six)] for i in range(64)]
    eager, compiled = Eager(), Compiled()
    ways = {
        "eager": lambda: seconds(eager.step, six[0]),
        "compiled": lambda: seconds(compiled.step, six[:1], times=50),
        "64 words at once": lambda: seconds(compiled.step, batch, times=20),
    }
    compiled.step(six[:1])
    times = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            times[way].append(run())
    return {
        "milliseconds": {way: 1e3 * median(runs) for way, runs in times.items()},
        "compiled / eager": median(a / b for a, b in zip(times["compiled"], times["eager"])),
        "of 64 words at once, one / one alone": median(
            a / 64 / b for a, b in zip(times["64 words at once"], times["compiled"])
        ),
    }


def measure_learning(found, epochs=3):
    """The mean loss of the words in each pass over them, one at a step, and how long it all takes."""
    compiled = Compiled()
    start = time.perf_counter()
    losses = [float(np.mean([compiled.step([numbers(word)]) for word in found])) for _ in range(epochs)]
    if not losses[-1] < losses[0] < math.log(len(LETTERS) + 1):
        raise SystemExit("nothing was learned")
    return {"words": len(found), "mean loss by pass": losses, "seconds": time.perf_counter() - start}


def measure_all(rounds):
    """All that this benchmark measures; first that there is something to measure."""
    found = words()
    check(found)
    return {
        "python": sys.version.split()[0],
        "seconds to record, by length": measure_recording(),
        "a step": measure_steps(found, rounds),
        "learning": measure_learning(found),
    }


if __name__ == "__main__":
    from eager import report

    report(__doc__, measure_all, rounds=9)
