// What a machine asked for and its actor has not done yet.
#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "moor/actors/fault_point.hpp"

namespace moor::actors {

/// Outlives an actor that dies in the middle: the next one goes on after the effect that was begun,
/// so that one which ends its actor does not end the next one too. Used on its actor's thread only.
template <class Effect>
class effect_list {
public:
  /// For the machine to append to, also while effects are carried out.
  std::vector<Effect>& out() noexcept { return all_; }

  template <class Apply>
  void carry_out(const fault_point& may_fail, const char* part, Apply apply) {
    while (begun_ < all_.size()) {
      pass(may_fail, part);
      const auto effect = std::move(all_[begun_++]);
      std::visit(apply, effect);
    }
    all_.clear();
    begun_ = 0;
  }

private:
  std::vector<Effect> all_;
  std::size_t begun_ = 0;
};

} // namespace moor::actors
