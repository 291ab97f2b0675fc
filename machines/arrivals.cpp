#include "moor/machines/arrivals.hpp"

#include <cstddef>

namespace moor::machines {

namespace {

/// Fewer gaps at the front are not worth moving the others for.
constexpr std::size_t worth_closing = 64;
/// When nobody is left, room for this many is kept, and not for the largest crowd ever.
constexpr std::size_t usual = 1024;

} // namespace

std::uint64_t arrivals::push(const waiter& w) {
  gone_.push_back(false); // first: one too many is harmless if there is no memory for the other
  row_.push_back({w});
  return passed_ + row_.size() - 1;
}

/// Numbers are nearly without gaps while many wait, so that a guess by proportion is right at once
/// or nearly so; every other step halves what is left, whatever the numbers.
std::optional<std::uint64_t> arrivals::find(request_id request) const {
  auto low = first_;
  auto high = row_.size();
  for (auto guess = true; low < high; guess = !guess) {
    const auto least = row_[low].who.request;
    const auto most = row_[high - 1].who.request;
    if (request < least || request > most)
      return std::nullopt;
    auto middle = low + (high - low) / 2;
    if (guess && most > least)
      middle = low + (request - least) * (high - 1 - low) / (most - least);
    const auto there = row_[middle].who.request;
    if (there == request)
      return gone_[middle] ? std::nullopt : std::optional{passed_ + middle};
    if (there < request)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}

waiter arrivals::take(std::uint64_t position) {
  const auto w = at(position);
  gone_[position - passed_] = true;
  while (first_ < row_.size() && gone_[first_])
    ++first_;
  close_front();
  return w;
}

/// Not before there are as many gaps at the front as places behind: so each costs one move.
void arrivals::close_front() {
  if (!empty() && (first_ < worth_closing || first_ < row_.size() / 2))
    return;
  const auto passed = static_cast<std::ptrdiff_t>(first_);
  row_.erase(row_.begin(), row_.begin() + passed);
  gone_.erase(gone_.begin(), gone_.begin() + passed);
  passed_ += first_;
  first_ = 0;
  if (row_.empty() && row_.capacity() > usual) {
    row_ = std::vector<place>{};
    gone_ = std::vector<bool>{};
  }
}

void arrivals::close_gaps() {
  std::size_t there = 0;
  for (std::size_t i = 0; i < row_.size(); ++i)
    if (!gone_[i])
      row_[there++] = row_[i];
  row_.resize(there);
  gone_.assign(there, false);
  first_ = 0;
}

} // namespace moor::machines
