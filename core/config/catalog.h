#pragma once
// Every kind of component, with what each is built from. A value, made in main by the domains' add_... functions.
#include <memory>
#include <string>
#include <vector>

#include "core/config/registry.h"

namespace genmatch {

class Space;
class Source;
class Schedule;
class GaussianSchedule;
class DiffusionCoefficient;
class TimeGrid;
class Sampler;
struct SamplerContext;
class LikelihoodMethod;
struct LikelihoodContext;
class Path;
class ConditionalGenerator;
class Group;
class Coupling;
class Dataset;
class Model;
class Loss;
class LossWeighting;
class TimeDistribution;
class Optimizer;
class Stepper;
class Metric;
class Baseline;
class Figure;
struct DataContext;
struct ModelContext;
struct Factor;

using SpacePtr = std::shared_ptr<const Space>;
using SourcePtr = std::shared_ptr<const Source>;
using PathPtr = std::shared_ptr<const Path>;
using Spaces = std::vector<SpacePtr>;  ///< one per factor
using Factors = std::vector<Factor>;

struct Catalog {
  Registry<Space> spaces;
  Registry<Source, SpacePtr> sources;
  Registry<Schedule> schedules;
  Registry<GaussianSchedule> gaussian_schedules;
  Registry<DiffusionCoefficient> diffusion_coefficients;
  Registry<Path, SpacePtr, SourcePtr> paths;
  Registry<ConditionalGenerator, SpacePtr, PathPtr> generators;
  Registry<Group, SpacePtr> groups;
  Registry<Coupling, Spaces> couplings;
  Registry<Dataset, DataContext> datasets;
  Registry<Model, ModelContext> models;
  Registry<Loss, Factors> losses;
  Registry<LossWeighting> weightings;
  Registry<TimeDistribution, Factors> time_distributions;
  Registry<Optimizer> optimizers;
  Registry<Stepper> steppers;
  Registry<TimeGrid> time_grids;
  Registry<Sampler, SamplerContext> samplers;
  Registry<LikelihoodMethod, LikelihoodContext> likelihoods;
  Registry<Metric> metrics;
  Registry<Baseline> baselines;
  Registry<Figure> figures;

  /// Calls visit("manifold", registry) for each kind, in the order of the data flow.
  template <class Self, class Visit>
  static void for_each(Self& self, const Visit& visit) {
    visit("dataset", self.datasets);
    visit("manifold", self.spaces);
    visit("source", self.sources);
    visit("group", self.groups);
    visit("coupling", self.couplings);
    visit("schedule", self.schedules);
    visit("gaussian_schedule", self.gaussian_schedules);
    visit("diffusion_coefficient", self.diffusion_coefficients);
    visit("path", self.paths);
    visit("generator", self.generators);
    visit("model", self.models);
    visit("loss", self.losses);
    visit("weighting", self.weightings);
    visit("time_distribution", self.time_distributions);
    visit("optimizer", self.optimizers);
    visit("stepper", self.steppers);
    visit("time_grid", self.time_grids);
    visit("sampler", self.samplers);
    visit("likelihood", self.likelihoods);
    visit("metric", self.metrics);
    visit("baseline", self.baselines);
    visit("figure", self.figures);
  }
};

/// The registry of a given type.
template <class RegistryType>
const RegistryType& registry(const Catalog& catalog) {
  const RegistryType* found = nullptr;
  Catalog::for_each(catalog, [&](const char*, const auto& r) {
    if constexpr (std::is_same_v<std::decay_t<decltype(r)>, RegistryType>) found = &r;
  });
  return *found;
}

/// What users call the kind: "manifold", "path", …
template <class RegistryType>
std::string kind_name(const Catalog& catalog, const RegistryType& wanted) {
  std::string name;
  Catalog::for_each(catalog, [&](const char* kind, const auto& r) {
    if (static_cast<const void*>(&r) == static_cast<const void*>(&wanted)) name = kind;
  });
  return name;
}

template <class Base, class... Context>
class Choice;
using SpaceChoice = Choice<Space>;
using SourceChoice = Choice<Source, SpacePtr>;
using ScheduleChoice = Choice<Schedule>;
using GaussianScheduleChoice = Choice<GaussianSchedule>;
using DiffusionCoefficientChoice = Choice<DiffusionCoefficient>;
using PathChoice = Choice<Path, SpacePtr, SourcePtr>;
using GeneratorChoice = Choice<ConditionalGenerator, SpacePtr, PathPtr>;
using GroupChoice = Choice<Group, SpacePtr>;
using CouplingChoice = Choice<Coupling, Spaces>;
using DatasetChoice = Choice<Dataset, DataContext>;
using ModelChoice = Choice<Model, ModelContext>;
using LossChoice = Choice<Loss, Factors>;
using LossWeightingChoice = Choice<LossWeighting>;
using TimeDistributionChoice = Choice<TimeDistribution, Factors>;
using OptimizerChoice = Choice<Optimizer>;
using StepperChoice = Choice<Stepper>;
using TimeGridChoice = Choice<TimeGrid>;
using SamplerChoice = Choice<Sampler, SamplerContext>;
using LikelihoodChoice = Choice<LikelihoodMethod, LikelihoodContext>;
using MetricChoice = Choice<Metric>;
using BaselineChoice = Choice<Baseline>;
using FigureChoice = Choice<Figure>;

/// Each of these lists its components; see the catalog.cpp of the folder.
void add_gaussian(Catalog& catalog);
void add_process(Catalog& catalog);
void add_data(Catalog& catalog);
void add_learn(Catalog& catalog);
void add_solve(Catalog& catalog);
void add_measure(Catalog& catalog);
void add_core(Catalog& catalog);  ///< the six above
void add_manifolds(Catalog& catalog);
void add_discrete(Catalog& catalog);
/// All of the above.
Catalog full_catalog();

}  // namespace genmatch
