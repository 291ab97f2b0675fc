// libmongoc behind moor's port.
#pragma once

#include <memory>
#include <variant>

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"
#include "moor/mongo/port.hpp"

namespace moor::mongo {

/// A driver for the server and with the timeouts that `from` names, or `invalid_argument` and why
/// they cannot be used. Initialises libmongoc; does not touch the network. Any thread.
std::variant<std::shared_ptr<driver>, failure> make_driver(const settings& from);

} // namespace moor::mongo
