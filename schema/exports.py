"""What people take for the table of their videos: other platforms' files, and daily ones."""

from collections.abc import Sequence

VIDEOS = "Here belong TikTok videos alone, a line each, as CONTRIBUTING.md says (Make your table)."
WATCH_HOURS = (
    "watch time (hours)",
    "wiedergabezeit (stunden)",
    "durée de visionnage (heures)",
    "tiempo de visualización (horas)",
    "tempo de exibição (horas)",
    "総再生時間（時間）",
)
DAYS = (
    "It has a line for each day, not for each video. Read the numbers on each video's page, and "
    "make your table as CONTRIBUTING.md says (Make your table)."
)
LIST = (
    "It lacks new followers and lengths, which are on each video's page. Give each video a label "
    "of your own in place of title and link, and make your table as CONTRIBUTING.md says (Make "
    "your table)."
)
# The names that a header must hold, in small letters, and what the file is.
EXPORTS: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(names.split(",")), f"This is {what}. {then}")
    for names, what, then in (
        ("post id,account username,permalink", "Instagram's export of posts", VIDEOS),
        ("post id,page id", "Facebook's export of posts", VIDEOS),
        ("date,primary", "a daily file of Instagram or Facebook", VIDEOS),
        ("content,video title,video publish time", "YouTube's export of videos", VIDEOS),
        *((hours, "an export of YouTube", VIDEOS) for hours in WATCH_HOURS),
        (
            "time,video title,video link,post time",
            "TikTok Studio's list of your top videos, not of all",
            LIST,
        ),
        (
            "video title,video link,post time,add to favorites",
            "Business Suite's list of videos",
            LIST,
        ),
        ("claim_status,video_transcription_text", "a data set of other people's videos", VIDEOS),
        ("date,video views,profile views", "TikTok's overview of your account", DAYS),
        (
            "date,followers,difference in followers from previous day",
            "TikTok's follower history",
            DAYS,
        ),
        ("date,hour,active followers", "TikTok's file of when your followers are active", DAYS),
        ("date,total viewers,new viewers", "TikTok's file of viewers", DAYS),
        ("date,net growth,lost followers", "the daily file of TikTok's Business Suite", DAYS),
        ("date,reached audience,engaged audience", "TikTok's file of your audience", DAYS),
    )
)


def export_of(header: Sequence[str]) -> str:
    """Say what a file with this header is, and what to do; "" for any other.

    >>> export_of(["Date", "Video Views", "Profile Views", "Likes"])[:42]
    "This is TikTok's overview of your account."
    """
    names = {" ".join(name.casefold().split()) for name in header}
    return next((said for known, said in EXPORTS if known <= names), "")
