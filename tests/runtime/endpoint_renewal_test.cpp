// When files of a certificate that changed are read, and read again.
#define CAF_SUITE endpoint_renewal

#include "moor/runtime/http/renewal.hpp"

#include <caf/test/unit_test.hpp>

using moor::http::renewal;
using namespace std::chrono_literals;

namespace {

constexpr renewal::marks old_files{{{1}, {1}}};
constexpr renewal::marks new_files{{{2}, {1}}};
constexpr renewal::marks newer_files{{{3}, {1}}};
constexpr renewal::time start{1h};

} // namespace

CAF_TEST(files are read when they changed and not again after that went well) {
  renewal files{old_files};
  CAF_CHECK(!files.is_due(old_files, start));
  CAF_CHECK(!files.is_due(old_files, start + 24h));
  CAF_CHECK(files.is_due(new_files, start));
  files.succeeded(new_files);
  CAF_CHECK(!files.is_due(new_files, start + 24h));
}

CAF_TEST(files that could not be used are read again once a minute) {
  renewal files{old_files};
  files.failed(new_files, start, "is not valid yet");
  CAF_CHECK(!files.is_due(new_files, start + 59s));
  CAF_CHECK(files.is_due(new_files, start + 60s));
  files.failed(new_files, start + 60s, "is not valid yet");
  CAF_CHECK(!files.is_due(new_files, start + 119s));
  CAF_CHECK(files.is_due(new_files, start + 120s));
  files.succeeded(new_files);
  CAF_CHECK(!files.is_due(new_files, start + 24h));
}

CAF_TEST(after a failure other files are read at once and those of before not at all) {
  renewal files{old_files};
  files.failed(new_files, start, "is damaged");
  CAF_CHECK(files.is_due(newer_files, start + 1s));
  CAF_CHECK(!files.is_due(old_files, start + 24h));
}

CAF_TEST(a failure is told once for each reason and state of the files) {
  renewal files{old_files};
  CAF_CHECK(files.failed(new_files, start, "cannot be read"));
  CAF_CHECK(!files.failed(new_files, start + 60s, "cannot be read"));
  CAF_CHECK(files.failed(new_files, start + 120s, "is damaged"));
  CAF_CHECK(files.failed(newer_files, start + 121s, "is damaged"));
  files.succeeded(newer_files);
  CAF_CHECK(files.failed(new_files, start + 180s, "is damaged"));
}
