#include "moor/mongo/bson.hpp"

#include "moor/mongo/handles.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

/// Makes `children` run over the elements inside of one; false if it has none.
bool enter(const bson_iter_t& element, bson_iter_t& children) {
  if (BSON_ITER_HOLDS_DOCUMENT(&element) || BSON_ITER_HOLDS_ARRAY(&element))
    return bson_iter_recurse(&element, &children);
  if (!BSON_ITER_HOLDS_CODEWSCOPE(&element))
    return false;
  std::uint32_t code_length = 0;
  std::uint32_t scope_length = 0;
  const std::uint8_t* scope = nullptr;
  bson_iter_codewscope(&element, &code_length, &scope_length, &scope);
  return bson_iter_init_from_data(&children, scope, scope_length);
}

// bson_validate recurses once per level without bound: deep nesting would overflow the stack.
bool nests_deeper_than(int levels, bson_iter_t& elements) {
  if (levels == 0)
    return true;
  bson_iter_t children;
  while (bson_iter_next(&elements))
    if (enter(elements, children) && nests_deeper_than(levels - 1, children))
      return true;
  return false;
}

/// The first document of a text; 1, or 0 at its end, or -1 and an error (as bson_json_reader_read).
int read_next(bson_json_reader_t* reader, bson_t* into, bson_error_t* error) {
  bson_reinit(into);
  return bson_json_reader_read(reader, into, error);
}

std::string parse_problem(const bson_error_t& error) {
  return std::string{"the text is not a JSON object: "} + without_values(error.message);
}

} // namespace

std::optional<failure> validate(const document& body) {
  if (body.bytes.size() > longest_document)
    return refused("the document has " + std::to_string(body.bytes.size())
                   + " bytes; a server takes at most " + std::to_string(longest_document));
  bson_t view;
  bson_iter_t elements;
  // An empty vector has no data, which libbson takes for a bug of the program and aborts it.
  if (body.bytes.empty() || !bson_init_static(&view, body.bytes.data(), body.bytes.size())
      || !bson_iter_init(&elements, &view))
    return refused("the document is not BSON: its " + std::to_string(body.bytes.size())
                   + " bytes are not those that its first four announce");
  if (nests_deeper_than(deepest_document, elements))
    return refused("the document is nested deeper than " + std::to_string(deepest_document)
                   + " levels");
  constexpr auto flags
    = static_cast<bson_validate_flags_t>(BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL);
  std::size_t offset = 0;
  if (!bson_validate(&view, flags, &offset))
    return refused("the document is not BSON: it is malformed at byte " + std::to_string(offset));
  return std::nullopt;
}

std::variant<document, failure> from_json(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text[begin] != '{')
    return refused("the text is not a JSON object: it must begin with '{'");
  json_reader_owner reader{bson_json_data_reader_new(false, text.size())};
  bson_json_data_reader_ingest(reader.get(), reinterpret_cast<const std::uint8_t*>(text.data()),
                               text.size());
  bson_owner result{bson_new()};
  bson_error_t error{};
  const auto read = read_next(reader.get(), result.get(), &error);
  if (read < 0)
    return refused(parse_problem(error));
  if (read == 0)
    return refused("the text is not a JSON object: it ends before the object does");
  auto found = to_document(*result);
  if (read_next(reader.get(), result.get(), &error) != 0)
    return refused("the text is not a JSON object: something follows the object");
  if (auto problem = validate(found))
    return std::move(*problem);
  return found;
}

std::variant<std::string, failure> to_json(const document& body) {
  if (auto problem = validate(body))
    return std::move(*problem);
  const bson_view view{body};
  std::size_t length = 0;
  const bson_string_owner text{bson_as_relaxed_extended_json(view.get(), &length)};
  if (!text)
    return refused("the document cannot be written as JSON");
  return std::string{text.get(), length};
}

document to_document(const bson_t& body) {
  const auto* bytes = bson_get_data(&body);
  return {{bytes, bytes + body.len}};
}

} // namespace moor::mongo
