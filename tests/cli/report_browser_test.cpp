// The page in headless Chromium: every figure is drawn, nothing complains, nothing sticks out of a phone.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

struct Look {
  const char* name;
  int width;
  const char* scheme;  // of Blink's preferred colour schemes: 0 dark, 1 light
};
constexpr Look kLooks[] = {
    {"desktop, light", 1280, "1"}, {"desktop, dark", 1280, "0"}, {"phone, light", 390, "1"}, {"phone, dark", 390, "0"}};

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> part{};
  for (size_t count = fread(part.data(), 1, part.size(), pipe); count > 0;
       count = fread(part.data(), 1, part.size(), pipe))
    text.append(part.data(), count);
  pclose(pipe);
  return text;
}

/// Chromium is pointed at a page that holds ours in a frame of the wanted width, since its own window is never narrower
/// than 500 pixels; the frame's sizes are then written into the outer page.
std::string probe_of(const std::string& page, int width) {
  return fmt::format(
      R"html(<!doctype html><body style="margin:0"><iframe id="f" src="{}" style="width:{}px;height:900px;border:0"></iframe>
<script>
onload = () => {{
  const d = document.getElementById("f").contentDocument, box = (e) => e.getBoundingClientRect();
  const figures = [...d.querySelectorAll("figure")];
  const flat = figures.filter((f) => box(f).width < 50 || box(f).height < 40).map((f) => f.id);
  const texts = [...d.querySelectorAll("svg text")].filter((t) => box(t).width > 0 && box(t).height < 8);
  const style = d.defaultView.getComputedStyle(d.body);
  document.body.dataset.probe = JSON.stringify({{figures: figures.map((f) => f.id), flat: flat, over: d.documentElement.scrollWidth - d.documentElement.clientWidth,
    small: texts.length, lines: d.querySelectorAll("path.line, path.bars, rect[class^=t], td.m").length, paper: style.backgroundColor, ink: style.color}});
}};
</script></body>)html",
      page, width);
}

/// What Chromium says on stderr of a page: messages of the console, refused loads.
bool complains(const std::string& log) {
  return log.find("CONSOLE") != std::string::npos || log.find("Refused to") != std::string::npos;
}

class SlowBrowser : public ::testing::Test {
 protected:
  struct Seen {
    std::string probe;  // what the outer page wrote down
    std::string log;
  };
  Seen seen_in(const Path& page, const Look& look) const {
    folder_.write("probe.html", probe_of("file://" + page.string(), look.width));
    const std::string dom = output_of(
        fmt::format("timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
                    "--user-data-dir={0}/profile "
                    "--allow-file-access-from-files --enable-logging=stderr --blink-settings=preferredColorScheme={1} "
                    "--window-size=1400,1000 --dump-dom file://{0}/probe.html 2>{0}/log",
                    folder_.path().string(), look.scheme));
    const size_t at = dom.find("data-probe=\"");
    return {at == std::string::npos ? "" : dom.substr(at, dom.find("\">", at) - at), text_of(folder_ / "log")};
  }

  void look_at(const Path& page, const std::vector<std::string>& figures) const {
    for (const Look& look : kLooks) {
      SCOPED_TRACE(look.name);
      const Seen seen = seen_in(page, look);
      EXPECT_FALSE(complains(seen.log)) << seen.log;
      ASSERT_NE(seen.probe, "") << seen.log;
      check(seen.probe, figures, look);
    }
  }

  TempFolder folder_;

 private:
  static void check(const std::string& probe, const std::vector<std::string>& figures, const Look& look) {
    for (const std::string& id : figures)
      EXPECT_NE(probe.find("&quot;" + id + "&quot;"), std::string::npos) << id << probe;
    EXPECT_NE(probe.find("&quot;flat&quot;:[]"), std::string::npos) << "a figure has no size: " << probe;
    EXPECT_NE(probe.find("&quot;small&quot;:0,"), std::string::npos) << "texts that can't be read: " << probe;
    EXPECT_EQ(probe.find("&quot;lines&quot;:0,"), std::string::npos) << "nothing is drawn: " << probe;
    EXPECT_NE(probe.find("&quot;over&quot;:0,"), std::string::npos) << "it sticks out: " << probe;
    const bool dark = look.scheme[0] == '0';
    EXPECT_NE(probe.find(dark ? "paper&quot;:&quot;rgb(23, 20, 23)" : "paper&quot;:&quot;rgb(253, 252, 252)"),
              std::string::npos)
        << probe;
  }
};

