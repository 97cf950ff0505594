#!/usr/bin/env python3
"""Times POT's ot.emd and SciPy's linear_sum_assignment on the cases of bench/assignment_bench.cpp, each at its best of
several runs on float64 costs in memory, and sets genmatch (its mean) beside them if its benchmark program is named.
Processor time in ms, which other work on the machine disturbs less than the time that passes.

Needs numpy, scipy and POT (Debian: python3-scipy, python3-pot)."""
import argparse
import importlib
import json
import subprocess
import sys
import time

MISSING = []
for module, package in (("numpy", "numpy"), ("scipy.optimize", "scipy"), ("ot", "POT")):
    try:
        importlib.import_module(module)
    except ImportError as error:
        MISSING.append(f"{package} ({error})")
if MISSING:
    sys.exit("bench_assignment.py: missing: " + ", ".join(MISSING) + "; on Debian: python3-scipy python3-pot")

import numpy as np  # noqa: E402
import ot  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402


def squared(x, y):
    return np.maximum((x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T, 0)


def eight_gaussians(rng, n):
    angle = np.pi / 4 * rng.integers(8, size=n)
    return 5 * np.stack([np.cos(angle), np.sin(angle)], 1) + np.sqrt(0.1) * rng.normal(size=(n, 2))


def plane(rng, n):
    return squared(rng.normal(size=(n, 2)), eight_gaussians(rng, n))


def space(rng, n):
    return squared(rng.normal(size=(n, 50)), rng.normal(size=(n, 50)))


def on_sphere(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def sphere(rng, n):
    """Squared geodesic distances from uniform points to 20 clusters."""
    centres = on_sphere(rng.normal(size=(20, 3)))
    clustered = on_sphere(centres[rng.integers(20, size=n)] + 0.1 * rng.normal(size=(n, 3)))
    return np.arccos(np.clip(on_sphere(rng.normal(size=(n, 3))) @ clustered.T, -1, 1)) ** 2


def line(rng, n):
    return squared(rng.normal(size=(n, 1)), rng.normal(size=(n, 1)))


CASES = {
    "plane_squared": plane,
    "plane_distance": lambda rng, n: np.sqrt(plane(rng, n)),
    "space_squared": space,
    "space_distance": lambda rng, n: np.sqrt(space(rng, n)),
    "sphere_squared": sphere,
    "line_squared": line,
    "line_distance": lambda rng, n: np.sqrt(line(rng, n)),
    "uniform": lambda rng, n: rng.uniform(size=(n, n)),
    "integers": lambda rng, n: rng.integers(100, size=(n, n)).astype(float),
    "ties": lambda rng, n: np.zeros((n, n)),
    "near_ties": lambda rng, n: 1 + 1e-13 * rng.normal(size=(n, n)),
    "products": lambda rng, n: np.outer(np.arange(n), np.arange(n)).astype(float),
    "solved": lambda rng, n: np.abs(np.subtract.outer(np.arange(n), np.arange(n))).astype(float),
}


def best_ms(solve, costs, patience):
    """The mean over the cost matrices of the best time of each, in ms."""
    best = [np.inf] * len(costs)
    stop = time.perf_counter() + patience
    for run in range(20):
        for k, cost in enumerate(costs):
            start = time.process_time()
            solve(cost)
            best[k] = min(best[k], time.process_time() - start)
        if run > 0 and time.perf_counter() > stop:
            break
    return 1e3 * sum(best) / len(best)


def transport(cost):
    # The default limit of iterations stops short of the optimum from n = 2048 on.
    ot.emd([], [], cost, numItermax=100_000_000)


def ours(program, case, n):
    command = [program, f"--benchmark_filter=^assign_{case}/{n}$", "--benchmark_format=json"]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    (row,) = json.loads(run.stdout)["benchmarks"]
    return row["cpu_time"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genmatch", metavar="PROGRAM", help="genmatch_bench, to be timed as well")
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512, 1024, 2048])
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--draws", type=int, default=3, help="cost matrices of each case (default 3)")
    parser.add_argument("--patience", type=float, default=2, help="seconds for each number, at least two runs")
    options = parser.parse_args()
    print("| case | n | genmatch | POT | SciPy | POT / genmatch | SciPy / genmatch |\n|---|---|---|---|---|---|---|")
    for case in options.cases:
        for n in options.sizes:
            costs = [CASES[case](np.random.default_rng(seed), n) for seed in range(options.draws)]
            peers = [best_ms(solve, costs, options.patience) for solve in (transport, linear_sum_assignment)]
            mine = ours(options.genmatch, case, n) if options.genmatch else None
            ratios = [f"{peer / mine:.1f}" if mine else "" for peer in peers]
            cells = [case, n, f"{mine:.3f}" if mine else "", *(f"{peer:.2f}" for peer in peers), *ratios]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
