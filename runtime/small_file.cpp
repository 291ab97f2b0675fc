#include "moor/runtime/small_file.hpp"

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "moor/config/text.hpp"

namespace moor {

namespace {

class open_file {
public:
  /// O_NONBLOCK: opening a pipe without a writer would wait.
  explicit open_file(const std::string& path)
    : descriptor_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)} {}
  ~open_file() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  int get() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

file_text unreadable() {
  return {{}, "cannot be read: " + std::generic_category().message(errno)};
}

std::string size_text(std::size_t bytes) {
  const bool mebibytes = bytes >= (std::size_t{1} << 20U);
  return mebibytes ? std::to_string(bytes >> 20U) + " MiB" : std::to_string(bytes >> 10U) + " KiB";
}

/// What is wrong with a thing of that kind in a file's place; empty if it is a file.
std::string wrong_kind(const struct stat& about) {
  if (S_ISREG(about.st_mode))
    return {};
  if (S_ISDIR(about.st_mode))
    return "is a directory, not a file";
  return "is no regular file but a device, pipe or socket";
}

/// Reads to the end, or one byte beyond `most`. Nothing if that fails.
std::optional<std::string> read_all(int descriptor, std::size_t most) {
  std::string text(most + 1, '\0'); // at once, so that growing leaves no copy behind
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      wipe(text);
      return std::nullopt;
    }
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

bool is_changed(const struct stat& before, const struct stat& after) {
  return before.st_size != after.st_size || before.st_mtim.tv_sec != after.st_mtim.tv_sec
         || before.st_mtim.tv_nsec != after.st_mtim.tv_nsec;
}

} // namespace

file_text read_small_file(const std::string& path, std::size_t most) {
  if (path.find('\0') != std::string::npos)
    return {{}, "has a zero byte in its name"};
  const open_file file{path};
  struct stat about {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0)
    return unreadable();
  if (auto wrong = wrong_kind(about); !wrong.empty())
    return {{}, std::move(wrong)};
  auto text = read_all(file.get(), most);
  struct stat after {};
  if (!text || ::fstat(file.get(), &after) != 0)
    return unreadable();
  if (is_changed(about, after)) {
    wipe(*text);
    return {{}, "was changed while it was read"};
  }
  file_text result{secret{*text}, {}, (about.st_mode & S_IROTH) != 0};
  wipe(*text);
  if (result.text.reveal().size() > most)
    return {{}, "is larger than " + size_text(most)};
  return result;
}

std::string_view first_line(std::string_view text) noexcept {
  const auto end = text.find('\n');
  if (end != std::string_view::npos)
    text.remove_suffix(text.size() - end);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

file_text read_secret_file(const std::string& path) {
  auto file = read_small_file(path, largest_secret_file);
  if (!file.problem.empty())
    return file;
  auto line = file.text.reveal();
  if (line.ends_with('\n'))
    line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  if (line.empty())
    return {{}, "is empty"};
  if (line.starts_with("\xEF\xBB\xBF"))
    return {{}, "begins with a byte-order mark"};
  if (has_control_character(line) || !is_utf8(line))
    return {{}, "holds more than one line, or what is no text"};
  return {secret{line}, {}, file.exposed};
}

} // namespace moor
