#include "redbud/report/advice/advice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "redbud/report/advice/rule.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// A run of a network with two hidden layers that is well: no advice.
RunEvidence well() {
  RunEvidence run;
  run.folder = "runs/well";
  ConfigValue model;
  model.set("hidden", ConfigValue::List{ConfigValue(64), ConfigValue(64)});
  model.set("activation", "elu");
  model.set("initializer", "auto");
  model.set("batch_norm", "none");
  model.set("dropout", 0.0);
  model.set("input_dropout", 0.0);
  ConfigValue train;
  train.set("optimizer", "adam");
  train.set("learning_rate", 0.001);
  train.set("schedule", "none");
  train.set("batch_size", 200);
  train.set("epochs", 50);
  train.set("patience", 10);
  train.set("weight_average", 0.999);
  for (const char* key : {"clip_norm", "l1", "l2", "weight_decay", "max_norm"}) train.set(key, 0.0);
  run.tree.set("model", std::move(model));
  run.tree.set("train", std::move(train));
  run.train_rows = 5000;
  run.features = 20;
  run.outputs = 3;
  for (const char* name : {"hidden1", "hidden2", "output"}) {
    run.layers.push_back({.layer = name, .activation = "elu", .initializer = "he_normal"});
  }
  run.layers.back().activation = "identity";
  for (int64_t epoch = 1; epoch <= 20; ++epoch) {
    EpochEvidence e{.epoch = epoch, .train_loss = 0.5, .validation = {0.52, 0.8}, .learning_rate = 0.001, .health = {}};
    for (const char* name : {"hidden1", "hidden2", "output"}) {
      e.health.push_back({.layer = name, .activation_norm = 0.8, .gradient_norm = 1e-3, .update_ratio = 1e-3});
    }
    run.epochs.push_back(e);
  }
  run.stop_reason = "patience";
  run.best_epoch = 10;
  run.train = Scores{0.48, 0.82};
  run.validation = Scores{0.52, 0.8};
  return run;
}

void set(RunEvidence& run, const char* section, const char* key, ConfigValue value) {
  run.tree.find(section)->set(key, std::move(value));
}

void draw_naively(RunEvidence& run) {
  set(run, "model", "initializer", "normal");
  for (LayerMakeup& layer : run.layers) layer.initializer = "normal";
}

template <class F>
void in_all_epochs(RunEvidence& run, F&& f) {
  for (EpochEvidence& epoch : run.epochs) f(epoch.health[0]);
}

std::vector<std::string> rules_of(const std::vector<Advice>& found) {
  std::vector<std::string> rules;
  for (const Advice& advice : found) rules.push_back(advice.rule);
  return rules;
}
std::vector<std::string> rules_for(const RunEvidence& run, Want want = Want::Nothing) {
  return rules_of(advise(std::span(&run, 1), want));
}

using Rules = std::vector<std::string>;

TEST(Advice, ARunThatIsWellGetsNone) { EXPECT_EQ(rules_for(well()), Rules{}); }

TEST(Advice, ForGradientsThatVanish) {
  RunEvidence run = well();
  set(run, "model", "activation", "logistic");
  set(run, "model", "initializer", "glorot_normal");
  for (size_t i : {0u, 1u}) run.layers[i].activation = "logistic";
  in_all_epochs(run, [](LayerHealth& layer) { layer.gradient_norm = 1e-9; });
  const std::vector<Advice> found = advise(std::span(&run, 1));
  EXPECT_EQ(rules_of(found), (Rules{"vanishing-elu", "vanishing-norm", "vanishing-glorot"}));
  EXPECT_EQ(found[0].evidence,
            "hidden1: gradients vanish: 1e-06 of the top layer's (logistic, he_normal) (from epoch 1 on, in 20 of 20 "
            "epochs)");
  ASSERT_EQ(found[0].changes.size(), 2u);
  EXPECT_EQ(found[0].changes[0].key, "model.activation");
  EXPECT_EQ(found[0].changes[0].value, "elu");
  EXPECT_EQ(found[0].changes[1].key, "model.initializer");
  EXPECT_EQ(found[0].changes[1].value, "auto");
}

TEST(Advice, AnIllnessOfAFewEpochsPasses) {
  RunEvidence run = well();
  for (size_t i = 0; i < 9; ++i) run.epochs[i].health[0].gradient_norm = 1e-9;
  EXPECT_EQ(rules_for(run), Rules{});
  run.epochs[9].health[0].gradient_norm = 1e-9;
  EXPECT_NE(rules_for(run), Rules{});
}

