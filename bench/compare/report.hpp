// The measurements in figures.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "options.hpp"
#include "samples.hpp"

namespace compare {

using json = nlohmann::ordered_json;

/// The line of one contender; empties the samples. Times are in microseconds.
json line_of(const options& what, result measured);

/// The line that divides `mine` by `theirs`, field by field.
json ratio_of(const json& mine, const json& theirs);

/// The median of each number in the lines of several rounds; errors are summed.
json median_of(const std::vector<json>& rounds);

} // namespace compare
