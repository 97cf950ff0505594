#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "core/ops.h"
#include "experiments/app/commands.h"
#include "experiments/app/terminal.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace {

struct Finding {
  std::string what, value, advice;  ///< no advice: all is well
};

// The BLAS that the dynamic linker has really loaded.
std::string loaded_blas() {
  std::ifstream maps("/proc/self/maps");
  std::string line, found;
  while (std::getline(maps, line)) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string path = line.substr(slash);
    if (path.find("openblas") != std::string::npos || path.find("mkl_") != std::string::npos ||
        path.find("libblas.so") != std::string::npos || path.find("blis") != std::string::npos) {
      if (found.find(path) == std::string::npos) found += (found.empty() ? "" : ", ") + path;
    }
  }
  return found.empty() ? "none found" : found;
}

std::string cpu_capability() {
  const std::string config = at::show_config();
  const std::string key = "CPU capability usage: ";
  const auto begin = config.find(key);
  if (begin == std::string::npos) return "unknown";
  return config.substr(begin + key.size(), config.find('\n', begin) - begin - key.size());
}

double gigaflops(int threads) {
  at::set_num_threads(threads);
  const int64_t n = 512;
  const Tensor a = at::ones({n, n}), b = at::ones({n, n});
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    const auto began = std::chrono::steady_clock::now();
    at::mm(a, b);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (i > 2) best = std::max(best, 2.0 * n * n * n / seconds / 1e9);
  }
  return best;
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string candidate = rest.substr(0, colon) + "/" + name;
    if (std::ifstream(candidate).good()) return candidate;
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return "";
}

std::vector<Finding> blas_findings(int threads) {
  const std::string blas = loaded_blas();
  const double one = gigaflops(1), all = threads > 1 ? gigaflops(threads) : one;
  std::vector<Finding> findings;
  std::string advice;
  if (one < 10)
    advice = "slow matrix products: install libopenblas0-openmp";
  else if (blas.find("pthread") != std::string::npos)
    advice = "thread settings do not reach this flavour: install libopenblas0-openmp";
  findings.push_back({"BLAS", blas, advice});
  findings.push_back({"matrix product, 1 thread", fmt::format("{:.0f} GFLOP/s", one), ""});
  if (threads > 1)
    findings.push_back({fmt::format("matrix product, {} threads", threads), fmt::format("{:.0f} GFLOP/s", all),
                        all < one ? "more threads are slower here: other work holds the cores; use --threads 1" : ""});
  return findings;
}

}  // namespace

int doctor_command(bool json) {
  const int threads = use_threads(std::nullopt);
  std::vector<Finding> findings{
      {"genmatch", program_version() + ", " + compiler_version(), ""},
      {"LibTorch", library_version(), ""},
      {"CPU capability", cpu_capability(), cpu_capability() == "DEFAULT" ? "no vector instructions: slow" : ""},
      {"threads", fmt::format("{} usable of {}", threads, std::thread::hardware_concurrency()), ""}};
  for (const Finding& f : blas_findings(threads)) findings.push_back(f);
  findings.push_back({"CUDA", at::hasCUDA() ? "available" : "not in this LibTorch or no GPU", ""});
  const std::string gnuplot = find_program("gnuplot");
  findings.push_back(
      {"gnuplot", gnuplot.empty() ? "missing" : gnuplot, gnuplot.empty() ? "no figures: install gnuplot-nox" : ""});
  const char* data = std::getenv("GENMATCH_DATA");
  findings.push_back({"GENMATCH_DATA", data != nullptr ? data : "not set",
                      data != nullptr ? "" : "only embedded data and ./data are found"});
  if (json) {
    nlohmann::json j = nlohmann::json::array();
    for (const Finding& f : findings) j.push_back({{"what", f.what}, {"value", f.value}, {"advice", f.advice}});
    fmt::print("{}\n", j.dump(2));
    return 0;
  }
  for (const Finding& f : findings)
    fmt::print("{:<26} {}{}\n", f.what, f.value,
               f.advice.empty() ? "" : "\n" + std::string(27, ' ') + "-> " + f.advice);
  return 0;
}

}  // namespace genmatch
