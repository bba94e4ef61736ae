"""Guards for HTTP requests: only from this machine, or only with the token."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Only these names are trusted: with DNS rebinding, an attacker can point any other name at this
# machine, and a browser would then treat the attacker's page as ours.
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")

ELSEWHERE = "This server only answers its own machine: open http://localhost with its port."
OTHER_ORIGIN = "Refused: this request does not come from this server's own page."
NO_TOKEN = "Send the API_TOKEN in the header Authorization: Bearer TOKEN."


class LocalOnly:
    """Middleware that accepts only requests to a local name of this machine and this port.

    A page of another site cannot post here, because the browser sends its origin. Other programs
    send no origin; with `is_page`, where only our own page posts, they are refused too.
    """

    def __init__(self, app: ASGIApp, port: int, *, is_page: bool = False) -> None:
        self._app, self._is_page = app, is_page
        self._hosts = {f"{name}:{port}" for name in LOCAL_NAMES}
        if port == 80:
            self._hosts |= set(LOCAL_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 421 or 403."""
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
    """Middleware that accepts only requests with `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 401."""
        if scope["type"] == "http" and not self._has_token(Headers(scope=scope)):
            refused = refusal(401, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        # Compared in constant time, which reveals nothing about how much of it is right.
        is_right = secrets.compare_digest(sent.strip().encode("latin-1"), self._token)
        return is_right and scheme.lower() == "bearer"


def refusal(status: int, why: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error response: `{"error": why}`, where `why` is a sentence."""
    return JSONResponse({"error": why}, status, dict(headers or {}))


def is_loopback(host: str) -> bool:
    """Whether an IP address is reachable only from this machine."""
    return host == "::1" or host.startswith("127.")


def host_of(url: str) -> str:
    """The host of a URL, with its port if it has one."""
    return urlsplit(url).netloc
