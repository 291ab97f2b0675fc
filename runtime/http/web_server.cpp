#include "moor/runtime/http/web_server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <strings.h>

#include "moor/config/secret.hpp"
#include "moor/runtime/http/address.hpp"
#include "moor/runtime/http/civetweb.hpp"
#include "moor/runtime/http/knocker.hpp"
#include "moor/runtime/signal_parts.hpp"

namespace moor::http {

namespace {

/// What is written at once: between such parts it is seen whether the time is over.
constexpr std::size_t write_part = 16'384;
/// Streams without news show so often that they live.
constexpr std::chrono::seconds beat_interval{1};
/// Threads that tell visitors beyond the limit that they are.
constexpr unsigned refusing_threads = 2;
/// While others wait for a thread, those who keep one and are silent leave at the rate of one in
/// this time, however many threads there are.
constexpr std::chrono::milliseconds turn{3};
/// But nobody before this.
constexpr std::chrono::milliseconds least_patience{50};
/// How many may wait for a thread: with 34 of these they have one within two seconds.
constexpr const char* listen_backlog = "512";

/// Once per process and never undone: undoing it would unload what libmongoc's TLS uses, too.
void ready_library() {
  static const auto without_tls = mg_init_library(MG_FEATURES_DEFAULT);
  static_cast<void>(without_tls);
}

std::string header(const mg_connection* from, const char* name) {
  const char* value = mg_get_header(from, name);
  return value != nullptr ? value : "";
}

std::size_t count_of(const mg_request_info& of, const char* name) {
  return static_cast<std::size_t>(
    std::count_if(of.http_headers, of.http_headers + of.num_headers,
                  [name](const auto& one) { return ::strcasecmp(one.name, name) == 0; }));
}

std::size_t bytes_of_headers(const mg_request_info& of) {
  if (of.num_headers == MG_MAX_HEADERS) // it drops what comes after these
    return std::numeric_limits<std::size_t>::max();
  std::size_t sum = 0;
  for (int i = 0; i < of.num_headers; ++i)
    sum += std::strlen(of.http_headers[i].name) + std::strlen(of.http_headers[i].value);
  return sum;
}

bool is_about_health(const mg_connection* asked) noexcept {
  const auto* path = mg_get_request_info(asked)->local_uri;
  return path != nullptr && std::string_view{path}.starts_with("/health/");
}

/// Takes a place for as long as it lives, if one of `most` is free.
class place {
public:
  place(std::atomic<unsigned>& taken, unsigned most) : taken_{taken}, got_{++taken <= most} {}
  ~place() { --taken_; }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  explicit operator bool() const noexcept { return got_; }

private:
  std::atomic<unsigned>& taken_;
  bool got_;
};

answer busy_answer(const char* why) {
  auto result = text_answer(503, why);
  result.headers.emplace_back("Retry-After", "2");
  return result;
}

} // namespace

/// Once per process: civetweb forgets that it failed, takes TLS for initialised the second time,
/// and calls null when the first visitor comes. Debian 12's library fails: it was built for OpenSSL
/// 1.1, whose SSL_get_peer_certificate OpenSSL 3 has under another name.
bool web_server::has_tls() {
  static const bool has = (mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) != 0;
  return has;
}

bool web_server::has_ipv6() noexcept {
  return mg_check_feature(MG_FEATURES_IPV6) != 0;
}

/// C functions, through which no exception may pass.
struct web_server::callbacks {
  static web_server& self(const mg_connection* of) {
    return *static_cast<web_server*>(mg_get_user_context_data(of));
  }

  static int begin_request(mg_connection* from) noexcept {
    self(from).silence_.has_asked(socket_of(from));
    return self(from).serve(from);
  }

  static int http_error(mg_connection* to, int status, const char*) noexcept {
    self(to).silence_.has_asked(socket_of(to));
    // At this stage it is the headers that are too large.
    self(to).refuse(to, status == 413 ? 431 : status);
    return 0;
  }

  static int log_message(const mg_connection* of, const char* message) noexcept {
    try {
      self(of).heard(message);
    } catch (const std::exception&) {
      return 1; // there is no memory for words
    }
    return 1;
  }

  /// Asked for the context at the beginning, and at the end whether it is civetweb's to free.
  static int external_ssl_ctx(void** context, void* server) noexcept {
    *context = static_cast<web_server*>(server)->tls_->context();
    return 1;
  }

  static int init_connection(const mg_connection* which, void** mark) noexcept {
    auto& server = self(which);
    ++server.visitors_;
    server.silence_.heard_from(socket_of(which));
    *mark = &server;
    return 0;
  }

