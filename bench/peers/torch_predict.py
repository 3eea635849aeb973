"""Times PyTorch prediction calls: eager and compiled, in inference mode.

Predictions end in probabilities. Batch norm stands folded into the dense layers, as Redbud folds it: the peers are not asked to.
"""
import torch
from torch import nn

import common
from torch_net import network


def folded(options):
    """The network as it predicts."""
    options.batch_norm, options.dropout = "none", 0.0
    return nn.Sequential(network(options), nn.Softmax(dim=1)).eval()


def rounds(options, compiled):
    """Rounds of calls on one batch in memory."""
    net = folded(options)
    if compiled:
        torch._inductor.config.freezing = True  # weights are constants, packed once
        net = torch.compile(net, dynamic=False)
    x = torch.from_numpy(common.random_data(options, options.batch_size)[0])
    calls = common.chunk_calls(options)

    def run(_):
        with torch.inference_mode():
            for _ in range(calls):
                net(x)
        return calls

    return lambda seconds: common.time_chunks(lambda: None, run, seconds)


def main():
    options = common.network_parser(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    builders = {"eager": lambda: rounds(options, False), "compile": lambda: rounds(options, True)}
    common.main("pytorch", torch.__version__, builders, options)


if __name__ == "__main__":
    main()
