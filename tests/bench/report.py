"""The tables of what was measured: for a terminal, and in Markdown for the README."""

THROUGHPUT = {
    "live": "List, made for each request",
    "kept": "List, unchanged, sent again",
    "unchanged": "List, unchanged, confirmed (304)",
}
KEPT = {"page": "List, unchanged, sent again", "unchanged": "List, unchanged, confirmed (304)"}


def of_one_size(size, found):
    """Everything that was measured at one size, as text."""
    rows = [
        [
            page,
            str(one["queries"]),
            milliseconds(one["median"]),
            milliseconds(one["p95"]),
            milliseconds(one["bare"]) if one["bare"] else "–",
            ratio(one),
            str(one["after_queries"]),
            milliseconds(one["after"]),
        ]
        for page, one in found["pages"].items()
    ]
    for name, label in KEPT.items():
        one = found["kept"][name]
        rows.append(
            [label, str(one["queries"]), milliseconds(one["median"]), milliseconds(one["p95"])]
            + ["–"] * 4
        )
    headings = ["ms of server time", "queries", "median", "p95", "psycopg", "ratio"]
    headings += ["queries*", "median*"]
    lines = [
        f"\n{number(size)} organizations",
        *aligned([headings, *rows]),
        "queries: at most, the directory's version included, which is read once a second.",
        "psycopg: the same statements, sent and fetched without Django; ratio: median / psycopg.",
        "*: of the first such page after a change of the directory.",
        f"The very first page of a new process: {milliseconds(found['first'])} ms.",
    ]
    if "throughput" in found:
        rows = [[label, number(found["throughput"][name])] for name, label in THROUGHPUT.items()]
        lines += ["", *aligned([["gunicorn, 2 × 4", "requests/s"], *rows]), memory(found)]
    return "\n".join(lines)


def markdown(found):
    """What was measured of the public pages at all sizes, as the README shows it."""
    sizes = list(found)
    of_sizes = [number(size) for size in sizes]
    first = found[sizes[0]]
    pages = [
        [page, str(max(found[size]["pages"][page]["queries"] for size in sizes))]
        + [
            f"{milliseconds(one['median'])} · {milliseconds(one['p95'])} · {ratio(one)}"
            for one in (found[size]["pages"][page] for size in sizes)
        ]
        for page in first["pages"]
    ]
    pages += [
        [label, str(first["kept"][name]["queries"])]
        + [
            f"{milliseconds(one['median'])} · {milliseconds(one['p95'])} · –"
            for one in (found[size]["kept"][name] for size in sizes)
        ]
        for name, label in KEPT.items()
    ]
    after = [
        [page]
        + [
            f"{found[size]['pages'][page]['after_queries']} · "
            f"{milliseconds(found[size]['pages'][page]['after'])}"
            for size in sizes
        ]
        for page in first["pages"]
    ]
    blocks = [
        table(["Server time in ms: median · p95 · ratio", "Queries", *of_sizes], pages),
        table(["First page after a change: queries · ms", *of_sizes], after),
    ]
    if "throughput" in first:
        rows = [
            [label] + [number(found[size]["throughput"][name]) for size in sizes]
            for name, label in THROUGHPUT.items()
        ]
        rows.append(["Memory of a worker, MB"] + [megabytes(found[size]) for size in sizes])
        blocks.append(table(["Requests per second, gunicorn 2 × 4", *of_sizes], rows))
    return "\n\n".join(blocks)


def workshop_of_one_size(size, found):
    """Everything that was measured of the staff's pages at one size, as text."""
    rows = [
        [page, str(one["queries"]), milliseconds(one["median"]), milliseconds(one["p95"])]
        for page, one in found["pages"].items()
    ]
    headings = ["ms of server time", "queries", "median", "p95"]
    lines = [f"\n{number(size)} organizations, staff", *aligned([headings, *rows])]
    if "reminders" in found:
        lines.append(f"A reminder to every member: {reminders(found)}, the mail server left out.")
    return "\n".join(lines)


def workshop_markdown(found):
    """What was measured of the staff's pages at all sizes, as the README shows it."""
    first = next(iter(found.values()))
    rows = [
        [page, " / ".join(str(at["pages"][page]["queries"]) for at in found.values())]
        + [
            f"{milliseconds(one['median'])} · {milliseconds(one['p95'])}"
            for one in (at["pages"][page] for at in found.values())
        ]
        for page in first["pages"]
    ]
    if "reminders" in first:
        rows.append(["A reminder to every member", "–", *map(reminders, found.values())])
    return table(["Staff, in ms: median · p95", "Queries", *map(number, found)], rows)


def reminders(found):
    """How many mails, in how many seconds."""
    told = found["reminders"]
    return f"{number(told['mails'])} mails in {told['seconds']:.1f} s"


def table(headings, rows):
    """A Markdown table, its numbers to the right."""
    rule = ["---"] + ["---:"] * (len(headings) - 1)
    return "\n".join(f"| {' | '.join(row)} |" for row in [headings, rule, *rows])


def aligned(rows):
    """Rows of words in columns, the first one to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            word.rjust(width) if place else word.ljust(width)
            for place, (word, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def ratio(one):
    """How many times as long the page takes as its rows alone; a dash when it reads none."""
    return f"{one['median'] / one['bare']:.1f}" if one["bare"] else "–"


def memory(found):
    """What a worker of gunicorn holds, as a sentence."""
    return f"Memory of a worker: {megabytes(found)} MB."


def megabytes(found):
    """The memory of a worker in MB; a dash when it is not known."""
    return number(found["throughput"]["memory"]) if found["throughput"]["memory"] else "–"


def milliseconds(value):
    """Two digits that count, at least: 0.42, 3.1, 27."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def number(value):
    """A whole number, its thousands apart (by a no-break space)."""
    return f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")
