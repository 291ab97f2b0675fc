#include "dpkg_status.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include <bson/bson.h>

#include "moor/config/finding.hpp"

namespace package_index {

namespace {

/// The fields of one stanza by name, continuation lines included.
struct stanza {
  struct field {
    std::string value;
    std::size_t line;
  };
  std::map<std::string, field, std::less<>> fields;
  std::string last_field;
  std::size_t line = 0;
};

[[noreturn]] void fail(std::size_t line, const std::string& problem) {
  throw bad_status_file{"line " + std::to_string(line) + ": " + problem};
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

void add_line(stanza& to, const std::string& text, std::size_t line) {
  if (!bson_utf8_validate(text.data(), text.size(), false))
    fail(line, "is not UTF-8 text");
  if (text.front() == ' ' || text.front() == '\t') {
    if (to.last_field.empty())
      fail(line, "continues a field, but the stanza has none yet");
    to.fields.find(to.last_field)->second.value += "\n" + std::string{trimmed(text)};
    return;
  }
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string::npos || text.find_first_of(" \t") < colon)
    fail(line, "is no field (\"Name: value\"), no continuation of one (a blank at its beginning) "
               "and not empty");
  if (to.fields.empty())
    to.line = line;
  to.last_field = text.substr(0, colon);
  const auto value = trimmed(std::string_view{text}.substr(colon + 1));
  if (!to.fields.try_emplace(to.last_field, stanza::field{std::string{value}, line}).second)
    fail(line, "gives the field " + to.last_field + " a second time");
}

const std::string& required(const stanza& of, std::string_view name) {
  const auto found = of.fields.find(name);
  if (found == of.fields.end() || found->second.value.empty())
    fail(of.line, "the stanza that begins here has no field " + std::string{name});
  return found->second.value;
}

std::string optional(const stanza& of, std::string_view name, const std::string& otherwise) {
  const auto found = of.fields.find(name);
  return found == of.fields.end() ? otherwise : found->second.value;
}

std::int64_t installed_size_of(const stanza& of) {
  const auto found = of.fields.find("Installed-Size");
  if (found == of.fields.end())
    return 0;
  const auto& [text, line] = found->second;
  std::int64_t size = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, size);
  if (read.ec != std::errc{} || read.ptr != end || size < 0)
    fail(line, "Installed-Size is no whole number of KiB");
  return size;
}

/// "libc6 (>= 2.36), awk | gawk:any" → libc6, awk, gawk.
void add_names(std::vector<std::string>& to, std::string_view relations) {
  while (!relations.empty()) {
    const auto end = std::min(relations.find_first_of(",|"), relations.size());
    const auto relation = trimmed(relations.substr(0, end));
    const std::string name{relation.substr(0, relation.find_first_of(" \t\n(:["))};
    if (!name.empty() && std::find(to.begin(), to.end(), name) == to.end())
      to.push_back(name);
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
}

package to_package(const stanza& from) {
  package result;
  result.line = from.line;
  result.name = required(from, "Package");
  const auto& status = required(from, "Status");
  result.state = status.substr(status.find_last_of(' ') + 1);
  if (result.state == "not-installed")
    return result;
  result.version = required(from, "Version");
  result.architecture = optional(from, "Architecture", "all");
  result.section = optional(from, "Section", result.section);
  result.installed_size = installed_size_of(from);
  add_names(result.depends, optional(from, "Pre-Depends", ""));
  add_names(result.depends, optional(from, "Depends", ""));
  result.description = optional(from, "Description", "");
  return result;
}

/// Before the file is opened: to open a pipe is to wait for somebody to write to it.
void check_kind(const std::string& path, const std::string& name) {
  constexpr std::uintmax_t longest = 256 << 20;
  std::error_code why;
  const auto found = std::filesystem::status(path, why);
  if (why)
    throw bad_status_file{name + " cannot be read: " + why.message()};
  if (!std::filesystem::is_regular_file(found))
    throw bad_status_file{name + " cannot be read: it is no regular file"};
  if (std::filesystem::file_size(path, why) > longest && !why)
    throw bad_status_file{name + " cannot be read: it is larger than 256 MiB"};
}

} // namespace

std::vector<package> read_status(std::istream& in, const std::function<bool()>& stopped) {
  std::vector<package> result;
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  const auto end_stanza = [&](const stanza& ended) {
    auto found = to_package(ended);
    if (found.state == "not-installed")
      return;
    const auto [other, is_new] = seen.try_emplace({found.name, found.architecture}, found.line);
    if (!is_new)
      fail(found.line, found.name + " for " + found.architecture + " is there already, at line "
                         + std::to_string(other->second));
    result.push_back(std::move(found));
  };

  stanza current;
  std::string text;
  std::size_t line = 0;
  while (std::getline(in, text)) {
    ++line;
    if (stopped())
      fail(line, "reading was stopped");
    if (in.eof()) // no line feed at its end
      fail(line, "the file is truncated: it ends in the middle of this line");
    if (!text.empty())
      add_line(current, text, line);
    else if (!current.fields.empty())
      end_stanza(std::exchange(current, {}));
  }
  if (in.bad())
    fail(line + 1, "cannot be read");
  if (!current.fields.empty())
    fail(line, "the file is truncated: it ends within the stanza that begins at line "
                 + std::to_string(current.line));
  if (result.empty())
    throw bad_status_file{"it holds no package"};
  return result;
}

std::vector<package> read_status_file(const std::string& path,
                                      const std::function<bool()>& stopped) {
  const auto name = moor::printable(path);
  check_kind(path, name);
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw bad_status_file{name + " cannot be read: " + std::generic_category().message(errno)};
  try {
    return read_status(in, stopped);
  } catch (const bad_status_file& e) {
    throw bad_status_file{name + ", " + e.what()};
  }
}

} // namespace package_index
