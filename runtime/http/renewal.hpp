// When the files of the endpoint's certificate are to be read anew, and what is told of it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace moor::http {

/// Files that changed are read at once; those that could not be used, once in `pause`, since the
/// reason may lie elsewhere: the certificate begins to be valid, or there are descriptors again.
class renewal {
public:
  using time = std::chrono::steady_clock::time_point;
  /// Changes whenever a file is written or replaced.
  using file_mark = std::array<std::int64_t, 5>;
  using marks = std::array<file_mark, 2>;

  static constexpr std::chrono::minutes pause{1};

  /// `in_use`: of the files that the certificate of now was read from.
  explicit renewal(const marks& in_use) noexcept : in_use_{in_use}, tried_{in_use} {}

  bool is_due(const marks& found, time now) const noexcept {
    return found != in_use_ && (found != tried_ || now - tried_at_ >= pause);
  }

  void succeeded(const marks& found) {
    in_use_ = tried_ = found;
    told_.clear();
  }

  /// Returns whether that is news: once for each reason and state of the files.
  bool failed(const marks& found, time now, const std::string& why) {
    const bool is_news = found != tried_ || why != told_;
    tried_ = found;
    tried_at_ = now;
    told_ = why;
    return is_news;
  }

private:
  marks in_use_;
  marks tried_; // the latest, whatever became of it
  time tried_at_;
  std::string told_; // the reason of the latest failure
};

} // namespace moor::http
