"""Links as labels: the id of the video in a link, and the handle that it shows."""

import re

import pandas as pd

ID = r"tiktok\.com/(?:\S{0,80}?/)?(?:video|photo|v)/([0-9]{15,20})(?![0-9])"
WITH_ID = re.compile(ID, re.IGNORECASE)
LINK = re.compile(rf"(?:https?://)?(?:[a-z]{{1,9}}\.)?{ID}\S{{0,2000}}", re.IGNORECASE)
HANDLE = r"(?i)[a-z0-9]\.[a-z]{2,10}/@[a-z0-9_]"  # of any site


def id_alone(label: str) -> str | None:
    """Give the id of a label that is the link of a video, and nothing else.

    >>> id_alone("https://www.tiktok.com/@ana/video/7665015920712060176?lang=en")
    '7665015920712060176'
    """
    link = LINK.fullmatch(label)
    return link[1] if link else None


def identities(labels: "pd.Series[str]") -> "pd.Series[str]":
    """Put the id in place of each label that holds the link of a video: it is the same video."""
    is_link = labels.str.contains(r"(?i)tiktok\.com/", regex=True).fillna(value=False).astype(bool)
    if not is_link.any():
        return labels
    return labels.where(~is_link, labels.map(_identity, na_action="ignore"))


def _identity(label: str) -> str:
    link = WITH_ID.search(label)
    return link[1] if link else label
