// Things to be handled in order by handlers that may die: what one leaves goes to the next.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace moor::machines {

/// A queue with one place in front of it: what is in hand. A handler that dies leaves that there,
/// and its successor meets it again. T needs to be movable. Used by one thread at a time.
template <class T>
class succession {
public:
  void push(T thing) { waiting_.push_back(std::move(thing)); }

  /// The thing to be handled now, or null. It stays in hand until `done`.
  T* take() {
    if (!in_hand_ && !waiting_.empty()) {
      in_hand_.emplace(std::move(waiting_.front()));
      waiting_.pop_front();
      tries_ = 0;
    }
    if (!in_hand_)
      return nullptr;
    ++tries_;
    return &*in_hand_;
  }

  /// What was taken is handled; returns it, if there was something.
  std::optional<T> done() { return std::exchange(in_hand_, std::nullopt); }

  /// A handler died; the next begins. `again(thing, tries)` says whether what is in hand is handled
  /// once more, after that many tries. Returns what nobody will handle.
  template <class Predicate>
  std::optional<T> hand_over(Predicate again) {
    if (!in_hand_ || again(std::as_const(*in_hand_), tries_))
      return std::nullopt;
    return std::exchange(in_hand_, std::nullopt);
  }

  /// Takes out everything, in order.
  std::deque<T> end() {
    if (in_hand_)
      waiting_.push_front(std::move(*std::exchange(in_hand_, std::nullopt)));
    return std::exchange(waiting_, {});
  }

  std::size_t size() const noexcept { return waiting_.size() + (in_hand_ ? 1 : 0); }

private:
  std::deque<T> waiting_;
  std::optional<T> in_hand_;
  int tries_ = 0; // by how many handlers, of what is in hand
};

} // namespace moor::machines
