// civetweb, kept to the few things that the HTTP endpoint wants of it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "moor/messages/log.hpp"
#include "moor/runtime/http/answers.hpp"
#include "moor/runtime/http/silence_watch.hpp"
#include "moor/runtime/http/tls.hpp"

struct mg_connection;
struct mg_context;

namespace moor::http {

/// Carries requests to `answers` and streams to whoever asks for them. Serves from `start` to its
/// end, which nobody's request outlives.
class web_server {
public:
  web_server(answers what, unsigned max_connections, std::chrono::milliseconds request_time,
             logger log);
  ~web_server();
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;

  /// What civetweb was built with. The first answer initializes OpenSSL.
  static bool has_tls();
  static bool has_ipv6() noexcept;

  /// Listens at `listen` ("address:port"), with TLS if `secured_by` is not null. Returns what is
  /// wrong in civetweb's words, or nothing. Once.
  std::string start(const std::string& listen, std::unique_ptr<tls> secured_by);

  /// The one that it really has.
  std::uint16_t port() const;

private:
  struct callbacks;
  using clock = std::chrono::steady_clock;

  int serve(mg_connection* to);
  int refuse(mg_connection* to, int status);
  void stream(mg_connection* to);
  answer answer_to(mg_connection* from);
  bool write(mg_connection* to, const std::string& text) const;
  bool wait_for_news();
  void heard(std::string message);

  const answers answers_;
  const unsigned max_connections_;
  const std::chrono::milliseconds request_time_;
  const logger log_;
  std::unique_ptr<tls> tls_; // before what uses it
  std::atomic<mg_context*> context_{nullptr};
  silence_watch silence_;
  std::string host_;
  std::atomic<unsigned> visitors_{0};
  std::atomic<unsigned> streams_{0};

  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false; // these three are guarded by mutex_
  bool starting_ = false;
  std::string troubles_; // heard while starting
};

} // namespace moor::http
