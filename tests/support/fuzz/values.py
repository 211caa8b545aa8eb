"""Cells, names and values that have broken programs; some are lists, some are made at random.

`SECRET` is an address that no output may repeat, `LABEL` a label that no report may hold.
"""

from random import Random

SECRET = "zq@leak.example.org"  # noqa: S105  # no password, an address
LABEL = "zqlabel"
TEXTS = (
    "", " ", "  x  ", "0", "-", "?", "NaN", "nan", "NULL", "None", "N/A", "undefined", "inf",
    "-inf", "Infinity", "true", "x" * 40, "x" * 41, "x" * 120, "x" * 121, "😀" * 60, "a\nb",
    "a\r\nb", "a\rb", "a\tb", "\x00", "\x07", "\x1b[31mred\x1b[0m", "\x7f", "\x85", "\u2028",
    "\u2029", "\ufeff", "\u200b", "x\u200dy", "👩\u200d👩\u200d👧", "🏳️\u200d🌈", "\u202eevil",
    "\u2066x\u2069", "\u061c", "e" + "\u0301" * 100, "\u0301", "\u20dd", "Z̷̢̛a̴l̵g̶o̷", "مرحبا",
    "שלום", "ﷺ" * 40, "İstanbul", "ß" * 61, "ﬃ" * 100, "ŉ", "ǆ", "ΣΑΣ", "\u3164", "\u115f\u1160",
    "\u2800", "\uffff", "\U0010ffff", "\ue000", "\U000e0041\U000e007f", "\ufdd0", "\u212a",
    "\u212b", "ｆｕｌｌ", "а", "ѕtоry", "l1O0", "²", "①", "½", "Ⅷ", "१२३", "𝟘𝟙𝟚", "٣", "১২",
    "一二三", "１２００", "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@x", "@octocat", "＝1", "#1",
    "[x](https://e.org)", "<script>alert(1)</script>", "<!-- ", "-->", "`x`", "::error::x",
    "::add-mask::a", "x\n::stop-commands::t", "##[error]x", "%0A::error::", "{{ x }}", "{views}",
    "{0}", "%s%n", "${{ github.token }}", "$(id)", "; rm -rf /", "../../etc/passwd", "C:\\",
    "<<<<<<< main", "=======", "sep=;", '"', '""', 'a"b', "'", ",", ",,,", ";", "|", "\\", "\\n",
    "\\u0000", SECRET, f"write to {SECRET}", SECRET.replace("@", "＠"), "+49 170 1234567",
    "06 12 34 56 78", "7300123456789012345", "7.66502E+18", "7665015920712060000",
    "https://wa.me/4917012345678", "Tutorial", "comedy", "q & a", "none", "Trending ", "yes ",
    "Yes", "maybe", "x", "TRUE", "wahr", "1,200", "1.200", "1 200", "1'200", "1\u00a0200",
    "12,34,567", "1.234,5", "1,234.5", "12.7K", "3 Mio", "5万", "41,18", "41.18%", "50 %", "12 s",
    "1:05", "1:02:03", "99:99", "9h", "23:59", "+5", "-5", "−5", "12.0", "007", "00", ".5", "5.",
    "1e5", "1E+05", "0x1F", "1_000", "１２.５", "1/2", "~5", "5+",
)  # fmt: skip
LABELS = (
    "Ramen, the good one", 'say "hi"', "two\nlines", "three\n\n\nlines", "朝ご飯",
    "مرحبا بالعالم", "👩\u200d👧 day", "e\u0301te\u0301", "Ünï", "7300123456789012345", "x" * 120,
    "😀" * 120, "é" * 120, "{views}", "%s", "<b>x</b>", "[x](y)", "`code`", "&amp;", "#1",
    "a | b", "\\", "x\u200dy", "नमस्ते", "a's", "$(id)", "{{ x }}", "x::y", "::", "a\n::error::b",
    "İ", "ß", "ﬃ", "0", "1.0", "true", "2026-01-01", f"{LABEL} one", f"{LABEL}\ntwo",
)  # fmt: skip
LONG = 0.005  # of the texts are as long as a line may be, which takes a tenth of a second
YEARS = (
         "0000", "0000", "0001", "0099", "1000", "1582", "1677", "1678", "1899", "1900", "1969",
         "1970", "2016", "2022", "2026", "2027", "2038", "2262", "2263", "4000", "9999", "10000",
         "26", "99999", "-001",
)  # fmt: skip
LENGTHS = (
    1,
    2,
    5,
    14,
    15,
    16,
    18,
    19,
    20,
    40,
    308,
    309,
    310,
    400,
    1_000,
    4_299,
    4_300,
    4_301,
    9_000,
)
DIGITS = ("9", "1", "0", "5", "٣", "９")
ENDS = (
        "k", "K", "m", " mio", "万", "億", "tsd", "%", " s", "s", ":30", ":05:09", ",000", ",5",
        ".5", ".0", "e5", "E+308", "e-400", " percent", "", "", "",
)  # fmt: skip
STARTS = ("", "", "", "", "+", "-", "=", "0x", "0", " ", "0.", "1.", "1,", "12:", "$")


