#include "redbud/data/sample_weights.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/column_types.h"

namespace redbud {

void check_weights(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  const auto refuse = [&](size_t row, const std::string& fact, const std::string& found) {
    throw Error(ErrorKind::Data, {.where = place(file, table.lines[row], name),
                                  .fact = fact,
                                  .found = found,
                                  .expected = "a number of at least 0, as sample_weight has one a row"});
  };
  if (raw.role == CellRole::Text) {
    const auto is_text = [&](int32_t code) { return code >= 0 && !parse_number((*raw.levels)[code]); };
    const auto row = static_cast<size_t>(std::find_if(raw.codes.begin(), raw.codes.end(), is_text) - raw.codes.begin());
    RB_ASSERT(row < raw.codes.size());
    refuse(row, "a weight that is not a number", quote((*raw.levels)[raw.codes[row]]));
  }
  refuse_odd_number(raw, table, name, file);
  for (size_t row = 0; row < raw.numbers.size(); ++row) {
    const double weight = raw.numbers[row];
    if (std::isnan(weight)) refuse(row, "a row without a weight", "");
    if (weight < 0.0) refuse(row, "a negative weight", format_number(weight));
  }
  if (std::any_of(raw.numbers.begin(), raw.numbers.end(), [](double weight) { return weight > 0.0; })) return;
  throw Error(ErrorKind::Data, {.where = file,
                                .fact = "column " + quote(name) + ": every row has the weight 0",
                                .expected = "weights above 0, as sample_weight has them"});
}

}  // namespace redbud
