"""Times ONNX Runtime prediction calls with bound input and output.

Predictions end in probabilities. Batch norm stands folded into the dense layers, as Redbud folds it: the peer is not asked to.
"""
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

import common

OPSET = 17
ACTIVATIONS = {"relu": "Relu", "elu": "Elu"}


def dense(number, inputs, units, generator):
    """The node of one dense layer and its weights (He initialisation)."""
    names = [f"w{number}", f"b{number}"]
    weight = generator.standard_normal((inputs, units), dtype=np.float32) * np.float32(np.sqrt(2 / inputs))
    values = [weight, np.zeros(units, np.float32)]
    source = "x" if number == 0 else f"y{number - 1}"
    node = helper.make_node("Gemm", [source, *names], [f"z{number}"])
    return node, [numpy_helper.from_array(value, name) for value, name in zip(values, names)]


def model_of(options):
    """The network as a serialised ONNX model."""
    generator = np.random.default_rng(1)
    nodes, weights = [], []
    sizes = common.layer_sizes(options)
    for number, (inputs, units) in enumerate(sizes):
        node, values = dense(number, inputs, units, generator)
        last = number + 1 == len(sizes)
        after = "Softmax" if last else ACTIVATIONS[options.activation]
        nodes += [node, helper.make_node(after, [f"z{number}"], ["y" if last else f"y{number}"])]
        weights += values
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [options.batch_size, options.inputs])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [options.batch_size, options.outputs])
    graph = helper.make_graph(nodes, "network", [x], [y], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()


def session_of(options):
    """All optimisations, the granted threads."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model_of(options), settings, providers=["CPUExecutionProvider"])


def rounds(options):
    """Rounds of calls on one bound batch."""
    session = session_of(options)
    binding = session.io_binding()
    x = onnxruntime.OrtValue.ortvalue_from_numpy(common.random_data(options, options.batch_size)[0])
    y = onnxruntime.OrtValue.ortvalue_from_shape_and_type([options.batch_size, options.outputs], np.float32)
    binding.bind_ortvalue_input("x", x)
    binding.bind_ortvalue_output("y", y)
    calls = common.chunk_calls(options)
    predict = session.run_with_iobinding

    def run(_):
        for _ in range(calls):
            predict(binding)
        return calls

    return lambda seconds: common.time_chunks(lambda: None, run, seconds)


def main():
    options = common.network_parser(__doc__).parse_args()
    common.main("onnxruntime", onnxruntime.__version__, {"io_binding": lambda: rounds(options)}, options)


if __name__ == "__main__":
    main()
