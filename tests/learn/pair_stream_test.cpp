#include "core/learn/pair_stream.h"

#include <gtest/gtest.h>

#include "core/process/condition.h"
#include "core/process/labels.h"
#include "tests/learn/training_task.h"

namespace genmatch {
namespace {

using learn_test::Task;

/// Sorts both ends of a line, so that what is coupled together shows.
class Sorted final : public Coupling {
 public:
  Pair couple(Pair p, Rng&) const override { return {{std::get<0>(p.x0[0].sort(0))}, {std::get<0>(p.x1[0].sort(0))}}; }
};

/// Keeps every other pair.
class Half final : public Coupling {
 public:
  Pair couple(Pair p, Rng&) const override { return {{p.x0[0].slice(0, 0, {}, 2)}, {p.x1[0].slice(0, 0, {}, 2)}}; }
};

struct Stream {
  explicit Stream(const std::string& options, std::shared_ptr<Coupling> coupling = nullptr,
                  const State* partners = nullptr)
      : task(options),
        coupling(coupling ? coupling : task.coupling),
        training{task.options, task.factors, *this->coupling, task.train, task.validation, task.model, 3,
                 {},           {},           partners},
        pairs(training) {}
  Task task;
  std::shared_ptr<Coupling> coupling;
  TrainingTask training;
  PairStream pairs;
};

const std::string kOptions = "{steps: 50, batch: 64, select: last";

TEST(PairStream, IsAFunctionOfTheStep) {
  Stream in_order(kOptions + "}"), jumping(kOptions + "}");
  std::vector<Pair> all;
  for (int64_t step = 0; step < 12; ++step) all.push_back(in_order.pairs.at_step(step));
  for (const std::size_t step : {7u, 8u, 2u, 11u, 11u, 0u}) {
    const Pair again = jumping.pairs.at_step(static_cast<int64_t>(step));
    EXPECT_TRUE(again.x0[0].equal(all[step].x0[0]) && again.x1[0].equal(all[step].x1[0])) << step;
  }
  EXPECT_FALSE(all[0].x0[0].equal(all[1].x0[0]));
}

TEST(PairStream, EachEpochSeesEveryRowOnce) {
  Stream stream(kOptions + "}");
  std::vector<Tensor> rows;  // 300 rows of the task are less than 5 batches
  for (int64_t step = 0; step < 5; ++step) rows.push_back(stream.pairs.at_step(step).x1[0]);
  const Tensor first = at::cat(rows).narrow(0, 0, 300);
  EXPECT_TRUE(std::get<0>(first.sort(0)).equal(std::get<0>(stream.task.train.x[0].sort(0))));
}

TEST(PairStream, APoolIsCoupledTogether) {
  const auto sorted = std::make_shared<Sorted>();
  Stream pooled(kOptions + ", pool: 4}", sorted);
  for (int64_t step = 0; step < 8; step += 4) {
    std::vector<Tensor> parts;
    for (int64_t i = 0; i < 4; ++i) parts.push_back(pooled.pairs.at_step(step + i).x0[0]);
    for (const Tensor& part : parts) EXPECT_EQ(part.size(0), 64);
    const Tensor together = at::cat(parts);
    EXPECT_TRUE(together.equal(std::get<0>(together.sort(0)))) << step;
  }
  Stream apart(kOptions + "}", sorted);
  EXPECT_LT(apart.pairs.at_step(1).x0[0][0].item<double>(), apart.pairs.at_step(0).x0[0][63].item<double>());
}

// The batches of a pool take turns, and each row of the data comes as often as the others.
TEST(PairStream, PairsAreSeenAgain) {
  Stream once(kOptions + ", pool: 2}", std::make_shared<Sorted>()),
      thrice(kOptions + ", pool: 2, repeats: 3}", std::make_shared<Sorted>());
  for (int64_t step = 0; step < 12; ++step) {
    const Pair expected = once.pairs.at_step(step / 6 * 2 + step % 2), got = thrice.pairs.at_step(step);
    EXPECT_TRUE(got.x0[0].equal(expected.x0[0]) && got.x1[0].equal(expected.x1[0])) << step;
  }
}

TEST(PairStream, SharesOutWhatACouplingLeaves) {
  Stream stream(kOptions + ", pool: 3}", std::make_shared<Half>());
  for (int64_t step = 0; step < 6; ++step) EXPECT_EQ(stream.pairs.at_step(step).x1[0].size(0), 32);
}

TEST(PairStream, GivenPairsStayTogether) {
  const Task task(kOptions + "}");
  const State partners{10 * task.train.x[0]};
  Stream stream(kOptions + "}", std::make_shared<Sorted>(), &partners);
  for (int64_t step = 0; step < 6; ++step) {
    const Pair pair = stream.pairs.at_step(step);
    EXPECT_TRUE(pair.x0[0].equal(10 * pair.x1[0]));
  }
}

TEST(PairStream, WithholdsConditionsFromTheirShare) {
  Task task("{steps: 50, batch: 256, select: last}");
  task.factors.push_back(condition_factor({labels(2)}, 0.25));
  task.train.x.push_back(at::ones({300, 2}));
  const TrainingTask training{
      task.options, task.factors, *task.coupling, task.train, task.validation, task.model, 3, {}, {}};
  PairStream pairs(training);
  double given = 0;
  for (int64_t step = 0; step < 20; ++step) given += pairs.at_step(step).x1[1].select(1, 1).sum().item<double>();
  constexpr double n = 20 * 256;
  EXPECT_NEAR(given, 0.75 * n, 5 * std::sqrt(n * 0.25 * 0.75));
}

// Chains through three times, as sorted as the coupling makes each of their links.
struct Chains {
  explicit Chains(int64_t batch, std::shared_ptr<Coupling> coupling)
      : task("{steps: 50, select: last, batch: " + std::to_string(batch) + "}"),
        coupling(std::move(coupling)),
        training{task.options, task.factors, *this->coupling, task.train, task.validation, task.model, 3, {}, {}},
        pairs(with_times(training)) {}
  TrainingTask& with_times(TrainingTask& t) const {
    t.before = {{Task::normal(100, 7).x[0]}, {Task::normal(450, 8).x[0]}};
    return t;
  }
  Task task;
  std::shared_ptr<Coupling> coupling;
  TrainingTask training;
  PairStream pairs;
};

Tensor sorted(const Tensor& x) { return std::get<0>(x.flatten().sort()); }

// 900 rows are whole epochs of the 100, 450 and 300 rows of the times: each stands in as many chains as any other.
TEST(PairStream, ChainsKeepTheRowsOfEveryTime) {
  for (const bool sort : {false, true}) {
    Task plain(kOptions + "}");
    Chains chains(90, sort ? std::make_shared<Sorted>() : plain.coupling);
    std::vector<Tensor> x0, x1;
    for (int64_t step = 0; step < 10; ++step) {
      const Pair pair = chains.pairs.at_step(step);
      EXPECT_EQ(pair.x1[0].sizes(), at::IntArrayRef({90, 2, 1}));
      x0.push_back(pair.x0[0]);
      x1.push_back(pair.x1[0]);
    }
    const auto kept = [](const Tensor& rows, const Tensor& from) {
      return sorted(rows).equal(sorted(from.repeat({900 / from.size(0), 1})));
    };
    EXPECT_TRUE(kept(at::cat(x0), chains.training.before[0][0]));
    EXPECT_TRUE(kept(at::cat(x1).select(1, 0), chains.training.before[1][0]));
    EXPECT_TRUE(kept(at::cat(x1).select(1, 1), chains.training.train.x[0]));
  }
}

TEST(PairStream, ChainsAreCoupledLinkByLink) {
  Task task(kOptions + "}");
  const State a{at::tensor({3., 1., 2.}).unsqueeze(1)}, b{at::tensor({10., 30., 20.}).unsqueeze(1)},
      c{at::tensor({200., 100., 300.}).unsqueeze(1)};
  Rng rng(1, "chains");
  const auto transport = learn_test::choose<CouplingChoice>("optimal_transport").make(spaces(task.factors));
  const Pair chain = chained(*transport, {a, b, c}, rng);
  EXPECT_TRUE(chain.x1[0].squeeze(2).equal(at::tensor({20., 200., 10., 100., 30., 300.}).reshape({3, 2})));
  EXPECT_TRUE(chain.x0[0].squeeze(1).equal(at::tensor({2., 1., 3.})));
}

TEST(PairStream, ChainsAreAFunctionOfTheStep) {
  Task plain(kOptions + "}");
  Chains in_order(64, plain.coupling), jumping(64, plain.coupling);
  std::vector<Pair> all;
  for (int64_t step = 0; step < 9; ++step) all.push_back(in_order.pairs.at_step(step));
  for (const std::size_t step : {6u, 2u, 8u, 0u}) {
    const Pair again = jumping.pairs.at_step(static_cast<int64_t>(step));
    EXPECT_TRUE(again.x0[0].equal(all[step].x0[0]) && again.x1[0].equal(all[step].x1[0])) << step;
  }
}

// Fitted once from the seed, wherever a training goes on; all rows of the source's draws stay.
TEST(PairStream, FittedCouplingsAreAFunctionOfTheStep) {
  Task task(kOptions + "}");
  const auto choice = learn_test::choose<CouplingChoice>("{type: semi_discrete, steps: 100, batch: 64}");
  Stream in_order(kOptions + "}", choice.make(spaces(task.factors))),
      late(kOptions + "}", choice.make(spaces(task.factors)));
  std::vector<Pair> all;
  for (int64_t step = 0; step < 6; ++step) all.push_back(in_order.pairs.at_step(step));
  const Pair again = late.pairs.at_step(5);
  EXPECT_TRUE(again.x0[0].equal(all[5].x0[0]) && again.x1[0].equal(all[5].x1[0]));
  // On the line, optimal pairs are in one order.
  const Tensor order = std::get<1>(again.x0[0].squeeze(1).sort());
  EXPECT_GE(again.x1[0].squeeze(1).index_select(0, order).diff().min().item<double>(), 0);
}

class Failing final : public Coupling {
 public:
  Pair couple(Pair, Rng&) const override { throw std::runtime_error("no pairs"); }
};

TEST(PairStream, ErrorsOfTheWorkerReachTheCaller) {
  Stream stream(kOptions + "}", std::make_shared<Failing>());
  EXPECT_THROW(stream.pairs.at_step(0), std::runtime_error);
}

}  // namespace
}  // namespace genmatch
