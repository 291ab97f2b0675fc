// A server that answers what the test says, whatever it is asked.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "mongo/peers.hpp"
#include "moor/mongo/bson.hpp"

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
  static constexpr std::int32_t op_reply = 1;
  static constexpr std::int32_t op_query = 2004;
  static constexpr std::int32_t op_msg = 2013;
  /// Length of the message, its number, the number of the one it answers, kind.
  using header = std::array<std::int32_t, 4>;

  static document parsed(const std::string& json) {
    return std::get<document>(mongo::from_json(json));
  }

  void serve() {
    try {
      while (true) {
        const auto client = listener_.accept();
        while (const auto asked = receive(client.get()))
          answer(client.get(), *asked);
      }
    } catch (const std::system_error&) {
      // the listener was stopped
    }
  }

  static std::optional<header> receive(int client) {
    header head{};
    if (::recv(client, head.data(), sizeof head, MSG_WAITALL) != sizeof head)
      return std::nullopt;
    std::vector<char> body(static_cast<std::size_t>(head[0]) - sizeof head);
    const auto got = ::recv(client, body.data(), body.size(), MSG_WAITALL);
    return got == static_cast<ssize_t>(body.size()) ? std::optional{head} : std::nullopt;
  }

  void answer(int client, const header& asked) {
    if (asked[3] == op_query)
      // Flags, number of the cursor (two words), place in the result, number of documents.
      send(client, asked, op_reply, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0},
           hello_);
    else
      // Flags, and the kind of the section: one document.
      send(client, asked, op_msg, {0, 0, 0, 0, 0},
           answers_[std::min(next_++, answers_.size() - 1)]);
  }

  static void send(int client, const header& asked, std::int32_t kind, std::vector<char> rest,
                   const document& body) {
    for (const auto byte : body.bytes)
      rest.push_back(static_cast<char>(byte));
    const header head{static_cast<std::int32_t>(sizeof head + rest.size()), 1, asked[1], kind};
    std::vector<char> message(sizeof head);
    std::memcpy(message.data(), head.data(), sizeof head);
    message.insert(message.end(), rest.begin(), rest.end());
    ::send(client, message.data(), message.size(), MSG_NOSIGNAL);
  }

  listener listener_;
  document hello_;
  std::vector<document> answers_;
  std::size_t next_ = 0; // of the thread
  std::thread thread_;
};

} // namespace moor::test
