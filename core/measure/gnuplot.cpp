#include "core/measure/gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/data/npy.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds time_limit{120};

void write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw IoError(path + ": cannot be written: " + std::strerror(errno));
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Waits for a child up to the time limit; kills it then. Returns its exit status, -1 if it was killed.
int wait_for(pid_t child) {
  const auto end = std::chrono::steady_clock::now() + time_limit;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs gnuplot in a folder, without a shell: no file name or title can be taken for a command.
void run_gnuplot(const std::string& folder, const std::string& settings, const std::string& script,
                 const std::string& log) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::vector<std::string> words{"gnuplot", "-d", "-e", settings, script};  // -d: no user's own defaults
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT)
    throw IoError("gnuplot is not installed, so " + folder + "/" + script +
                  " was not drawn; install it (Debian: apt-get install gnuplot-nox) and run `gnuplot` on that script");
  if (error != 0) throw IoError(std::string("gnuplot cannot be started: ") + std::strerror(error));
  const int status = wait_for(child);
  const std::string said = read_text(folder + "/" + log);
  fs::remove(folder + "/" + log);
  if (status == 0) return;
  throw IoError(fmt::format("gnuplot {} on {}/{}: {}",
                            status < 0 ? "was stopped, after two minutes or from outside," : "failed", folder, script,
                            said.empty() ? "it said nothing" : said));
}

void append_row(std::string& text, const double* row, int64_t columns) {
  bool blank = true;
  for (int64_t c = 0; c < columns; ++c) blank = blank && std::isnan(row[c]);
  for (int64_t c = 0; c < columns && !blank; ++c)
    fmt::format_to(std::back_inserter(text), c > 0 ? ",{:.7g}" : "{:.7g}", row[c]);
  text += '\n';
}

}  // namespace

std::string gnuplot_literal(const std::string& text) {
  std::string literal = "'";
  for (char c : text) {
    if (c == '\'') literal += '\'';  // doubled inside single quotes
    literal += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return literal + "'";
}

Plot::Plot(std::string folder, std::string name, int width, int height)
    : folder_(std::move(folder)), name_(std::move(name)), width_(width), height_(height) {
  if (!fs::is_directory(folder_)) throw IoError(folder_ + ": is no folder; a figure cannot be drawn there");
}

std::string Plot::file(const std::string& suffix) const { return folder_ + "/" + name_ + suffix; }

void Plot::add(const std::string& lines) { script_ += lines + "\n"; }

std::string Plot::table(const std::string& part, const std::vector<std::string>& columns, const Tensor& values) const {
  const Tensor rows = values.to(at::kDouble).contiguous();
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (int64_t i = 0; i < rows.size(0); ++i) append_row(text, rows.data_ptr<double>() + i * rows.size(1), rows.size(1));
  const std::string suffix = "-" + part + ".csv";
  write_text(file(suffix), text);
  return gnuplot_literal(name_ + suffix) + " skip 1";
}

Raster Plot::raster(const std::string& part, const Tensor& grid, const Box& box) const {
  const Tensor values = grid.to(at::kFloat).contiguous();
  const std::string suffix = "-" + part + ".npy";
  write_npy(file(suffix), values);
  const auto height = values.size(0), width = values.size(1);
  const auto header = static_cast<int64_t>(fs::file_size(file(suffix))) - height * width * 4;
  const double dx = (box.x1 - box.x0) / static_cast<double>(width),
               dy = (box.y1 - box.y0) / static_cast<double>(height);
  const auto read = [&](const char* third) {
    return fmt::format("{} binary skip={} array=({},{}) format='%float32' origin=({},{}{}) dx={} dy={} using 1",
                       gnuplot_literal(name_ + suffix), header, width, height, box.x0 + dx / 2, box.y0 + dy / 2, third,
                       dx, dy);
  };
  return {read(""), read(",0")};
}

std::vector<std::string> Plot::draw() const {
  write_text(file(".gp"), script_);
  const std::string font = "font 'DejaVu Sans,12' background '#ffffff'";
  const std::string terminals[] = {
      fmt::format("set terminal svg size {},{} {}", width_, height_, font),
      fmt::format("set terminal pngcairo size {},{} fontscale 2 linewidth 2 pointscale 2 {}", 2 * width_, 2 * height_,
                  font)};
  std::vector<std::string> pictures;
  for (const std::string& terminal : terminals) {
    const std::string suffix = pictures.empty() ? ".svg" : ".png";
    const std::string settings = terminal + "; set output " + gnuplot_literal(name_ + suffix);
    run_gnuplot(folder_, settings, name_ + ".gp", "." + name_ + "-gnuplot.log");
    pictures.push_back(file(suffix));
  }
  return pictures;
}

}  // namespace genmatch
