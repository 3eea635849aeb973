#include "redbud/report/page/run_page.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/checkpoint/json.h"

namespace redbud {
namespace {

ConfigValue json(const std::string& text) { return parse_json(text, {.where = "test"}); }

std::string health_of(int layers, int epoch) {
  std::string list;
  for (int i = 1; i <= layers; ++i) {
    list += (i > 1 ? "," : "") + ("{\"layer\":\"hidden" + std::to_string(i)) +
            "\",\"activation_norm\":1.5,\"gradient_norm\":" + std::to_string(1.0 / (i * epoch)) +
            ",\"weight_norm\":3.0,\"update_ratio\":0.001,\"dead\":0.1,\"saturated\":null}";
  }
  return list;
}

RunStory story_of_epochs(int epochs, int layers = 2) {
  RunStory story;
  story.name = "runs/adult";
  story.start =
      json("{\"event\":\"start\",\"version\":\"0.1\",\"rows\":{\"train\":100},\"features\":3,\"parameters\":77}");
  for (int e = 1; e <= epochs; ++e) {
    const std::string n = std::to_string(e);
    story.epochs.push_back(json("{\"epoch\":" + n + ",\"train_loss\":" + std::to_string(2.0 / e) +
                                ",\"validation\":{\"rows\":9,\"loss\":0.7,\"accuracy\":0.9},\"best\":true,"
                                "\"learning_rate\":0.001,\"rows_per_s\":1e5,\"health\":[" +
                                health_of(layers, e) + "]}"));
  }
  story.done = json(
      "{\"stop_reason\":\"patience\",\"best_epoch\":2,\"epochs\":3,\"wall_s\":75.0,\"train\":{\"rows\":100,\"loss\":"
      "0.5,\"accuracy\":0.95},\"validation\":{\"rows\":9,\"loss\":0.7,\"accuracy\":0.9},\"test\":null}");
  return story;
}

/// Everything that a page can show.
RunStory full_story() {
  RunStory story = story_of_epochs(3);
  story.outcomes = {json("{\"part\":\"test\",\"rows\":10,\"classes\":[\"no\",\"yes\"],\"classes_left_out\":0,"
                         "\"confusion\":[[6,1],[1,2]],"
                         "\"worst\":[{\"line\":17,\"truth\":\"yes\",\"prediction\":\"no\",\"p\":0.99,\"p_truth\":0.01,"
                         "\"loss\":4.6}]}"),
                    json("{\"part\":\"validation\",\"rows\":10,\"targets\":[{\"name\":\"price\",\"low\":-1.0,\"high\":"
                         "2.0,\"counts\":[3,7],"
                         "\"mean\":0.1,\"deviation\":0.5,\"points\":[[1.0,1.1],[2.0,2.5]]}],\"targets_left_out\":0,"
                         "\"worst\":[{\"row\":4,\"truth\":[2.0],\"prediction\":[2.5],\"loss\":0.3}]}"),
                    json(R"({"part":"labels","rows":10,"labels":[{"name":"warm","ones":4,"predicted":5,"hits":3},)"
                         R"({"name":"wet","ones":0,"predicted":0,"hits":0}],"labels_left_out":2,"worst":[{"line":7,)"
                         R"("truth":["warm"],"prediction":["wet","cold"],"label":"wet","p_truth":0.02,"loss":5.1}]})"),
                    json(R"({"part":"vectors","rows":10,"distances":{"low":0.0,"high":2.0,"counts":[9,1],"mean":0.2,)"
                         R"("deviation":0.1},"directions":["x","y"],"directions_left_out":1,"worst":[{"row":4,)"
                         R"("truth":[0.6,0.8],"prediction":[-1.0,0.0],"loss":1.6}]})")};
  story.advice = {
      json("{\"illness\":\"too fast\",\"says\":\"lower the rate\",\"evidence\":\"epoch 2\",\"confidence\":\"high\","
           "\"source\":\"a book\",\"command\":\"redbud train x.csv\"}")};
  story.warnings = {"column \"a\" is constant"};
  story.config_text = "[train]\nepochs = 3\n";
  story.weights = {{"hidden1.weight", histogram_of(std::vector<float>{-1.0F, 0.0F, 1.0F}, 3)}};
  story.settings = {{"train.epochs", "3"}, {"train.seed", "1"}};
  return story;
}

bool has(const std::string& page, const std::string& part) { return page.find(part) != std::string::npos; }

TEST(RunPage, HasEveryFigure) {
  const std::string page = run_page(full_story());
  for (const char* id : {"results",
                         "advice",
                         "warnings",
                         "losses",
                         "metric-accuracy",
                         "learning-rate",
                         "speed",
                         "health-gradient_norm",
                         "health-activation_norm",
                         "health-weight_norm",
                         "health-update_ratio",
                         "health-dead",
                         "confusion-test",
                         "worst-test",
                         "residuals-validation-1",
                         "truths-validation-1",
                         "worst-validation",
                         "labels-labels",
                         "worst-labels",
                         "distances-vectors",
                         "worst-vectors",
                         "weights-1",
                         "configuration"}) {
    EXPECT_TRUE(has(page, "id=\"" + std::string(id) + "\"")) << id;
  }
  EXPECT_TRUE(has(page, "<td>60.00\xC2\xA0%</td><td>75.00\xC2\xA0%</td><td>66.67\xC2\xA0%</td>"));
  EXPECT_TRUE(has(page, "wet, cold"));
  EXPECT_FALSE(has(page, "health-saturated")) << "no layer has that figure";
  EXPECT_TRUE(has(page, "Stopped after 3 epochs: no better validation score for a while."));
  EXPECT_TRUE(has(page, "<dd>1 min 15 s</dd>"));
  EXPECT_TRUE(has(page, "<code>redbud train x.csv</code>"));
  EXPECT_TRUE(has(page, "epochs = 3"));
}

TEST(RunPage, LeavesOutWhatTheRunHasNot) {
  RunStory story = story_of_epochs(0);
  story.done = {};
  const std::string page = run_page(story);
  for (const char* id : {"results", "advice", "warnings", "curves", "health", "weights", "configuration"}) {
    EXPECT_FALSE(has(page, "<section id=\"" + std::string(id) + "\"")) << id;
  }
  EXPECT_TRUE(has(page, "Not ended: 0 epochs so far."));
}

/// The story with every text that comes from data replaced.
RunStory hostile_story(const std::string& text) {
  RunStory story = full_story();
  story.name = text;
  story.start.set("version", text);
  story.warnings = {text};
  story.config_text = text;
  story.weights[0].name = text;
  story.settings[0] = {text, text};
  for (const char* key : {"illness", "says", "evidence", "confidence", "source", "command"})
    story.advice[0].set(key, text);
  for (ConfigValue& outcome : story.outcomes) outcome.set("from", text);
  story.outcomes[0].set("classes", ConfigValue::List{text, text});
  std::get<ConfigValue::List>(story.outcomes[0].find("worst")->value)[0].set("truth", text);
  std::get<ConfigValue::List>(story.outcomes[1].find("targets")->value)[0].set("name", text);
  std::get<ConfigValue::List>(story.outcomes[2].find("labels")->value)[0].set("name", text);
  for (const char* key : {"truth", "prediction"})
    std::get<ConfigValue::List>(story.outcomes[2].find("worst")->value)[0].set(key, ConfigValue::List{text, text});
  std::get<ConfigValue::List>(story.outcomes[2].find("worst")->value)[0].set("label", text);
  for (ConfigValue& epoch : story.epochs) {
    std::get<ConfigValue::List>(epoch.find("health")->value)[0].set("layer", text);
    epoch.find("validation")->set(text, 1.0);
  }
  story.done.find("validation")->set(text, 1.0);
  story.done.set("stop_reason", text);
  return story;
}

TEST(RunPage, NothingFromDataIsMarkup) {
  const std::string evil = "<script>alert(1)</script>\" onload='x' & <b>";
  const RunStory story = hostile_story(evil);
  for (const std::string& page : {run_page(story), comparison_page({story, full_story()})}) {
    EXPECT_FALSE(has(page, "<script")) << page.substr(page.find("<script"), 100);
    EXPECT_FALSE(has(page, "<b>"));
    EXPECT_FALSE(has(page, "\" onload='")) << "out of an attribute";
    EXPECT_TRUE(has(page, "&lt;script&gt;"));
  }
}

TEST(RunPage, NeedsNothingButItself) {
  for (const std::string& page : {run_page(full_story()), comparison_page({full_story(), full_story()})}) {
    for (const char* foreign : {"http:", "https:", "//", "@import", "url(", "<script", "<iframe"}) {
      EXPECT_FALSE(has(page, foreign)) << foreign;
    }
    for (size_t at = page.find(" src="); at != std::string::npos; at = page.find(" src=", at + 1))
      EXPECT_TRUE(page.substr(at).starts_with(" src=\"data:image/bmp;base64,")) << page.substr(at, 40);
    EXPECT_TRUE(page.starts_with("<!doctype html>\n"));
    EXPECT_FALSE(has(page, "nan"));
  }
}

TEST(RunPage, IsBoundedHoweverLongTheRun) {
  RunStory story = story_of_epochs(20000, 3);
  EXPECT_LT(run_page(story).size(), 500'000U);
  story = story_of_epochs(150, 60);
  for (size_t i = 0; i < 200; ++i) story.weights.push_back({"w", histogram_of(std::vector<float>(50, 1.0F), 48)});
  EXPECT_LT(run_page(story).size(), 1'500'000U);
  EXPECT_TRUE(has(run_page(story), "The first 24 of 200 are shown."));
}

TEST(ComparisonPage, LaysRunsSideBySide) {
  RunStory other = full_story();
  other.name = "runs/other";
  other.settings = {{"train.epochs", "3"}, {"train.seed", "2"}, {"train.l2", "0.1"}};
  other.done.find("validation")->set("accuracy", 0.95);
  const std::string page = comparison_page({full_story(), other});
  for (const char* id :
       {"results", "settings", "train-loss", "metric-loss", "metric-accuracy", "learning-rate", "speed"}) {
    EXPECT_TRUE(has(page, "id=\"" + std::string(id) + "\"")) << id;
  }
  EXPECT_TRUE(has(page, "<code>train.seed</code></th><td><code>1</code></td><td><code>2</code>"));
  EXPECT_TRUE(has(page, "<code>train.l2</code></th><td><code>\xE2\x80\x93</code></td><td><code>0.1</code>"));
  EXPECT_FALSE(has(page, "train.epochs")) << "the same in both";
  EXPECT_TRUE(has(page, "<strong>95.00\xC2\xA0%</strong>"));
  EXPECT_FALSE(has(page, "<strong>0.7</strong>")) << "the same in both";
  EXPECT_TRUE(has(page, "class=\"line c0\"") && has(page, "class=\"line c1\""));
}

TEST(ComparisonPage, OfTheSameSettingsSaysSo) {
  EXPECT_TRUE(has(comparison_page({full_story(), full_story()}), "the same configuration"));
}

}  // namespace
}  // namespace redbud
