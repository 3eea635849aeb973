"""The networks that are compared, and the factors that Redbud is held to."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    hidden: tuple
    activation: str
    outputs: int = 10
    batch_norm: bool = False
    dropout: float = 0.0
    inputs: int = 784

    def options(self):
        """As Redbud and the peers name them."""
        options = ["--inputs", self.inputs, "--outputs", self.outputs, "--hidden", ",".join(map(str, self.hidden))]
        options += ["--activation", self.activation]
        if self.batch_norm:
            options += ["--batch-norm", "before"]
        if self.dropout:
            options += ["--dropout", self.dropout]
        return options

    def weight_bytes(self):
        widths = [self.inputs, *self.hidden, self.outputs]
        return 4 * sum(a * b for a, b in zip(widths, widths[1:]))


@dataclasses.dataclass(frozen=True)
class Step:
    """A training step, and how many times faster than the best of each peer it must be."""

    network: Network
    batch: int
    optimizer: str
    over_jax: float
    over_pytorch: float

    def __str__(self):
        return f"{self.network.name}, batch {self.batch}, {self.optimizer.upper() if self.optimizer == 'sgd' else 'Adam'}"

    def options(self):
        return [*self.network.options(), "--batch-size", self.batch, "--optimizer", self.optimizer]


@dataclasses.dataclass(frozen=True)
class Prediction:
    """A prediction call, and how many times faster than ONNX Runtime it must be."""

    network: Network
    batch: int
    over_onnxruntime: float

    def __str__(self):
        return f"{self.network.name}, batch {self.batch}"

    def options(self):
        return [*self.network.options(), "--batch-size", self.batch]


RELU = Network("784-300-100-10 ReLU", (300, 100), "relu")
DEEP_5 = Network("784-5x100-5 ELU", (100,) * 5, "elu", outputs=5)
DEEP_10 = Network("784-10x100-10 BN ELU dropout", (100,) * 10, "elu", batch_norm=True, dropout=0.5)
WIDE_512 = Network("784-10x512-10 ELU", (512,) * 10, "elu")
WIDE_2048 = Network("784-4x2048-10 ELU", (2048,) * 4, "elu")

STEPS = [
    Step(RELU, 50, "sgd", 1.15, 1.7),
    Step(DEEP_5, 20, "adam", 1.3, 3.5),
    Step(DEEP_10, 32, "adam", 4.0, 6.0),
    Step(DEEP_10, 128, "adam", 4.0, 6.0),
    Step(DEEP_10, 512, "adam", 4.0, 4.0),
    Step(WIDE_512, 128, "adam", 1.1, 1.3),
    Step(WIDE_512, 512, "adam", 1.1, 1.3),
    Step(WIDE_2048, 256, "adam", 1.1, 1.3),
]

PREDICTIONS = [
    Prediction(RELU, 1, 1.25),
    Prediction(DEEP_5, 1, 2.5),
    Prediction(DEEP_10, 1, 2.5),
    Prediction(RELU, 1024, 1.0),
    Prediction(DEEP_5, 1024, 1.0),
    Prediction(DEEP_10, 1024, 1.0),
]

UNDER_LOAD = [STEPS[0], STEPS[5]]
