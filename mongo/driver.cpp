#include "moor/mongo/driver.hpp"

#include <utility>

#include "moor/mongo/client.hpp"
#include "moor/mongo/connect_plan.hpp"

namespace moor::mongo {

namespace {

class libmongoc_driver final : public driver {
public:
  libmongoc_driver(connect_plan plan, command_lane where)
    : plan_{std::make_shared<const connect_plan>(std::move(plan))},
      lanes_{where == command_lane::fibers ? std::make_shared<fiber_lanes>() : nullptr} {}

  std::shared_ptr<connection> make_connection() override {
    return std::make_shared<client_connection>(plan_, lanes_);
  }

  std::string address() const override { return plan_->address; }

  std::shared_ptr<fiber_lane> lane() override {
    return lanes_ && !plan_->needs_lookup ? lanes_->next() : nullptr;
  }

  bool is_same_as(const driver& other) const override {
    const auto* its = dynamic_cast<const libmongoc_driver*>(&other);
    return its != nullptr && is_same(*plan_, *its->plan_);
  }

private:
  std::shared_ptr<const connect_plan> plan_;
  std::shared_ptr<fiber_lanes> lanes_; // null if connections have threads
};

} // namespace

std::variant<std::shared_ptr<driver>, failure> make_driver(const settings& from) {
  auto plan = make_plan(from);
  if (auto* problem = std::get_if<failure>(&plan))
    return std::move(*problem);
  return std::make_shared<libmongoc_driver>(std::get<connect_plan>(std::move(plan)), from.lane);
}

} // namespace moor::mongo
