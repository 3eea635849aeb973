#include "redbud/report/page/style.h"

#include <fmt/format.h>

#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

// Tints are the accent over the surface, so that they run from the surface to the accent in light and in dark mode; the
// colours of lines are told apart with any kind of colour vision, and from the seventh on by their dashes, too.
constexpr std::string_view kColors = R"css(
:root{color-scheme:light dark;--paper:#fdfcfc;--ink:#201b20;--soft:#655c66;--rule:#e5dfe4;--panel:#f6f2f5;
--accent:#a3195b;--on-accent:#fff;--other:#74697a;--warn:#8a4b00;
--c0:#0068a8;--c1:#c44e00;--c2:#007d59;--c3:#a8387f;--c4:#836100;--c5:#4a4450}
@media (prefers-color-scheme:dark){:root{--paper:#171417;--ink:#ece6eb;--soft:#a99fab;--rule:#352f36;--panel:#201b20;
--accent:#ff7eb3;--on-accent:#1c0a13;--other:#978b9d;--warn:#f0b35f;
--c0:#56b4e9;--c1:#ff8a3d;--c2:#2fd0a0;--c3:#f29bcb;--c4:#e6b93c;--c5:#cfc6d3}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#ccc;--panel:#f5f5f5;--accent:#a3195b;
--on-accent:#fff;--other:#666;--warn:#6b3a00;--c0:#0068a8;--c1:#c44e00;--c2:#007d59;--c3:#a8387f;--c4:#836100;--c5:#4a4450}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

constexpr std::string_view kLayout = R"css(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:66rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
header{border-top:3px solid var(--accent);padding-top:1rem}
.kind{margin:0;color:var(--accent);font-size:.82rem;font-weight:600;letter-spacing:.04em}
h1{margin:.1rem 0 .3rem;font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{margin:3rem 0 .6rem;font-size:1.2rem;font-weight:650;letter-spacing:-.005em}
.lead{margin:0 0 1rem;max-width:44rem;color:var(--soft)}
.sum{margin:0;max-width:44rem;color:var(--soft)}
dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.2rem,1fr));gap:1.1rem 1.5rem;margin:1.8rem 0 0}
dl.key div{border-top:1px solid var(--rule);padding-top:.5rem}
dl.key dt{color:var(--soft);font-size:.82rem}dl.key dd{margin:0;font-size:1.3rem;line-height:1.35;font-weight:600}
dl.key div.first{border-color:var(--accent)}dl.key div.first dd{color:var(--accent)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1.6rem 2rem}
.figures.small{grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr))}
figure{margin:0;min-width:0}
figcaption{font-size:.92rem;font-weight:600;margin-bottom:.35rem;overflow-wrap:anywhere}
figcaption small,small{font-weight:400;color:var(--soft);font-size:.8rem}
svg{display:block;width:100%;max-width:34rem;height:auto;font-size:12.5px;fill:var(--ink);overflow:visible}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.92rem;min-width:min(100%,24rem)}
th,td{padding:.34rem .8rem .34rem 0;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;font-weight:400}
th:first-child{text-align:left}thead th{color:var(--soft);font-size:.82rem}
tbody th{color:var(--ink)}td strong{color:var(--accent);font-weight:650}
table.settings td{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:9rem}table.settings th{text-align:left}
table.worst img{display:block;height:2.6rem;width:auto;image-rendering:pixelated;border-radius:2px}
table.worst th:first-child{text-align:right;padding-right:1.4rem}
table.matrix{font-size:.85rem;min-width:0}
table.matrix td{min-width:2.9rem;padding:.34rem .5rem;text-align:center;border:1px solid var(--paper)}
table.matrix th{border:0;padding:.3rem .5rem}table.matrix thead th{text-align:center}
table.matrix td.dot{color:var(--soft)}
td.m{position:relative;isolation:isolate}td.m::before{content:"";position:absolute;inset:0;background:var(--accent);z-index:-1}
td.on{color:var(--on-accent)}.stack>*+*{margin-top:1.8rem}
.notes{margin:0;padding:0;list-style:none;max-width:48rem}
.notes li{border-left:3px solid var(--rule);padding:.15rem 0 .15rem .9rem;margin:.7rem 0;overflow-wrap:anywhere}
.notes.warn li{border-color:var(--warn)}.notes.advice li{border-color:var(--accent)}
.notes code{display:block;margin-top:.25rem}
code,pre{font:.84rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:0;padding:1rem 1.1rem;background:var(--panel);border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;margin:0 0 1rem;padding:0;list-style:none;font-size:.92rem}
.legend svg{display:inline-block;width:28px;height:10px;margin-right:.5rem;vertical-align:middle}
footer{margin-top:3.5rem;padding-top:.8rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.82rem;overflow-wrap:anywhere}
@media (max-width:30rem){body{padding:1.4rem 1rem 3rem}h1{font-size:1.5rem}h2{margin-top:2.3rem}svg{font-size:13.5px}
dl.key{grid-template-columns:repeat(2,minmax(0,1fr))}}
)css";

constexpr std::string_view kCharts = R"css(
.grid{stroke:var(--rule);fill:none}.axis{stroke:var(--soft);fill:none}.tick,.label{fill:var(--soft)}
.mark{stroke:var(--accent);stroke-dasharray:2 4;fill:none}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.main{stroke:var(--accent);stroke-width:2.4}.line.other{stroke:var(--other);stroke-width:1.8}
.name.main{fill:var(--accent)}.name.other{fill:var(--soft)}
.hint{fill:transparent}.hint:hover{fill:var(--accent);fill-opacity:.25}
.bars{fill:var(--accent);fill-opacity:.8}.dots{fill:var(--accent);fill-opacity:.4}
.none{fill:none;stroke:var(--rule);stroke-dasharray:2 2}
)css";

constexpr std::string_view kPrint = R"css(
@media print{body{padding:0;max-width:none;font-size:10.5pt}h2{margin-top:1.8rem;break-after:avoid}.lead{break-after:avoid;break-inside:avoid}
figure,tr,dl,.notes li{break-inside:avoid}figure:has(tr){break-inside:auto}
.figures,.figures.small{grid-template-columns:1fr 1fr}.scroll{overflow:visible}pre{background:none;padding:0}}
)css";

constexpr int kTints = 20;
constexpr int kColorsOfLines = 6;

/// Tints of the accent, and lines of many runs: six colours, whole, dashed and dotted.
std::string generated() {
  std::string css;
  for (int t = 0; t <= kTints; ++t) {
    const double opacity = 0.04 + 0.96 * t / kTints;
    css += fmt::format("rect.t{0}{{fill:var(--accent);fill-opacity:{1:.3g}}}td.t{0}::before{{opacity:{1:.3g}}}", t,
                       opacity);
  }
  for (int line = 0; line < 3 * kColorsOfLines; ++line) {
    const char* dashes[] = {"none", "7 5", "2 5"};
    css += fmt::format(".c{0}{{stroke:var(--c{1});stroke-dasharray:{2}}}", line, line % kColorsOfLines,
                       dashes[line / kColorsOfLines]);
  }
  return css + "\n";
}

}  // namespace

std::string_view document_start() { return "<!doctype html>\n<!-- redbud report -->\n"; }

std::string document(const std::string& title, const std::string& body) {
  return fmt::format(
      "{}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "img-src data:\">\n"
      "<link rel=\"icon\" "
      "href=\"data:,\">\n<title>{}</title>\n<style>{}{}{}{}{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      document_start(), escaped(title), kColors, kLayout, kCharts, generated(), kPrint, body);
}

}  // namespace redbud::page
