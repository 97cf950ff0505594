#!/usr/bin/env python3
"""Times the equivariant pairing of a batch as published code does it, pair by pair with SciPy's assignment and NumPy's
SVD, and sets the benchmarks orbit_distances of bench/alignment_bench.cpp beside it if their program is named: the same
laws of clouds, batch and number of alternations. Processor time in ms, which other work on the machine disturbs less
than the time that passes. One after the other, on one thread.

Needs numpy and scipy (Debian: python3-scipy)."""
import argparse
import importlib
import json
import os
import subprocess
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
MISSING = []
for module, package in (("numpy", "numpy"), ("scipy.optimize", "scipy"), ("scipy.spatial.transform", "scipy")):
    try:
        importlib.import_module(module)
    except ImportError as error:
        MISSING.append(f"{package} ({error})")
if MISSING:
    sys.exit("bench_alignment.py: missing: " + ", ".join(MISSING) + "; on Debian: python3-scipy")

import numpy as np  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402


def clouds(rng, batch, particles, scale):
    x = scale * rng.normal(size=(batch, particles, 3))
    return x - x.mean(axis=1, keepdims=True)


def by_svd(x, y):
    u, _, v = np.linalg.svd(x.T @ y)
    return u @ v


def by_scipy(x, y):
    return Rotation.align_vectors(x, y)[0].as_matrix()  # a proper rotation: reflections are not tried


ROTATIONS = {"svd": by_svd, "scipy": by_scipy}


def orbit_distance(x, y, alternations, rotation):
    """min |x - g y|^2 by assignment and rotation in turn, until the assignment stays the same."""
    turned, order = y, None
    for _ in range(alternations):
        _, found = linear_sum_assignment(cdist(x, turned, "sqeuclidean"))
        if order is not None and np.array_equal(found, order):
            break
        order = found
        turned = y @ rotation(x, y[order]).T
    return np.sum((x - turned[order]) ** 2)


def pair_batch(data, noise, alternations, rotation):
    cost = np.empty((len(data), len(noise)))
    for i, x in enumerate(data):
        for j, y in enumerate(noise):
            cost[i, j] = orbit_distance(x, y, alternations, rotation)
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns].mean()


def theirs(particles, alternations, batch, rotation):
    rng = np.random.default_rng(0)
    data, noise = clouds(rng, batch, particles, 0.6), clouds(rng, batch, particles, 1)
    start = time.process_time()
    mean = pair_batch(data, noise, alternations, rotation)
    return 1e3 * (time.process_time() - start), mean


def ours(program, particles, alternations):
    name = f"orbit_distances/particles:{particles}/alternations:{alternations}"
    command = [program, f"--benchmark_filter=^{name}$", "--benchmark_format=json"]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    (row,) = json.loads(run.stdout)["benchmarks"]
    return row["cpu_time"], row["mean_squared_distance"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genmatch", metavar="PROGRAM", help="genmatch_bench, to be timed as well")
    parser.add_argument("--particles", type=int, nargs="+", default=[13, 55])
    parser.add_argument("--alternations", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--batch", type=int, default=128, help="clouds (default 128, as in the benchmark)")
    parser.add_argument("--rotation", choices=list(ROTATIONS), default="svd", help="NumPy's SVD or align_vectors")
    options = parser.parse_args()
    if options.genmatch and options.batch != 128:
        parser.error("the benchmark has batches of 128")
    print("| particles | alternations | genmatch | SciPy | ratio | mean distance² | SciPy's |")
    print("|---|---|---|---|---|---|---|")
    for particles in options.particles:
        for alternations in options.alternations:
            peer, peer_mean = theirs(particles, alternations, options.batch, ROTATIONS[options.rotation])
            mine, mean = ours(options.genmatch, particles, alternations) if options.genmatch else (None, None)
            cells = [particles, alternations, f"{mine:.1f}" if mine else "", f"{peer:.0f}"]
            cells += [f"{peer / mine:.1f}" if mine else "", f"{mean:.2f}" if mine else "", f"{peer_mean:.2f}"]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
