#include "moor/mongo/steps.hpp"

#include <algorithm>
#include <utility>

namespace moor::mongo {

std::string_view to_string(establish_step step) noexcept {
  switch (step) {
    case establish_step::resolve: return "resolve";
    case establish_step::dial: return "dial";
    case establish_step::tls: return "tls";
    case establish_step::hello: return "hello";
    case establish_step::authenticate: return "authenticate";
    case establish_step::ping: return "ping";
  }
  return "unknown";
}

void step_log::open() {
  *this = {};
  open_ = true;
}

void step_log::close() {
  for (const auto& b : std::exchange(begun_, {}))
    add(b.step, b.server, clock::now() - b.at, false);
  open_ = false;
}

void step_log::begin(establish_step step, const std::string& server) {
  if (open_ && begun_.size() < most)
    begun_.push_back({step, server, clock::now()});
}

void step_log::end(establish_step step, const std::string& server, bool done) {
  const auto found = std::ranges::find_if(
    begun_, [&](const begun& b) { return b.step == step && b.server == server; });
  if (found == begun_.end())
    return;
  add(step, server, clock::now() - found->at, done);
  begun_.erase(found);
}

void step_log::hello_ended(const std::string& server) {
  end(establish_step::hello, server, true);
  answered_last_ = server;
  answered_at_ = clock::now();
}

void step_log::command_sent(const std::string& server, bool authenticates) {
  const auto since = std::max(answered_at_, commands_since_);
  if (authenticates)
    add(establish_step::authenticate, server, clock::now() - since, true);
  begin(establish_step::ping, server);
}

void step_log::end_ping() {
  const auto found = std::ranges::find(begun_, establish_step::ping, &begun::step);
  if (found == begun_.end())
    return;
  add(found->step, found->server, clock::now() - found->at, true);
  begun_.erase(found);
}

void step_log::authentication_failed() {
  const auto since = std::max(answered_at_, commands_since_);
  add(establish_step::authenticate, answered_last_, clock::now() - since, false);
}

void step_log::tls_failed() {
  const auto is_hello = [](const begun& b) { return b.step == establish_step::hello; };
  std::erase_if(begun_, is_hello);
  const auto last = std::find_if(
    all_.rbegin(), all_.rend(), [](const step_record& r) { return r.step == establish_step::tls; });
  if (last != all_.rend())
    last->done = false;
}

void step_log::add(establish_step step, const std::string& server, clock::duration took,
                   bool done) {
  if (open_ && all_.size() < most)
    all_.push_back({step, server, std::chrono::duration_cast<duration>(took), done});
}

} // namespace moor::mongo
