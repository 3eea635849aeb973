#pragma once
#include "redbud/graph/model.h"

namespace redbud {

/// The same network for prediction with fewer layers: dropout is left out, and each batch normalisation is multiplied
/// into the dense layer before it, or after it, where that is all it touches.
///
///   dense w, b then norm:  w[c,k] *= a[k], b[k] = b[k] * a[k] + s[k]        a = gamma / sqrt(var + epsilon), s = beta
///   - mean * a norm then dense w, b:  b[k] += sum_c s[c] * w[c,k], w[c,k] *= a[c]
///
/// A dense layer with weight_standardization gets the weight that it multiplies by.
///
/// In double, rounded once. Shared and branching layers stay as they are.
Model fold_batch_norm(const Model& model);

}  // namespace redbud
