// What the libmongoc that runs can do of what connection strings ask for.
#pragma once

#include <string>

#include "moor/config/uri_options.hpp"

namespace moor::mongo {

/// The options, mechanism and compressors that it cannot do, in words; empty if there are none. Its
/// names of options and its compressors are asked of the library that runs; for its mechanisms,
/// which it does not tell, the headers that moor was compiled with stand. Initialises libmongoc;
/// any thread.
std::string unsupported(const uri_options& options);

} // namespace moor::mongo
