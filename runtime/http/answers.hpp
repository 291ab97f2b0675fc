// What the HTTP endpoint answers to a request, whoever carries it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "moor/actors/board.hpp"
#include "moor/runtime/http/credentials.hpp"
#include "moor/runtime/http/exchange.hpp"
#include "moor/runtime/http/snapshot_texts.hpp"
#include "moor/runtime/http/stats_json.hpp"

namespace prometheus {
class Collectable;
}

namespace moor::http {

/// The paths, and who may see them. Reads the board and the registry only, and so waits for no
/// actor and no server. Any thread.
class answers {
public:
  /// `metrics` may be null: then there are none. `local_only`: the endpoint listens on the loopback
  /// interface and asks for no password, and so must not be reached under another machine's name.
  answers(std::shared_ptr<actors::board> shown, std::shared_ptr<prometheus::Collectable> metrics,
          credentials wanted, bool local_only);

  /// Beyond, a request is refused with 431.
  static constexpr std::size_t most_header_bytes = 16'384;

  answer to(const request& what) const;

  /// /stats of this moment, for whom the board's pools are read at a higher rate from now on.
  std::string stats() const;

  /// One `message` of an event stream with /stats of `pools`.
  std::string event(const snapshots& pools) const;
  /// One `beat` of an event stream, for when there is no news: the time, as in /stats.
  static std::string beat();
  snapshots look() const;

private:
  answer route(const request& what) const;
  answer metrics(const request& what) const;

  std::shared_ptr<actors::board> shown_;
  std::shared_ptr<snapshot_texts> texts_ = std::make_shared<snapshot_texts>();
  std::shared_ptr<prometheus::Collectable> metrics_;
  credentials wanted_;
  bool local_only_;
};

/// Whether a `Host` header names this machine: localhost, or an address. (A page of somebody else
/// whose name resolves to 127.0.0.1 would otherwise be of the same origin as the endpoint.)
bool is_local_host(std::string_view host);

} // namespace moor::http
