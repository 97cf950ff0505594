#pragma once
// Small alphabets as finite chains, whose matrices and laws can be written down.
#include <string>

#include "core/ops.h"
#include "core/process/denoiser.h"
#include "core/process/factor.h"
#include "core/process/source.h"
#include "discrete/mixture_path.h"

namespace genmatch {

struct Chain {
  /// {space: ..., source: ..., path: ..., generator: ctmc}
  explicit Chain(const std::string& yaml);
  int64_t states() const { return words.size(0); }
  int64_t places() const { return words.size(1); }
  Tensor number(const Tensor& x) const;  ///< of each word: int64 [B]
  Tensor at(double t) const { return at::full({states()}, t, at::kDouble); }
  /// dp/dt = matrix p for rates [states, places, V] at all words: [to, from].
  Tensor matrix(const Tensor& rates) const;
  Tensor source() const { return factor.source->log_density(words).exp(); }  ///< [states]
  /// The law of words that are given with weights: [states].
  Tensor law(const Tensor& x, const Tensor& weights) const;

  const MixturePath& mixture() const { return mixture_path(factor, "test"); }

  Factor factor;
  const SymbolPath& path;
  const Alphabet& alphabet;
  Tensor words;  ///< all of them, masks included: [states, places] float64
};

/// The usual chains on mixture paths: uniform, masked, other symbol probabilities, other schedules.
const std::vector<std::string>& chains();
/// Chains on paths of symbols that lie somewhere.
const std::vector<std::string>& metric_chains();
/// Both.
std::vector<std::string> all_chains();
/// Distinct words without masks, with weights that add up to 1.
struct SomeWords {
  SomeWords(const Chain& chain, int64_t count, uint64_t seed);
  Tensor x, weights;
};

/// A posterior that belongs to no data: smooth in time, of every word another one, and near the data sure of x_t.
class AnyDenoiser final : public Generator, public Denoiser {
 public:
  AnyDenoiser(const Chain& chain, uint64_t seed);
  std::vector<Tensor> logits(const State& x, const Tensor& t) const override;
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  const Chain& chain_;
  Tensor constant_, slope_;
};

/// How probable counts as unlikely as these are, under the law [states]: Pearson's test, cells of less than 5 expected
/// counts taken together. 0 if something has come that cannot.
double chi_square_p_value(const Tensor& counts, const Tensor& law);

}  // namespace genmatch
