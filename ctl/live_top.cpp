#include "moor/ctl/live_top.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "moor/config/parse.hpp"

namespace moor::ctl {

live_top::live_top(const stats_source& from, duration interval)
  : client_{from},
    interval_{interval},
    scene_{from.url, format_duration(interval), {}, {}},
    colour_{wants_colour(STDOUT_FILENO)},
    has_keys_{::isatty(STDIN_FILENO) == 1} {}

std::optional<std::string> live_top::run() {
  while (true)
    if (auto reason = step())
      return reason->empty() ? std::nullopt : std::move(reason);
}

std::optional<std::string> live_top::step() {
  if (!client_.is_asking() && clock::now() >= next_question_) {
    client_.ask();
    next_question_ = clock::now() + std::chrono::duration_cast<clock::duration>(interval_);
  }
  if (lost_at_) {
    scene_.lost_for = clock::now() - *lost_at_;
    stale_ = true; // it grows
  }
  if (std::exchange(stale_, false)
      && !screen_.show(draw(scene_, history_, size_of_terminal(STDOUT_FILENO), colour_)))
    return "the terminal is gone";
  const std::array watched{signals_.descriptor(), STDIN_FILENO};
  auto answer = client_.wait(std::span{watched}.first(has_keys_ ? 2 : 1), time_to_wait());
  if (answer)
    if (auto reason = take(*std::move(answer)))
      return reason;
  if (obey_signals() || wants_to_end())
    return std::string{};
  return std::nullopt;
}

/// Until the next question or, without contact, the next second.
duration live_top::time_to_wait() const {
  constexpr duration second = std::chrono::seconds{1};
  if (client_.is_asking())
    return second;
  const duration left = next_question_ - clock::now();
  return std::clamp(left, duration::zero(), lost_at_ ? std::min(second, interval_) : interval_);
}

std::optional<std::string> live_top::take(std::variant<std::string, no_contact> answer) {
  stale_ = true;
  if (auto* why = std::get_if<no_contact>(&answer)) {
    if (why->for_good)
      return std::move(why->problem);
    note_loss(std::move(why->problem));
    return std::nullopt;
  }
  auto figures = read_stats(std::get<std::string>(answer));
  if (!figures)
    return not_a_component;
  history_.add(*std::move(figures));
  lost_at_.reset();
  scene_.lost.clear();
  return std::nullopt;
}

void live_top::note_loss(std::string why) {
  scene_.lost = std::move(why);
  if (!lost_at_)
    lost_at_ = clock::now();
}

/// True if one of them ends the program.
bool live_top::obey_signals() {
  while (const int number = signals_.next()) {
    stale_ = true;
    switch (number) {
      case SIGWINCH: break;
      case SIGTSTP:
        screen_.leave();
        stop_until_continued();
        break;
      case SIGCONT: // whoever stopped it, even by SIGSTOP, had the terminal meanwhile
        screen_.leave();
        screen_.enter();
        break;
      default: return true;
    }
  }
  return false;
}

/// Whether a key says so. Keys that mean nothing are taken away.
bool live_top::wants_to_end() {
  if (!has_keys_)
    return false;
  pollfd keys{STDIN_FILENO, POLLIN, 0};
  if (::poll(&keys, 1, 0) <= 0)
    return false;
  std::array<char, 64> typed{};
  const auto count = ::read(STDIN_FILENO, typed.data(), typed.size());
  if (count <= 0) {
    has_keys_ = false; // nobody types there any more
    return false;
  }
  return std::any_of(typed.begin(), typed.begin() + count,
                     [](char key) { return key == 'q' || key == 'Q'; });
}

} // namespace moor::ctl
