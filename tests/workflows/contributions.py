"""What creators send, as files of a commit; a file that is None is deleted."""

from collections.abc import Mapping

Files = Mapping[str, bytes | None]
TOML = 'github = "{}"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
HEADER = "video,views,likes,comments,shares,saves,new_followers,duration_s,category,"
HEADER += "posted_on,captured_on\n"
LINE = "{name}-{n},{views},40,3,2,1,{followers},{length},{category},2026-03-01,2026-04-01\n"


def contribution(login: str, name: str, rows: int = 12) -> dict[str, bytes]:
    """Give a new creator's folder without a problem."""
    lines = [
        LINE.format(
            name=name,
            n=n,
            views=1000 + 97 * n * len(name),
            followers=(n * 7 + len(name)) % 5,
            length=20 + n,
            category=("tutorial", "info", "story")[n % 3],
        )
        for n in range(rows)
    ]
    home = f"contributions/{name}"
    return {
        f"{home}/creator.toml": TOML.format(login).encode(),
        f"{home}/videos.csv": (HEADER + "".join(lines)).encode(),
    }
