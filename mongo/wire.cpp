#include "moor/mongo/wire.hpp"

#include <algorithm>

#include <poll.h>
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

bool wire::has_news() {
  const auto has = [](int socket) {
    pollfd entry{socket, POLLIN | POLLRDHUP, 0};
    return ::poll(&entry, 1, 0) > 0;
  };
  const std::lock_guard lock{mutex_};
  return std::ranges::any_of(sockets_, has);
}

void wire::note(io_fault fault, const std::string& server, std::string text, failure_cause cause) {
  last_fault_ = fault;
  const auto known = std::ranges::find(notes_, server, &note_entry::server);
  if (known == notes_.end()) {
    if (notes_.size() < most_notes)
      notes_.push_back({server, std::move(text), cause});
  } else if (!is_tls(known->cause)) {
    known->text = std::move(text);
    known->cause = cause;
  }
}

void wire::forget(const std::string& server) noexcept {
  std::erase_if(notes_, [&](const auto& note) { return note.server == server; });
}

io_trouble wire::trouble() const {
  io_trouble result{last_fault_, {}, failure_cause::other};
  bool all_last = true;
  for (const auto& note : notes_) {
    result.text += (result.text.empty() ? "" : "; ") + note.text;
    if (!is_lasting(note.cause) || all_last)
      result.cause = note.cause;
    all_last = all_last && is_lasting(note.cause);
  }
  return result;
}

void wire::forget_trouble() noexcept {
  last_fault_ = io_fault::none;
  notes_.clear();
}

} // namespace moor::mongo
