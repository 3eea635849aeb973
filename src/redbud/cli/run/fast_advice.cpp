#include "redbud/cli/run/fast_advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/bench.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/rng.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"
#include "redbud/predict/predictor.h"
#include "redbud/report/advice/rule.h"

namespace redbud::cli {
namespace {

constexpr double kSeconds = 0.3;  // of each measurement
constexpr double kWorth = 0.95;   // of the time before: less is not worth an advice
constexpr int64_t kManyRows = 256;

/// Microseconds a call on one thread, of one row and of many.
struct CallTime {
  double one = 0.0;
  double many = 0.0;
};

std::string text(const CallTime& time) {
  return fmt::format("{:.2f} us a call of one row, {:.1f} us of {}", time.one, time.many, kManyRows);
}

std::vector<float> random_rows(int64_t rows, int64_t features) {
  std::vector<float> x(static_cast<size_t>(rows * features));
  const RandomKey key{.seed = 1, .stream = Stream::Data};
  for (size_t i = 0; i < x.size(); ++i) x[i] = random_uniform(key, static_cast<int64_t>(i)) - 0.5F;
  return x;
}

/// As `redbud predict` calls it: batch norm folded into the weights.
CallTime time_folded(const Model& model) {
  const Predictor predictor(model);
  const auto time = [&](int64_t rows) {
    Predictor::Context context(predictor, rows);
    const std::vector<float> x = random_rows(rows, predictor.features());
    std::vector<float> y(static_cast<size_t>(rows * predictor.outputs()));
    return time_calls(kSeconds, [&] { predictor.predict(x, rows, y, context); }).min;  // other programs only add to it
  };
  return {.one = time(1), .many = time(kManyRows)};
}

/// The graph as it was trained, batch norm on its own.
CallTime time_unfolded(Model& model) {
  ThreadPool pool(1);
  const auto time = [&](int64_t rows) {
    Plan plan(model.graph, loss_from_config(model.loss).get(), model.values, nullptr,
              {.goal = PlanGoal::Predictions, .rows = rows, .disabled_passes = {}});
    return time_calls(kSeconds, [&] { plan.run({.pool = pool}); }).min;  // other programs only add to it
  };
  return {.one = time(1), .many = time(kManyRows)};
}

/// The run's network with other settings and drawn weights: a call's time does not depend on their values.
CallTime time_changed(const RunEvidence& run, const Model& model, const std::vector<Change>& changes) {
  ConfigValue tree = run.tree;
  for (const Change& change : changes) apply_override(tree, {change.key, change.value, change.key});
  Model changed{.graph = network(tree, model.recipe.schema),
                .loss = model.loss,
                .values = {},
                .recipe = model.recipe,
                .training = {}};
  changed.values = changed.graph.make_store();
  changed.values.initialize(1);
  return time_folded(changed);
}

std::vector<Change> narrower(const AdviceCase& c) {
  std::string units;
  for (int64_t n : c.hidden()) units += fmt::format("{}{}", units.empty() ? "" : ",", std::max<int64_t>(1, n / 2));
  return units.empty() ? std::vector<Change>{} : std::vector<Change>{{"model.hidden", units}};
}

}  // namespace

std::vector<Advice> advise_fast(const RunEvidence& run) {
  Model model = load_model(find_model_file(run.folder));
  const AdviceCase c{.run = run, .runs = {&run, 1}, .want = Want::Fast};
  const Advice common{
      .rule = {}, .illness = "shall be fast", .says = {}, .evidence = {}, .source = {}, .confidence = "high"};
  std::vector<Advice> found;
  const CallTime folded = time_folded(model);
  if (c.has_batch_norm()) {
    Advice fold = common;
    fold.rule = "fast-fold";
    fold.says = "call it by `redbud predict` or a Predictor, which fold batch norm into the weights";
    fold.evidence = fmt::format("{}; not folded {}", text(folded), text(time_unfolded(model)));
    fold.source = "Jacob et al. 2018, section 3.2";
    found.push_back(fold);
  }
  const auto try_change = [&](const char* rule, const char* says, const char* source, std::vector<Change> changes) {
    if (changes.empty()) return;
    const CallTime time = time_changed(run, model, changes);
    const bool is_worth_it = time.many <= kWorth * folded.many || time.one <= kWorth * folded.one;
    Advice advice = common;
    advice.rule = rule;
    advice.says = is_worth_it ? says : std::string("don't ") + says + ": it gains less than 5 %";
    advice.evidence = fmt::format("{}; now {}", text(time), text(folded));
    advice.source = source;
    if (is_worth_it) advice.changes = std::move(changes);
    found.push_back(advice);
  };
  const bool has_exponentials = c.activation() != "relu" && c.activation() != "leaky_relu" && !c.activation().empty();
  if (has_exponentials) {
    try_change("fast-leaky", "use leaky ReLU, which needs no exponential", "Xu et al. 2015",
               c.set_activation("leaky_relu"));
  }
  try_change("fast-narrower", "halve the hidden layers", "Goodfellow et al. 2016, section 11.4.1", narrower(c));
  return found;
}

}  // namespace redbud::cli
