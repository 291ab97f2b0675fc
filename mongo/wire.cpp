#include "moor/mongo/wire.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace moor::mongo {

namespace {

// A replica set has at most 50 members; the text of an error needs no more than a few.
constexpr std::size_t most_notes = 8;

} // namespace

// A socket is shut down, not closed: its number stays taken until its owner detaches it, so that no
// thread can meet a stranger's socket under it.
void wire::cut() noexcept {
  const std::lock_guard lock{mutex_};
  cut_.store(true, std::memory_order_release);
  for (const int socket : sockets_)
    ::shutdown(socket, SHUT_RDWR);
}

bool wire::attach(int socket) {
  const std::lock_guard lock{mutex_};
  if (cut_.load(std::memory_order_relaxed))
    return false;
  sockets_.push_back(socket);
  return true;
}

void wire::detach(int socket) noexcept {
  const std::lock_guard lock{mutex_};
  std::erase(sockets_, socket);
}

void wire::note(io_fault fault, const std::string& server, std::string text) {
  last_fault_ = fault;
  const auto known = std::find_if(notes_.begin(), notes_.end(),
                                  [&](const auto& note) { return note.first == server; });
  if (known != notes_.end())
    known->second = std::move(text);
  else if (notes_.size() < most_notes)
    notes_.emplace_back(server, std::move(text));
}

io_trouble wire::trouble() const {
  io_trouble result{last_fault_, {}};
  for (const auto& [server, text] : notes_)
    result.text += (result.text.empty() ? "" : "; ") + text;
  return result;
}

void wire::forget_trouble() noexcept {
  last_fault_ = io_fault::none;
  notes_.clear();
}

} // namespace moor::mongo
