"""What bench/run has measured, as people read it: RESULTS.md, results.svg and the table of the README."""

import json
import re

from . import markdown, plot

MARKS = ("<!-- bench/run writes this -->", "<!-- to here -->")


def newest(folder):
    """{part: (record, its figures)}: of each part what was measured last."""
    parts = {}
    for file in sorted(folder.glob("*.json")):
        record = json.loads(file.read_text())
        for name in {figure["part"] for figure in record["figures"]}:
            parts[name] = (record, [figure for figure in record["figures"] if figure["part"] == name])
    return parts


def write_report(folder, root):
    parts = newest(folder)
    if not parts:
        raise SystemExit(f"{folder} holds no figures yet")
    beside = folder.parent
    drawn = plot.draw(parts)
    if drawn:
        (beside / "results.svg").write_text(drawn)
    (beside / "RESULTS.md").write_text(markdown.document(parts, "results.svg" if drawn else None))
    headline = markdown.headline(parts)
    if beside == root / "bench" and headline:
        _put(root / "README.md", headline)


def _put(file, table):
    text = file.read_text()
    begin, end = map(re.escape, MARKS)
    if not re.search(f"{begin}.*{end}", text, re.DOTALL):
        raise SystemExit(f"{file} has no place for the table: {' … '.join(MARKS)}")
    put = f"{MARKS[0]}\n\n{table}\n{MARKS[1]}"
    file.write_text(re.sub(f"{begin}.*{end}", lambda _: put, text, flags=re.DOTALL))
