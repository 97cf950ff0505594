#include <algorithm>
#include <cctype>
#include <numeric>

#include "core/config/node.h"

namespace genmatch {

namespace {

// Nobody mistypes the case or the kind of dash on purpose.
std::string plain(const std::string& word) {
  std::string out = word;
  for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Restricted Damerau-Levenshtein distance: insert, delete, replace, swap neighbours.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 100;  // what is longer is no mistyped name
  if (word.size() > longest) return "";
  const std::string wanted = plain(word);
  std::string best;
  std::size_t best_distance = longest;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t d = distance(wanted, plain(candidate));
    const std::size_t near = (std::max(word.size(), candidate.size()) + 2) / 3;  // as clang does
    const bool keeps_something = d == 0 || d < std::min(word.size(), candidate.size());
    if (d > near || !keeps_something || d >= best_distance) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

}  // namespace genmatch
