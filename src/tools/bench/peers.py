"""Times a training step in PyTorch and JAX, and prints them as JSON.

PyTorch trains one network at a time, in one thread, as its users do. JAX trains many at once: vmap over
the networks, jit over the whole step, as many threads as it likes. The network is that of cases.ts:
4 inputs, 11 hidden layers of 10 sigmoid units, 3 outputs, softmax cross-entropy, batches of 32, Adam,
float32.
"""

import itertools
import json
import statistics
import time

SIZES = [4, *[10] * 11, 3]
EXAMPLES = 32
ROUNDS = 5
STEPS = 100


def milliseconds_a_step(step, finish):
    """The median over rounds, after one round that does not count."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        finish()
        times.append((time.perf_counter() - start) / STEPS * 1000)
    return statistics.median(times[1:])


def torch_step():
    import torch

    torch.set_num_threads(1)
    layers = []
    for inputs, units in itertools.pairwise(SIZES):
        layers += [torch.nn.Linear(inputs, units), torch.nn.Sigmoid()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    cross_entropy = torch.nn.CrossEntropyLoss()
    x = torch.randn(EXAMPLES, SIZES[0])
    labels = torch.arange(EXAMPLES) % SIZES[-1]

    def step():
        optimizer.zero_grad()
        cross_entropy(network(x), labels).backward()
        optimizer.step()

    return milliseconds_a_step(step, lambda: None)


def jax_step(networks):
    import jax
    from jax import numpy as jnp

    def start(key):
        keys = jax.random.split(key, len(SIZES) - 1)
        return [
            (jax.random.uniform(k, shape, minval=-1) * (6 / sum(shape)) ** 0.5, jnp.zeros(shape[1]))
            for k, shape in zip(keys, itertools.pairwise(SIZES), strict=True)
        ]

    def loss(weights, x, targets):
        for kernel, bias in weights[:-1]:
            x = jax.nn.sigmoid(x @ kernel + bias)
        kernel, bias = weights[-1]
        return -jnp.mean(jnp.sum(jax.nn.log_softmax(x @ kernel + bias) * targets, axis=-1))

    def adam(weights, mean, square, count, x, targets):
        value, gradient = jax.value_and_grad(loss)(weights, x, targets)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)
        corrections = (1 - 0.9**count, 1 - 0.999**count)
        weights = jax.tree.map(
            lambda w, m, v: w - 0.01 * (m / corrections[0]) / (jnp.sqrt(v / corrections[1]) + 1e-7),
            weights,
            mean,
            square,
        )
        return weights, mean, square, value

    many = jax.jit(jax.vmap(adam, in_axes=(0, 0, 0, None, None, None)))
    weights = jax.vmap(start)(jax.random.split(jax.random.PRNGKey(0), networks))
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = {"now": (weights, zeros, zeros), "count": 0}
    x = jax.random.normal(jax.random.PRNGKey(1), (EXAMPLES, SIZES[0]))
    targets = jax.nn.one_hot(jnp.arange(EXAMPLES) % SIZES[-1], SIZES[-1])

    def step():
        state["count"] += 1
        *now, _ = many(*state["now"], float(state["count"]), x, targets)
        state["now"] = tuple(now)

    return milliseconds_a_step(step, lambda: jax.block_until_ready(state["now"]))


if __name__ == "__main__":
    jax_times = {str(networks): jax_step(networks) for networks in (256, 64, 1)}
    print(json.dumps({"torch": torch_step(), "jax": jax_times}))
