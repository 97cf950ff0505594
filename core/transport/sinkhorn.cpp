#include "core/transport/sinkhorn.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/transport/plan.h"
#include "core/transport/row_kernels.h"

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor weights_or_uniform(const Tensor& given, int64_t n) {
  return given.defined() ? given : at::full({n}, 1 / static_cast<double>(n), at::kDouble);
}

void check_weights(const Tensor& w, int64_t n, const char* name) {
  const bool right = w.dim() == 1 && w.size(0) == n && w.scalar_type() == at::kDouble && w.device().is_cpu();
  if (!right ||
      (n > 0 && !(w.min().item<double>() >= 0 && w.sum().item<double>() > 0 && w.isfinite().all().item<bool>())))
    throw ContractError(fmt::format("sinkhorn: {}: {} weights >= 0 expected, float64 on the CPU", name, n));
}

void check(const Tensor& cost, const SinkhornOptions& o, const Tensor& a, const Tensor& b) {
  if (cost.scalar_type() != at::kDouble || !cost.device().is_cpu())
    throw ContractError(fmt::format("sinkhorn: cost: float64 on the CPU expected, got {} on {}",
                                    c10::toString(cost.scalar_type()), cost.device().str()));
  check_weights(a, cost.size(0), "a");
  check_weights(b, cost.size(1), "b");
  if (!(o.epsilon > 0 && o.relax_rows > 0 && o.relax_columns > 0 && o.scaling >= 0 && o.scaling < 1))
    throw ContractError("sinkhorn: options: epsilon > 0, relaxations > 0 and scaling in [0, 1) expected");
  if (cost.numel() == 0) return;
  const Tensor least = at::cat({cost.amin(0), cost.amin(1)});  // NaN where there is one
  if (!least.isfinite().all().item<bool>())
    throw ContractError("sinkhorn: cost: numbers or +infinity expected, with a number in each row and column");
  const double total = a.sum().item<double>();
  const bool prescribed = o.relax_rows == infinity && o.relax_columns == infinity;
  if (prescribed && std::abs(total - b.sum().item<double>()) > 1e-9 * total)
    throw ContractError("sinkhorn: a, b: the same total expected, as both marginals are prescribed");
}

// exp(f_i + g_j - c_ij / epsilon), float32. Potentials are in units of epsilon.
Tensor gibbs_kernel(const Tensor& f, const Tensor& g, const Tensor& cost, double epsilon) {
  const int64_t n = cost.size(0), m = cost.size(1);
  Tensor kernel = at::empty({n, m}, at::kFloat);
  const RowKernels& kernels = best_row_kernels();
  const Tensor columns = g.contiguous();
  for (int64_t i = 0; i < n; ++i)
    kernels.gibbs(cost.data_ptr<double>() + i * m, 1 / epsilon, f.data_ptr<double>()[i], columns.data_ptr<double>(),
                  static_cast<int32_t>(m), kernel.data_ptr<float>() + i * m);
  return kernel;
}

// One side of the problem. Potentials and relaxations are in units of epsilon.
struct Side {
  Tensor weights, log_weights;
  double relax;
  Tensor potential, absorbed;  // as it is, and as it was when the kernel was made
  double drift = 0;            // the largest difference of the two
  Side(const Tensor& w, double rho) : weights(w), log_weights(w.log()), relax(rho), potential(at::zeros_like(w)) {}
  bool prescribed() const { return relax == infinity; }
  // The marginal that the potential stands for at the optimum, over the weights.
  Tensor mass() const { return prescribed() ? at::ones_like(potential) : (potential / -relax).exp_(); }
  double log_mass() const { return at::logsumexp(log_weights - potential / relax, {0}).item<double>(); }
};

class Solver {
 public:
  Solver(const Tensor& cost, const SinkhornOptions& options, const Tensor& a, const Tensor& b)
      : cost_(cost.contiguous()),
        options_(options),
        rows_(a, options.relax_rows),
        columns_(b, options.relax_columns),
        total_(b.sum().item<double>()),
        single_(options.tolerance >= coarse) {}

