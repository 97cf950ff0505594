#include "experiments/app/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <new>

#include "core/errors.h"
#include "experiments/app/commands.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace {

using Command = std::function<int(const Catalog&)>;

void add_overrides(CLI::App* app, std::vector<std::string>& overrides) {
  app->add_option("--set", overrides, "override an option, e.g. --set training.steps=100; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_run(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<RunArguments>();
  CLI::App* c = app.add_subcommand("run", "train, measure and draw what an experiment file says");
  c->add_option("FILE", a->file, "experiment file, or with --resume a run's folder")->required();
  add_overrides(c, a->overrides);
  c->add_option("--variant", a->variant, "one of the file's variants (default: the file as it stands)");
  c->add_option("--seed", a->seed, "of the split, the weights, the training and the sampling")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--out", a->out, "run folder (default runs/<name>/<time>-<seed>)");
  CLI::Option* trained = c->add_option("--trained", a->trained, "take the weights of this finished run, do not train");
  trained->type_name("RUN");
  c->add_flag("--resume", a->resume, "go on with the newest unfinished run of this file, or the one named")
      ->excludes(trained);
  c->add_option("--threads", a->threads, "computing threads (default: every core)")->check(CLI::Range(1, 1024));
  c->add_option("--device", a->device, "where tensors live")->check(CLI::IsMember({"cpu", "cuda"}));
  c->add_flag("--json", a->json, "print result.json instead of a table");
  c->add_flag("--report-progress", a->report_progress)->group("");  // for compare
  c->add_option("--expected-key", a->expected_key)->group("");
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return run_command(*a, k); }; });
}

void add_compare(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<CompareArguments>();
  CLI::App* c =
      app.add_subcommand("compare", "run the variants of experiment files that have not been run, and print a table");
  c->add_option("FILE", a->files, "experiment files")->required();
  add_overrides(c, a->overrides);
  c->add_option("--only", a->only, "variants, with commas between them")->delimiter(',')->type_name("VARIANT,…");
  c->add_option("--seeds", a->seeds, "how many, from 0 on, or which: 0,4,7 (default: those of the file)");
  c->add_option("-j,--jobs", a->jobs, "runs at once (default: every core)")->check(CLI::Range(1, 1024));
  c->add_option("--threads", a->threads, "computing threads of each run (default: its share of the cores)")
      ->check(CLI::Range(1, 1024));
  c->add_option("--device", a->device, "where tensors live")->check(CLI::IsMember({"cpu", "cuda"}));
  c->add_option("--runs", a->runs, "folder of the runs");
  c->add_flag("--resume", a->resume, "go on with unfinished runs from their checkpoints instead of starting them anew");
  c->add_flag("--dry-run", a->dry_run, "say what would be run, and print the table of what there is");
  c->add_option("--format", a->format, "of the table")
      ->check(CLI::IsMember({"terminal", "markdown", "csv", "latex", "json"}));
  c->add_option("--plot", a->plot,
                "draw one metric over another, e.g. nfe,kmers: variants that differ in one number "
                "make a curve")
      ->delimiter(',')
      ->expected(2)
      ->type_name("X,Y");
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return compare_command(*a, k); }; });
}

void add_validate(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<ValidateArguments>();
  CLI::App* c = app.add_subcommand("validate", "check an experiment file and its data without training");
  c->add_option("FILE", a->file, "experiment file")->required();
  add_overrides(c, a->overrides);
  c->add_flag("--resolved", a->resolved, "print the file with every option spelled out");
  c->add_flag("--json", a->json, "print JSON");
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return validate_command(*a, k); }; });
}

void add_data_command(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<DataArguments>();
  CLI::App* c = app.add_subcommand("data", "draw or read the data of an experiment, and say what is known of them");
  c->add_option("FILE", a->file, "experiment file")->required();
  add_overrides(c, a->overrides);
  c->add_option("--variant", a->variant, "one of the file's variants (default: the file as it stands)");
  c->add_option("--seed", a->seed, "of the draws and the split (default: the file's)")->check(CLI::NonNegativeNumber);
  c->add_option("-o,--output", a->output,
                "archive to write, .npz, with the arrays train, validation and test; what is known of them goes to a "
                ".json beside it");
  c->add_option("--threads", a->threads, "computing threads (default: every core)")->check(CLI::Range(1, 1024));
  c->add_flag("--json", a->json, "print JSON");
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return data_command(*a, k); }; });
}

void add_catalog(CLI::App& app, Command& chosen) {
  auto kind = std::make_shared<std::string>(), name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* list = app.add_subcommand("list", "name the components, all or of one kind");
  list->add_option("KIND", *kind, "manifold, path, model, …");
  list->add_flag("--json", *json, "print JSON");
  list->callback([=, &chosen] { chosen = [=](const Catalog& k) { return list_command(*kind, *json, k); }; });
  CLI::App* describe = app.add_subcommand("describe", "options, defaults, ranges and source of a component");
  describe->add_option("NAME", *name, "a component, or \"experiment\" for the keys of a file")->required();
  describe->add_flag("--json", *json, "print JSON");
  describe->callback([=, &chosen] { chosen = [=](const Catalog& k) { return describe_command(*name, *json, k); }; });
  CLI::App* doctor = app.add_subcommand("doctor", "tell what this machine has, and what is missing or slow");
  doctor->add_flag("--json", *json, "print JSON");
  doctor->callback([=, &chosen] { chosen = [=](const Catalog&) { return doctor_command(*json); }; });
}

