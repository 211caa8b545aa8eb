"""Captures and videos of a creator."""

import numpy as np
import pandas as pd

POSTED = pd.Timestamp("2026-02-01")


def rows(n: int, seed: int, rate: float = 1 / 800, **levers: float) -> list[dict[str, object]]:
    """Videos with a cover at random; `levers` are log ratios of followers."""
    rng = np.random.default_rng(seed)
    listed = []
    for i in range(n):
        views, cover = int(rng.integers(500, 3000)), bool(rng.integers(0, 2))
        mean = views * rate * np.exp(levers.get("has_cover", 0.0) * cover)
        listed.append(
            {
                "video": f"v{i}",
                "views": views,
                "new_followers": int(rng.poisson(mean)) if i else 0,
                "has_cover": cover,
                "duration_s": 20.0,
                "posted_on": POSTED,
                "captured_on": POSTED + pd.Timedelta(days=30),
            }
        )
    return listed


WORDS = ("humor", "info", "story", "tutorial", "vlog", "qa", "demo")


def videos(seed: int, creators: int = 9, most: int = 40) -> pd.DataFrame:
    """Videos of creators who differ in how many they have, in views and in what they make."""
    rng = np.random.default_rng(seed)
    frames = []
    for creator in range(creators):
        n = int(rng.integers(1, most))
        views = np.floor(np.exp(rng.normal(rng.uniform(5, 8), rng.uniform(0.3, 1.8), n))) + 1
        frames.append(
            pd.DataFrame(
                {
                    "creator": f"c{creator}",
                    "views": views.astype(np.int64),
                    "new_followers": rng.poisson(views * rng.uniform(0.0001, 0.002)),
                    "category": rng.choice(WORDS[: int(rng.integers(1, 8))], n),
                }
            )
        )
    return pd.concat(frames, ignore_index=True).astype({"new_followers": "Int64"})


def sized(*, sizes: dict[str, int], views: dict[str, int] | None = None) -> pd.DataFrame:
    names = [name for name, n in sizes.items() for _ in range(n)]
    seen = [(views or {}).get(name, 1000) for name in names]
    return pd.DataFrame({"creator": names, "views": seen, "new_followers": 1, "category": "info"})
