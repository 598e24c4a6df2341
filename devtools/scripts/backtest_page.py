"""The page of a backtest: its figures, and each curve with the number of rows behind it, as one file of HTML."""

from html import escape

import backtest_models as models

WIDTH, HEIGHT, EDGE = 320, 160, 14
STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #ccc}"
    "td:first-child,th:first-child{text-align:left}figure{display:inline-block;margin:0 1rem 1rem 0}"
    "figcaption{font-weight:600}.why{color:#555}"
)


def write_page(path, table, done, few, split):
    """Write the page; the curves are those that all rows teach."""
    rows = range(len(table.happened))
    _predict, shapes, scales = models.learned(table, rows)
    leavers = sum(table.happened)
    parts = [
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Backtest of the churn risk</title>",
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style></head><body>",
        "<h1>Backtest of the churn risk</h1>",
        f"<p>{len(rows):,} rows, {leavers:,} left ({100 * leavers / len(rows):.1f} %); {escape(split)}.</p>",
        _table(
            ("Model", "AUC", "Brier score", "Log loss", "Calibration error"),
            [
                (name, f"{one.auc:.4f}", f"{one.brier:.4f}", f"{one.log_loss:.4f}", f"{one.calibration_error:.2f} %")
                for name, one in done.items()
            ],
        ),
        "<h2>Predicted and left, by decile</h2>",
        _table(
            ("Decile, the riskiest first", "Rows", "Predicted", "Left"),
            [
                (n, f"{d['count']:.0f}", f"{d['predicted']:.1f} %", f"{d['actual']:.1f} %")
                for n, d in enumerate(done["ours"].deciles, 1)
            ],
        ),
    ]  # fmt: skip
    if few:
        parts += [
            "<h2>Learned from few outcomes</h2>",
            _table(
                ("Outcomes", "Log loss", "Brier score"),
                [
                    (f"{number:,}", f"{log_loss:.4f}", f"{brier:.4f}")
                    for number, log_loss, brier in few
                ],
            ),
        ]
    parts.append(
        "<h2>Curves</h2><p class='why'>Up is more risk, in logits. Grey bars are rows.</p>"
    )
    for column, scale in scales.items():
        parts.append(_curve(column, scale, shapes[column], table.numbers[column]))
    parts.append("<h2>Words</h2>")
    for column, words in table.words.items():
        levels = sorted(shapes[column].levels.items(), key=lambda one: -one[1])
        parts.append(f"<h3>{escape(column)}</h3>")
        parts.append(
            _table(
                ("Word", "Logits", "Rows"),
                [(word, f"{level:+.2f}", f"{words.count(word):,}") for word, level in levels],
            )
        )
    path.write_text("\n".join([*parts, "</body></html>"]), encoding="utf-8")


def _table(heading, rows):
    head = "".join(f"<th>{escape(str(cell))}</th>" for cell in heading)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _curve(column, scale, curve, values):
    """Return one curve as a figure; its knots stand side by side, so that dense stretches can be seen."""
    count = [0] * len(scale.values)
    for value in values:
        if value is not None:
            nearest = min(range(len(count)), key=lambda n: abs(scale.values[n] - value))
            count[nearest] += 1
    low, high = min(curve.heights), max(curve.heights)
    step = (WIDTH - 2 * EDGE) / max(len(count) - 1, 1)

    def down(height):
        return HEIGHT - EDGE - (height - low) / ((high - low) or 1) * (HEIGHT - 2 * EDGE)

    bars = "".join(
        f"<rect x='{EDGE + n * step - step / 3:.1f}' y='{HEIGHT - EDGE - 40 * rows / max(count):.1f}' "
        f"width='{step / 1.5:.1f}' height='{40 * rows / max(count):.1f}' fill='#ddd'/>"
        for n, rows in enumerate(count)
    )
    points = " ".join(f"{EDGE + n * step:.1f},{down(h):.1f}" for n, h in enumerate(curve.heights))
    said = f"{low:+.2f} to {high:+.2f}" + (
        f"; unknown {curve.unknown:+.2f}" if curve.unknown else ""
    )
    ends = f"{scale.values[0]:g} to {scale.values[-1]:g}"
    return (
        f"<figure><figcaption>{escape(column)}</figcaption>"
        f"<svg width='{WIDTH}' height='{HEIGHT}' role='img' aria-label='{escape(column, quote=True)}: {said}'>"
        f"{bars}<polyline points='{points}' fill='none' stroke='#714B67' stroke-width='2'/></svg>"
        f"<div class='why'>{escape(ends)}: {escape(said)}</div></figure>"
    )
