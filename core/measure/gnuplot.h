#pragma once
#include <string>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// Text as a literal of gnuplot's language, whatever it holds (control characters become blanks).
std::string gnuplot_literal(const std::string& text);

/// A rectangle of a plot's axes.
struct Box {
  double x0 = 0, x1 = 0, y0 = 0, y1 = 0;
};

/// How gnuplot reads a grid from its file: what follows `plot` (without `with image`, in which NaN stays blank) and
/// what follows `splot`.
struct Raster {
  std::string plot, splot;
};

/// A picture in the making: a gnuplot script with the files it reads, `<folder>/<name>.gp`, `<name>-*.csv` and
/// `<name>-*.npy`. They stay, so that a picture can be redrawn:
///   gnuplot -e "set terminal pdfcairo; set output 'map.pdf'" map.gp
class Plot {
 public:
  /// The folder must exist; width and height are in points (a PNG has two pixels each). Replaces older files.
  Plot(std::string folder, std::string name, int width, int height);

  /// Adds lines of gnuplot.
  void add(const std::string& lines);
  /// Writes a table [N, columns] as `<name>-<part>.csv`; a row that is all NaN becomes a blank line, which breaks a
  /// polyline in gnuplot. Returns what follows `plot` to read it: file and options, but not `using`.
  std::string table(const std::string& part, const std::vector<std::string>& columns, const Tensor& values) const;
  /// Writes a grid [rows, columns] of values over the box as `<name>-<part>.npy`, rows from y0 to y1.
  Raster raster(const std::string& part, const Tensor& grid, const Box& box) const;
  /// Draws `<folder>/<name>.svg` and `.png` and returns these paths. IoError if gnuplot is not installed (saying how
  /// to get it), fails (with its words) or takes longer than two minutes.
  std::vector<std::string> draw() const;

 private:
  std::string file(const std::string& suffix) const;
  std::string folder_, name_, script_;
  int width_, height_;
};

}  // namespace genmatch
