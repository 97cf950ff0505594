#include "discrete/text_dataset.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/catalog.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "discrete/word_table.h"

namespace genmatch {

void TextOptions::fields(Fields& f) {
  f("file", file, "the file; relative paths start at the experiment's folder, then at $GENMATCH_DATA, then at ./data",
    required);
  f("obtain", obtain, "where to get the file; shown when it is missing");
  f("tokens", tokens, "what the symbols of the alphabet stand for");
  f("lines", lines, "each line is a word, as long as those of the space, rather than running text cut into words");
  f("stride", stride, "running text: tokens from one training word to the next; 0: their length", at_least(0));
  f("split", split, "how words are shared out; of running text the last ones are the test, those before, validation");
}

TextDataset::TextDataset(const Options& options, const DataContext& context) : options_(options), context_(context) {
  options_.split.check();
  if (context.spaces.size() != 1) throw OptionError("", "text has one factor and no conditions");
  alphabet_ = &as_alphabet(*context.spaces[0], "text");
}

std::string TextDataset::path() const {
  return find_file(options_.file, context_.folder, context_.search, options_.obtain);
}

const Tokenizer& TextDataset::tokenizer(std::string_view text) const {
  if (tokenizer_ != nullptr) return *tokenizer_;
  auto made = options_.tokens.make(text, context_);
  if (made->size() != alphabet_->symbols())
    throw DataError(fmt::format("{}: these tokens are {} in number, and the space has {} symbols; write `symbols: {}`",
                                options_.file, made->size(), alphabet_->symbols(), made->size()));
  tokenizer_ = std::move(made);
  return *tokenizer_;
}

Tensor TextDataset::pieces(const std::vector<int64_t>& tokens, int64_t begin, int64_t end, int64_t stride) const {
  const int64_t length = alphabet_->event_size();
  const int64_t count = end - begin < length ? 0 : (end - begin - length) / stride + 1;
  const Tensor words = at::empty({count, length}, at::kDouble);
  for (int64_t i = 0; i < count; ++i)
    std::copy_n(tokens.begin() + begin + i * stride, length, words.data_ptr<double>() + i * length);
  return words;
}

Tensor TextDataset::line_words(const std::string& path, std::string_view text) const {
  const int64_t length = alphabet_->event_size();
  std::vector<double> numbers;
  int64_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    std::vector<int64_t> tokens;
    try {
      tokens = tokenizer(text).encode(line);
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}:{}: {}", path, line_number, error.what()));
    }
    if (static_cast<int64_t>(tokens.size()) != length)
      throw DataError(fmt::format("{}:{}: a line of {} tokens expected, as the space's shape, got {}", path,
                                  line_number, length, tokens.size()));
    numbers.insert(numbers.end(), tokens.begin(), tokens.end());
  }
  return at::tensor(numbers, at::kDouble).reshape({-1, length});
}

Splits TextDataset::load(uint64_t seed) const {
  const std::string file = path(), text = read_bytes(file);
  if (options_.lines) return split(word_table(*alphabet_, line_words(file, text)), options_.split, false, seed, file);
  std::vector<int64_t> tokens;
  try {
    tokens = tokenizer(text).encode(text);
  } catch (const DataError& error) {
    throw DataError(file + ": " + error.what());
  }
  const auto total = static_cast<int64_t>(tokens.size());
  const int64_t length = alphabet_->event_size(), stride = options_.stride == 0 ? length : options_.stride;
  const auto share = [&](double part) { return static_cast<int64_t>(part * static_cast<double>(total)); };
  const int64_t test = total - share(options_.split.test), validation = test - share(options_.split.validation);
  Splits splits;
  splits.train = word_table(*alphabet_, pieces(tokens, 0, validation, stride));
  splits.validation = word_table(*alphabet_, pieces(tokens, validation, test, length));
  splits.test = word_table(*alphabet_, pieces(tokens, test, total, length));
  const auto missing = [&](const Table& part, double wanted) { return part.rows() == 0 && wanted > 0; };
  if (splits.train.rows() == 0 || missing(splits.validation, options_.split.validation) ||
      missing(splits.test, options_.split.test))
    throw DataError(
        fmt::format("{}: its {} tokens are too few for words of {} in each part of the split", file, total, length));
  return splits;
}

Table TextDataset::read(const std::string& file) const {
  const std::string text = read_bytes(file);
  tokenizer(read_bytes(path()));
  if (options_.lines) return word_table(*alphabet_, line_words(file, text));
  const std::vector<int64_t> tokens = tokenizer_->encode(text);
  return word_table(*alphabet_, pieces(tokens, 0, static_cast<int64_t>(tokens.size()), alphabet_->event_size()));
}

std::string TextDataset::hash() const {
  const std::string merges = options_.tokens.merges.empty()
                                 ? ""
                                 : read_bytes(find_file(options_.tokens.merges, context_.folder, context_.search, ""));
  return hash_hex(read_bytes(path()) + merges);
}

std::vector<std::string> TextDataset::texts(const Tensor& words) const {
  tokenizer(tokenizer_ == nullptr ? read_bytes(path()) : "");
  const Tensor numbers = alphabet_->indices(words.to(at::kCPU)).flatten(1).contiguous();
  std::vector<std::string> all;
  for (int64_t i = 0; i < numbers.size(0); ++i) {
    std::string text;
    for (int64_t j = 0; j < numbers.size(1); ++j) {
      const int64_t token = numbers.data_ptr<int64_t>()[i * numbers.size(1) + j];
      text += token < tokenizer_->size() ? tokenizer_->decode(token) : "_";
    }
    all.push_back(text);
  }
  return all;
}

void add_text_dataset(Catalog& c) {
  c.datasets.add<TextDataset>("text", {"A text file as words of an alphabet: letters, DNA, bytes or byte pairs.", ""});
}

}  // namespace genmatch
