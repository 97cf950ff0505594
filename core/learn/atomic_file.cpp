#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/errors.h"
#include "core/learn/checkpoint.h"

namespace genmatch {

namespace {

// An open file that is closed, and removed unless it was finished, when it goes out of scope.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail("open");
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void write(const std::string& content) {
    for (std::size_t done = 0; done < content.size();) {
      const ssize_t n = ::write(descriptor_, content.data() + done, content.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("write");
      done += static_cast<std::size_t>(n);
    }
    if (::fsync(descriptor_) != 0) fail("fsync");
  }

  void rename(const std::string& to) {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (::close(descriptor) != 0) fail("close");
    if (::rename(path_.c_str(), to.c_str()) != 0) fail("rename");
    path_.clear();
  }

 private:
  [[noreturn]] void fail(const char* what) {
    const std::string reason = std::strerror(errno);
    throw IoError(path_ + ": cannot " + what + ": " + reason + "; what was there before is unchanged");
  }

  std::string path_;
  int descriptor_;
};

// Without this the rename itself may be lost in a power cut. Some file systems cannot do it: not an error.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void write_file_atomically(const std::string& path, const std::string& content) {
  TemporaryFile file(path + ".partial");
  file.write(content);
  file.rename(path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  sync_folder(folder.empty() ? "." : folder);
}

}  // namespace genmatch
