#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redbud/core/file.h"
#include "redbud/data/batch.h"
#include "redbud/data/dataset.h"
#include "redbud/data/read.h"

namespace redbud {

/// What prediction does with a category that training never saw.
enum class UnseenPolicy { Zeros, Error };

/// How one column becomes features.
struct ColumnEncoding {
  int column = 0;                  // in Schema::columns
  double mean = 0.0;               // numbers: what is taken off; also what a missing number becomes
  double scale = 1.0;              // numbers: what is multiplied then
  std::vector<uint8_t> seen = {};  // categories: whether training had the level; the others are encoded as unseen
  int32_t mode = 0;                // categories, booleans: the level of a missing cell
};

/// The whole way from a row of the file to the numbers a network reads, and back from its outputs. Fitted on training
/// rows alone; saved in the model file, so prediction needs nothing else.
struct Recipe {
  Schema schema = {};
  std::vector<ColumnEncoding> inputs =
      {};  // a table's; of arrays whose rows are plain vectors of numbers, one a feature
  /// A table's numbers, once standardised, are cut at so many deviations (0: they aren't), in training and prediction.
  double number_limit = 0.0;
  double pixel_mean = 0.0;  // pixels and other arrays: (v - pixel_mean) * pixel_scale
  double pixel_scale = 1.0;
  std::vector<double> target_mean = {};  // regression: y = target_mean + target_scale * output
  std::vector<double> target_scale = {};
  MissingPolicy missing = MissingPolicy::Mean;
  UnseenPolicy unseen = UnseenPolicy::Zeros;
  std::vector<std::string> feature_names = {};  // one a feature: "age", "workclass=Private", ...
};

/// How target numbers become what a network is trained on.
enum class TargetScaling {
  Standardise,  // less their mean, by their standard deviation
  ByMean,       // by their mean, which leaves 0 where it is: counts and rates
  None,
};

/// Fits means, scales, seen levels and modes on the rows of `train`. Labels stay 0 and 1.
/// Throws  Error{Data}: one class only, no rows, a target that is not finite; ByMean: one that is negative, or all 0
Recipe fit_recipe(const Dataset& train, MissingPolicy missing, std::vector<std::string>* warnings = nullptr,
                  TargetScaling targets = TargetScaling::Standardise);

/// The rows as numbers in memory: a table as a dense float matrix, pixels as their bytes (scaled while gathered).
/// `data` must have the schema that the recipe was fitted on (read_like gives that for another file). Blocks  input "x"
/// (features), target "y": (1) I32 class index, or (targets) F32 standardised
std::unique_ptr<SampleSource> encode(const Dataset& data, const Recipe& recipe);

/// Reads another file of the same kind by the recipe: columns matched by name (by position without a header), types and
/// levels as trained. `with_target` false: the target columns may be missing, and are ignored. Throws  Error{Data}: a
/// column that is missing (naming it), an unknown class, a cell of the wrong type, with row and column
Dataset read_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options = {},
                  ReadNotes* notes = nullptr);

/// Encoded rows of a file of any length, a chunk at a time, in bounded memory. A folder of IDX files and arrays work,
/// too.
class RowStream {
 public:
  RowStream(const Path& path, const Recipe& recipe, const ReadOptions& options = {});
  ~RowStream();
  /// Writes up to `max_rows` encoded rows of recipe.schema.features() floats, `stride` apart; returns how many (0: the
  /// end).
  int64_t next(float* x, int64_t stride, int64_t max_rows);
  /// What there was to say so far: how columns were matched, rows left out (all of them once next() gave 0).
  const ReadNotes& notes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace redbud
