"""What creators send, as files of a commit; a file that is None is deleted."""

from collections.abc import Mapping

Files = Mapping[str, bytes | None]
TOML = 'github = "{}"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
HEADER = "video,views,likes,comments,shares,saves,new_followers,duration_s,category,"
HEADER += "posted_on,captured_on\n"
LINE = "{name}-{n},{views},40,3,2,1,{followers},{length},{category},2026-03-01,2026-04-01\n"
# Stands in for the command `review` where only the workflow around it is tested.
ECHO = {
    "pipeline/__main__.py": b"""\
import pathlib, sys
if sys.argv[1] != "review":
    from pipeline.commands import app
    app()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir()
words = " ".join(sys.argv[1:])
(out / "review.md").write_text(f"<!-- followworthy review -->\\n{words}\\n", "utf-8")
(out / "outputs").write_text("kind=contribution\\nverdict=accepted\\n", "utf-8")
"""
}


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
