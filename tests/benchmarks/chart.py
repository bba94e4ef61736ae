"""A chart as SVG: a line for each series, both axes logarithmic, each line named at its end."""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 50
# No two names stand nearer to each other.
LINE = 16
# Told apart by people who do not see red and green, on white and on black; the first is ours.
COLOURS = ("#d1495b", "#e8963d", "#3d7ea6", "#6aa84f", "#8e6bbf", "#808080")

Points = Sequence[tuple[float, float]]


def chart(title: str, x_name: str, y_name: str, series: Mapping[str, Points]) -> str:
    """The series as a picture. Every coordinate is above 0."""
    points = [point for line in series.values() for point in line]
    x_range, y_range = (_decades([point[axis] for point in points]) for axis in (0, 1))

    def x(value: float) -> float:
        return LEFT + _share(value, x_range) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - _share(value, y_range) * (HEIGHT - TOP - BOTTOM)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>svg{background:#fff;font:13px system-ui,sans-serif}text{fill:#222}"
        ".grid{stroke:#ddd}.line{fill:none;stroke-width:2}"
        "@media (prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#ddd}"
        ".grid{stroke:#333}}</style>",
        f'<text x="{LEFT}" y="24" font-weight="bold">{escape(title)}</text>',
        _text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 12, x_name, "middle"),
        _text(LEFT - 8, TOP - 8, y_name, "end"),
    ]
    for value in _powers(x_range):
        drawn.append(_grid(x(value), TOP, x(value), HEIGHT - BOTTOM))
        drawn.append(_text(x(value), HEIGHT - BOTTOM + 18, f"{value:,g}", "middle"))
    for value in _powers(y_range):
        drawn.append(_grid(LEFT, y(value), WIDTH - RIGHT, y(value)))
        drawn.append(_text(LEFT - 8, y(value) + 4, f"{value:,g}", "end"))
    last = max(a for a, _ in points)
    at = _apart(sorted((y(line[-1][1]), n) for n, line in series.items() if line[-1][0] == last))
    for (name, line), colour in zip(series.items(), COLOURS, strict=False):
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line)
        drawn.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
        drawn += [
            f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in line
        ]
        end_x, end_y = x(line[-1][0]), y(line[-1][1])
        if name in at:
            drawn.append(_text(end_x + 10, at[name] + 4, name, "start", colour))
        else:  # a line that ends before the others is named below its end
            drawn.append(_text(end_x, end_y + 20, name, "end", colour))
    return "\n".join([*drawn, "</svg>\n"])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around the values."""
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def _powers(ends: tuple[int, int]) -> list[float]:
    return [10.0**power for power in range(ends[0], ends[1] + 1)]


def _share(value: float, ends: tuple[int, int]) -> float:
    return (math.log10(value) - ends[0]) / (ends[1] - ends[0])


def _apart(ends: Sequence[tuple[float, str]]) -> dict[str, float]:
    """Where each name stands, from the top down: beside its line, or below the one before."""
    found: dict[str, float] = {}
    last = -math.inf
    for place, name in ends:
        found[name] = last = max(place, last + LINE)
    return found


def _grid(*ends: float) -> str:
    return '<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'.format(*ends)


def _text(x: float, y: float, said: str, anchor: str, colour: str = "") -> str:
    style = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(said)}</text>'
