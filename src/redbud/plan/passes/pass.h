#pragma once
#include <span>
#include <string_view>

#include "redbud/plan/lowering.h"

namespace redbud {

/// A rewrite of the op list. One file each; all are listed in passes/passes.cpp, in the order in which they run.
struct Pass {
  std::string_view name;
  std::string_view meaning;
  enum class When { BeforeAutodiff, AfterAutodiff } when;
  /// Whether anything changed.
  bool (*run)(Lowered& lowered);
};

std::span<const Pass> passes();

bool fuse_linear_activation(Lowered& lowered);
bool fuse_norm_activation(Lowered& lowered);
bool fuse_norm_dropout(Lowered& lowered);
bool store_slopes(Lowered& lowered);
bool fuse_activation_gradient(Lowered& lowered);
bool drop_unused(Lowered& lowered);

}  // namespace redbud