TEST_F(SlowBrowser, SeesWhatIsWrongWithAPage) {
  if (!has_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  const std::string head = "<!doctype html><meta name=viewport content=\"width=device-width\">";
  const Seen bad =
      seen_in(folder_.write("bad.html", head + "<script>noSuchFunction()</script><p style=\"width:2000px\">x</p>"
                                               "<figure id=empty></figure>"),
              kLooks[2]);
  EXPECT_TRUE(complains(bad.log)) << bad.log;
  EXPECT_NE(bad.probe.find("&quot;flat&quot;:[&quot;empty&quot;]"), std::string::npos) << bad.probe;
  EXPECT_EQ(bad.probe.find("&quot;over&quot;:0,"), std::string::npos) << bad.probe;
}

TEST_F(SlowBrowser, ShowsEveryFigureOfClasses) {
  if (!has_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  ASSERT_TRUE(succeeds(run_redbud({"train", digits().string(), "--test", "0.2", "--hidden", "32,32", "--epochs", "4",
                                   "--seed", "1", "--out", (folder_ / "run").string()})));
  look_at(folder_ / "run/report.html",
          {"losses", "health-gradient_norm", "health-activation_norm", "health-weight_norm", "health-update_ratio",
           "metric-accuracy", "metric-balanced_accuracy", "metric-f1_macro", "learning-rate", "speed", "confusion-test",
           "worst-test", "confusion-validation", "worst-validation", "weights-1", "weights-2", "weights-3"});
}

TEST_F(SlowBrowser, ShowsEveryFigureOfNumbers) {
  if (!has_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder_, {"--target", "a"}))));
  look_at(folder_ / "run/report.html",
          {"losses", "metric-rmse", "metric-mae", "metric-r2", "learning-rate", "speed", "residuals-validation-1",
           "truths-validation-1", "worst-validation", "weights-1"});
}

/// Two labels and two numbers that follow from two others.
std::string labelled_table() {
  std::string text = "a,b,sunny,warm,x,y\n";
  for (int i = 0; i < 200; ++i) {
    const int a = i * 7919 % 997 - 498;
    const int b = i * 104729 % 1009 - 504;
    text += fmt::format("{}.5,{}.25,{},{},{}.5,{}.5\n", a, b, a > b ? 1 : 0, a + b > 100 ? 1 : 0, a + b, a - b);
  }
  return text;
}

TEST_F(SlowBrowser, ShowsEveryFigureOfLabelsAndOfDirections) {
  if (!has_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  const std::string data = folder_.write("labels.csv", labelled_table()).string();
  const auto train = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> words = {"train",    data, "--out",  (folder_ / name).string(),
                                      "--epochs", "3",  "--seed", "1"};
    words.insert(words.end(), more.begin(), more.end());
    ASSERT_TRUE(succeeds(run_redbud(words)));
  };
  train("labels", {"--target", "sunny,warm", "--task", "classification", "--ignore", "x,y"});
  look_at(folder_ / "labels/report.html", {"losses", "labels-validation", "worst-validation", "weights-1"});
  train("directions", {"--target", "x,y", "--loss", "cosine", "--ignore", "sunny,warm"});
  look_at(folder_ / "directions/report.html", {"losses", "distances-validation", "worst-validation", "weights-1"});
}

TEST_F(SlowBrowser, ShowsRunsSideBySide) {
  if (!has_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder_))));
  std::filesystem::rename(folder_ / "run",
                          folder_ / "a run with a long name that is told from others by its end alone");
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder_, {"--l2", "0.001"}))));
  ASSERT_TRUE(
      succeeds(run_redbud({"report", (folder_ / "run").string(),
                           (folder_ / "a run with a long name that is told from others by its end alone").string(),
                           "--out", (folder_ / "both.html").string()})));
  look_at(folder_ / "both.html",
          {"train-loss", "metric-loss", "metric-accuracy", "metric-auc", "learning-rate", "speed"});
}

}  // namespace
}  // namespace redbud
