"""A TLS front on loopback that asks who comes and passes requests on, as a managed cluster does."""

import base64
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import trustme

# What is said of a connection, not of what is asked; the length is told anew.
OF_A_CONNECTION = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class TlsFront:
    """Its address, and what a client needs: whom to trust, and who it is itself."""

    url: str
    ca: Path
    certificate: Path
    key: Path


@contextmanager
def tls_front(
    url: str,
    folder: Path,
    *,
    user: str | None = None,
    password: str = "",
    client_certificate: bool = False,
) -> Iterator[TlsFront]:
    """A front before the server at `url` for as long as the `with`, with its files in a folder.

    Who gives no user, or a wrong password, is told 401. Without a client certificate of the same
    authority, where one is required, there is no connection.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    if client_certificate:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    expected = None
    if user is not None:
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    with _Server(urlsplit(url).netloc, context, expected) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield _files(f"https://127.0.0.1:{server.server_port}", authority, folder)
        finally:
            server.shutdown()
            thread.join()
            server.hang_up()


def _files(url: str, authority: trustme.CA, folder: Path) -> TlsFront:
    services = TlsFront(url, folder / "ca.pem", folder / "client.pem", folder / "client.key")
    client = authority.issue_cert("bot@example.org")
    authority.cert_pem.write_to_path(services.ca)
    client.cert_chain_pems[0].write_to_path(services.certificate)
    client.private_key_pem.write_to_path(services.key)
    return services


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behind: str, context: ssl.SSLContext, expected: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.context, self.expected = behind, context, expected
        self._connections: set[socket.socket] = set()

    def finish_request(self, request: object, client_address: object) -> None:
        # In the connection's own thread: nobody waits for the handshake of another.
        assert isinstance(request, socket.socket)
        with self.context.wrap_socket(request, server_side=True) as connection:
            self._connections.add(connection)
            try:
                super().finish_request(connection, client_address)
            finally:
                self._connections.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the client hears of it."""

    def hang_up(self) -> None:
        """End the connections that are kept alive."""
        for connection in self._connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # connections are kept alive
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        # Read before all else, or it would be taken for the next request.
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._known():
            try:
                self._pass_on(body)
            except (OSError, http.client.HTTPException) as error:
                self._say(502, {"Content-Type": "text/plain"}, str(error).encode())
        else:
            self._say(401, {"WWW-Authenticate": 'Basic realm="test"'}, b"Unauthorized")

    do_DELETE = do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _known(self) -> bool:
        given = self.headers.get("Authorization", "")
        expected = self.server.expected
        return expected is None or hmac.compare_digest(given.encode(), expected.encode())

    def _pass_on(self, body: bytes) -> None:
        head = {k: v for k, v in self.headers.items() if k.lower() not in OF_A_CONNECTION}
        with closing(http.client.HTTPConnection(self.server.behind, timeout=60)) as node:
            node.request(self.command, self.path, body or None, head)
            answer = node.getresponse()
            self._say(answer.status, dict(answer.getheaders()), answer.read())

    def _say(self, status: int, head: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in head.items():
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
