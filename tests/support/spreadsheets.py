"""One table as spreadsheets of the world save it, and as people spoil it on the way to a CSV."""

HEADER = (
    "video,views,new_followers,duration_s,category,posted_on,captured_on,watched_full_pct,has_cover"
)
ROWS = (
    ("Soup", 1557, 4, 15.2, "tutorial", (2026, 5, 3), (2026, 5, 31), 41.18, True),
    ("Morning run", 612, 0, 48, "story", (2026, 5, 5), (2026, 6, 2), 12.5, False),
    ("Café", 23110, "", 31, "opinion", (2026, 5, 8), (2026, 6, 5), 22.07, True),
    ("Rice", 1203456, 812, 27.4, "demo", (2026, 6, 9), (2026, 7, 7), 33.33, True),
)


def saved(
    date: str,
    thousands: str,
    decimal: str,
    yes_no: tuple[str, str],
    delimiter: str = ",",
    pct: str = "",
) -> str:
    """Write the table with the habits of a program and a region; `date` has y, m and d."""

    def cell(value: object) -> str:
        match value:
            case bool():
                text = yes_no[0] if value else yes_no[1]
            case int():
                text = f"{value:,}".replace(",", thousands)
            case float():
                text = f"{value:g}".replace(".", decimal)
            case (year, month, day):
                text = date.format(y=year, m=month, d=day)
            case _:
                text = str(value)
        return f'"{text}"' if delimiter in text else text

    def line(row: tuple[object, ...]) -> str:
        cells = list(map(cell, row))
        cells[7] = cell(row[7]).strip('"') + pct
        return delimiter.join(
            f'"{c}"' if delimiter in c.strip('"') and c[0] != '"' else c for c in cells
        )

    return "\r\n".join([HEADER.replace(",", delimiter), *map(line, ROWS), ""])


US = saved("{m}/{d}/{y}", ",", ".", ("TRUE", "FALSE"))
GERMAN = saved("{d:02}.{m:02}.{y}", ".", ",", ("WAHR", "FALSCH"), ";", " %")
FRENCH = saved("{d:02}/{m:02}/{y}", "\u202f", ",", ("VRAI", "FAUX"), ";", "\u00a0%")
BRAZILIAN = saved("{d:02}/{m:02}/{y}", ".", ",", ("VERDADEIRO", "FALSO"), ";")
JAPANESE = saved("{y}/{m}/{d}", ",", ".", ("はい", "いいえ"))
SWISS = saved("{d:02}.{m:02}.{y}", "’", ".", ("WAHR", "FALSCH"), ";")
INDIAN = saved("{d:02}-{m:02}-{y}", "", ".", ("TRUE", "FALSE")).replace("1203456", '"12,03,456"')
NUMBERS = saved("{y}-{m:02}-{d:02}", "", ",", ("TRUE", "FALSE"), ";")
RUSSIAN = saved("{d:02}.{m:02}.{y}", "\u00a0", ",", ("ИСТИНА", "ЛОЖЬ"), ";")
SPANISH = saved("{d}/{m}/{y}", ".", ",", ("VERDADERO", "FALSO"), "\t")
# name → bytes; `fix` makes of each what is right, but for what only a person knows.
SAVED = {
    "US Excel": US.encode(),
    "German Excel, CSV": GERMAN.encode("cp1252"),
    "German Excel, CSV UTF-8": GERMAN.encode("utf-8-sig"),
    "French Excel": FRENCH.encode("utf-8-sig"),
    "Brazilian Excel": BRAZILIAN.encode("utf-8-sig"),
    "Japanese Excel": JAPANESE.encode("utf-8-sig"),
    "Swiss Excel": SWISS.encode("utf-8-sig"),
    "Indian Sheets": INDIAN.encode(),
    "Numbers": NUMBERS.encode(),
    "Russian LibreOffice": RUSSIAN.encode(),
    "Spanish Excel, Unicode text": SPANISH.encode("utf-16"),
    "sep=": b"sep=;\r\n" + GERMAN.encode(),
    "a title": b"My videos;;;;;;;;\r\n;;;;;;;;\r\n" + GERMAN.encode(),
    "German names": GERMAN.replace(
        HEADER.replace(",", ";"),
        "Titel;Aufrufe;Neue Follower;Dauer (s);Kategorie;Gepostet am;Erfasst am;"
        "Vollständig angesehen;Has cover?",
    ).encode(),
    "a table of Markdown": "\n".join(
        f"| {line.replace(',', ' | ')} |"
        if n != 1
        else "|---" * 9 + "|\n" + f"| {line.replace(',', ' | ')} |"
        for n, line in enumerate(saved("{y}-{m:02}-{d:02}", "", ".", ("yes", "no")).splitlines())
    ).encode(),
    "names twice": (US + US).encode(),
    "empty columns": US.replace("\r\n", ",,,\r\n").encode(),
    "a hundred empty columns": US.replace("\r\n", "," * 100 + "\r\n").encode(),
    "an empty column first": ("," + US.replace("\r\n", "\r\n,")).removesuffix(",").encode(),
}
# What only a person knows: `fix` leaves it, and nothing promises that it would not.
LEFT = {
    "a Japanese Shift-JIS": JAPANESE.encode("cp932", "ignore"),
    "both orders of a date": saved("{d:02}/{m:02}/{y}", "", ".", ("yes", "no")).replace(
        "31/05/2026", "05/31/2026"
    ).replace("07/07/2026", "17/07/2026").encode(),
    "a point that may part thousands": b"video,views,new_followers,duration_s,category\n"
    b"a,1.557,1,12,info\n",
    "a quote": US.encode() + b'"a,1,,1,info\r\n',
    "rows above the names": b"a,5,1,1,info,,,,\n" + US.encode(),
}  # fmt: skip
