#define CAF_SUITE embedded_server

// The server that other tests rely on.

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mongo/server_rig.hpp"
#include "support/child_process.hpp"

using namespace moor;
using namespace moor::test;

namespace {

const std::string insert = R"({"insert": "things", "documents": [{"x": 4711}]})";
const std::string find = R"({"find": "things"})";

template <class Exception, class Function>
bool throws(Function function) {
  try {
    function();
    return false;
  } catch (const Exception&) {
    return true;
  }
}

} // namespace

CAF_TEST(it keeps its data and its port over an orderly restart) {
  embedded_server server;
  const auto port = server.port();
  server.run("db", insert);
  server.restart();
  CAF_CHECK_EQUAL(server.port(), port);
  CAF_CHECK(has(server.run("db", find), "4711"));
}

CAF_TEST(it comes back on its port after a crash) {
  embedded_server server;
  const auto port = server.port();
  server.kill_now();
  CAF_CHECK(throws<std::runtime_error>([&] { server.run("db", find); }));
  server.restart();
  CAF_CHECK_EQUAL(server.port(), port);
  server.run("db", insert);
}

CAF_TEST(it can be stopped while it is paused and as often as one likes) {
  embedded_server server;
  server.pause();
  server.stop();
  server.stop();
  server.resume();
  server.kill_now();
}

CAF_TEST(errors of commands are thrown) {
  embedded_server server;
  CAF_CHECK(throws<std::runtime_error>([&] { server.run("db", R"({"noSuchCommand": 1})"); }));
  CAF_CHECK(throws<std::invalid_argument>([&] { server.run("db", "{"); }));
}

CAF_TEST(a start that fails says why) {
  server_options options;
  options.tls = server_certificate{"/no/such/certificate", "/no/such/key"};
  try {
    embedded_server server{options};
    CAF_FAIL("it started");
  } catch (const std::runtime_error& e) {
    CAF_MESSAGE(e.what());
    CAF_CHECK(has(e.what(), "the server ended before it listened: "));
  }
}

CAF_TEST(a child outlives the thread that asked for it) {
  const scratch_directory directory;
  const auto fifo = directory.path() / "fifo";
  CAF_REQUIRE_EQUAL(::mkfifo(fifo.c_str(), 0600), 0);
  const int input = ::open(fifo.c_str(), O_RDWR); // never blocks, even if nobody reads
  CAF_REQUIRE(input >= 0);
  pid_t child = -1;
  std::thread{[&] {
    child = start_child({"/bin/sh", "-c", "read line < fifo"}, directory.path(),
                        directory.path() / "log");
  }}.join();
  CAF_CHECK_EQUAL(::write(input, "go\n", 3), 3);
  int status = 0;
  CAF_CHECK_EQUAL(::waitpid(child, &status, 0), child);
  CAF_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  ::close(input);
}
