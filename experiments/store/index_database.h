#pragma once
// The SQLite file behind an index: that it is ours, whole, and of this program's schema.
#include <SQLiteCpp/Database.h>

#include <functional>
#include <memory>
#include <string>

namespace genmatch {

/// A database that is made where there is none, and made anew where it is damaged or has another schema. Safe to use
/// from several processes, each with an object of its own; not across fork(). Every function throws IoError naming the
/// file, for one that belongs to another program too.
class IndexDatabase {
 public:
  /// `fill` writes everything into a database that has just been made, within the same transaction.
  IndexDatabase(std::string path, std::function<void(SQLite::Database&)> fill);

  /// Runs `work` as one transaction, after waiting for other writers; it is repeated where damage is found.
  void write(const std::function<void(SQLite::Database&)>& work);
  /// Runs `work` on one state of the file; it is repeated where damage is found.
  void read(const std::function<void(SQLite::Database&)>& work);

 private:
  void open();
  bool current();
  void make();
  void refuse_foreign();
  void reset();
  template <class Work>
  void guarded(const Work& work);

  std::string path_;
  std::function<void(SQLite::Database&)> fill_;
  std::unique_ptr<SQLite::Database> database_;
};

}  // namespace genmatch
