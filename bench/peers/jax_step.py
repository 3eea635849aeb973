"""Times JAX training steps: a whole epoch in one lax.scan, or a jitted call for each step."""
import functools
import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402

import common  # noqa: E402

ACTIVATIONS = {"relu": jax.nn.relu, "elu": jax.nn.elu}
MOMENTUM = 0.99
EPSILON = 1e-3


def initial(options):
    """Parameters (He initialisation) and running averages, a layer each."""
    generator = np.random.default_rng(1)
    parameters, averages = [], []
    sizes = common.layer_sizes(options)
    for number, (inputs, units) in enumerate(sizes):
        layer = {"w": jnp.asarray(generator.standard_normal((inputs, units), dtype=np.float32) * np.sqrt(2 / inputs))}
        if options.batch_norm == "before" and number + 1 < len(sizes):
            layer |= {"gamma": jnp.ones(units), "beta": jnp.zeros(units)}
            averages.append({"mean": jnp.zeros(units), "variance": jnp.ones(units)})
        else:
            layer["b"] = jnp.zeros(units)
            averages.append({})
        parameters.append(layer)
    return parameters, averages


def batch_norm(z, layer, average):
    """Normalised by the batch's own statistics, and the new running averages."""
    mean = z.mean(axis=0)
    variance = z.var(axis=0)
    y = (z - mean) * (jax.lax.rsqrt(variance + EPSILON) * layer["gamma"]) + layer["beta"]
    return y, {
        "mean": MOMENTUM * average["mean"] + (1 - MOMENTUM) * mean,
        "variance": MOMENTUM * average["variance"] + (1 - MOMENTUM) * variance,
    }


def forward(options, parameters, averages, x, key):
    """Logits and new running averages."""
    new_averages = []
    for number, (layer, average) in enumerate(zip(parameters, averages)):
        x = x @ layer["w"]
        if "gamma" in layer:
            x, average = batch_norm(x, layer, average)
        else:
            x = x + layer["b"]
        new_averages.append(average)
        if number + 1 == len(parameters):
            break
        x = ACTIVATIONS[options.activation](x)
        if options.dropout > 0:
            keep = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - options.dropout, x.shape)
            x = jnp.where(keep, x / (1 - options.dropout), 0)
    return x, new_averages


def step_of(options, optimizer):
    """(state, batch's row numbers) -> (state, loss)."""

    def loss_of(parameters, averages, x, y, key):
        logits, averages = forward(options, parameters, averages, x, key)
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean(), averages

    def step(data, state, rows):
        x, y = (part.at[rows].get(mode="promise_in_bounds") for part in data)
        parameters, averages, moments, key = state
        key, used = jax.random.split(key) if options.dropout > 0 else (key, key)
        gradient_of = jax.value_and_grad(loss_of, has_aux=True)
        (loss, averages), gradient = gradient_of(parameters, averages, x, y, used)
        updates, moments = optimizer.update(gradient, moments, parameters)
        return (optax.apply_updates(parameters, updates), averages, moments, key), loss

    return step


def start(options):
    """The optimizer, and the state before the first step."""
    optimizer = optax.sgd(0.01) if options.optimizer == "sgd" else optax.adam(1e-3)
    parameters, averages = initial(options)
    return optimizer, (parameters, averages, optimizer.init(parameters), jax.random.key(3))


def rounds(options, data, epoch_of):
    """Rounds of epochs whose state is handed on in place."""
    optimizer, state = start(options)
    run_epoch = epoch_of(step_of(options, optimizer))
    steps = common.chunk_steps(options)
    generator = np.random.default_rng(2)

    def run(rows):
        nonlocal state
        state = jax.block_until_ready(run_epoch(data, state, rows))
        return steps

    def prepare():
        return common.shuffled(options, steps, generator).astype(np.int32)

    return lambda seconds: common.time_chunks(prepare, run, seconds)


def scanned(step):
    """The whole epoch is one compiled loop."""

    @functools.partial(jax.jit, donate_argnums=1)
    def epoch(data, state, rows):
        state, _ = jax.lax.scan(functools.partial(step, data), state, rows)
        return state

    return epoch


def called(step):
    """A compiled step, called from Python for each batch."""
    compiled = jax.jit(step, donate_argnums=1)

    def epoch(data, state, rows):
        for batch in rows:
            state, _ = compiled(data, state, batch)
        return state

    return epoch


def main():
    options = common.network_parser(__doc__).parse_args()
    rows = common.epoch_steps(options) * options.batch_size
    data = [jnp.asarray(part) for part in common.random_data(options, rows)]
    ways = {"scan": scanned, "jit": called}
    builders = {name: lambda how=how: rounds(options, data, how) for name, how in ways.items()}
    common.main("jax", jax.__version__, builders, options)


if __name__ == "__main__":
    main()
