// What a test saw, in the form in which files state what they expect.
#pragma once

#include <string>

#include "moor/messages/errors.hpp"
#include "moor/messages/events.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// An error of the pool, thrown by a check-out.
struct pool_error {
  errc code;
  std::string message;
  std::string address;
};

/// type, message and address; the type is the specification's name where it has one.
json to_json(const pool_error& error);

/// type, address and the fields that the specification gives events of that type. Durations are in
/// milliseconds.
json to_json(const pool_event& event, const std::string& address);

} // namespace moor::test::spec
