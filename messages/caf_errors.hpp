// moor's errors as CAF carries them: category `moor`, our code, and a text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <caf/error.hpp>

#include "moor/messages/errors.hpp"
#include "moor/messages/health.hpp"

namespace moor {

/// An error with the code's own sentence. Found by CAF wherever an error is expected.
caf::error make_error(errc code);

/// An error with a text of its own; the text is free of secrets.
caf::error make_error(errc code, std::string text);

/// An error from a failure: its code, its text, and when asking again may be of use.
caf::error make_error(const failure& why);

/// The same, with the states of health that led to it.
caf::error make_error(const failure& why, const health_history& how_it_came);

/// moor's code, or nothing if the error comes from CAF or from somebody else.
std::optional<errc> code_of(const caf::error& err) noexcept;

/// How long to wait before the same request is sent again, if the error says so.
std::optional<duration> retry_after_of(const caf::error& err);

/// The latest changes of the pool's state of health, the newest last, if the error came while the
/// pool was degraded or unavailable; none otherwise.
std::vector<health_change> health_history_of(const caf::error& err);

/// What kept a connection from being established, if the error came of that; `other` if not.
failure_cause failure_cause_of(const caf::error& err);

/// One line for people: the code's name and its text; CAF's own errors by their name, too.
std::string describe(const caf::error& err);

} // namespace moor
