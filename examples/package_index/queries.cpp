#include "queries.hpp"

#include <string_view>
#include <variant>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"

namespace package_index {

namespace {

using moor::mongo::bson_owner;

moor::document from_constant(std::string_view json) {
  return std::get<moor::document>(moor::mongo::from_json(json));
}

moor::document owned(_bson_t* made) {
  const bson_owner held{made};
  return moor::mongo::to_document(*held);
}

bson_owner make_filter(const package& p) {
  return bson_owner{BCON_NEW("_id", BCON_UTF8(key_of(p).c_str()))};
}

bson_owner make_update(const package& p) {
  bson_owner depends{bson_new()};
  for (std::size_t i = 0; i < p.depends.size(); ++i)
    BSON_APPEND_UTF8(depends.get(), std::to_string(i).c_str(), p.depends[i].c_str());
  return bson_owner{BCON_NEW("$set", "{", "name", BCON_UTF8(p.name.c_str()), "architecture",
                             BCON_UTF8(p.architecture.c_str()), "version",
                             BCON_UTF8(p.version.c_str()), "state", BCON_UTF8(p.state.c_str()),
                             "section", BCON_UTF8(p.section.c_str()), "installed_size",
                             BCON_INT64(p.installed_size), "depends", BCON_ARRAY(depends.get()),
                             "description", BCON_UTF8(p.description.c_str()), "}")};
}

/// Calls `f` with an iterator at each element of the array at the dotted `path`, if there is one.
template <class F>
void for_each_in(const moor::document& reply, const char* path, F f) {
  if (moor::mongo::validate(reply))
    return;
  const moor::mongo::bson_view view{reply};
  bson_iter_t fields;
  bson_iter_t array;
  bson_iter_t element;
  if (bson_iter_init(&fields, view.get()) && bson_iter_find_descendant(&fields, path, &array)
      && BSON_ITER_HOLDS_ARRAY(&array) && bson_iter_recurse(&array, &element))
    while (bson_iter_next(&element))
      f(element);
}

std::string text_at(const bson_iter_t& parent, const char* field) {
  bson_iter_t child;
  return bson_iter_recurse(&parent, &child) && bson_iter_find(&child, field)
             && BSON_ITER_HOLDS_UTF8(&child)
           ? bson_iter_utf8(&child, nullptr)
           : "";
}

std::int64_t number_at(const bson_iter_t& parent, const char* field) {
  bson_iter_t child;
  return bson_iter_recurse(&parent, &child) && bson_iter_find(&child, field)
           ? bson_iter_as_int64(&child)
           : 0;
}

} // namespace

std::string key_of(const package& p) {
  return p.name + ":" + p.architecture;
}

moor::document filter_for(const package& p) {
  return moor::mongo::to_document(*make_filter(p));
}

moor::document update_for(const package& p) {
  return moor::mongo::to_document(*make_update(p));
}

moor::document drop_database() {
  return from_constant(R"({"dropDatabase": 1})");
}

moor::document create_indexes() {
  return from_constant(R"({"createIndexes": "packages", "indexes": [
    {"name": "section", "key": {"section": 1}},
    {"name": "size", "key": {"installed_size": -1}},
    {"name": "depends", "key": {"depends": 1}}]})");
}

moor::document upsert(std::span<const package> packages) {
  const bson_owner updates{bson_new()};
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const auto filter = make_filter(packages[i]);
    const auto update = make_update(packages[i]);
    const bson_owner one{BCON_NEW("q", BCON_DOCUMENT(filter.get()), "u",
                                  BCON_DOCUMENT(update.get()), "upsert", BCON_BOOL(true))};
    BSON_APPEND_DOCUMENT(updates.get(), std::to_string(i).c_str(), one.get());
  }
  return owned(BCON_NEW("update", BCON_UTF8(collection), "updates", BCON_ARRAY(updates.get())));
}

moor::document find_package(const std::string& key) {
  return owned(BCON_NEW("find", BCON_UTF8(collection), "filter", "{", "_id", BCON_UTF8(key.c_str()),
                        "}", "limit", BCON_INT32(1), "singleBatch", BCON_BOOL(true)));
}

moor::document count_by_section() {
  return from_constant(R"({"aggregate": "packages", "cursor": {"batchSize": 1000}, "pipeline": [
    {"$group": {"_id": "$section", "packages": {"$sum": 1}}},
    {"$sort": {"packages": -1, "_id": 1}}]})");
}

moor::document find_largest(int limit) {
  return owned(BCON_NEW("find", BCON_UTF8(collection), "sort", "{", "installed_size",
                        BCON_INT32(-1), "_id", BCON_INT32(1), "}", "projection", "{",
                        "installed_size", BCON_INT32(1), "}", "limit", BCON_INT32(limit),
                        "singleBatch", BCON_BOOL(true)));
}

moor::document find_dependants(const std::string& name) {
  return owned(BCON_NEW("find", BCON_UTF8(collection), "filter", "{", "depends",
                        BCON_UTF8(name.c_str()), "}", "sort", "{", "_id", BCON_INT32(1), "}",
                        "projection", "{", "_id", BCON_INT32(1), "}", "batchSize",
                        BCON_INT32(100'000), "singleBatch", BCON_BOOL(true)));
}

std::vector<counted> rows_of(const moor::document& reply, const char* number_field) {
  std::vector<counted> result;
  for_each_in(reply, "cursor.firstBatch", [&](const bson_iter_t& row) {
    result.emplace_back(text_at(row, "_id"), number_at(row, number_field));
  });
  return result;
}

std::size_t size_of_batch(const moor::document& reply) {
  std::size_t result = 0;
  for_each_in(reply, "cursor.firstBatch", [&](const bson_iter_t&) { ++result; });
  return result;
}

std::optional<std::string> write_error_in(const moor::document& reply) {
  std::optional<std::string> first;
  for_each_in(reply, "writeErrors", [&](const bson_iter_t& error) {
    if (!first)
      first = "the server answered a write with error " + std::to_string(number_at(error, "code"))
              + ": " + text_at(error, "errmsg");
  });
  return first;
}

} // namespace package_index
