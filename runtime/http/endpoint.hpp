// moor over HTTP: metrics, health, figures and the live page. (docs/observability.md, "HTTP
// endpoint")
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "moor/actors/board.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/log.hpp"

namespace prometheus {
class Collectable;
}

namespace moor {

struct endpoint_options {
  endpoint_settings config; ///< valid, and `listen` not empty
  std::shared_ptr<actors::board> shown;
  std::shared_ptr<prometheus::Collectable> registry; ///< may be null: no metrics
  /// Gets what visitors do wrong, on level debug, and the endpoint's own faults.
  logger log = {};
  /// What is wrong with a file of a secret that everybody on this machine may read, to go behind
  /// its name (`secret_file_problem`); empty: nothing.
  std::string when_exposed = {};
};

/// Serves from its own threads, of which there are `max_connections` and two for refusing: it never
/// asks an actor, and so answers while pools and servers do not. At most half of `max_connections`
/// are live pages that stream; others ask again and again. Nobody is read from for longer than
/// twice `request_time`, nor written to, except streams, each part of which has that time.
/// Destroying it ends all visits; that takes two seconds at most, and none if nobody is sending or
/// receiving at that moment.
class endpoint {
public:
  static constexpr std::chrono::seconds request_time{5};

  virtual ~endpoint() = default;
  endpoint() = default;
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Where it listens, with the port that it really has: `127.0.0.1:9464`.
  virtual std::string address() const = 0;
  /// The live page's: `http://127.0.0.1:9464/`.
  virtual std::string url() const = 0;
};

/// An endpoint that listens, or a sentence that says which address or file is to blame and why.
/// Blocks on files. The process ignores SIGPIPE from then on. Any thread, one at a time.
std::variant<std::unique_ptr<endpoint>, std::string> open_endpoint(const endpoint_options& options);

} // namespace moor
