"""Messages as pictures: their blocks drawn as HTML, roughly as Slack shows them.

    python -m tests.fakes.pictures FOLDER

draws each kind of message there, and where there is a Chromium a picture of each at 640 and at 340
pixels. A block of a kind that it does not know is a KeyError: draw it too.
"""

import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from bot.web.blocks import Block, blocks_as_html

STYLE = """
body{font:15px/1.46 Lato,"Helvetica Neue",Arial,sans-serif;color:#1d1c1d;margin:12px;
max-width:600px}
h1,h3{font-size:18px;margin:8px 0} p{margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere}
blockquote{margin:4px 0;padding:0 0 0 12px;border-left:4px solid #ddd;white-space:pre-wrap}
pre{background:#f8f8f8;border:1px solid #ddd;border-radius:4px;padding:8px;white-space:pre-wrap}
.small{color:#616061;font-size:13px;margin:4px 0} .small span{margin-right:6px}
button{font:bold 13px Arial;border:1px solid #bbb;background:#fff;border-radius:4px;
padding:6px 12px;margin:4px 8px 4px 0;color:#1d1c1d}
ul{margin:4px 0} hr{border:0;border-top:1px solid #ddd}
"""


def page(message: Block) -> str:
    """A message or a view as a page."""
    drawn = blocks_as_html(message["blocks"])
    title = message.get("title", {}).get("text", "")
    head = f"<h1>{escape(title)}</h1>" if title else ""
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{head}{drawn}"


def draw(name: str, message: Block, folder: Path) -> None:
    """Write a message's page into a folder, and its pictures where there is a Chromium."""
    file = folder / f"{name}.html"
    file.write_text(page(message), "utf-8")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    for width in (640, 340) if browser else ():
        picture = folder / f"{name}-{width}.png"
        flags = (
            "--headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1"
        )
        subprocess.run(
            [
                str(browser),
                *flags.split(),
                f"--window-size={width},760",
                f"--screenshot={picture}",
                file,
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )


HANDBOOK = """\
---
title: Employee Handbook
url: https://a.example/handbook
---
## Parking

Parking is free behind the building. You need no permit. Visitors ask at the desk.

## Annual leave

Annual leave is 25 days a year. It is taken by March.

## Plans

| Plan | Seats | Storage |
| --- | --- | --- |
| Gold | 200 | 2 TB |
| Silver | 50 | 500 GB |

## Bonus

A bonus is paid in December to staff of two years.
"""


def kinds() -> dict[str, Block]:
    """Each kind of message, made by the bot from a small handbook."""
    from bot.model import Question
    from bot.slack.rendering.buttons import ButtonState
    from bot.slack.rendering.messages import kept_message, sentence
    from bot.slack.rendering.presenter import AskedIn, Presenter
    from bot.slack.rendering.views import keep_view
    from tests.conftest import answerer_from
    from tests.fakes.bot import Still

    answerer = answerer_from({"handbook.md": HANDBOOK})
    presenter = Presenter(Still(answerer), [("*", "U5")])
    asked = {
        "answered": "how many days of annual leave are there?",
        "closest": "is there a Christmas bonus for interns who leave in June?",
        "not-found": "who repairs the coffee machine?",
        "talk": "thanks a lot!",
        "help": "help",
        "two-parts": "is parking free, and how many days of annual leave are there?",
        "table": "how many seats does the gold plan have?",
        "sources": "what are your sources?",
    }
    drawn: dict[str, Block] = {
        name: presenter.reply(Question(text), "U1 1.1")[1] for name, text in asked.items()
    }
    question = Question(asked["answered"])
    state = ButtonState.of(question, answerer.answer(question), None)
    shared = presenter.share(state, "U7")
    assert shared
    unsure = Question(asked["closest"])
    nearest = ButtonState.of(unsure, answerer.answer(unsure), None)
    asked_in = AskedIn("T1", "C1", "1.1", "U1", 0.0)
    missed = presenter.unanswered(unsure, asked_in, "closest")
    assert missed
    claims = "Parking is free behind the building. Annual leave is 30 days. Dogs get a bonus."
    return drawn | {
        "shared": shared,
        "voted": sentence("Thank you. I've counted your vote."),
        "find-source": presenter.find_source(claims, "1.1"),
        "why": presenter.why(state.value),
        "context": presenter.more_context(state.value),
        "home": presenter.home(0, ["where do I park?"], []),
        "editors-home": presenter.home(
            0, [], [], learning=presenter.learning([missed], 0, can_teach=True)
        ),
        "teach": presenter.teach(asked["closest"]),
        "keep": keep_view(asked["not-found"], "Ask Ann in the office.", ["hr", "it"], ""),
        "ask-a-person": presenter.call_for_help(nearest),
        "kept": kept_message(asked["not-found"], "who-repairs-it-0a1b2c3d.md"),
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    for kind, shown in kinds().items():
        draw(kind, shown, place)
