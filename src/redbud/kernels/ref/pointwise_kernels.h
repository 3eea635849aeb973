#pragma once
#include "redbud/kernels/batch_norm.h"
#include "redbud/kernels/dropout.h"
#include "redbud/kernels/elementwise.h"
#include "redbud/kernels/losses.h"
#include "redbud/kernels/max_norm.h"
#include "redbud/kernels/optimizer_step.h"

// The references: plain loops that read like the formula of the contract, with everything between a load and a store in
// double.
namespace redbud::kernels::ref {

extern const Kernel<ActivationForwardProblem, ActivationForwardArgs> activation_forward;
extern const Kernel<ActivationForwardProblem, ActivationSlopesArgs> activation_slopes;
extern const Kernel<ActivationBackwardProblem, ActivationBackwardArgs> activation_backward;
extern const Kernel<DropoutMaskProblem, DropoutMaskArgs> dropout_mask;
extern const Kernel<DropoutApplyProblem, DropoutApplyArgs> dropout_apply;
extern const Kernel<BatchNormForwardProblem, BatchNormForwardArgs> batch_norm_forward;
extern const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs> batch_norm_backward;
extern const Kernel<BatchNormInferenceProblem, BatchNormInferenceArgs> batch_norm_inference;
extern const LossKernel softmax_cross_entropy;
extern const LossKernel focal;
extern const LossKernel hinge;
extern const LossKernel sigmoid_cross_entropy;
extern const LossKernel sigmoid_focal;
extern const LossKernel binary_hinge;
extern const LossKernel mean_squared_error;
extern const LossKernel mean_absolute_error;
extern const LossKernel huber;
extern const LossKernel quantile;
extern const LossKernel poisson;
extern const LossKernel cosine;
extern const Kernel<SoftmaxProblem, SoftmaxForwardArgs> softmax_forward;
extern const Kernel<SoftmaxProblem, SoftmaxBackwardArgs> softmax_backward;
extern const Kernel<AddProblem, AddArgs> add;
extern const Kernel<MultiplyProblem, MultiplyArgs> multiply;
extern const Kernel<ExpProblem, ExpArgs> exp;
extern const Kernel<OptimizerStepProblem, OptimizerStepArgs> optimizer_step;
extern const Kernel<SquaredNormProblem, SquaredNormArgs> squared_norm;
extern const Kernel<MaxNormProblem, MaxNormArgs> max_norm;

/// A reference does every problem.
template <class Problem>
Support everything(const Problem&) {
  return Support::yes();
}

}  // namespace redbud::kernels::ref
