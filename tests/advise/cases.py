"""Networks that are ill, each of an illness that it was given, and networks that are well.

A case is (data, options of `redbud train`). In ILL the key is the illness as `redbud advise` calls it. PAIRS are two runs of which the first
learns faster and ends worse.
"""

ADULT = ["tables/adult-train.csv"]
CALIFORNIA = ["tables/california-housing.csv", "--target", "median_house_value"]
PENGUINS = ["tables/penguins.csv", "--target", "species"]
TITANIC = ["tables/titanic.csv", "--target", "survived", "--ignore", "alive"]
GERMAN = ["tables/german.csv"]
DIGITS = ["digits"]
MNIST = ["mnist"]

PLAIN = "--batch-norm none --dropout 0"
H10 = "--hidden 100,100,100,100,100,100,100,100,100,100"
H6 = "--hidden 50,50,50,50,50,50"
H4 = "--hidden 50,50,50,50"
H3 = "--hidden 50,50,50"

ILL = {
    "gradients vanish": [
        (MNIST, f"{H10} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 2"),
        (ADULT, f"{H6} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 3"),
        (CALIFORNIA, f"{H6} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 3"),
        (DIGITS, f"{H10} {PLAIN} --activation hard_sigmoid --initializer glorot_normal --epochs 6"),
    ],
    "layers learn at very different speeds": [
        (PENGUINS, f"{H4} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 20"),
        (ADULT, f"{H3} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 3"),
        (CALIFORNIA, f"{H3} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 3"),
        (DIGITS, f"--hidden 100,100,100 {PLAIN} --activation elu --initializer normal --optimizer sgd --learning-rate 1e-5 --epochs 10"),
    ],
    "explodes": [
        (MNIST, f"{H10} {PLAIN} --activation relu --initializer normal --optimizer sgd --epochs 2"),
        (CALIFORNIA, f"{H3} {PLAIN} --activation relu --optimizer sgd --learning-rate 2 --epochs 5"),
        (ADULT, f"{H6} {PLAIN} --activation relu --optimizer momentum --learning-rate 3 --epochs 3"),
        (PENGUINS, f"{H6} {PLAIN} --activation elu --initializer normal --optimizer sgd --epochs 20"),
    ],
    "units are dead": [
        (DIGITS, f"{H3} {PLAIN} --activation relu --learning-rate 0.1 --epochs 10"),
        (ADULT, f"{H3} {PLAIN} --activation relu --learning-rate 0.1 --epochs 3"),
        (CALIFORNIA, f"{H3} {PLAIN} --activation relu --learning-rate 0.1 --epochs 5"),
        (MNIST, f"--hidden 100,100,100 {PLAIN} --activation relu --learning-rate 0.05 --epochs 2"),
    ],
    "units are saturated": [
        (ADULT, f"{H6} {PLAIN} --activation tanh --initializer normal --epochs 3"),
        (PENGUINS, f"{H6} {PLAIN} --activation tanh --initializer normal --optimizer sgd --epochs 20"),
        (MNIST, f"{H10} {PLAIN} --activation logistic --initializer normal --epochs 2"),
        (CALIFORNIA, f"{H6} {PLAIN} --activation tanh --initializer normal --epochs 5"),
    ],
    "learns slowly": [
        (ADULT, f"{H3} {PLAIN} --learning-rate 1e-5 --epochs 5"),
        (CALIFORNIA, f"{H3} --learning-rate 1e-5 --epochs 8"),
        (PENGUINS, f"{H3} {PLAIN} --optimizer sgd --learning-rate 1e-4 --epochs 30"),
        (DIGITS, f"{H3} --optimizer sgd --learning-rate 1e-4 --epochs 10"),
    ],
    "overfits": [
        (TITANIC, f"--hidden 256,256,256 {PLAIN} --epochs 60 --patience 0"),
        (GERMAN, f"--hidden 256,256,256 {PLAIN} --epochs 60 --patience 0"),
        (ADULT, "--hidden 256,256,256 --dropout 0 --validation 0.95 --epochs 40 --patience 0"),
        (MNIST, f"--hidden 256,256 {PLAIN} --validation 59500 --epochs 60 --patience 0"),
    ],
    "underfits": [
        (DIGITS, "--hidden 64,64,64 --dropout 0.8 --epochs 20"),
        (ADULT, "--hidden 64,64 --l2 1 --epochs 5"),
        (CALIFORNIA, f"--hidden 2,2 {PLAIN} --epochs 12"),
        (PENGUINS, "--hidden 32,32,32 --weight-decay 30 --epochs 40"),
    ],
}

PAIRS = [
    (CALIFORNIA, f"{H3} {PLAIN} --weight-average 0 --epochs 24 --patience 0", "--learning-rate 0.02", "--learning-rate 0.0005"),
    (DIGITS, f"{H3} {PLAIN} --weight-average 0 --epochs 16 --patience 0", "--learning-rate 0.02", "--learning-rate 0.001"),
    (TITANIC, f"{H3} {PLAIN} --weight-average 0 --epochs 16 --patience 0", "--learning-rate 0.005", "--learning-rate 0.0005"),
]

WELL = [
    (ADULT, ""),
    (CALIFORNIA, ""),
    (PENGUINS, ""),
    (TITANIC, ""),
    (DIGITS, ""),
    (MNIST, "--epochs 8 --schedule cosine"),
    (MNIST, f"{H10} --epochs 8 --schedule one_cycle"),
    (MNIST, f"--hidden 100,100,100,100 {PLAIN} --activation relu --epochs 5 --weight-average 0"),
    (ADULT, f"--hidden 64,64 {PLAIN} --activation tanh --epochs 12"),
    (CALIFORNIA, f"--hidden 64,64,64 {PLAIN} --activation selu --epochs 30"),
    (DIGITS, "--recipe chapter --epochs 100"),
    (PENGUINS, f"--hidden 32,32 {PLAIN} --activation logistic --epochs 100"),
]

# Added after the rules were made, on data that they had not been tried on.
TELCO = ["tables/telco-churn.csv", "--target", "Churn"]
ABALONE = ["tables/abalone.csv", "--task", "regression"]
WINE = ["tables/winequality-white.csv", "--task", "regression"]

LATER_ILL = [
    ("gradients vanish", TELCO, f"{H6} {PLAIN} --activation logistic --initializer glorot_normal --optimizer sgd --epochs 5"),
    ("units are saturated", WINE, f"{H6} {PLAIN} --activation tanh --initializer normal --epochs 5"),
    ("units are dead", ABALONE, f"{H3} {PLAIN} --activation relu --learning-rate 0.1 --epochs 8"),
    ("explodes", TELCO, f"{H3} {PLAIN} --activation relu --optimizer sgd --learning-rate 50 --epochs 5"),
    ("learns slowly", ABALONE, "--learning-rate 1e-5 --epochs 8"),
    ("overfits", WINE, f"--hidden 256,256,256 {PLAIN} --epochs 60 --patience 0"),
    ("underfits", TELCO, "--l2 3 --epochs 8"),
]

LATER_WELL = [
    (TELCO, ""),
    (ABALONE, ""),
    (WINE, ""),
    (GERMAN, ""),
    (["tables/mpg.csv", "--target", "0", "--task", "regression"], ""),
    (["tables/horse-colic.csv"], ""),
    (["tables/diamonds.csv", "--target", "price"], "--epochs 8 --schedule cosine"),
]
