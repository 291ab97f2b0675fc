// The texts of --help that teach: what a command is for, examples, exit codes.
#pragma once

#include <string_view>

namespace moor::ctl {

extern const std::string_view about_moorctl;
extern const std::string_view about_check;
extern const std::string_view about_config;
extern const std::string_view about_top;

extern const std::string_view after_moorctl;
extern const std::string_view after_check;
extern const std::string_view after_config;
extern const std::string_view after_top;

} // namespace moor::ctl
