#pragma once
#include <string>

namespace genmatch {

/// Writes a TorchScript file of a module with the method forward(self, x), of which `body` holds the lines.
void write_script(const std::string& path, const std::string& body);

/// The energy of double wells (energy.h) as a user would write it.
inline const char* const kDoubleWellScript =
    "    n = x.size(1)\n"
    "    distance = (x.unsqueeze(2) - x.unsqueeze(1) + torch.eye(n, "
    "dtype=x.dtype).unsqueeze(-1)).square().sum(-1).sqrt()\n"
    "    square = (distance - 4).square()\n"
    "    pairs = torch.triu(torch.ones(n, n, dtype=x.dtype), 1)\n"
    "    return (pairs * (0.9 * square * square - 4 * square)).sum([1, 2])\n";

}  // namespace genmatch
