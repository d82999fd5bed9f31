"""A GPT in plain Python, gradients and all. This file is the player's; prepare.py is the judge's.

    python train.py --seed 0 --steps 400

One step is one window of text. A node is a vector of numbers with its gradient and a way back; the
tape holds them in the order they were made, so that going back is reading it from its end.
"""

import math
import random
import sys
from operator import mul

import prepare

DIM = 16
HEADS = 4
CONTEXT = 32
LEARNING_RATE = 1e-2
BETAS = (0.9, 0.99)
WARMDOWN = 1.0

run = prepare.settings()
SYMBOLS = prepare.read_task().symbols
tape = []


class Vec:
    def __init__(self, data, back=None):
        self.data, self.grad, self.back = data, [0.0] * len(data), back
        if back is not None:
            tape.append(self)


def dot(a, b):
    return sum(map(mul, a, b))


def gain(into, scale, values):
    """Adds scale times the values to a gradient."""
    into[:] = [old + scale * value for old, value in zip(into, values)]


def add(a, b):
    def back(grad):
        gain(a.grad, 1.0, grad)
        gain(b.grad, 1.0, grad)

    return Vec([x + y for x, y in zip(a.data, b.data)], back)


def linear(rows, x):
    def back(grad):
        for row, slope in zip(rows, grad):
            if slope:
                gain(row.grad, slope, x.data)
                gain(x.grad, slope, row.data)

    return Vec([dot(row.data, x.data) for row in rows], back)


def relu(x):
    def back(grad):
        gain(x.grad, 1.0, [slope if value > 0 else 0.0 for slope, value in zip(grad, x.data)])

    return Vec([max(0.0, value) for value in x.data], back)


def norm(x):
    scale = (dot(x.data, x.data) / len(x.data) + 1e-5) ** -0.5

    def back(grad):
        gain(x.grad, scale, grad)
        gain(x.grad, -(scale**3) * dot(grad, x.data) / len(x.data), x.data)

    return Vec([value * scale for value in x.data], back)


def softmax(logits):
    most = max(logits)
    shares = [math.exp(logit - most) for logit in logits]
    total = sum(shares)
    return [share / total for share in shares]


def attend(q, keys, values):
    """Each head looks back over all keys there are, which are those up to this place."""
    size = DIM // HEADS
    heads = [slice(start, start + size) for start in range(0, DIM, size)]
    scale = size**-0.5
    shares = [softmax([scale * dot(q.data[h], k.data[h]) for k in keys]) for h in heads]
    columns = list(zip(*(v.data for v in values)))
    seen = [dot(shares[i // size], column) for i, column in enumerate(columns)]

    def back(grad):
        for h, share in zip(heads, shares):
            part = grad[h]
            wants = [dot(part, v.data[h]) for v in values]
            mean = dot(share, wants)
            for k, v, weight, want in zip(keys, values, share, wants):
                v.grad[h] = [old + weight * g for old, g in zip(v.grad[h], part)]
                slope = scale * weight * (want - mean)
                q.grad[h] = [old + slope * x for old, x in zip(q.grad[h], k.data[h])]
                k.grad[h] = [old + slope * x for old, x in zip(k.grad[h], q.data[h])]

    return Vec(seen, back)


def surprise(logits, target):
    """The loss of one prediction, in nats."""
    shares = softmax(logits.data)

    def back(grad):
        slopes = [share - (symbol == target) for symbol, share in enumerate(shares)]
        gain(logits.grad, grad[0], slopes)

    return Vec([-math.log(shares[target])], back)


def matrix(rows, columns, chance, spread=0.08):
    return [Vec([chance.gauss(0.0, spread) for _ in range(columns)]) for _ in range(rows)]


class GPT:
    def __init__(self, chance):
        self.embed = matrix(SYMBOLS, DIM, chance)
        self.place = matrix(CONTEXT, DIM, chance)
        self.q, self.k, self.v = (matrix(DIM, DIM, chance) for _ in range(3))
        self.out = matrix(DIM, DIM, chance, 0.0)
        self.up = matrix(4 * DIM, DIM, chance)
        self.down = matrix(DIM, 4 * DIM, chance, 0.0)
        self.head = matrix(SYMBOLS, DIM, chance)

    def rows(self):
        return [row for rows in vars(self).values() for row in rows]

    def logits(self, window):
        """Of the symbol after each one of the window."""
        keys, values, found = [], [], []
        for place, symbol in enumerate(window):
            x = norm(add(self.embed[symbol], self.place[place]))
            y = norm(x)
            keys.append(linear(self.k, y))
            values.append(linear(self.v, y))
            x = add(x, linear(self.out, attend(linear(self.q, y), keys, values)))
            x = add(x, linear(self.down, relu(linear(self.up, norm(x)))))
            found.append(linear(self.head, norm(x)))
        return found


class Adam:
    def __init__(self, rows):
        self.rows = [(row, [0.0] * len(row.data), [0.0] * len(row.data)) for row in rows]
        self.steps = 0

    def step(self, rate):
        self.steps += 1
        b1, b2 = BETAS
        rate *= math.sqrt(1 - b2**self.steps) / (1 - b1**self.steps)
        for row, mean, square in self.rows:
            mean[:] = [b1 * m + (1 - b1) * g for m, g in zip(mean, row.grad)]
            square[:] = [b2 * s + (1 - b2) * g * g for s, g in zip(square, row.grad)]
            steps = zip(row.data, mean, square)
            row.data = [x - rate * m / (math.sqrt(s) + 1e-8) for x, m, s in steps]
            row.grad = [0.0] * len(row.data)


def train(model, text, chance):
    """The number of steps that fitted into the budget."""
    adam, step, recent = Adam(model.rows()), 0, []
    run.begin()
    while (spent := run.spent(step)) < 1:
        start = chance.randrange(len(text) - CONTEXT)
        window = text[start : start + CONTEXT + 1]
        tape.clear()
        losses = list(map(surprise, model.logits(window[:-1]), window[1:]))
        for loss in losses:
            loss.grad = [1 / CONTEXT]
        for node in reversed(tape):
            node.back(node.grad)
        adam.step(LEARNING_RATE * (min(1.0, (1 - spent) / WARMDOWN) if WARMDOWN else 1.0))
        step += 1
        recent.append(sum(loss.data[0] for loss in losses) / CONTEXT / math.log(2))
        if not math.isfinite(recent[-1]):
            sys.exit("FAIL: the loss is not finite")
        if step % 50 == 0:
            prepare.tell(step=step, train_bpb=sum(recent[-50:]) / 50)
    return step


def main():
    model = GPT(random.Random(run.seed))
    steps = train(model, prepare.load("train"), random.Random(run.seed + 1000))

    def predict(windows):
        found = []
        for window in windows:
            tape.clear()
            found += [logit for row in model.logits(window) for logit in row.data]
        return found

    weights = sum(len(row.data) for row in model.rows())
    prepare.finish(predict, run, steps, tokens=steps * CONTEXT, params_m=weights / 1e6)


if __name__ == "__main__":
    main()
