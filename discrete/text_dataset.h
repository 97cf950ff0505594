#pragma once
#include <memory>
#include <string>

#include "core/data/dataset.h"
#include "core/data/split.h"
#include "discrete/alphabet.h"
#include "discrete/tokenizer.h"

namespace genmatch {

struct TextOptions {
  std::string file, obtain;
  TokenizerOptions tokens;
  bool lines = false;
  int64_t stride = 0;
  SplitOptions split;
  void fields(Fields& f);
};

/// A text file as words of an alphabet, as long as the space's are: pieces of running text, of which the first are for
/// training and the last for the test, or lines.
class TextDataset final : public Dataset {
 public:
  using Options = TextOptions;
  /// OptionError for spaces that are no alphabet; DataError for files that are missing.
  TextDataset(const Options& options, const DataContext& context);

  /// Running text: the pieces of validation and test do not overlap, nor do they with those of the training, which
  /// begin every `stride` tokens. Lines: shared out at random. DataError with file:line for lines of another length.
  Splits load(uint64_t seed) const override;
  Table read(const std::string& file) const override;
  std::string hash() const override;

  /// The text of words [N, *shape], with '_' for masks.
  std::vector<std::string> texts(const Tensor& words) const;

 private:
  std::string path() const;
  const Tokenizer& tokenizer(std::string_view text) const;
  Tensor pieces(const std::vector<int64_t>& tokens, int64_t begin, int64_t end, int64_t stride) const;
  Tensor line_words(const std::string& path, std::string_view text) const;

  Options options_;
  DataContext context_;
  const Alphabet* alphabet_;
  mutable std::unique_ptr<const Tokenizer> tokenizer_;  // made of the data when they are first read
};

}  // namespace genmatch
