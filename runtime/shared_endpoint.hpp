// The one HTTP endpoint of all pools of a component.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "moor/config/settings.hpp"
#include "moor/messages/log.hpp"
#include "moor/runtime/http/endpoint.hpp"

namespace prometheus {
class Registry;
}

namespace moor {

/// Opened by the first pool whose settings say so. Any thread.
class shared_endpoint {
public:
  explicit shared_endpoint(std::shared_ptr<actors::board> board) noexcept
    : board_{std::move(board)} {}

  /// Serves that registry over HTTP if the settings say so and nobody does yet; if there is none,
  /// the metrics are somebody else's to serve. Why it cannot is logged. Blocks on files.
  void open(const settings& config, const std::shared_ptr<prometheus::Registry>& registry,
            const logger& log);

  /// `http://127.0.0.1:9464/`; empty if nothing is served.
  std::string url() const;

  /// Ends all visits, and opens no more.
  void close();

private:
  bool is_open_or_closed() const;

  const std::shared_ptr<actors::board> board_;
  std::mutex opening_; // while one is being opened
  mutable std::mutex mutex_;
  std::unique_ptr<endpoint> visitors_; // guarded by mutex_, as the next
  bool closed_ = false;
};

} // namespace moor
