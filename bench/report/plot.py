"""The figures as a picture: a panel a question, a line and a dot for each program, on logarithmic axes (peers are orders apart)."""

import html
import math

from .markdown import find, number

INK, PALE, GRID, CARD, PAGE = "#1f2933", "#64727f", "#e3e8ec", "#ffffff", "#f5f7f8"
COLOURS = {"majlis": "#0f766e", "smtp-source": "#64748b", "mlmmj": "#d97706", "Mailman 3": "#b42318", "bare client": "#475569"}
WIDTH, MARGIN, GAP, HEAD, FOOT = 1000, 24, 20, 92, 40
PANEL = (WIDTH - 2 * MARGIN - GAP) / 2
ROW, TOP, BOTTOM, LABELS, VALUES = 30, 66, 40, 150, 76

# A panel: title, unit, which is better, and its lines: (label, part, how the figure's name begins, whose).
EVERYBODY = ("majlis", "smtp-source", "mlmmj", "Mailman 3")


def _of_all(part, begins, who=EVERYBODY):
    return [(name, part, begins, name) for name in who]


PANELS = [
    ("10,000 personal copies", "recipients/s", "more", _of_all("fanout", "personal to 10,000, 4")),
    ("10,000 recipients, 100 a message", "recipients/s", "more", _of_all("fanout", "bulk to 10,000, 4")),
    ("From arrival to the last of 1,000 readers", "ms", "less", _of_all("latency", "from arrival to the last of 1,000")),
    ("Import", "members/s", "more", _of_all("import", "import of 10,000")),
    ("Personal copies over a link of 50 ms", "recipients/s", "more",
     [("majlis, CHUNKING", "link", "personal, with CHUNKING, 4 connections", "majlis"),
      ("majlis without", "link", "personal, without CHUNKING, 4 connections", "majlis"),
      ("smtp-source", "link", "personal, without CHUNKING, 4 connections", "smtp-source")]),
    ("Personal copies into a light sink, CHUNKING", "recipients/s", "more",
     [("majlis", "light", "personal to", "majlis"), ("bare client", "light", "personal to", "bare client")]),
    ("Start of the program", "ms", "less", _of_all("cli", "the program says")),
    ("Idle memory", "MB", "less", _of_all("latency", "idle memory")),
]


def _value(parts, part, begins, who):
    figure = find(parts, part, begins)
    if figure is None:
        return None
    if who == "majlis":
        return figure["median"]
    return next((beside["median"] for beside in figure["beside"] if beside["name"] == who), None)


def _text(x, y, text, size=13, fill=INK, anchor="start", weight="400"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(text)}</text>")


def _decades(values):
    low, high = math.floor(math.log10(min(values) * 0.8)), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _tick(power):
    value = 10 ** power
    return f"{value:,.0f}" if power >= 0 else f"{value:g}"


def _panel(x, y, height, title, unit, better, rows):
    """rows: (label, whose colour, value)"""
    low, high = _decades([value for _, _, value in rows])
    left, right = x + LABELS, x + PANEL - VALUES
    bottom = y + height - BOTTOM
    out = [f'<rect x="{x:.1f}" y="{y:.1f}" width="{PANEL:.1f}" height="{height}" rx="10" fill="{CARD}" stroke="{GRID}"/>',
           _text(x + 18, y + 28, title, 15, weight="600"), _text(x + 18, y + 47, f"{unit}, {better} is better", 12, PALE)]
    for power in range(low, high + 1):
        at = left + (right - left) * (power - low) / (high - low)
        out.append(f'<line x1="{at:.1f}" y1="{y + TOP - 6:.1f}" x2="{at:.1f}" y2="{bottom:.1f}" stroke="{GRID}"/>')
        out.append(_text(at, bottom + 18, _tick(power), 11, PALE, "middle"))
    for place, (label, who, value) in enumerate(rows):
        at, middle = left + (right - left) * (math.log10(value) - low) / (high - low), y + TOP + ROW * (place + 0.5)
        ours = who == "majlis"
        colour, weight = COLOURS[who], "600" if ours else "400"
        out += [_text(left - 12, middle + 4.5, label, 13, INK, "end", weight),
                f'<line x1="{left:.1f}" y1="{middle:.1f}" x2="{at:.1f}" y2="{middle:.1f}" stroke="{colour}" stroke-width="{5 if ours else 3}" '
                f'stroke-linecap="round" opacity="{1 if ours else 0.75}"/>',
                f'<circle cx="{at:.1f}" cy="{middle:.1f}" r="{7 if ours else 5.5}" fill="{colour}" stroke="{CARD}" stroke-width="2"/>',
                _text(at + 13, middle + 4.5, number(value), 13, colour if ours else INK, weight=weight)]
    return out


def _found(parts):
    for title, unit, better, lines in PANELS:
        rows = [(label, who, _value(parts, part, begins, who)) for label, part, begins, who in lines]
        rows = [row for row in rows if row[2]]
        if rows:
            yield title, unit, better, rows


def draw(parts):
    """An SVG; "" when nothing of it was measured."""
    panels = list(_found(parts))
    if not panels:
        return ""
    out, y = [], HEAD
    for at in range(0, len(panels), 2):
        pair = panels[at:at + 2]
        height = TOP + BOTTOM + ROW * max(len(rows) for *_, rows in pair)
        for column, panel in enumerate(pair):
            out += _panel(MARGIN + column * (PANEL + GAP), y, height, *panel)
        y += height + GAP
    height = y - GAP + FOOT
    record = parts["fanout" if "fanout" in parts else next(iter(parts))][0]
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'font-family="system-ui, -apple-system, \'Segoe UI\', \'DejaVu Sans\', sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="{PAGE}"/>',
            _text(MARGIN, 42, "majlis beside its peers", 24, weight="700"),
            _text(MARGIN, 68, "Same machine, same sink, in turns. Logarithmic: each line of the grid is ten times the one before.", 13, PALE)]
    foot = _text(WIDTH - MARGIN, height - 16, f"{record['date'][:10]}, {record['machine']}", 11, PALE, "end")
    return "\n".join([*head, *out, foot, "</svg>"]) + "\n"