  Sinkhorn solve() {
    scale_to(options_.scaling > 0 ? std::max(options_.epsilon, options_.scaling * range()) : options_.epsilon);
    while (epsilon_ > options_.epsilon) {
      run(std::max(options_.tolerance, on_the_way), std::min(options_.iterations, iterations_ + most_on_the_way));
      scale_to(std::max(options_.epsilon, epsilon_ * options_.scaling));
    }
    run(options_.tolerance, options_.iterations);
    return {rows_.potential * epsilon_,  columns_.potential * epsilon_, epsilon_, error_, iterations_,
            error_ <= options_.tolerance};
  }

 private:
  static constexpr double on_the_way = 0.05;       // good enough a start for the next epsilon
  static constexpr int64_t most_on_the_way = 100;  // iterations of an epsilon that is not the last
  static constexpr double most_drift = 50;         // how far potentials may move before they are absorbed
  static constexpr double coarse = 1e-4;           // the least tolerance that single precision will do for
  // Sums below this power of e could lack terms that are below the smallest number.
  double range_of_sums() const { return single_ ? 50 : 500; }

  double range() const {
    const double low = cost_.min().item<double>(), high = cost_.max().item<double>();
    return (high < infinity ? high : cost_.masked_select(cost_ < infinity).max().item<double>()) - low;
  }

  void scale_to(double epsilon) {
    for (Side* side : {&rows_, &columns_}) {
      side->potential = side->potential * (epsilon_ / epsilon);
      side->relax *= epsilon_ / epsilon;
    }
    epsilon_ = epsilon;
    absorb();
  }

  // At least once: only then have the rows been seen at this epsilon.
  void run(double tolerance, int64_t most) {
    for (bool first = true;; first = false) {
      const Tensor best = soft_minimum(columns_, rows_, 0);
      const Tensor excess = (columns_.potential - best).exp_().sub_(columns_.mass()).abs_();
      error_ = excess.mul_(columns_.weights).sum().item<double>() / total_;
      if (!first && (!(error_ > tolerance) || iterations_ >= most)) return;  // NaN does not get better
      update(columns_, best);
      update(rows_, soft_minimum(rows_, columns_, 1));
      shift();
      ++iterations_;
    }
  }

  // -ln sum over the other side of weight exp(potential - cost), for each point of `side`; `other` is dimension `dim`
  // of the costs.
  Tensor soft_minimum(const Side& side, const Side& other, int64_t dim) {
    const Tensor moved = (other.potential - other.absorbed).exp_().mul_(other.weights);
    const Tensor matrix = dim == 1 ? kernel_ : kernel_.t();
    const Tensor logs = at::mv(matrix, moved.to(kernel_.scalar_type())).to(at::kDouble).log_();
    const auto ends = at::aminmax(logs);
    outdated_ = !(other.drift <= most_drift && std::get<0>(ends).item<double>() > -range_of_sums() &&
                  std::get<1>(ends).item<double>() < range_of_sums());  // true for NaN too
    if (!outdated_) return side.absorbed - logs;
    return at::logsumexp((other.potential + other.log_weights).unsqueeze(1 - dim) - cost_ / epsilon_, {dim}).neg_();
  }

  void update(Side& side, const Tensor& best) {
    side.potential = side.prescribed() ? best : best * (side.relax / (side.relax + 1));
    side.drift = (side.potential - side.absorbed).abs_().max().item<double>();
    if (outdated_) absorb();
  }

  void shift() {
    if (rows_.prescribed() && columns_.prescribed()) return;
    const double by = (rows_.log_mass() - columns_.log_mass()) / (1 / rows_.relax + 1 / columns_.relax);
    rows_.potential = rows_.potential + by;
    columns_.potential = columns_.potential - by;
    for (Side* side : {&rows_, &columns_}) side->drift += std::abs(by);
  }

  void absorb() {
    for (Side* side : {&rows_, &columns_}) {
      side->absorbed = side->potential;
      side->drift = 0;
    }
    if (single_) {
      kernel_ = gibbs_kernel(rows_.potential, columns_.potential, cost_, epsilon_);
    } else {
      kernel_ = (rows_.potential.unsqueeze(1) + columns_.potential).sub_(cost_, 1 / epsilon_).exp_();
    }
  }

