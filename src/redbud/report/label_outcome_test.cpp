// What is told of several labels a row, and of directions.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "redbud/checkpoint/json.h"
#include "redbud/report/outcome.h"
#include "redbud/report/outcome_parts.h"
#include "redbud/report/record_fields.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/loss_toy_test.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

const double kTolerance = tolerance(DType::F32, {.terms_per_sum = 64});  // of two layers of 4 and 16 terms, squared

/// A network trained for a moment, and 20 rows that it has not seen, so that all of them are among the worst.
struct Told {
  explicit Told(const std::string& loss) : toy(loss, 20) {
    model = fit_for_a_moment(toy);
    outcome = outcome_record(model, {.part = "test", .source = *toy.validation}, pool);
    metrics = evaluate(model, *toy.validation, pool);
  }
  static Model fit_for_a_moment(const LossToy& toy) {
    return run_training(toy.model, *toy.train, *toy.validation, {.epochs = 3, .patience = 0, .seed = 1, .threads = 1},
                        {})
        .best;
  }
  double sum_of_losses() const {
    double sum = 0.0;
    for (const ConfigValue& line : list_in(outcome, "worst")) sum += number_in(line, "loss");
    return sum;
  }

  ThreadPool pool{1};
  LossToy toy;
  Model model;
  ConfigValue outcome;
  Metrics metrics;
};

/// The names in a list of a record.
std::set<std::string> names_in(const ConfigValue& line, const char* key) {
  std::set<std::string> names;
  for (const ConfigValue& name : list_in(line, key)) names.insert(name.as_text(key));
  return names;
}

class OutcomeOfLabels : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Losses, OutcomeOfLabels,
                         ::testing::Values("sigmoid_cross_entropy", "sigmoid_focal", "binary_hinge"));

TEST_P(OutcomeOfLabels, AgreesWithTheMetrics) {
  const Told told(GetParam());
  const ConfigValue::List& labels = list_in(told.outcome, "labels");
  ASSERT_EQ(labels.size(), 2U);
  double f1 = 0.0;
  for (const ConfigValue& label : labels) {
    const double met = number_in(label, "ones") + number_in(label, "predicted");
    f1 += met > 0.0 ? 2.0 * number_in(label, "hits") / met / 2.0 : 0.0;
  }
  EXPECT_DOUBLE_EQ(f1, *told.metrics.f1_macro);
  const ConfigValue::List& worst = list_in(told.outcome, "worst");
  ASSERT_EQ(worst.size(), 20U);
  int64_t all_right = 0;
  for (const ConfigValue& line : worst) all_right += names_in(line, "truth") == names_in(line, "prediction") ? 1 : 0;
  EXPECT_DOUBLE_EQ(static_cast<double>(all_right) / 20.0, *told.metrics.subset_accuracy);
  EXPECT_LT(*told.metrics.subset_accuracy, 1.0) << "something is wrong somewhere";
}

TEST(OutcomeOfLabels, ItsLossIsThatOfTheNetwork) {
  for (const char* loss : {"sigmoid_cross_entropy", "binary_hinge"}) {  // focal's is another than what is told
    const Told told(loss);
    EXPECT_NEAR(told.sum_of_losses() / 20.0, told.metrics.loss, kTolerance * told.metrics.loss) << loss;
  }
}

TEST(OutcomeOfLabels, ThoseOfARowAreNamed) {
  WorstRows worst;
  const auto part = make_label_outcome({"a", "b", "c"}, true, worst);
  const std::vector<float> outputs = {0.9F, 0.2F, 0.75F, 0.9F, 0.6F, 0.25F};
  const std::vector<float> truths = {1, 1, 0, 1, 1, 0};
  part->add({.rows = 2, .outputs = outputs, .numbers = truths});
  ConfigValue record;
  part->write(record);
  EXPECT_EQ(to_json(*record.find("labels")),
            R"([{"name":"a","ones":2,"predicted":2,"hits":2},{"name":"b","ones":2,"predicted":1,"hits":1},)"
            R"({"name":"c","ones":0,"predicted":1,"hits":0}])");
  const auto entries = worst.sorted();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].row, 0);
  EXPECT_NEAR(entries[0].loss, -std::log(0.9) - std::log(0.2) - std::log(0.25), tolerance(DType::F32));
  ConfigValue line;
  part->describe(entries[0], line);
  EXPECT_EQ(names_in(line, "truth"), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(names_in(line, "prediction"), (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(text_in(line, "label"), "b");
  EXPECT_NEAR(number_in(line, "p_truth"), 0.2, tolerance(DType::F32));
}

TEST(OutcomeOfLabels, OfManyIsBounded) {
  std::vector<std::string> names;
  for (int k = 0; k < 100; ++k) names.push_back("label " + std::to_string(k));
  WorstRows worst;
  const auto part = make_label_outcome(names, true, worst);
  std::vector<float> outputs(100, 0.0F);  // nothing is predicted; a probability of exactly 0 has a loss all the same
  const std::vector<float> truths(100, 1.0F);
  outputs[99] = 1.0F;
  part->add({.rows = 1, .outputs = outputs, .numbers = truths});
  ConfigValue record;
  part->write(record);
  EXPECT_EQ(list_in(record, "labels").size(), 40U);
  EXPECT_EQ(integer_in(record, "labels_left_out"), 60);
  EXPECT_EQ(text_in(list_in(record, "labels")[39], "name"), "label 39");
  EXPECT_NEAR(worst.sorted()[0].loss, 99 * 25 * std::log(2.0), 99 * 25 * tolerance(DType::F64, {.terms_per_sum = 100}));
  ConfigValue line;
  part->describe(worst.sorted()[0], line);
  EXPECT_EQ(list_in(line, "truth").back().as_text("truth"), "88 more");
}

TEST(OutcomeOfVectors, AgreesWithTheMetrics) {
  const Told told("cosine");
  EXPECT_NEAR(told.sum_of_losses() / 20.0, told.metrics.loss, kTolerance);
  const ConfigValue& distances = table_in(told.outcome, "distances");
  EXPECT_NEAR(number_in(distances, "mean"), told.metrics.loss, kTolerance);
  int64_t rows = 0;
  for (const ConfigValue& count : list_in(distances, "counts")) rows += count.as_integer("count");
  EXPECT_EQ(rows, 20);
  EXPECT_EQ(list_in(told.outcome, "directions").size(), 2U);
}

TEST(OutcomeOfVectors, AreOfLengthOneAndTheFarthestFirst) {
  WorstRows worst;
  const auto part = make_vector_outcome({"x", "y"}, worst);
  part->expect(3);
  const std::vector<float> outputs = {3, 4, 0, -2, 0, 0};
  const std::vector<float> truths = {6, 8, 0, 5, 1, 1};
  part->add({.rows = 3, .outputs = outputs, .numbers = truths});
  const auto entries = worst.sorted();
  ASSERT_EQ(entries.size(), 3U);
  const std::vector<std::pair<int64_t, double>> expected = {{1, 2.0}, {2, 1.0}, {0, 0.0}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].row, expected[i].first);
    EXPECT_NEAR(entries[i].loss, expected[i].second, tolerance(DType::F64));
  }
  ConfigValue line;
  part->describe(entries[2], line);
  std::vector<double> prediction;
  for (const ConfigValue& v : list_in(line, "prediction")) prediction.push_back(v.as_number("prediction"));
  EXPECT_TRUE(all_close(prediction, std::vector<double>{0.6, 0.8}, tolerance(DType::F64)));
}

}  // namespace
}  // namespace redbud
