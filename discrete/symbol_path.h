#pragma once
#include <string>

#include "core/config/catalog.h"
#include "core/process/path.h"
#include "discrete/alphabet.h"

namespace genmatch {

struct Factor;

/// A path on an alphabet whose coordinates move on their own: p_t(. | x0, x1) = prod_i p_t(. | x0^i, x1^i), together
/// with rates u_t(y, x | s) at which a coordinate whose data symbol is s jumps from x to y to follow it.
class SymbolPath : public Path {
 public:
  /// OptionError naming `who` unless the space is an alphabet.
  SymbolPath(const SpacePtr& space, const char* who);
  /// ContractError: symbols jump.
  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const final;

  const Alphabet& alphabet() const { return *alphabet_; }
  /// Whether x0 is nothing but masks: then a symbol, once there, is that of the data.
  virtual bool masked() const { return false; }
  /// Whether log_evidence is known.
  virtual bool has_evidence() const { return true; }
  /// ln p_t(x_t^i | x1^i = s) up to a constant for each coordinate, [B, *coords, S]: what x_t says of its own
  /// coordinates. Added to logits of p(x1^i = s | the other coordinates of x_t), it makes those of the posterior. Zeros
  /// on masked paths, where a coordinate says all or nothing.
  virtual Tensor log_evidence(const Tensor& xt, const Tensor& t, const at::TensorOptions& like) const = 0;
  /// The factor of all rates in time, which grows beyond bounds towards the data: [B], finite for all t in [0, 1].
  virtual Tensor clock(const Tensor& t) const = 0;
  /// sum_s p(x1^i = s | x_t) u_t(y, x_t^i | s) / clock(t) for a posterior [B, *coords, S] in logarithms: [B, *coords,
  /// V], 0 to x_t itself.
  virtual Tensor relative_rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const = 0;
  /// relative_rates per unit of time.
  Tensor rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const;
  /// The generalised KL divergence of the rates towards x1 from those of the logits, summed over coordinates: [B], per
  /// unit of time; with a gradient where a symbol is too improbable for the dtype. Its mean over x_t, integrated over
  /// time, bounds -ln p_1(x1) from above (Shaul et al. 2024, arXiv 2412.03487).
  virtual Tensor divergence(const Tensor& xt, const Tensor& t, const Tensor& x1, const Tensor& logits) const = 0;

 protected:
  /// The sum over coordinates: [...].
  Tensor over_words(const Tensor& each) const;

 private:
  SpacePtr space_;
  const Alphabet* alphabet_;
};

/// The path of a factor, on its space, as a path of symbols; OptionError naming `who` if it is none.
const SymbolPath& symbol_path(const PathPtr& path, const Space& space, const std::string& factor, const char* who);
const SymbolPath& symbol_path(const Factor& factor, const char* who);

}  // namespace genmatch
