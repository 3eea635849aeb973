"""The network in PyTorch."""
import torch
from torch import nn

from common import layer_sizes

ACTIVATIONS = {"relu": nn.ReLU, "elu": nn.ELU}


def hidden_layers(options, inputs, units):
    """Dense, batch norm before the activation (then the dense layer needs no bias), activation, dropout."""
    norm = options.batch_norm == "before"
    dense = nn.Linear(inputs, units, bias=not norm)
    nn.init.kaiming_normal_(dense.weight, nonlinearity="relu")
    yield dense
    if norm:
        yield nn.BatchNorm1d(units, eps=1e-3, momentum=0.01)  # torch's momentum is the weight of the new
    yield ACTIVATIONS[options.activation]()
    if options.dropout > 0:
        yield nn.Dropout(options.dropout)


def network(options):
    """A multi-layer perceptron that ends in logits."""
    torch.manual_seed(1)
    layers = []
    *hidden, output = layer_sizes(options)
    for inputs, units in hidden:
        layers.extend(hidden_layers(options, inputs, units))
    layers.append(nn.Linear(*output))
    return nn.Sequential(*layers)
