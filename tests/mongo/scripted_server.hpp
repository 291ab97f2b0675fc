// A server that answers what the test says, whatever it is asked.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <variant>
#include <vector>

#include "mongo/peers.hpp"
#include "moor/mongo/bson.hpp"
#include "support/wire_message.hpp"

namespace moor::test {

/// Speaks as much of MongoDB's wire protocol as a client needs that shakes hands and sends
/// commands: OP_QUERY for the hello, OP_MSG for all else. One connection after the other, on a
/// thread of its own.
class scripted_server {
public:
  /// JSON: the answer to every hello, and those to the commands in turn; the last one is for all
  /// that follow.
  scripted_server(const std::string& hello, const std::vector<std::string>& answers)
    : hello_{parsed(hello)} {
    for (const auto& one : answers)
      answers_.push_back(parsed(one));
    thread_ = std::thread{[this] { serve(); }};
  }
  ~scripted_server() {
    listener_.stop();
    thread_.join();
  }

  std::string uri() const { return "mongodb://" + listener_.address() + "/"; }

private:
  static document parsed(const std::string& json) {
    return std::get<document>(mongo::from_json(json));
  }

  void serve() {
    try {
      while (true)
        converse(listener_.accept());
    } catch (const std::system_error&) {
      // the listener was stopped
    }
  }

  void converse(const descriptor& client) {
    wire_inbox inbox;
    while (const auto asked = receive(client.get(), inbox)) {
      const auto bytes = wire_answer(*asked, answer(*asked));
      ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
  }

  /// The next request; nothing if the client has left or does not speak the protocol.
  static std::optional<wire_request> receive(int client, wire_inbox& inbox) {
    std::array<char, 16 * 1024> bytes{};
    try {
      while (true) {
        if (auto request = inbox.next())
          return request;
        const auto got = ::recv(client, bytes.data(), bytes.size(), 0);
        if (got <= 0)
          return std::nullopt;
        inbox.add({bytes.data(), static_cast<std::size_t>(got)});
      }
    } catch (const wire_error&) {
      return std::nullopt;
    }
  }

  const document& answer(const wire_request& asked) {
    return asked.legacy ? hello_ : answers_[std::min(next_++, answers_.size() - 1)];
  }

  listener listener_;
  document hello_;
  std::vector<document> answers_;
  std::size_t next_ = 0; // of the thread
  std::thread thread_;
};

} // namespace moor::test
