"""Training steps: on one core, on two, and beside a program that takes a core."""
from . import processes, table
from .bench import fill, note_errors
from .networks import STEPS, UNDER_LOAD
from .samples import Samples, Spread, in_turns

# --quick leaves torch.compile out: it takes a minute a network.
SCRIPTS = {"jax_step.py": "scan", "torch_step.py": "eager,fused"}
SPEED_UP = 1.8
WORTH_TWO_US = 1000  # a step that takes longer must be faster on two threads
SLOWER_UNDER_LOAD = 2.2


def peer_cells(samples, program):
    """Time of the best variant and its ratio to Redbud's; and the ratio's median."""
    label = samples.best(program)
    if label is None:
        return ["-", "-"], None
    ratio = samples.ratio(label, "redbud")
    variant = label.split()[1]
    return [f"{table.times(samples.spread(label))} {variant}", table.factor(ratio)], ratio.median


def one_core(bench):
    """Redbud against the best JAX and the best PyTorch."""
    section = table.Section(
        "step",
        "Training steps, one core (microseconds a step: median and spread of the pairs)",
        ["what", "Redbud", "share of the bound", "best JAX", "ratio", "best PyTorch", "ratio", "must", "reached"],
    )
    cores = processes.granted_cores(1)

    def row_of(step):
        own = bench.own("step", step.options(), cores)
        with bench.peers(SCRIPTS, step.options(), cores) as peers:
            samples = in_turns(bench.pairs, {"redbud": own.value("us_per_step")}, peers)
        note_errors(section, step, samples)
        jax, over_jax = peer_cells(samples, "jax")
        pytorch, over_pytorch = peer_cells(samples, "pytorch")
        verdict = table.reached((over_jax, step.over_jax), (over_pytorch, step.over_pytorch))
        must = f">= {step.over_jax:g}x JAX, >= {step.over_pytorch:g}x PyTorch"
        mine = table.times(samples.spread("redbud"))
        return [step, mine, table.share(own.median("share_of_bound")), *jax, *pytorch, must, verdict]

    return section, fill(section, STEPS, row_of)


def two_cores(bench):
    """Redbud with two threads against itself with one, and against the peers with two."""
    section = table.Section(
        "threads",
        "Training steps, two threads on two cores (microseconds a step)",
        ["what", "Redbud, 1 thread", "Redbud, 2 threads", "speed-up", "round trip (ns)", "must", "reached", "best JAX, 2", "ratio",
         "best PyTorch, 2", "ratio"],
        notes=["The round trip is a cache line's from one thread to the other and back: about 50 ns within a die, 400 between two, where the "
               "system may put a program's threads. Small nets then lose by what they hand over."],
    )  # fmt: skip
    two = processes.granted_cores(2)

    def row_of(step):
        single = bench.own("step", step.options(), two[-1:])
        double = bench.own("step", step.options(), two)
        mine = {"single": single.value("us_per_step"), "redbud": double.value("us_per_step")}
        with bench.peers(SCRIPTS, step.options(), two) as peers:
            samples = in_turns(bench.pairs, mine, peers)
        note_errors(section, step, samples)
        speed_up = samples.ratio("single", "redbud")
        alone = samples.spread("single")
        wanted = SPEED_UP if alone.median > WORTH_TWO_US else 1.0
        round_trip = double.median("round_trip_ns")
        own = [table.times(alone), table.times(samples.spread("redbud")), table.factor(speed_up)]
        own.append("-" if round_trip is None else table.number(round_trip))
        verdict = [f">= {wanted:g}x", table.reached((speed_up.median, wanted))]
        return [step, *own, *verdict, *peer_cells(samples, "jax")[0], *peer_cells(samples, "pytorch")[0]]

    return section, fill(section, STEPS, row_of)


def under_load(bench):
    """Two threads, and a busy loop on one of their two cores: how many times slower than without it."""
    section = table.Section(
        "load",
        "Two threads while another program takes one of the two cores (microseconds a step, mean)",
        ["what", "Redbud alone", "beside a busy loop", "slower", "must", "reached", "JAX slower", "PyTorch slower"],
    )
    cores = processes.granted_cores(2)

    def row_of(step):
        own = bench.own("step", step.options(), cores)
        mine = {"redbud": own.value("mean", "us_per_step")}
        free, loaded = Samples(), Samples()
        with bench.peers(SCRIPTS, step.options(), cores) as peers:
            for _ in range(bench.pairs):
                in_turns(1, mine, peers, "mean", free)
                with processes.busy(cores[-1]):
                    in_turns(1, mine, peers, "mean", loaded)
        note_errors(section, step, loaded)
        slower = slowdown(free, loaded, "redbud")
        verdict = "yes" if slower.median <= SLOWER_UNDER_LOAD else f"no: {slower.median:.2f}"
        cells = [table.times(free.spread("redbud")), table.times(loaded.spread("redbud")), table.factor(slower)]
        others = [peer_slowdown(free, loaded, program) for program in ("jax", "pytorch")]
        return [step, *cells, f"<= {SLOWER_UNDER_LOAD:g}x", verdict, *others]

    return section, fill(section, UNDER_LOAD, row_of)


def slowdown(free, loaded, label):
    return Spread.of([b / a for a, b in zip(free.values[label], loaded.values[label], strict=True)])


def peer_slowdown(free, loaded, program):
    """Of the variant that is the best under load."""
    both = [label for label in loaded.labels(program) if label in free.values]
    if not both:
        return "-"
    label = min(both, key=lambda label: loaded.spread(label).median)
    return f"{table.factor(slowdown(free, loaded, label))} {label.split()[1]}"
