#pragma once
// What paths of the form x_t = alpha x1 + sigma x0 need to know about their space and source.

namespace genmatch {

class Source;
class Space;

/// Whether straight lines are the geodesics: R^d, also if it is decorated, and linear subspaces.
bool straight(const Space& space);

/// Whether the source is N(0, scale^2 I) of a straight space, the scale within 0.1 %: compares log-densities.
bool is_normal(const Source& source, const Space& space, double scale);

}  // namespace genmatch
