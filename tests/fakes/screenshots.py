"""Pictures of the page for the README, of the sample: light and dark, wide and as on a phone.

    python -m tests.fakes.screenshots .github/images

Look at them when you change what people see.
"""

import asyncio
import sys
from pathlib import Path

from bot.terminal.documents import SAMPLE
from tests.fakes.browser import browser
from tests.fakes.web import playing

LEAVE = "/?q=How+many+days+of+annual+leave+do+I+have%3F"
FINES = "/?q=Can+I+claim+parking+fines%3F"
QUOTE = "document.querySelector('.links a').getAttribute('href')"
# The name, the address, the window's size, and whether it is dark.
PICTURES = (
    ("play", LEAVE, (900, 720), False),
    ("play-dark", LEAVE, (900, 720), True),
    ("play-phone", FINES, (340, 600), False),
)


async def take(folder: Path) -> None:
    """Take all pictures into a folder."""
    async with playing(SAMPLE) as url, browser() as page:
        for name, address, (width, height), dark in PICTURES:
            await page.goto(url + address, width, height, dark=dark)
            await page.picture(folder / f"{name}.png")
        await page.goto(url + LEAVE, 900, 720)
        await page.goto(url + str(await page.run(QUOTE)), 900, 720)
        await page.picture(folder / "play-document.png")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(place))
