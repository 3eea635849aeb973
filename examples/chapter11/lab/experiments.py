"""The experiments, in the chapter's order."""
from . import best, depth, sparse, steps_to, units
from .figures import Simple
from .trainings import Row

BN = ["--batch-norm", "before"]
NOTEBOOK_INIT = ["--set", 'model.initializer={ name = "lecun_truncated_normal" }']

FEW = ["--set", "data.validation=58000", "--optimizer", "adam", "--learning-rate", "0.001", "--epochs", "100"]
MAX_NORM = ["--max-norm", "2"]
# As the paper: nearly all digits to train; the best epoch by the error that the table is about.
NEARLY_ALL = ["--set", "data.validation=2000", "--monitor", "accuracy"]
FAST = ["--learning-rate", "0.4", "--epochs", "5"]


def notebook(lab):
    """Its digits for training, and the options for those of validation."""
    train, validation = lab.notebook_digits()
    return train, ["--validation", str(validation)]


ALL = [
    depth.Depth(),
    Simple(
        2,
        "02_notebook.toml",
        "The notebook's networks, plain gradient descent",
        "validation",
        [
            Row("784-300-100-10, leaky ReLU, batch 50, 40 epochs", [], "97.9 %"),
            Row(
                "784-300-100-10, ELU, batch norm (momentum 0.9, also of the scores), batch 200, 20 epochs",
                ["--activation", "elu", "--set", 'model.batch_norm={ place = "before", momentum = 0.9, output = true }', "--batch-size", "200", "--epochs", "20"]
                + NOTEBOOK_INIT,
                "97.4 %",
            ),
        ],
        data=notebook,
        remark="On the notebook's own validation digits, the first 5,000 of the training files.",
    ),
    Simple(
        3,
        "03_clipping.toml",
        "Explosion and clipping",
        "validation",
        [
            Row("784-300-50-50-50-50-10, ReLU, clipped by value at 1.0, rate 0.01", ["--clip-value", "1"], "96.1 %"),
            Row("the same, rate 1, no clipping", ["--learning-rate", "1"], "explodes"),
            Row("the same, rate 1, clipped by value at 0.01", ["--learning-rate", "1", "--clip-value", "0.01"], "trains"),
            Row("the same, rate 1, clipped by global norm at 0.1", ["--learning-rate", "1", "--clip-norm", "0.1"], "trains"),
        ],
    ),
    Simple(
        4,
        "04_digits_0_to_4.toml",
        "The digits 0 to 4, early stopping",
        "test",
        [
            Row("5x100, ELU, Adam 0.01, batch 20", [], "97.3 %"),
            Row(
                "5x140, leaky ReLU 0.1, batch 500",
                ["--hidden", "140,140,140,140,140", "--set", 'model.activation={ name = "leaky_relu", alpha = 0.1 }', "--batch-size", "500"],
                "98.9 %",
            ),
            Row(
                "5x90 with batch norm, batch 500",
                ["--hidden", "90,90,90,90,90", "--set", 'model.activation={ name = "leaky_relu", alpha = 0.1 }', "--batch-size", "500", *BN],
                "99.4 %",
            ),
            Row(
                "5x90 with dropout 0.5, batch 500",
                ["--hidden", "90,90,90,90,90", "--set", 'model.activation={ name = "leaky_relu", alpha = 0.1 }', "--batch-size", "500", "--dropout", "0.5"],
                "98.6 %",
            ),
        ],
        data=lambda lab: (lab.digits(0, 1, 2, 3, 4), []),
    ),
    steps_to.Optimizers(),
    Simple(
        6,
        "06_dropout.toml",
        "Table 2 of the dropout paper (test error, permutation-invariant)",
        "test error",
        [
            Row("logistic 2x800, no dropout", ["--activation", "logistic", "--hidden", "800,800", "--dropout", "0", "--input-dropout", "0", "--l2", "0.00001", "--learning-rate", "0.003", "--epochs", "30", *NEARLY_ALL], "1.60 %"),
            Row("logistic 3x1024, dropout", ["--activation", "logistic"], "1.35 %"),
            Row("ReLU 3x1024, dropout", [], "1.25 %"),
            Row("ReLU 3x1024, dropout, max-norm", [*MAX_NORM, "--epochs", "100", *NEARLY_ALL], "1.06 %"),
            Row("ReLU 3x2048, dropout, max-norm", [*MAX_NORM, "--hidden", "2048,2048,2048", "--epochs", "30", *NEARLY_ALL], "1.04 %", seeds=1),
            Row("ReLU 2x4096, dropout, max-norm", [*MAX_NORM, "--hidden", "4096,4096", "--epochs", "20", *NEARLY_ALL], "1.01 %", seeds=1),
            Row("ReLU 2x8192, dropout, max-norm: one epoch, for its cost", [*MAX_NORM, "--hidden", "8192,8192", "--epochs", "1"], "", seeds=1),
        ],
        also=("hours",),
        is_long=True,
        remark="60 epochs of 55,000 digits for the first two with dropout; those with max-norm 100, 30 and 20 epochs, 2x800 30 (rate 0.003, l2 1e-5), of 58,000 (the paper used all 60,000), the best epoch by accuracy; hours on one thread beside other work, some with pauses; 3x1024 with max-norm two seeds so far.",
    ),
    units.DeadUnits(),
    Simple(
        8,
        "08_max_norm.toml",
        "Max-norm alone, without batch norm",
        "test",
        [
            Row("2,000 rows, adam, 100 epochs", FEW, ""),
            Row("the same, max-norm 1", [*FEW, "--max-norm", "1"], "overfits less"),
            Row("the same, max-norm 0.5", [*FEW, "--max-norm", "0.5"], "overfits less"),
            Row("55,000 rows, momentum, rate 0.4, 5 epochs", FAST, "explodes"),
            Row("the same, max-norm 3", [*FAST, "--max-norm", "3"], "does not explode"),
            Row("the same, max-norm 2", [*FAST, "--max-norm", "2"], "does not explode"),
        ],
        also=("validation loss", "last validation loss"),
    ),
    sparse.Sparse(),
    best.Best(),
]
