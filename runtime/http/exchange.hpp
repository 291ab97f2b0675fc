// A request to the HTTP endpoint and the answer to it, free of any server's types.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace moor::http {

/// What the endpoint reads of a request; headers that are missing are empty.
struct request {
  std::string method;
  std::string version; ///< of HTTP, "1.1"
  std::string path;    ///< as it was sent, without the query
  std::string accept;
  std::string authorization;
  std::string host;      ///< the first one
  std::size_t hosts = 0; ///< how many there are
  bool has_body = false;
  std::size_t header_bytes = 0;
};

struct answer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  /// Beside those that every answer has.
  std::vector<std::pair<std::string, std::string>> headers;
  /// The body is to be followed by events (`text/event-stream`) for as long as both ends want.
  bool streams = false;
};

/// An answer of one line of text.
answer text_answer(int status, std::string line);

/// "Not Found" for 404.
const char* reason_of(int status) noexcept;

/// Status line and headers, with those that keep an answer out of caches, frames and guesses about
/// its type. There is no length if it streams.
std::string head_of(const answer& what);

} // namespace moor::http