void add_sample(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<SampleArguments>();
  CLI::App* c = app.add_subcommand("sample", "draw samples from a finished run");
  c->add_option("RUN", a->run, "run folder")->required();
  c->add_option("-n,--number", a->n, "how many")->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  c->add_option("-o,--output", a->output, "file to write, .npy")->required();
  c->add_option("--log-density", a->log_density, "file for the samples' log-densities, .npy");
  c->add_option("--seed", a->seed, "of the draws (default: the run's)")->check(CLI::NonNegativeNumber);
  add_overrides(c, a->overrides);
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return sample_command(*a, k); }; });
}

void add_evaluate(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<EvaluateArguments>();
  CLI::App* c = app.add_subcommand("evaluate", "measure a finished run again");
  c->add_option("RUN", a->run, "run folder")->required();
  add_overrides(c, a->overrides);
  c->add_flag("--json", a->json, "print JSON");
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return evaluate_command(*a, k); }; });
}

void add_density(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<DensityArguments>();
  CLI::App* c = app.add_subcommand("density", "log-density of a finished run at the points of a file");
  c->add_option("RUN", a->run, "run folder")->required();
  c->add_option("FILE", a->file, "points, in the format of the run's data")->required();
  c->add_option("-o,--output", a->output, "file to write, .csv (default: print)");
  add_overrides(c, a->overrides);
  c->callback([a, &chosen] { chosen = [a](const Catalog& k) { return density_command(*a, k); }; });
}

void add_runs(CLI::App& app, Command& chosen) {
  auto a = std::make_shared<RunsArguments>();
  CLI::App* c = app.add_subcommand("runs", "list the runs, all or those that match");
  c->add_option("OPTION", a->filter.options, "only runs with this option, e.g. model.width=64; may be repeated")
      ->type_name("KEY=VALUE");
  c->add_option("--runs", a->root, "folder of the runs (default runs)")->type_name("DIR");
  c->add_option("--name", a->filter.name, "of the experiment; * stands for any characters")->type_name("PATTERN");
  c->add_option("--variant", a->filter.variant, "of the experiment; * stands for any characters")->type_name("PATTERN");
  c->add_option("--status", a->filter.status, "running, finished, interrupted, failed or killed");
  c->add_option("--since", a->filter.since, "begun then or later: 2026-01-02 or 2026-01-02T03:04 (UTC)")
      ->type_name("DATE");
  c->add_option("--until", a->filter.until, "begun then or earlier")->type_name("DATE");
  c->add_option("--limit", a->limit, "only the latest so many")->check(CLI::PositiveNumber);
  c->add_flag("--rebuild", a->rebuild, "make the index of runs anew from their folders");
  CLI::Option* csv = c->add_flag("--csv", a->csv, "print CSV");
  c->add_flag("--json", a->json, "print JSON")->excludes(csv);
  c->callback([a, &chosen] { chosen = [a](const Catalog&) { return runs_command(*a); }; });
}

void add_show(CLI::App& app, Command& chosen) {
  auto first = std::make_shared<std::string>(), second = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  const char* run = "run folder, or the begin or end of its path below runs";
  CLI::App* show = app.add_subcommand("show", "what a run is, and what it found");
  show->add_option("RUN", *first, run)->required();
  show->add_flag("--json", *json, "print JSON");
  show->callback([=, &chosen] { chosen = [=](const Catalog& k) { return show_command(*first, *json, k); }; });
  CLI::App* diff = app.add_subcommand("diff", "what differs between two runs: options, data, versions, results");
  diff->add_option("FIRST", *first, run)->required();
  diff->add_option("SECOND", *second, run)->required();
  diff->add_flag("--json", *json, "print JSON");
  diff->callback([=, &chosen] { chosen = [=](const Catalog&) { return diff_command(*first, *second, *json); }; });
}

int fail(const char* message, ExitCode code) {
  fmt::print(stderr, "{}\n", message);
  return code;
}

int guarded(const Command& command) {
  try {
    return command(full_catalog());
  } catch (const ConfigError& e) {
    return fail(e.what(), bad_input);
  } catch (const DataError& e) {
    return fail(e.what(), bad_data);
  } catch (const NumericalError& e) {
    return fail(e.what(), bad_numbers);
  } catch (const IoError& e) {
    return fail(e.what(), bad_io);
  } catch (const Interrupted& e) {
    return fail(e.what(), interrupted_by_user);
  } catch (const std::bad_alloc&) {
    return fail("out of memory: lower sampling.batch, training.batch or the model's width", internal_error);
  } catch (const std::exception& e) {
    fmt::print(stderr, "internal error, please report it with the command and the file:\n{}\n", e.what());
    return internal_error;
  }
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  CLI::App app{"genmatch: generative modelling by generator matching"};
  app.set_version_flag("--version", version_line());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 1 internal error, 2 usage or experiment file, 3 data, 4 numbers, 5 input/output, "
      "6 runs of a comparison failed, "
      "130 interrupted.");
  Command command;
  add_run(app, command);
  add_compare(app, command);
  add_validate(app, command);
  add_data_command(app, command);
  add_catalog(app, command);
  add_sample(app, command);
  add_evaluate(app, command);
  add_density(app, command);
  add_runs(app, command);
  add_show(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? success : bad_input;
  }
  return guarded(command);
}

}  // namespace genmatch
