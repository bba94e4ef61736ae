"""Who may ask over HTTP: this machine's own user, or who has the token."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Names of this machine that no page elsewhere can have. Another name may be anybody's, who lets it
# lead here so that a browser takes his page for ours.
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")

ELSEWHERE = "This is for the machine it runs on: open http://localhost with its port."
OTHER_ORIGIN = "This came from a page of another address, and was refused."
NO_TOKEN = "Send the header Authorization: Bearer and the API_TOKEN."


class LocalOnly:
    """Lets in what a browser or a program of this machine sends to it by its own name.

    A page of another address cannot make a browser post here: it says whose page it is. Programs
    say nothing; where only a page posts (`is_page`), they are refused.
    """

    def __init__(self, app: ASGIApp, port: int, *, is_page: bool = False) -> None:
        self._app, self._is_page = app, is_page
        self._hosts = {f"{name}:{port}" for name in LOCAL_NAMES}
        if port == 80:
            self._hosts |= set(LOCAL_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or refuse it with a sentence."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if headers.get("host", "").lower() not in self._hosts:
                await refusal(421, ELSEWHERE)(scope, receive, send)
                return
            if scope["method"] not in ("GET", "HEAD") and not self._is_own(headers):
                await refusal(403, OTHER_ORIGIN)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_own(self, headers: Mapping[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return not self._is_page
        return origin.lower() == f"http://{headers.get('host', '').lower()}"


class TokenOnly:
    """Lets in who sends the token as `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or refuse it with a sentence."""
        if scope["type"] == "http" and not self._has_token(Headers(scope=scope)):
            refused = refusal(401, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        # Compared in a time that does not tell how much of it is right.
        is_right = secrets.compare_digest(sent.strip().encode("latin-1"), self._token)
        return is_right and scheme.lower() == "bearer"


def refusal(status: int, why: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A response that says in a sentence why there is no answer."""
    return JSONResponse({"error": why}, status, dict(headers or {}))


def is_loopback(host: str) -> bool:
    """Whether an address is one of this machine alone."""
    return host == "::1" or host.startswith("127.")


def host_of(url: str) -> str:
    """The host of an address, with its port where it names one."""
    return urlsplit(url).netloc