TEST(Advice, NaiveInitialisersComeFirst) {
  for (const auto& [spoil, rule] : {std::pair<void (*)(LayerHealth&), const char*>{
                                        [](LayerHealth& l) { l.saturated = 0.9; }, "saturated-initializer"},
                                    {[](LayerHealth& l) { l.activation_norm = 1e6; }, "exploding-initializer"},
                                    {[](LayerHealth& l) { l.gradient_norm = 1e-9; }, "vanishing-initializer"},
                                    {[](LayerHealth& l) { l.update_ratio = 1e-7; }, "uneven-initializer"}}) {
    RunEvidence run = well();
    draw_naively(run);
    EXPECT_EQ(rules_for(run), Rules{}) << rule;
    in_all_epochs(run, spoil);
    EXPECT_EQ(rules_for(run).front(), rule);
  }
}

TEST(Advice, ADivergenceIsTheRatesFaultWhereItIsFarAboveTheOptimizersOwn) {
  RunEvidence run = well();
  run.epochs.clear();
  run.train.reset();
  run.validation.reset();
  run.divergence = "step 3, layer hidden1 (dense), linear: the loss is not finite (loss nan, learning rate 1)";
  EXPECT_EQ(rules_for(run), (Rules{"exploding-clip", "exploding-lower", "exploding-norm"}));
  set(run, "train", "learning_rate", 1.0);
  const std::vector<Advice> found = advise(std::span(&run, 1));
  EXPECT_EQ(found[0].rule, "exploding-rate");
  EXPECT_EQ(found[0].changes[0].key, "train.learning_rate");
  EXPECT_EQ(found[0].changes[0].value, "0.001");
  EXPECT_NE(found[0].evidence.find("diverged: step 3"), std::string::npos) << found[0].evidence;
  EXPECT_NE(found[0].evidence.find("the rate 1 is 1e+03 times the 0.001 of adam"), std::string::npos);
}

TEST(Advice, ForDeadUnits) {
  RunEvidence run = well();
  set(run, "model", "activation", "relu");
  for (size_t i : {0u, 1u}) run.layers[i].activation = "relu";
  in_all_epochs(run, [](LayerHealth& layer) { layer.dead = 0.7; });
  EXPECT_EQ(rules_for(run), (Rules{"dead-elu", "dead-leaky", "dead-lower"}));
  set(run, "train", "learning_rate", 0.1);
  const std::vector<Advice> found = advise(std::span(&run, 1));
  EXPECT_EQ(found[0].rule, "dead-rate");
  EXPECT_EQ(found[0].changes.back().key, "train.learning_rate");
}

TEST(Advice, ForARunThatOverfits) {
  RunEvidence run = well();
  run.train = Scores{0.1, 0.97};
  EXPECT_EQ(rules_for(run), (Rules{"overfit-dropout", "overfit-max-norm", "overfit-l2"}));
  run.train_rows = 300;
  EXPECT_EQ(rules_for(run).back(), "overfit-rows");
  EXPECT_TRUE(advise(std::span(&run, 1)).back().changes.empty());
  set(run, "train", "patience", 0);
  run.best_epoch = 5;
  EXPECT_EQ(rules_for(run)[1], "overfit-patience");
  set(run, "model", "dropout", 0.5);
  EXPECT_EQ(rules_for(run)[0], "overfit-patience");
}

TEST(Advice, AGapWithoutErrorsIsNoOverfitting) {
  RunEvidence run = well();
  run.train = Scores{0.002, 1.0};
  run.validation = Scores{0.02, 0.995};
  EXPECT_EQ(rules_for(run), Rules{});
}

TEST(Advice, ForARunThatUnderfits) {
  RunEvidence run = well();
  set(run, "train", "l2", 0.5);
  EXPECT_EQ(rules_for(run), Rules{"underfit-penalty"});
  run = well();
  set(run, "model", "dropout", 0.7);
  EXPECT_EQ(rules_for(run), Rules{"underfit-dropout"});
  run = well();
  set(run, "model", "hidden", ConfigValue::List{ConfigValue(64), ConfigValue(2)});
  const std::vector<Advice> found = advise(std::span(&run, 1));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].changes[0].key, "model.hidden");
  EXPECT_EQ(found[0].changes[0].value, "64,64");
}

