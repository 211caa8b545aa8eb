"""Contributions that are withdrawn again."""

from support.contribution import csv_of


def rows_of(name: str, times: int, **more: str) -> bytes:
    """Write some videos of a creator, like nobody else's."""
    categories = ("tutorial", "story", "info")
    seed = sum(map(ord, name))
    return csv_of(
        *(
            {
                "video": f"{name} {n}",
                "views": str(1000 + seed * (n + 1)),
                "likes": str(20 + seed % 37 + n),
                "new_followers": str((n * seed) % 6),
                "duration_s": str(10 + (n * 7 + seed) % 50),
                "category": categories[(n + seed) % 3],
                "has_cover": ("yes", "no")[n * seed % 2],
                "subject": "cooking",
                **more,
            }
            for n in range(times)
        )
    )


def somebody(name: str, videos: int = 14) -> dict[str, str | bytes]:
    toml = f'github = "{name}"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
    home = f"contributions/{name}"
    return {f"{home}/creator.toml": toml, f"{home}/videos.csv": rows_of(name, videos)}
