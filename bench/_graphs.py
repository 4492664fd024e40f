"""Graphs of the shapes that lineages have, for benches: outputs, inputs as integer arrays, the same for the same arguments.

Numbers are in order of time: what something is made from comes before it.
"""

import numpy as np

LEVELS = 10
CHAIN = 10_000
WINDOW = 400


def layered(edges: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray, int]:
    """Sources, data derived from them, models, releases: ten levels.

    Fan-in is lognormal with a mean of about 3.4 and a few of thousands; 88 % of the inputs are of the level before and within 400 places,
    10 % of any earlier level, the others among a hundred sources that everybody uses.

    Returns:
        outputs, inputs (int32, sorted by output), number of nodes.
    """
    rng = np.random.default_rng(seed)
    nodes = int(edges / 3.35)
    width = nodes // LEVELS
    nodes = width * LEVELS
    above = np.arange(width, nodes, dtype=np.int64)
    fan = np.clip(rng.lognormal(0.95, 0.9, len(above)).astype(np.int64), 1, 60)
    large = rng.choice(len(above), max(len(above) // 50_000, 1), replace=False)
    fan[large] = np.minimum(rng.integers(1_000, 10_000, len(large)), width // 4)
    out = np.repeat(above, fan)
    level, place = out // width, out % width
    kind = rng.random(len(out))
    near = (place + rng.integers(-WINDOW, WINDOW + 1, len(out))) % width
    before = np.where(kind < 0.88, level - 1, (rng.random(len(out)) * level).astype(np.int64))
    given = before * width + near
    wide = np.isin(out, above[large])
    given = np.where(wide, (level - 1) * width + rng.integers(0, width, len(out)), given)
    hubs = rng.choice(width, min(100, width), replace=False)
    given = np.where(kind > 0.998, hubs[rng.integers(0, len(hubs), len(out))], given)
    return _unique(out, given, nodes)


def chains(edges: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray, int]:
    """Versions that are each made from the one before, 10,000 deep, many side by side, interleaved as time has it.

    A tenth also has an earlier version as an input, and some few one of another chain.
    """
    rng = np.random.default_rng(seed)
    number = max(int(edges / 1.1 / CHAIN), 2)
    nodes = number * CHAIN
    all_nodes = np.arange(number, nodes, dtype=np.int64)
    back = all_nodes - number
    skip = all_nodes[rng.random(len(all_nodes)) < 0.1]
    earlier = np.maximum(skip - number * rng.integers(2, 100, len(skip)), skip % number)
    cross = all_nodes[rng.random(len(all_nodes)) < 0.00003]
    other = (cross // number - 1) * number + rng.integers(0, number, len(cross))
    return _unique(np.concatenate([all_nodes, skip, cross]), np.concatenate([back, earlier, other]), nodes)


def _unique(out: np.ndarray, given: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray, int]:
    keys = np.unique(out * nodes + given)
    return (keys // nodes).astype(np.int32), (keys % nodes).astype(np.int32), nodes