void let_fall(RunEvidence& run) {
  for (size_t i = 0; i < run.epochs.size(); ++i) {
    run.epochs[i].validation.loss = run.epochs[i].train_loss = 1.0 - 0.02 * static_cast<double>(i);
  }
  run.stop_reason = "epochs";
  run.best_epoch = 20;
  run.validation->loss = run.train->loss = 0.6;
}

TEST(Advice, ForARunThatStillGotBetter) {
  RunEvidence run = well();
  let_fall(run);
  EXPECT_EQ(rules_for(run), Rules{"underfit-longer"});
  set(run, "train", "learning_rate", 1e-5);
  EXPECT_EQ(rules_for(run), (Rules{"slow-rate", "slow-norm", "underfit-longer"}));
}

TEST(Advice, TheFasterOfTwoThatEndsWorseGetsASchedule) {
  RunEvidence runs[2] = {well(), well()};
  set(runs[0], "train", "learning_rate", 0.002);
  runs[1].folder = "runs/calm";
  runs[1].epochs.front().validation.loss = 0.6;
  runs[1].epochs.back().validation.loss = 0.5;
  const std::vector<Advice> found = advise(runs);
  ASSERT_EQ(rules_of(found), Rules{"schedule-exponential"});
  EXPECT_EQ(found[0].run, 0u);
  EXPECT_EQ(found[0].changes[0].value, "{ name = \"exponential\", every = 10 }");
  EXPECT_EQ(rules_for(runs[0]), Rules{});
}

TEST(Advice, ForWishes) {
  RunEvidence run = well();
  EXPECT_EQ(rules_for(run, Want::Sparse), (Rules{"sparse-l1", "sparse-ftrl-too"}));
  const std::vector<Advice> found = advise(std::span(&run, 1), Want::Sparse);
  EXPECT_EQ(found[0].changes[0].value, "0.3");  // 0.15 / (0.001 * 20 epochs * 25 batches)
  EXPECT_EQ(found[0].changes[1].key, "train.weight_average");
  set(run, "train", "l1", 1e-4);
  EXPECT_EQ(rules_for(run, Want::Sparse), (Rules{"sparse-ftrl", "sparse-l1"}));
  EXPECT_EQ(rules_for(well(), Want::Accurate), (Rules{"accurate-cosine", "accurate-wider"}));
}

TEST(Advice, EveryRuleHasItsWordsAndItsSource) {
  std::vector<std::string> names;
  for (const auto& rules : {comparison_rules(), illness_rules(), fit_rules(), wish_rules()}) {
    for (const AdviceRule& rule : rules) {
      names.emplace_back(rule.name);
      EXPECT_FALSE(rule.illness.empty() || rule.says.empty() || rule.source.empty()) << rule.name;
      EXPECT_TRUE(rule.confidence == "high" || rule.confidence == "medium" || rule.confidence == "low") << rule.name;
    }
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST(Evidence, LogsThatAreNoneOrDamagedAreNamed) {
  const TempFolder folder;
  const auto read = [&](const char* name, const std::string& text) {
    const Path path = folder.write(name, text);
    return [path] { evidence_of(read_story(path), path.parent_path(), {}); };
  };
  const std::string start = "{\"event\":\"start\",\"rows\":{\"train\":7}}\n";
  EXPECT_TRUE(throws_error([&] { read_story(folder / "none"); }, ErrorKind::Data, "none"));
  EXPECT_TRUE(throws_error(read("empty", ""), ErrorKind::Data, "is not the log of a run"));
  EXPECT_TRUE(throws_error(read("other", "{\"event\":\"epoch\"}\n"), ErrorKind::Data, "other:1"));
  EXPECT_TRUE(throws_error(read("list", "[1]\n"), ErrorKind::Data, "list:1: is not a record of a run"));
  EXPECT_TRUE(throws_error(read("bad", start + "{\"event\":\n"), ErrorKind::Data, "bad:2"));
  EXPECT_TRUE(throws_error(read("type", start + "{\"event\":\"epoch\",\"epoch\":\"x\"}\n"), ErrorKind::Data, "type:2"));
  EXPECT_TRUE(throws_error(read("health", start + "{\"event\":\"epoch\",\"epoch\":5,\"health\":[{\"layer\":1}]}\n"),
                           ErrorKind::Data, "health, epoch 5"));
  const Path torn = folder.write("torn", start + "{\"event\":\"epo");
  EXPECT_EQ(evidence_of(read_story(torn), folder.path(), {}).train_rows, 7);
}

}  // namespace
}  // namespace redbud
