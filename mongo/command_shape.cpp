#include "moor/mongo/command_shape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <strings.h>

namespace moor::mongo {

namespace {

using namespace std::string_view_literals;

constexpr int deepest = 6;
constexpr int most_elements = 16; // of one array
constexpr int most_fields = 256;  // of one command
constexpr std::size_t longest_name = 64;
constexpr auto cut_off = "..."sv;

/// Those that libmongoc redacts, and both names of the handshake, which may carry one of them.
/// (Command Logging and Monitoring specification, "Security")
constexpr std::array secret_commands{"authenticate"sv,    "saslStart"sv,     "saslContinue"sv,
                                     "getnonce"sv,        "createUser"sv,    "updateUser"sv,
                                     "copydb"sv,          "hello"sv,         "isMaster"sv,
                                     "copydbsaslstart"sv, "copydbgetnonce"sv};

constexpr std::array collection_commands{
  "find"sv,          "aggregate"sv,       "insert"sv,        "update"sv,       "delete"sv,
  "count"sv,         "distinct"sv,        "findAndModify"sv, "create"sv,       "drop"sv,
  "createIndexes"sv, "dropIndexes"sv,     "listIndexes"sv,   "collMod"sv,      "collStats"sv,
  "validate"sv,      "findandmodify"sv,   "mapReduce"sv,     "mapreduce"sv,    "killCursors"sv,
  "compact"sv,       "convertToCapped"sv, "reIndex"sv,       "deleteIndexes"sv};

bool is_secret(std::string_view name) {
  return std::any_of(secret_commands.begin(), secret_commands.end(), [&](std::string_view s) {
    return s.size() == name.size() && strncasecmp(s.data(), name.data(), s.size()) == 0;
  });
}

/// What libmongoc adds to the fields that its caller named.
bool is_noise(std::string_view field) {
  return field.starts_with('$') || field == "lsid" || field == "txnNumber";
}

std::string_view text_of(const bson_iter_t& field) {
  if (!BSON_ITER_HOLDS_UTF8(&field))
    return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&field, &length);
  return {text, length};
}

class shape_writer {
public:
  explicit shape_writer(std::string& into) : out_{into} { out_.clear(); }

  void command(bson_iter_t& fields) {
    bool is_first = true; // the name, whose value says little unless it is a command itself
    bool is_empty = true;
    put("{");
    while (next(fields)) {
      if (std::exchange(is_first, false) ? !is_nested(fields) : is_noise(bson_iter_key(&fields)))
        continue;
      put(std::exchange(is_empty, false) ? "" : ", ");
      field(fields, 1);
    }
    put("}");
  }

private:
  static bool is_nested(const bson_iter_t& field) {
    return BSON_ITER_HOLDS_DOCUMENT(&field) || BSON_ITER_HOLDS_ARRAY(&field);
  }

  /// Steps to the next field unless there were enough.
  bool next(bson_iter_t& fields) {
    if (full_ || !bson_iter_next(&fields))
      return false;
    if (++seen_ > most_fields)
      end();
    return !full_;
  }

  void field(const bson_iter_t& of, int depth) {
    name(bson_iter_key(&of));
    bson_iter_t inner;
    if (!is_nested(of) || !bson_iter_recurse(&of, &inner))
      return;
    const auto before = out_.size();
    put(": ");
    if (!nested(of, inner, depth) && !full_)
      out_.resize(before);
  }

  /// False if there is nothing in it worth to be shown.
  bool nested(const bson_iter_t& of, bson_iter_t& inner, int depth) {
    if (BSON_ITER_HOLDS_ARRAY(&of))
      return array(inner, depth);
    document(inner, depth);
    return true;
  }

  void document(bson_iter_t& fields, int depth) {
    put("{");
    if (depth >= deepest)
      put(cut_off);
    else
      for (bool is_first = true; next(fields); is_first = false) {
        put(is_first ? "" : ", ");
        field(fields, depth + 1);
      }
    put("}");
  }

  bool array(bson_iter_t& elements, int depth) {
    if (depth >= deepest)
      return put("[...]"), true;
    put("[");
    bool has_values = false;
    std::size_t last = out_.size(); // where the latest element shown begins
    std::size_t end_of_last = last;
    for (int count = 0; next(elements); ++count) {
      if (count == most_elements) {
        put(end_of_last > last ? ", ..." : cut_off);
        break;
      }
      bson_iter_t inner;
      if (!is_nested(elements) || !bson_iter_recurse(&elements, &inner)) {
        has_values = true;
        continue;
      }
      put(end_of_last > last ? ", " : "");
      const auto begin = out_.size();
      nested(elements, inner, depth + 1);
      if (full_ || shown(begin, out_.size()) != shown(last, end_of_last)) {
        last = begin;
        end_of_last = out_.size();
      } else {
        out_.resize(end_of_last);
      }
    }
    put("]");
    return end_of_last > last || !has_values;
  }

  std::string_view shown(std::size_t begin, std::size_t end) const {
    return std::string_view{out_}.substr(begin, end - begin);
  }

  void name(std::string_view text) {
    std::array<char, longest_name> fit{};
    const auto length = text.copy(fit.data(), fit.size());
    const auto disturbs = [](char c) {
      return c < ' ' || c > '~' || R"("\{}[],:)"sv.find(c) != std::string_view::npos;
    };
    std::replace_if(fit.begin(), fit.begin() + length, disturbs, '_');
    put({fit.data(), length});
    if (length < text.size())
      put(cut_off);
  }

  void put(std::string_view text) {
    if (full_)
      return;
    if (out_.size() + text.size() + cut_off.size() > longest_shape)
      end();
    else
      out_ += text;
  }

  void end() {
    out_ += cut_off;
    full_ = true;
  }

  std::string& out_;
  int seen_ = 0;
  bool full_ = false;
};

} // namespace

void write_shape(std::string_view name, const bson_t& command, std::string& into) {
  into.clear();
  bson_iter_t fields;
  if (!is_secret(name) && bson_iter_init(&fields, &command))
    shape_writer{into}.command(fields);
}

std::string_view collection_of(std::string_view name, const bson_t& command) {
  bson_iter_t field;
  if (name == "getMore")
    return bson_iter_init_find(&field, &command, "collection") ? text_of(field) : ""sv;
  const auto is_known = std::find(collection_commands.begin(), collection_commands.end(), name)
                        != collection_commands.end();
  return is_known && bson_iter_init(&field, &command) && bson_iter_next(&field) ? text_of(field)
                                                                                : ""sv;
}

bool opens_waiting_cursor(std::string_view name, const bson_t& command) {
  bson_iter_t field;
  bson_iter_t found;
  if (name == "find")
    return bson_iter_init_find(&field, &command, "awaitData") && bson_iter_as_bool(&field);
  return name == "aggregate" && bson_iter_init(&field, &command)
         && bson_iter_find_descendant(&field, "pipeline.0.$changeStream", &found);
}

} // namespace moor::mongo
