#define CAF_SUITE mongo_bson

#include "moor/mongo/bson.hpp"

#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/handles.hpp"

using namespace moor;
using namespace moor::mongo;

namespace {

document parsed(std::string_view text) {
  auto result = from_json(text);
  if (const auto* problem = std::get_if<failure>(&result))
    CAF_FAIL(problem->text);
  return std::get<document>(result);
}

std::string json(const document& body) {
  auto result = to_json(body);
  const auto* problem = std::get_if<failure>(&result);
  return problem == nullptr ? std::get<std::string>(result) : problem->text;
}

/// The sentence of a refusal; empty if there was none.
std::string problem_of(std::string_view text) {
  const auto result = from_json(text);
  const auto* problem = std::get_if<failure>(&result);
  if (problem == nullptr)
    return {};
  CAF_CHECK(problem->code == errc::invalid_argument);
  CAF_CHECK(problem->reach == spoils::nothing);
  return problem->text;
}

std::string problem_of(const document& body) {
  const auto problem = validate(body);
  return problem ? problem->text : "";
}

/// {a: {a: … {}}}, written from the outside to the inside.
document nested(int levels) {
  document result;
  for (int inside = levels - 1; inside >= 0; --inside) {
    const auto length = static_cast<std::uint32_t>(5 + 8 * inside);
    for (int shift = 0; shift < 32; shift += 8)
      result.bytes.push_back(static_cast<std::uint8_t>(length >> shift));
    if (inside > 0)
      result.bytes.insert(result.bytes.end(), {0x03, 'a', 0});
  }
  result.bytes.resize(result.bytes.size() + static_cast<std::size_t>(levels));
  return result;
}

} // namespace

CAF_TEST(JSON becomes BSON and JSON again) {
  for (const char* text :
       {"{ }", R"({ "a" : 1 })", R"({ "a" : { "b" : [ 1, "two", null, true ] } })",
        R"({ "d" : { "$date" : "2024-01-02T03:04:05Z" } })",
        R"({ "i" : { "$oid" : "0123456789abcdef01234567" } })", R"({ "ö" : "ü" })"})
    CAF_CHECK_EQUAL(json(parsed(text)), text);
}

CAF_TEST(space around an object does not matter) {
  CAF_CHECK(parsed(" \n{\"a\": 1}\t ") == parsed("{\"a\":1}"));
}

CAF_TEST(what is not one object is refused) {
  for (const char* text : {"", " ", "null", "[1]", "\"a\"", "{", "{\"a\"", "{\"a\": }", "{a: 1",
                           "{} {}", "{} x", "{\"a\": 1} [", "{\"a\": \"\xff\"}"})
    CAF_CHECK(problem_of(std::string_view{text}).starts_with("the text is not a JSON object: "));
}

CAF_TEST(a refusal quotes no value) {
  CAF_CHECK_EQUAL(problem_of(R"({"secret": "secret" "secret")").find("secret"), std::string::npos);
}

CAF_TEST(bytes that are no document are refused) {
  const auto good = parsed(R"({"a": "text", "b": [1, 2]})").bytes;
  CAF_CHECK_EQUAL(problem_of(document{good}), "");
  CAF_CHECK_EQUAL(problem_of(document{}),
                  "the document is not BSON: its 0 bytes are not those that "
                  "its first four announce");
  for (std::size_t length = 1; length < good.size(); ++length)
    CAF_CHECK(
      !problem_of(document{{good.begin(), good.begin() + static_cast<long>(length)}}).empty());
  auto longer = good;
  longer.push_back(0);
  CAF_CHECK(!problem_of(document{longer}).empty());
  CAF_CHECK(json(document{longer}).starts_with("the document is not BSON"));
}

CAF_TEST(no flip of a bit reads outside of a document) {
  const auto good = parsed(R"({"a": "text", "b": [1, {"c": {"$code": "x", "$scope": {"y": 1}}}]})");
  for (std::size_t bit = 0; bit < good.bytes.size() * 8; ++bit) {
    auto flipped = good;
    flipped.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    if (problem_of(flipped).empty())
      json(flipped);
  }
}

CAF_TEST(nesting has a limit) {
  CAF_CHECK_EQUAL(problem_of(nested(deepest_document)), "");
  CAF_CHECK_EQUAL(problem_of(nested(deepest_document + 1)),
                  "the document is nested deeper than 100 levels");
  CAF_CHECK_EQUAL(problem_of(nested(20'000)), "the document is nested deeper than 100 levels");
}

CAF_TEST(length has a limit) {
  const auto of_size = [](std::size_t size) {
    const bson_owner body{bson_new()};
    const std::string filler(size - parsed(R"({"a": ""})").bytes.size(), 'x');
    bson_append_utf8(body.get(), "a", 1, filler.data(), static_cast<int>(filler.size()));
    return to_document(*body);
  };
  CAF_CHECK_EQUAL(problem_of(of_size(longest_document)), "");
  CAF_CHECK_EQUAL(problem_of(of_size(longest_document + 1)),
                  "the document has 16793601 bytes; a server takes at most 16793600");
}

CAF_TEST(a view shows the document itself) {
  const auto body = parsed(R"({"a": 1})");
  const bson_view view{body};
  CAF_CHECK_EQUAL(bson_get_data(view.get()), body.bytes.data());
  CAF_CHECK_EQUAL(view.get()->len, body.bytes.size());
  CAF_CHECK(bson_has_field(view.get(), "a"));
}
