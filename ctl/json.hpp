// Parts that the JSON of several commands share.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "moor/config/duration.hpp"
#include "moor/ctl/configuration.hpp"

namespace moor::ctl {

/// Milliseconds, for keys that end in `_ms`.
double in_ms(duration span);

/// `{"profile", "settings": [{"key", "value", "place", "default", "given", "refused"}], "findings":
/// [{"severity", "subject", "text"}]}`.
nlohmann::json json_of(const configuration& from, bool given_only);

/// In one line that ends with a line break; what is not UTF-8 is replaced.
std::string line_of(const nlohmann::json& value);

} // namespace moor::ctl