  Tensor cost_;
  SinkhornOptions options_;
  Side rows_, columns_;
  double total_, epsilon_ = 1, error_ = infinity;
  int64_t iterations_ = 0;
  bool single_;            // the kernel's precision
  Tensor kernel_;          // exp(f + g - c) of the potentials that were absorbed
  bool outdated_ = false;  // the kernel, which cannot represent the present potentials
};

// The first column whose cumulated weight exceeds the level; never one without weight.
int64_t first_above(const float* kernel, const float* columns, int64_t size, double level) {
  double upto = 0;
  int64_t last = 0;
  for (int64_t j = 0; j < size; ++j) {
    const float weight = kernel[j] * columns[j];
    if (weight > 0) last = j;
    upto += weight;
    if (upto > level) return j;
  }
  return last;
}

}  // namespace

Sinkhorn sinkhorn(const Tensor& cost, const SinkhornOptions& options, const Tensor& a, const Tensor& b) {
  at::NoGradGuard no_grad;
  if (cost.dim() != 2)
    throw ContractError(fmt::format("sinkhorn: cost: a matrix expected, got {} dimensions", cost.dim()));
  const Tensor rows = weights_or_uniform(a, cost.size(0)), columns = weights_or_uniform(b, cost.size(1));
  check(cost, options, rows, columns);
  if (cost.numel() == 0) return {at::zeros_like(rows), at::zeros_like(columns), options.epsilon, 0, 0, true};
  return Solver(cost, options, rows, columns).solve();
}

// The plan is a_i x_i K_ij y_j + r_i e_j / sum(e), x and y being what the rows and then the columns of a_i K_ij must be
// shrunk by, r and e what the marginals then lack.
Tensor draw_columns(const Sinkhorn& solution, const Tensor& cost, Rng& rng, const Tensor& a, const Tensor& b) {
  const at::NoGradGuard no_grad;
  const int64_t n = cost.size(0), m = cost.size(1);
  const Tensor rows = weights_or_uniform(a, n), columns = weights_or_uniform(b, m);
  const Tensor result = at::empty({n}, at::kLong);
  if (n == 0) return result;
  const Tensor kernel =
      gibbs_kernel(solution.row_potentials / solution.epsilon,
                   solution.column_potentials / solution.epsilon + columns.log(), cost.contiguous(), solution.epsilon);
  const Tensor sums = kernel.sum(1);
  const Tensor x = at_most_one(at::ones_like(sums), sums);
  const Tensor of_columns = at::mv(kernel.t(), x * rows.to(at::kFloat));
  const Tensor y = at_most_one(columns.to(at::kFloat), of_columns).contiguous();
  const Tensor lacking = (columns - of_columns * y).clamp_min(0).cumsum(0).contiguous();
  const Tensor kept = (x * at::mv(kernel, y)).to(at::kDouble), u = rng.uniform({n}, at::kDouble);
  const double* const upto = lacking.data_ptr<double>();
  for (int64_t i = 0; i < n; ++i) {
    const double level = u.data_ptr<double>()[i], share = kept.data_ptr<double>()[i];
    const double scaled = x.data_ptr<float>()[i];
    const bool from_kernel = level < share || !(upto[m - 1] > 0);
    const double rest = upto[m - 1] * (level - share) / (1 - share);
    result.data_ptr<int64_t>()[i] =
        from_kernel ? first_above(kernel.data_ptr<float>() + i * m, y.data_ptr<float>(), m, level / scaled)
                    : std::min<int64_t>(m - 1, std::upper_bound(upto, upto + m, rest) - upto);
  }
  return result;
}

Tensor transport_plan(const Sinkhorn& solution, const Tensor& cost, const Tensor& a, const Tensor& b) {
  const Tensor sum = solution.row_potentials.unsqueeze(1) + solution.column_potentials;
  const Tensor weights = weights_or_uniform(a, cost.size(0)).unsqueeze(1) * weights_or_uniform(b, cost.size(1));
  return weights * ((sum - cost) / solution.epsilon).exp_();
}

}  // namespace genmatch