  /// Comes also for connections whose TLS handshake failed, and which were never counted.
  static void connection_close(const mg_connection* which) noexcept {
    self(which).silence_.is_gone(socket_of(which));
    if (mg_get_user_connection_data(which) == nullptr)
      return;
    mg_set_user_connection_data(which, nullptr);
    --self(which).visitors_;
  }
};

web_server::web_server(answers what, unsigned max_connections,
                       std::chrono::milliseconds request_time, logger log)
  : answers_{std::move(what)},
    max_connections_{max_connections},
    request_time_{request_time},
    log_{std::move(log)},
    silence_{max_connections + refusing_threads,
             std::clamp(turn * (max_connections + refusing_threads), least_patience, request_time),
             [this] { return context_ != nullptr && others_wait(context_); }} {}

web_server::~web_server() {
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  silence_.stop();
  if (context_ == nullptr)
    return;
  const knocker wakes{host_, port()};
  mg_stop(context_);
}

std::string web_server::start(const std::string& listen, std::unique_ptr<tls> secured_by) {
  ready_library();
  host_ = host_of(listen);
  tls_ = std::move(secured_by);
  const auto threads = std::to_string(max_connections_ + refusing_threads);
  const auto time = std::to_string(request_time_.count());
  const auto port = listen + (tls_ ? "s" : "");
  std::vector<const char*> options{
    "listening_ports", port.c_str(), "num_threads", threads.c_str(), "request_timeout_ms",
    time.c_str(), "tcp_nodelay", "1", "enable_directory_listing", "no", "listen_backlog",
    listen_backlog,
    // Nothing that is served needs an escape, and %00 would end the path early.
    "decode_url", "no",
    // What is larger than that is answered 400 and not 431.
    "max_request_size", "32768",
    // Otherwise a request must name the host that civetweb believes to be.
    "enable_auth_domain_check", "no", nullptr};

  mg_callbacks calls{};
  calls.begin_request = &callbacks::begin_request;
  calls.http_error = &callbacks::http_error;
  calls.log_message = &callbacks::log_message;
  calls.init_connection = &callbacks::init_connection;
  calls.connection_close = &callbacks::connection_close;
  if (tls_) {
    calls.external_ssl_ctx = &callbacks::external_ssl_ctx;
    tls_->on_step([this](int socket) { silence_.heard_from(socket); });
  }

  const auto set_starting = [this](bool value) {
    const std::lock_guard guard{mutex_};
    starting_ = value;
    return troubles_;
  };
  set_starting(true);
  {
    // They must take none of the process' signals; threads inherit what is blocked.
    const detail::blocked_signals for_its_threads{detail::all_signals()};
    context_ = mg_start(&calls, this, options.data());
  }
  const auto troubles = set_starting(false);
  if (context_ != nullptr && !troubles.empty())
    log_(log_level::warning, "http endpoint: it opened, but: " + troubles);
  if (context_ != nullptr)
    return {};
  return troubles.empty() ? "civetweb does not say why" : troubles;
}

std::uint16_t web_server::port() const {
  mg_server_port first{};
  return context_ != nullptr && mg_get_server_ports(context_, 1, &first) == 1
           ? static_cast<std::uint16_t>(first.port)
           : std::uint16_t{0};
}

int web_server::serve(mg_connection* to) {
  // Otherwise civetweb would read a body to its end after the answer, however slowly it came.
  mg_disable_connection_keep_alive(to);
  try {
    auto what = answer_to(to);
    // Who asks whether the process lives may restart it if there is no answer.
    if (visitors_ > max_connections_ && !is_about_health(to))
      what = busy_answer("too many visitors at once");
    const bool wants_body = std::string_view{mg_get_request_info(to)->request_method} != "HEAD";
    if (!what.streams || !wants_body) {
      write(to, head_of(what) + (wants_body ? what.body : ""));
      return what.status;
    }
    const place taken{streams_, max_connections_ / 2};
    if (!taken) {
      what = busy_answer("too many live pages at once; /stats can be asked again and again");
      write(to, head_of(what) + what.body);
    } else if (write(to, head_of(what)))
      stream(to);
    return what.status;
  } catch (const std::exception& wrong) {
    log_(log_level::error, std::string{"http endpoint: a request failed: "} + wrong.what());
    return refuse(to, 500);
  }
}

answer web_server::answer_to(mg_connection* from) {
  const auto* info = mg_get_request_info(from);
  request asked;
  asked.method = info->request_method;
  asked.version = info->http_version;
  asked.path = info->local_uri != nullptr ? info->local_uri : "";
  asked.accept = header(from, "Accept");
  asked.authorization = header(from, "Authorization");
  asked.host = header(from, "Host");
  asked.hosts = count_of(*info, "Host");
  asked.has_body = info->content_length > 0 || mg_get_header(from, "Transfer-Encoding") != nullptr;
  asked.header_bytes = bytes_of_headers(*info);
  auto result = answers_.to(asked);
  wipe(asked.authorization);
  return result;
}

int web_server::refuse(mg_connection* to, int status) {
  try {
    const auto what = text_answer(status, reason_of(status));
    write(to, head_of(what) + what.body);
  } catch (const std::exception& wrong) {
    log_(log_level::error, std::string{"http endpoint: no answer: "} + wrong.what());
  }
  return status;
}

void web_server::stream(mg_connection* to) {
  auto shown = answers_.look();
  auto told = clock::now();
  bool goes_on = write(to, "retry: 2000\n\n" + answers_.event(shown));
  while (goes_on && wait_for_news()) {
    auto latest = answers_.look();
    if (latest != shown)
      goes_on = write(to, answers_.event(latest));
    else if (clock::now() - told >= beat_interval)
      goes_on = write(to, answers_.beat());
    else
      continue;
    shown = std::move(latest);
    told = clock::now();
  }
}

/// Whether it goes on after as long as snapshots are apart.
bool web_server::wait_for_news() {
  std::unique_lock lock{mutex_};
  return !stopping_changed_.wait_for(lock, actors::board::watched_interval,
                                     [this] { return stopping_; });
}

/// Whether all of it was taken in time. A reader that takes a little now and then is given up, too.
bool web_server::write(mg_connection* to, const std::string& text) const {
  const auto until = clock::now() + request_time_;
  for (std::size_t at = 0; at < text.size(); at += write_part) {
    const auto part = std::min(write_part, text.size() - at);
    if (mg_write(to, text.data() + at, part) != static_cast<int>(part) || clock::now() > until)
      return false;
  }
  return true;
}

void web_server::heard(std::string message) {
  std::replace_if(
    message.begin(), message.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  {
    const std::lock_guard guard{mutex_};
    if (starting_) {
      troubles_ += (troubles_.empty() ? "" : "; ") + message;
      return;
    }
  }
  log_(log_level::debug, "http endpoint: " + message);
}

} // namespace moor::http
