#include "moor/config/toml_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "moor/config/parse.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"
#include "moor/config/toml_bounds.hpp"

// Headers alone, so that who links moor needs nothing of it.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace moor {

namespace {

/// More mistakes of one file are not listed.
constexpr std::size_t most_findings = 50;

/// toml++'s reason in words that quote nothing of the file, which may hold a password.
std::string harmless(std::string_view reason) {
  if (reason.find("redefine") != std::string_view::npos
      || reason.find("cannot insert") != std::string_view::npos)
    return "the key or table is there already";
  reason = reason.substr(0, reason.find(", saw "));
  const auto first = reason.find('\'');
  const auto last = reason.rfind('\'');
  constexpr std::size_t one_character = 4; // escaped, in its quotes
  if (first != last && last - first > one_character)
    return std::string{reason.substr(0, first)} + "'…'" + std::string{reason.substr(last + 1)};
  return std::string{reason};
}

/// The text of a real number, recognisable as one: 20.0 is no count.
std::string real_text(double number) {
  auto text = format_number(number);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

/// A value in the words of the settings: its text, or what is wrong with its type.
raw_value to_raw(const setting_entry& entry, const toml::node& node) {
  const auto kind = entry.kind;
  const auto make = [&](std::string text, std::string problem = {}) {
    return raw_value{std::string{entry.key}, std::move(text), std::move(problem)};
  };
  const auto wrong = [&](std::string text, const std::string& what) {
    return make(std::move(text), "is " + what + ", not a " + std::string{to_string(kind)});
  };
  const bool is_word = kind == setting_kind::text || kind == setting_kind::toggle;
  if (const auto* text = node.as_string()) {
    const bool bare = kind == setting_kind::count || kind == setting_kind::number;
    return bare ? wrong(**text, "a text in quotes") : make(**text);
  }
  if (const auto* number = node.as_integer())
    return is_word ? wrong(std::to_string(**number), "a number") : make(std::to_string(**number));
  if (const auto* number = node.as_floating_point())
    return is_word ? wrong(real_text(**number), "a number") : make(real_text(**number));
  if (const auto* flag = node.as_boolean())
    return kind == setting_kind::toggle ? make(**flag ? "on" : "off")
                                        : wrong(**flag ? "true" : "false", "a boolean");
  if (node.is_array())
    return make("[...]", "is a list");
  if (node.is_table())
    return make("{...}", "is a table");
  return wrong("", "a date or time");
}

/// A table that was probably meant to be [moor].
bool is_nearly_moor(std::string_view name) {
  return to_lower(name) == "moor"
         || (name.size() != 4 && name.size() < 6 && edit_distance(name, "moor") == 1);
}

class reader {
public:
  explicit reader(std::string_view name)
    : name_{has_control_character(name) || !is_utf8(name) ? quoted(name) : std::string{name}} {}

  settings_file read(std::string_view text) && {
    if (text.size() > largest_settings_file)
      refuse_file(name_, "is larger than 1 MiB", "allowed is up to 1 MiB");
    else if (const auto excess = find_excess(text))
      refuse_file(place_of(excess->line, excess->column), excess->problem, toml_only);
    else if (auto parsed = toml::parse(text, std::string_view{}); parsed)
      read_root(parsed.table());
    else
      refuse_file(place_of(parsed.error().source()),
                  "is not TOML: " + harmless(parsed.error().description()), toml_only);
    return std::move(result_);
  }

private:
  static constexpr auto toml_only = "allowed is TOML 1.0 as docs/configuration.md shows it";

  std::string place_of(std::size_t line, std::size_t column) const {
    return name_ + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  std::string place_of(const toml::source_region& where) const {
    return place_of(where.begin.line, where.begin.column);
  }

  void refuse(std::string what, std::string where, std::string problem, std::string advice) {
    if (result_.findings.size() < most_findings)
      result_.findings.push_back({std::move(what), std::nullopt, source::toml, std::move(where),
                                  std::move(problem), std::move(advice)});
    else if (result_.findings.size() == most_findings)
      result_.findings.push_back({"config", std::nullopt, source::toml, name_,
                                  "has more mistakes than are listed",
                                  "allowed is what docs/configuration.md lists"});
  }

  void refuse_file(std::string where, std::string problem, std::string advice) {
    refuse("config", std::move(where), std::move(problem), std::move(advice));
  }

  /// `others`: it looks like a table of somebody else's.
  void refuse_unknown(const toml::key& key, std::string_view within, bool others) {
    auto near = nearest_name(source::toml, key.str());
    if (within.empty() && edit_distance(key.str().substr(0, 8), "pools") <= 1)
      near = "pools";
    else if (within.empty() && is_nearly_moor(key.str()))
      near = "moor";
    const std::string all = "docs/configuration.md lists them all";
    const auto shared
      = others ? "; a file shared with others has moor's settings in the table [moor]" : "";
    refuse(printable(key.str()), place_of(key.source()), "is not a setting of moor",
           near.empty() ? all + shared : "the nearest one is " + near);
  }

  void read_root(const toml::table& root) {
    const auto* own = root.get("moor");
    at_top_ = own == nullptr;
    if (at_top_)
      return read_section(root);
    for (const auto& [key, node] : root)
      if (key.str() != "moor")
        judge_neighbour(key, node);
    if (const auto* section = own->as_table())
      read_section(*section);
    else
      refuse("moor", place_of(own->source()), "is no table", "allowed is the table [moor]");
  }

  /// What stands beside [moor] is somebody else's, unless it was hardly meant to be.
  void judge_neighbour(const toml::key& key, const toml::node& node) {
    const auto name = key.str();
    const bool section = node.is_table() || node.is_array_of_tables();
    const bool nearly = section ? is_nearly_moor(name) || name == "pools"
                                : index_of(name).has_value()
                                    || (name.find('-') != std::string_view::npos
                                        && !nearest_name(source::toml, name).empty());
    if (nearly)
      refuse(printable(name), place_of(key.source()), "stands beside the table [moor]",
             "allowed is within it; what is not moor's belongs into a table of another name");
  }

  void read_section(const toml::table& section) {
    for (const auto& [key, node] : section) {
      if (key.str() == "pools")
        read_pools(node);
      else
        read_value(result_.common, key, node, "");
    }
    std::ranges::sort(order_);
    std::vector<pool_layer> sorted;
    for (const auto& [where, index] : order_)
      sorted.push_back(std::move(result_.pools[index]));
    result_.pools = std::move(sorted);
  }

  void read_value(layer& target, const toml::key& key, const toml::node& node,
                  std::string_view within) {
    const auto index = index_of(key.str());
    if (!index)
      return refuse_unknown(key, within, at_top_ && within.empty() && node.is_table());
    auto value = to_raw(setting_table()[*index], node);
    value.place = place_of(node.source());
    target.values.push_back(std::move(value));
  }

  void read_pools(const toml::node& node) {
    const auto* pools = node.as_table();
    if (pools == nullptr)
      return refuse("pools", place_of(node.source()), "is no table",
                    "allowed are tables such as [moor.pools.orders]");
    for (const auto& [key, pool] : *pools) {
      if (const auto* table = pool.as_table())
        read_pool(key, *table);
      else
        refuse("pools." + printable(key.str()), place_of(key.source()), "is no table",
               "allowed are tables such as [moor.pools.orders]");
    }
  }

  void read_pool(const toml::key& key, const toml::table& table) {
    pool_layer pool{std::string{key.str()}};
    pool.values.values.push_back({"name", pool.name, {}, place_of(key.source())});
    for (const auto& [inner, node] : table) {
      if (inner.str() == "name")
        refuse("name", place_of(inner.source()), "stands in the table of a pool",
               "the pool is named by its table");
      else
        read_value(pool.values, inner, node, pool.name);
    }
    const auto& begin = key.source().begin;
    order_.push_back({{begin.line, begin.column}, result_.pools.size()});
    result_.pools.push_back(std::move(pool));
  }

  using position = std::pair<std::size_t, std::size_t>;

  std::string name_;
  settings_file result_;
  bool at_top_ = false; // the settings stand there, and not in [moor]
  std::vector<std::pair<position, std::size_t>> order_;
};

} // namespace

settings_file parse_settings_file(std::string_view text, std::string_view name) {
  return reader{name}.read(text);
}

} // namespace moor
