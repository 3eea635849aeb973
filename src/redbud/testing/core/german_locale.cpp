#include "redbud/testing/core/german_locale.h"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <locale>
#include <stdexcept>
#include <string>

#include "redbud/testing/core/temp_folder.h"

// Of LeakSanitizer, where the program has it: the C library forgets some bytes whenever it looks along LOCPATH.
extern "C" __attribute__((weak)) void __lsan_disable();
extern "C" __attribute__((weak)) void __lsan_enable();

namespace redbud {
namespace {

const TempFolder& compiled_locale() {
  static const TempFolder folder;
  static const int status =
      std::system(("localedef -i de_DE -f UTF-8 '" + (folder / "de_DE.UTF-8").string() + "' >&2").c_str());
  if (status != 0) throw std::runtime_error("the locale de_DE.UTF-8 can't be made: install the package `locales`");
  return folder;
}

void set_locale() {
  setenv("LOCPATH", compiled_locale().path().c_str(), 1);
  const bool is_set = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", 1.5);
  if (!is_set || std::string(text) != "1,5") throw std::runtime_error("the locale de_DE.UTF-8 is not in force");
  std::locale::global(std::locale("de_DE.UTF-8"));
}

}  // namespace

GermanLocale::GermanLocale() {
  if (__lsan_disable != nullptr) __lsan_disable();
  set_locale();
  if (__lsan_enable != nullptr) __lsan_enable();
}

GermanLocale::~GermanLocale() {
  std::locale::global(std::locale::classic());
  std::setlocale(LC_ALL, "C");
  unsetenv("LOCPATH");
}

}  // namespace redbud
