#pragma once
// What pictures of densities have in common.
#include <string>
#include <vector>

#include "core/measure/evaluation.h"
#include "core/measure/gnuplot.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// "S^2 x R^1".
std::string describe(const Spaces& spaces);

/// At most n rows of x, drawn without replacement and without rows that are NaN.
Tensor some_rows(const Tensor& x, int64_t n, Rng& rng);
/// All rows of the data set: train, validation and test (the factor's points, [N, *event]).
Tensor all_rows(const Splits& splits);

/// Writes all values of a grid's cells beside their coordinates, as `<name>-density.csv`.
void write_density(const Plot& plot, const std::vector<std::string>& axes, const Tensor& points, const Tensor& value);

/// The span of values that is worth colours: up to the 99.9 % quantile of the finite ones, down to the 2 % quantile but
/// no further than `depth` below the upper end. NumericalError if none is finite.
struct ColourRange {
  double low = 0, high = 1;
};
ColourRange colour_range(const Tensor& values, double depth = 7);

/// A grid of values for display: clamped to the range, made `times` as fine in both directions by linear interpolation.
Tensor refine(const Tensor& grid, const ColourRange& range, int64_t times);

/// Levels of ln p whose superlevel sets hold the given shares of the mass (highest-density regions), where the grid
/// has cells of equal measure; NaN cells count as empty.
std::vector<double> mass_levels(const Tensor& log_density, const std::vector<double>& shares);

/// Centres of a grid of cells over a box, as points [rows * columns, 2], x running first.
Tensor grid_points(const Box& box, int64_t rows, int64_t columns);

/// The page's title and palette; all that follows lies in its panels. Ends with `unset multiplot`.
std::string page(const std::string& title, const ColourRange& range);
/// Puts the next plot at a place, in fractions of the page.
std::string panel(const Box& place, const std::string& title);
/// Gives the next plot the colour box, at a place in fractions of the page.
std::string colour_box(const Box& place, const std::string& label);
/// Computes contours of a raster; to be added before the page. `contour_lines` then is a clause of `plot`.
std::string find_contours(const Raster& raster, const std::vector<double>& levels);
extern const char* const contour_lines;
/// "1500 of 1707 data points".
std::string counted(const std::string& what, int64_t shown, int64_t all);

/// Point styles: what lies on a density must be seen on its dark and on its bright parts, and not hide it.
extern const char* const data_points;
extern const char* const sample_points;

}  // namespace genmatch
