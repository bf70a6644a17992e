// Exceptions as values.
#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "CVectors.h"

inline void succeed(cvectors_failure *failure) {
  failure->code = cvectors_ok;
  failure->text[0] = 0;
}

inline void fail(cvectors_failure *failure, cvectors_code code, const char *text) {
  failure->code = code;
  std::snprintf(failure->text, sizeof failure->text, "%s", text);
}

/// Runs `body` and turns whatever it throws into a failure; `otherwise` is returned then.
template <typename Result, typename Body>
Result caught(cvectors_failure *failure, Result otherwise, Body body) noexcept {
  succeed(failure);
  try {
    return body();
  } catch (const std::bad_alloc &) {
    fail(failure, cvectors_no_memory, "there is not enough memory");
  } catch (const std::exception &error) {
    fail(failure, cvectors_failed, error.what());
  } catch (...) {
    fail(failure, cvectors_failed, "an unknown error");
  }
  return otherwise;
}

template <typename Body>
void caught(cvectors_failure *failure, Body body) noexcept {
  caught(failure, 0, [&] {
    body();
    return 0;
  });
}
