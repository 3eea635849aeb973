"""Prints the expectations of src/redbud/train/metrics_test.cpp. Made with scikit-learn.
    python metrics.py
"""
import numpy as np
from sklearn import metrics as m

# Three classes; class 2 is never predicted in "absent", class 1 never true.
CASES = {
    "three": ([0, 0, 1, 1, 1, 2, 2, 2, 2, 0], [0, 1, 1, 1, 2, 2, 2, 0, 2, 0]),
    "absent": ([0, 0, 0, 2, 2], [0, 1, 0, 0, 1]),
}
for name, (truth, predicted) in CASES.items():
    with np.errstate(all="ignore"):
        print(name, m.accuracy_score(truth, predicted), m.balanced_accuracy_score(truth, predicted),
              m.f1_score(truth, predicted, average="macro", zero_division=0), m.confusion_matrix(truth, predicted, labels=[0, 1, 2]).tolist())

# Ties across the classes, so that the mean rank matters.
truth = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0]
score = [0.1, 0.4, 0.35, 0.8, 0.8, 0.4, 0.2, 0.9, 0.4, 0.1]
print("auc", m.roc_auc_score(truth, score))
print("log loss", m.log_loss(truth, np.column_stack([1 - np.array(score), score])))

y = np.array([[3.0, 1000.5], [-0.5, 1002.0], [2.0, 1007.0], [7.0, 999.0]])
p = np.array([[2.5, 1000.0], [0.0, 1002.0], [2.0, 1008.0], [8.0, 998.25]])
print("rmse", m.root_mean_squared_error(y, p), "mae", m.mean_absolute_error(y, p), "r2", m.r2_score(y, p),
      "mse", m.mean_squared_error(y, p))
print("constant r2", m.r2_score([2, 2, 2], [2, 2, 2]), m.r2_score([2, 2, 2], [1, 2, 3]))

# Labels: the third is never true, the fourth neither true nor predicted.
labels = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
found = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
print("labels", (labels == found).mean(), m.f1_score(labels, found, average="macro", zero_division=0),
      m.accuracy_score(labels, found))
