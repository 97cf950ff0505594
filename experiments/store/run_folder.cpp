#include "experiments/store/run_folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/errors.h"
#include "core/learn/checkpoint.h"
#include "experiments/store/run_index.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// Empty, or prepared by whoever keeps a log of the run.
bool unused(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return false;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().filename() != "log.txt") return false;
  return true;
}

void make_folder(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error) && !unused(path))
    throw IoError(path +
                  ": exists already and is never overwritten; name another folder with --out, or go on with "
                  "an unfinished run by --resume");
  fs::create_directories(path, error);
  if (error) throw IoError(path + ": cannot make the run folder: " + error.message());
  if (access(path.c_str(), W_OK) != 0)
    throw IoError(path + ": cannot write into the run folder: " + std::strerror(errno));
}

RunRecord read_record(const std::string& path) {
  if (!fs::is_directory(path)) throw IoError(path + ": no such run folder");
  if (!fs::exists(path + "/run.json")) throw IoError(path + ": holds no run (there is no run.json in it)");
  try {
    const json j = json::parse(read_text(path + "/run.json"));
    RunRecord r;
    r.name = j.at("name");
    r.seed = j.at("seed");
    r.file = j.at("file");
    r.data_folder = j.at("data_folder");
    r.data_hash = j.at("data_hash");
    r.device = j.at("device");
    r.threads = j.at("threads");
    r.status = j.at("status");
    r.variant = j.value("variant", "");
    r.created = j.value("created", "");
    r.key = j.value("key", "");
    r.training_key = j.value("training_key", "");
    r.trained_in = j.value("trained_in", "");
    return r;
  } catch (const json::exception& e) {
    throw IoError(path + "/run.json: damaged: " + e.what());
  }
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(path + ": cannot be read: " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

RunFolder RunFolder::create(const std::string& path, const std::string& resolved_yaml, const RunRecord& record) {
  make_folder(path);
  RunFolder folder(fs::absolute(path).lexically_normal().string(), record);
  folder.lock();
  write_file_atomically(folder.file("resolved.yaml"), resolved_yaml);
  folder.write_record();
  record_in_index(folder.path());
  return folder;
}

RunFolder RunFolder::open(const std::string& path, bool for_writing) {
  RunFolder folder(fs::absolute(path).lexically_normal().string(), read_record(path));
  if (for_writing) folder.lock();
  return folder;
}

std::string RunFolder::resolved_yaml() const { return read_text(file("resolved.yaml")); }

std::map<std::string, std::string> RunFolder::versions() const {
  try {
    return json::parse(read_text(file("run.json"))).at("versions").get<std::map<std::string, std::string>>();
  } catch (const json::exception& e) {
    throw IoError(file("run.json") + ": damaged: " + e.what());
  }
}

void RunFolder::set_status(const std::string& status) {
  record_.status = status;
  write_record();
  record_in_index(path_);
}

bool RunFolder::finished() const { return record_.status == "finished" && fs::exists(file("result.json")); }

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), record_(std::move(other.record_)), lock_(other.lock_) {
  other.lock_ = -1;
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

// flock() goes with the process, however it ends, so that a killed run never stays locked.
void RunFolder::lock() {
  lock_ = ::open(file(".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_ < 0) throw IoError(path_ + ": cannot write into the run folder: " + std::strerror(errno));
  // status() holds the lock for an instant: that is no reason to give up.
  constexpr int attempts = 5;
  for (int i = 1; ::flock(lock_, LOCK_EX | LOCK_NB) != 0; ++i) {
    if (i == attempts) throw IoError(path_ + ": another process is working on this run; wait for it or stop it first");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string RunFolder::status(const std::string& path, const RunRecord& record) {
  if (record.status != "running") return record.status;
  const int lock = ::open((path + "/.lock").c_str(), O_RDONLY | O_CLOEXEC);
  const bool in_use = lock >= 0 && ::flock(lock, LOCK_SH | LOCK_NB) != 0;
  if (lock >= 0) ::close(lock);
  return in_use ? "running" : "killed";
}

void RunFolder::write_record() const {
  const json j = {
      {"name", record_.name},
      {"variant", record_.variant},
      {"seed", record_.seed},
      {"created", record_.created},
      {"key", record_.key},
      {"training_key", record_.training_key},
      {"trained_in", record_.trained_in},
      {"file", record_.file},
      {"data_folder", record_.data_folder},
      {"data_hash", record_.data_hash},
      {"device", record_.device},
      {"threads", record_.threads},
      {"status", record_.status},
      {"versions",
       {{"genmatch", program_version()}, {"libtorch", library_version()}, {"compiler", compiler_version()}}}};
  write_file_atomically(file("run.json"), j.dump(2) + "\n");
}

std::string make_run_folder(const std::string& root, const std::string& name, const std::string& slug, uint64_t seed) {
  const std::string stem = fmt::format("{}/{}/{:%Y-%m-%dT%H%M%S}-{}{}{}", root, name,
                                       fmt::localtime(std::time(nullptr)), slug, slug.empty() ? "" : "-", seed);
  std::string path = stem;
  std::error_code error;
  fs::create_directories(fs::path(stem).parent_path(), error);
  for (int i = 2; !error && !fs::create_directory(path, error); ++i) path = fmt::format("{}-{}", stem, i);
  if (error) throw IoError(path + ": cannot make the run folder: " + error.message());
  return path;
}

std::optional<std::string> find_unfinished_run(const std::string& name, const std::string& resolved_yaml,
                                               uint64_t seed) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("runs/" + name, error)) {
    const std::string path = entry.path().string();
    if (!fs::exists(path + "/run.json") || !fs::exists(path + "/resolved.yaml")) continue;
    const RunFolder folder = RunFolder::open(path, false);
    if (!folder.finished() && folder.record().seed == seed && folder.resolved_yaml() == resolved_yaml)
      found.push_back(path);
  }
  if (found.empty()) return std::nullopt;
  return *std::max_element(found.begin(), found.end());  // the names begin with the time
}

}  // namespace genmatch
