// Owners of libmongoc's and libbson's C handles: one type each, the size of a pointer. And
// libbson's view of a document.
//
// A handle from `..._new` goes into its owner on the same line; `get()` lends it to a C function.
#pragma once

#include <memory>

#include <mongoc/mongoc.h>

#include "moor/messages/document.hpp"

namespace moor::mongo {

/// Deletes with a C function known at compile time, so that the owner carries no pointer to it.
template <auto Function>
struct c_deleter {
  template <class T>
  void operator()(T* handle) const noexcept {
    Function(handle);
  }
};

template <class T, auto Function>
using c_owner = std::unique_ptr<T, c_deleter<Function>>;

using apm_callbacks_owner = c_owner<mongoc_apm_callbacks_t, mongoc_apm_callbacks_destroy>;
// `_bson_t` and not `bson_t`: the compiler warns of a typedef's alignment as a template argument.
using bson_owner = c_owner<_bson_t, bson_destroy>;
using bson_string_owner = c_owner<char, bson_free>;
using change_stream_owner = c_owner<mongoc_change_stream_t, mongoc_change_stream_destroy>;
using client_owner = c_owner<mongoc_client_t, mongoc_client_destroy>;
using collection_owner = c_owner<mongoc_collection_t, mongoc_collection_destroy>;
using cursor_owner = c_owner<mongoc_cursor_t, mongoc_cursor_destroy>;
using database_owner = c_owner<mongoc_database_t, mongoc_database_destroy>;
using json_reader_owner = c_owner<bson_json_reader_t, bson_json_reader_destroy>;
using read_preference_owner = c_owner<mongoc_read_prefs_t, mongoc_read_prefs_destroy>;
using server_owner = c_owner<mongoc_server_description_t, mongoc_server_description_destroy>;
using session_owner = c_owner<mongoc_client_session_t, mongoc_client_session_destroy>;
using stream_owner = c_owner<mongoc_stream_t, mongoc_stream_destroy>;
using uri_owner = c_owner<mongoc_uri_t, mongoc_uri_destroy>;

/// libbson's view of a document, without a copy of its bytes: valid as long as these are.
class bson_view {
public:
  /// `body` must have passed `validate`.
  explicit bson_view(const document& body) noexcept {
    bson_init_static(&view_, body.bytes.data(), body.bytes.size());
  }

  bson_view(const bson_view&) = delete;
  bson_view& operator=(const bson_view&) = delete;

  const bson_t* get() const noexcept { return &view_; }

private:
  bson_t view_;
};

} // namespace moor::mongo
