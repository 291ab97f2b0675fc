#include "moor/config/toml_bounds.hpp"

#include <algorithm>
#include <utility>

#include "moor/config/text.hpp"

namespace moor {

namespace {

/// The bytes of the character at the beginning of the text; 0 if there is none.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= std::min(text.size(), std::size_t{4}); ++size)
    if (is_utf8(text.substr(0, size)))
      return size;
  return 0;
}

text_mistake mistake_at(std::string_view text, std::size_t position, std::string problem) {
  const auto before = text.substr(0, position);
  const auto line_end = before.rfind('\n');
  const auto line = line_end == std::string_view::npos ? before : before.substr(line_end + 1);
  text_mistake result{1, 1, std::move(problem)};
  result.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  for (const char c : line)
    result.column += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0U : 1U;
  return result;
}

/// Position of the first byte that belongs to no character.
std::optional<std::size_t> first_non_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = character_size(text.substr(at));
    if (size == 0)
      return at;
    at += size;
  }
  return std::nullopt;
}

bool is_beyond_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// TOML has none of them anywhere.
bool is_refused_control(char c) noexcept {
  return has_control_character({&c, 1}) && c != '\t' && c != '\n' && c != '\r';
}

/// Steps over TOML's strings and comments, in which dots are no keys'. In a text that is no TOML it
/// may lose its way behind the mistake, where no parser reads on either.
class scanner {
public:
  explicit scanner(std::string_view text) : text_{text} {
    if (constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; is_at(byte_order_mark))
      at_ = byte_order_mark.size();
  }

  /// Where a key gets too long or values too deep; `problem` says which.
  std::optional<std::size_t> first_excess(std::string& problem) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        line_is_blank_ = false;
        problem = begins_string() ? skip_string(c) : "has a quote within a key or a value";
        if (!problem.empty())
          return at_;
      } else {
        problem = count(c);
        if (!problem.empty())
          return at_;
        ++at_;
      }
    }
    return std::nullopt;
  }

private:
  bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  /// What is too much with this character; empty if nothing.
  std::string count(char c) {
    if (is_beyond_ascii(c))
      return "has a character beyond ASCII outside of quotes";
    if ((c == 'T' || c == 't') && follows_date() && !is_digit_at(at_ + 1))
      return "has a date whose T no time follows";
    if (c == '.' && ++dots_ >= most_key_parts)
      return "has a key of more than " + std::to_string(most_key_parts) + " parts";
    if (std::string_view{",=[]{}\n"}.find(c) != std::string_view::npos)
      dots_ = 0;
    if (c == '[' && line_is_blank_ && open_.empty() && !names_table())
      return "has a table without a name";
    note_word(c);
    line_is_blank_ = c == '\n' || (line_is_blank_ && is_blank(c));
    if (c == '[' || c == '{')
      open_ += c == '[' ? ']' : '}';
    if (open_.size() > most_nested_values)
      return "has values nested more than " + std::to_string(most_nested_values) + " deep";
    if (c == ']' || c == '}') {
      if (!open_.ends_with(c))
        return "closes a bracket that is not open";
      open_.pop_back();
    }
    return {};
  }

  static bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }

  /// Notes where keys, values and the words of either begin and end.
  void note_word(char c) {
    const bool separates = std::string_view{",[]{}\n"}.find(c) != std::string_view::npos;
    if (c == '\n')
      is_header_ = false;
    if (c == '[' && line_is_blank_ && open_.empty())
      is_header_ = true;
    if (c == '=')
      value_begins_ = !std::exchange(in_value_, true);
    else if (!is_blank(c))
      value_begins_ = false;
    if (separates)
      in_value_ = false;
    in_word_ = !separates && !is_blank(c);
  }

  /// Whether the quote that is here is the first of a string: not in the middle of a bare word,
  /// which toml++ reads to its end, quotes and all.
  bool begins_string() {
    const auto before = at_ > 0 ? text_[at_ - 1] : '\n';
    const bool in_key = !in_value_ && (is_header_ || !open_.ends_with(']'));
    const bool begins = !in_word_ || (before == '.' && in_key) || (before == '=' && value_begins_);
    in_word_ = true;
    value_begins_ = false;
    return begins;
  }

  bool is_digit_at(std::size_t at) const {
    return at < text_.size() && text_[at] >= '0' && text_[at] <= '9';
  }

  /// Whether something like 1979-05-27 ends here.
  bool follows_date() const {
    constexpr std::string_view form = "0000-00-00";
    if (at_ < form.size())
      return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
      const auto at = at_ - form.size() + i;
      if (form[i] == '0' ? !is_digit_at(at) : text_[at] != form[i])
        return false;
    }
    return true;
  }

  /// Whether a key, or the end of the brackets, follows the bracket that is here.
  bool names_table() const {
    auto rest = text_.substr(at_ + 1);
    if (rest.starts_with('['))
      rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    return rest.empty() || is_alphanumeric(rest.front())
           || std::string_view{"_-\"']"}.find(rest.front()) != std::string_view::npos;
  }

  /// What is wrong in the string; empty if nothing.
  std::string skip_string(char quote) {
    const std::string three(3, quote);
    const bool several_lines = is_at(three);
    const auto end = several_lines ? std::string_view{three} : std::string_view{three}.substr(2);
    at_ += end.size();
    for (; at_ < text_.size() && !is_at(end); ++at_) {
      if (text_[at_] == '\n' && !several_lines)
        return {};
      if (text_[at_] != '\\' || quote != '"')
        continue;
      if (++at_ < text_.size() && is_beyond_ascii(text_[at_]))
        return "has an unknown escape sequence";
    }
    at_ = std::min(at_ + end.size(), text_.size());
    // The text may end with two quotes before the three that end it.
    for (int more = 0; several_lines && more < 2 && is_at(end.substr(2)); ++more)
      ++at_;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t dots_ = 0;      // since the last character that ends a key
  bool line_is_blank_ = true; // so far
  bool is_header_ = false;    // of a table
  bool in_value_ = false;     // behind the = of a key
  bool value_begins_ = false; // the last character that is no blank is that =
  bool in_word_ = false;      // the last character belongs to a word or a string
  std::string open_;          // the brackets that are to be closed
};

} // namespace

std::optional<text_mistake> find_excess(std::string_view text) {
  if (const auto at = first_non_utf8(text))
    return mistake_at(text, *at, "is not UTF-8");
  const auto* control = std::find_if(text.begin(), text.end(), is_refused_control);
  if (control != text.end())
    return mistake_at(text, static_cast<std::size_t>(control - text.begin()),
                      "has a control character");
  std::string problem;
  if (const auto at = scanner{text}.first_excess(problem))
    return mistake_at(text, *at, std::move(problem));
  return std::nullopt;
}

} // namespace moor
