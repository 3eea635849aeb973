#pragma once

namespace redbud {

/// While it lives the process runs under de_DE.UTF-8 (decimal comma), C and C++ library alike, as a host program may
/// have set it. Really makes the locale: on a machine with none but "C" a test would otherwise see nothing. Throws if
/// it can't be made.
class GermanLocale {
 public:
  GermanLocale();
  ~GermanLocale();
  GermanLocale(const GermanLocale&) = delete;
  GermanLocale& operator=(const GermanLocale&) = delete;
};

}  // namespace redbud
