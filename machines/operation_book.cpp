#include "moor/machines/operation_book.hpp"

#include <algorithm>

namespace moor::machines {

void operation_book::add(std::string_view operation, duration took, bool failed, bool slow) {
  auto& page = page_of(operation);
  (failed ? page.failed : page.succeeded).add(took);
  page.slow += slow ? 1 : 0;
}

std::vector<operation_figures> operation_book::top(std::uint64_t most) const {
  std::vector<const operation_figures*> sorted;
  sorted.reserve(pages_.size());
  for (const auto& [name, page] : pages_)
    sorted.push_back(&page);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->total() > b->total(); });
  sorted.resize(std::min<std::uint64_t>(most, sorted.size()));
  std::vector<operation_figures> result;
  result.reserve(sorted.size());
  for (const auto* page : sorted)
    result.push_back(*page);
  return result;
}

operation_figures& operation_book::page_of(std::string_view operation) {
  auto found = pages_.find(operation);
  if (found == pages_.end() && pages_.size() >= most_names) {
    operation = others;
    found = pages_.find(operation);
  }
  if (found == pages_.end()) {
    found = pages_.emplace(operation, operation_figures{}).first;
    found->second.operation = operation;
  }
  return found->second;
}

} // namespace moor::machines