def cell(random: Random) -> str:
    """Make a cell for any column: mostly wrong."""
    return random.choice((text, text, number, number, date))(random)


def text(random: Random) -> str:
    """Take a text as it is, or two, or one with a letter from anywhere."""
    choice = random.choice(TEXTS)
    if random.random() < LONG:
        return letters(random, 1) + "x" * random.choice((9_000, 65_000))
    if (how := random.random()) < 0.15:
        return choice + random.choice((" ", "", "\u0301")) + random.choice(TEXTS)
    return choice if how < 0.9 else letters(random, random.randrange(1, 30)) + choice


def letters(random: Random, many: int) -> str:
    """Make letters from anywhere in Unicode, but no surrogates."""
    pages = ((0, 0x80), (0x80, 0x250), (0x250, 0x3000), (0x3000, 0xD800), (0xE000, 0x110000))
    return "".join(chr(random.randrange(*random.choice(pages))) for _ in range(many))


def number(random: Random) -> str:
    """Make a number of any length, with what is written before and after one."""
    digits = random.choice(DIGITS) * random.choice(LENGTHS)
    return random.choice(STARTS) + digits + random.choice(ENDS)


def date(random: Random) -> str:
    """Make a date of any calendar, order and mark."""
    mark = random.choice(("-", "-", "-", "-", "-", "-", "/", ".", ""))
    parts = [random.choice(YEARS), f"{random.choice((0, 1, 1, 2, 5, 12, 13)):02}"]
    parts += [f"{random.choice((0, 1, 1, 15, 28, 29, 31, 32)):02}"]
    if random.random() < 0.15:
        random.shuffle(parts)
    if random.random() < 0.1:
        return random.choice(
            ("1", "45415", "45415.5", "99999", "2026-W22", "31 May 2026", "Mayo 5")
        )
    return mark.join(parts) + random.choice((*("",) * 9, "T10:00:00Z", " 10:00", " "))


PERMITTED = {
    "views": ("0", "1", "99", "100", "999", "10000000000", "999999999999999", "1716940800000"),
    "likes": ("0", "1", ""),
    "comments": ("0", ""),
    "shares": ("0", "999999999999999", ""),
    "saves": ("0", ""),
    "watched_full_pct": ("0", "100", "0.00000000000000000001", "99.99999999999999999999", ""),
    "avg_watch_s": ("0", "999999999999999.99999999999999999999", "0.1", ""),
    "new_followers": ("0", "1", "", ""),
    "duration_s": ("0.00000000000000000001", "0.5", "0.1", "1", "3600", "3599.9999", ""),
    "posted_hour": ("0", "23", ""),
    "hashtags": ("0", "100", ""),
    "followers_before": ("0", "999999999999999", ""),
    "posted_on": ("2016-09-01", "2026-11-22", "2024-02-29", ""),
    "captured_on": ("2026-11-22", ""),
    "subject": ("", "a", "x" * 40, "朝ご飯", "مرحبا", "ß", "a  b", "q&a", "<i>"),
    "sound": ("none", ""),
    "category": ("other", "qa", "info"),
    "is_promoted": ("yes", "1", ""),
    "counts_rounded": ("yes", "1", ""),
    "has_cover": ("TRUE", "No", "0", ""),
}
