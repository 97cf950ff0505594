#pragma once
#include <string>

namespace genmatch {

/// The right of one process at a time to work on something, held as a lock on one place of a shared file. It is
/// inherited by child processes and ends with the last of them, however they end.
class Claim {
 public:
  /// Takes the claim of that name if nobody holds it: held() tells. IoError if the file cannot be opened.
  Claim(const std::string& file, const std::string& name);
  ~Claim();
  Claim(Claim&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  Claim& operator=(Claim&&) = delete;
  bool held() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

}  // namespace genmatch
