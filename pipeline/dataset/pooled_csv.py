"""The pooled data set as a CSV."""

from pipeline.dataset.pool import Pool
from pipeline.storage.csv_text import as_csv
from schema.columns import COLUMNS, Kind
from schema.row_rules import show


def pooled(pool: Pool) -> bytes:
    """The pooled data set, a row a video: where it comes from, the numbers, never the label."""
    columns = [column.name for column in COLUMNS if column.kind is not Kind.LABEL]
    header = ["creator", "file", "line", "video_no", *columns]
    videos = pool.videos.reindex(columns=header)
    rows = videos.itertuples(index=False, name=None)
    return as_csv(header, ([show(value) for value in row] for row in rows))
