"""Prediction calls on one core."""
from . import processes, table
from .bench import fill, note_errors
from .networks import PREDICTIONS
from .samples import in_turns
from .steps import peer_cells

SCRIPTS = {"ort_predict.py": None, "torch_predict.py": "eager"}


def one_core(bench):
    """Redbud against ONNX Runtime with bound input and output, and against PyTorch."""
    section = table.Section(
        "predict",
        "Prediction, one core (microseconds a call)",
        ["what", "Redbud", "share of the bound", "ONNX Runtime", "ratio", "best PyTorch", "ratio", "must", "reached"],
        notes=["The bound of batch 1 is one reading of the weights from the second cache, of batch 1024 the multiply-adds at the peak."],
    )
    cores = processes.granted_cores(1)
    peak = bench.run_redbud("peak", [], cores)

    def row_of(case):
        own = bench.own("predict", case.options(), cores)
        with bench.peers(SCRIPTS, case.options(), cores) as peers:
            samples = in_turns(bench.pairs, {"redbud": own.value("us_per_call")}, peers)
        note_errors(section, case, samples)
        mine = samples.spread("redbud")
        share = own.median("share_of_bound")
        if case.batch == 1:
            share = case.network.weight_bytes() / (peak["l2_gb_s"] * 1e3) / mine.median
        onnxruntime, over = peer_cells(samples, "onnxruntime")
        pytorch, _ = peer_cells(samples, "pytorch")
        must = f">= {case.over_onnxruntime:g}x ONNX Runtime"
        verdict = table.reached((over, case.over_onnxruntime))
        return [case, table.times(mine), table.share(share), *onnxruntime, *pytorch, must, verdict]

    return section, fill(section, PREDICTIONS, row_of)
