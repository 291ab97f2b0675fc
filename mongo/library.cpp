#include "moor/mongo/library.hpp"

#include <cstdio>
#include <mutex>
#include <utility>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

void write_to_standard_error(log_level level, std::string_view part, const std::string& text) {
  if (level <= log_level::warning)
    static_cast<void>(std::fprintf(stderr, "libmongoc %.*s: %s\n", static_cast<int>(part.size()),
                                   part.data(), text.c_str()));
}

// Reachable for ever, since connections may outlive the destruction of static objects.
struct sink_holder {
  std::mutex mutex; // held during a call of the sink, so that none goes to one that was replaced
  log_sink sink = write_to_standard_error;
};

sink_holder& holder() {
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): guarded by its own mutex
  static auto* const instance = new sink_holder;
  return *instance;
}

/// libmongoc warns whenever a client is destroyed that cannot tell its server which sessions end.
/// It is the normal end of a client whose connection was cut or lost, and reported as such
/// elsewhere.
bool is_noise(std::string_view text) {
  return text.starts_with("Couldn't send \"endSessions\"");
}

/// Warnings of the parser of connection strings that quote the name of an option and nothing else.
bool quotes_only_names(std::string_view text) {
  return text.starts_with("Unsupported URI option")
         || text.starts_with("Overwriting previously provided value for")
         || text.starts_with("Empty value provided for");
}

void on_log(mongoc_log_level_t level, const char* part, const char* text, void*) noexcept {
  if (is_noise(text))
    return;
  const std::lock_guard lock{holder().mutex};
  holder().sink(static_cast<log_level>(level), part,
                quotes_only_names(text) ? std::string{text} : without_values(text));
}

static_assert(static_cast<int>(log_level::trace) == MONGOC_LOG_LEVEL_TRACE);

} // namespace

void set_log_sink(log_sink sink) {
  const std::lock_guard lock{holder().mutex};
  holder().sink = sink ? std::move(sink) : write_to_standard_error;
}

void initialize_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    mongoc_log_set_handler(on_log, nullptr);
    mongoc_init();
    // Shows in the server's log of connections (MongoDB Handshake specification, "wrapping
    // drivers").
    mongoc_handshake_data_append("moor", nullptr, nullptr);
  });
}

std::string library_version() {
  return mongoc_get_version();
}

} // namespace moor::mongo
