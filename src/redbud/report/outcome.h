#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "redbud/core/config_value.h"
#include "redbud/core/thread_pool.h"
#include "redbud/data/batch.h"
#include "redbud/graph/model.h"

namespace redbud {

/// Rows that a model is shown once, at the end of its run.
struct OutcomeRows {
  std::string part;  // "validation", "test"
  const SampleSource& source;
  std::span<const int64_t> places = {};  // of each row in its file; empty: as many as there are, from 0
  bool are_lines = false;                // of a text file, the header being line 1; else rows, from 0
};

/// Where a model is wrong, small enough for a log: predictions as `redbud predict` gives them.
///
///   {"event":"outcome","part":...,"rows":...,
///    classes:  "classes":[...],"confusion":[[...]],"classes_left_out":n,
///              "worst":[{"line"|"row":n,"truth":...,"prediction":...,"p":...,"p_truth":...,"loss":...}],
///    numbers:  "targets":[{"name":...,"low":...,"high":...,"counts":[...],"mean":...,"deviation":...,
///              "points":[[truth, prediction], ...]}],
///              "worst":[{"line"|"row":n,"truth":[...],"prediction":[...],"loss":...}]}
///
/// The confusion matrix is [true][predicted]; of more than 20 classes those with the most mistakes stand in it, and all
/// others are one, the last. A residual is prediction - truth, in the target's units; "low", "high", "counts" are its
/// histogram. "loss" is -ln(p_truth), where the loss has scores rather than probabilities how far the truth's lies
/// behind the best one (and there is no "p"), or the mean over targets of the squared error in standardised units; the
/// worst 20 rows by it are listed, worst first, small pictures with their "picture" (report/row_picture.h). Null where
/// rows have neither one class nor numbers each, and where the loss compares directions.
ConfigValue outcome_record(const Model& model, const OutcomeRows& rows, ThreadPool& pool);

}  // namespace redbud
