// Documents that `command` accepts, as bytes and as JSON, and what is told of them.
#include <string>
#include <variant>

#include "fuzz/check.hpp"
#include "moor/config/text.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/command_shape.hpp"
#include "moor/mongo/handles.hpp"

namespace {

using moor::fuzz::require;
namespace mongo = moor::mongo;

void check_shape(const moor::document& body) {
  const mongo::bson_view view{body};
  bson_iter_t first;
  const bool has_name = bson_iter_init(&first, view.get()) && bson_iter_next(&first);
  const std::string name = has_name ? bson_iter_key(&first) : "";
  std::string shape;
  mongo::write_shape(name, *view.get(), shape);
  require(shape.size() <= mongo::longest_shape, "shapes are bounded");
  require(!moor::has_control_character(shape), "shapes are one line");
  mongo::collection_of(name, *view.get());
  mongo::opens_waiting_cursor(name, *view.get());
}

void check_bytes(std::string_view text) {
  const moor::document body{{text.begin(), text.end()}};
  if (mongo::validate(body))
    return;
  check_shape(body);
  const auto json = mongo::to_json(body);
  if (const auto* text_form = std::get_if<std::string>(&json))
    require(text_form->starts_with('{') && text_form->ends_with('}'), "a document is an object");
  const mongo::bson_view view{body};
  require(mongo::to_document(*view.get()) == body, "a document is copied whole");
}

void check_json(std::string_view text) {
  const auto read = mongo::from_json(text);
  if (std::holds_alternative<moor::failure>(read))
    return;
  const auto& body = std::get<moor::document>(read);
  require(!mongo::validate(body), "what is read is a document");
  check_shape(body);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = moor::fuzz::text_of(data, size);
  check_bytes(text);
  check_json(text);
  return 0;
}
