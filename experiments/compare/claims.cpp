#include "experiments/compare/claims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/errors.h"

namespace genmatch {

namespace {

// FNV-1a: the same in every process and version, unlike std::hash.
uint64_t place(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash >> 2;  // file offsets are signed, and the locked byte must fit, too
}

}  // namespace

// Locks of the open file description (F_OFD_SETLK), not of the process: children inherit them.
Claim::Claim(const std::string& file, const std::string& name) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (descriptor < 0) throw IoError(file + ": cannot be opened: " + std::strerror(errno));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(place(name));
  lock.l_len = 1;
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) {
    descriptor_ = descriptor;
    return;
  }
  const int error = errno;
  ::close(descriptor);
  if (error != EAGAIN && error != EACCES) throw IoError(file + ": cannot be locked: " + std::strerror(error));
}

Claim::~Claim() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace genmatch
