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
///    labels:   "labels":[{"name":...,"ones":...,"predicted":...,"hits":...}],"labels_left_out":n,
///              "worst":[{"line"|"row":n,"truth":[label, ...],"prediction":[label, ...],"label":...,"p_truth":...,
///              "loss":...}]
///    numbers:  "targets":[{"name":...,"low":...,"high":...,"counts":[...],"mean":...,"deviation":...,
///              "points":[[truth, prediction], ...]}],
///              "worst":[{"line"|"row":n,"truth":[...],"prediction":[...],"loss":...}]
///    vectors:  "distances":{"low":...,"high":...,"counts":[...],"mean":...,"deviation":...},"directions":[name, ...],
///              "directions_left_out":n,"worst": as of numbers, both of length 1}
///
/// The confusion matrix is [true][predicted]; of more than 20 classes those with the most mistakes stand in it, and all
/// others are one, the last. Of more than 40 labels those with the most mistakes are told of; "ones" is how many rows
/// have it, "predicted" how many are said to, "hits" how many of both. A residual is prediction - truth, in the
/// target's units; "low", "high", "counts" are its histogram, or that of the distances 1 - cos(prediction, truth).
///
/// "loss" is of classes -ln(p_truth), or, where the loss has scores rather than probabilities, how far the truth's lies
/// behind the best one (and there is no "p"); of labels the sum of each one's -ln(p_truth) (a float's 1 - p is never
/// taken for less than 2^-25), or of max(0, 1 - its score on the side of the truth), with the worst "label"; of numbers
/// the mean over targets of the squared error in standardised units; of vectors the distance. The worst 20 rows by it
/// are listed, worst first, small pictures with their "picture" (report/row_picture.h). Null where rows have several
/// inputs.
ConfigValue outcome_record(const Model& model, const OutcomeRows& rows, ThreadPool& pool);

}  // namespace redbud
