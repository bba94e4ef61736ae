"""A throw-away OpenSearch cluster on loopback, whose nodes may be killed, paused and started again.

Faults are noticed within seconds, which in production takes half a minute.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HOW_TO_GET_IT = (
    "NOT RUN, no OpenSearch server is here: set OPENSEARCH_NODE to a program that takes a folder "
    "for a node's files and then settings as NAME=VALUE, gives the node the memory that HEAP says "
    "(300m), and runs it in the foreground, without security"
)
PATIENCE = 60.0
SETTINGS = {
    "network.host": "127.0.0.1",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # A killed node is noticed at once, its connections being closed; a paused one after these.
    "cluster.fault_detection.follower_check.interval": "500ms",
    "cluster.fault_detection.follower_check.timeout": "1s",
    "cluster.fault_detection.leader_check.interval": "500ms",
    "cluster.fault_detection.leader_check.timeout": "1s",
    "cluster.election.max_timeout": "1s",
    "cluster.join.timeout": "10s",
    "cluster.nodes.reconnect_interval": "1s",
    "cluster.publish.timeout": "3s",
    "discovery.find_peers_interval": "200ms",
    "discovery.request_peers_timeout": "1s",
    "transport.connect_timeout": "2s",
}
ENVIRONMENT = {
    "HEAP": "300m",
    # A node lives for minutes, in which the second compiler takes more time than it gives.
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
}
# A process that waits for the end of the tests, however they end, and then kills a node's group.
WATCH = 'read -r _; kill -s KILL -- "-$1"'

# Never through a proxy.
_http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class _Node:
    """A node with its files in a folder."""

    program: str
    folder: Path
    http: int
    settings: dict[str, str]
    environment: dict[str, str]
    paused: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _watch: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def log(self) -> str:
        """The end of what it wrote."""
        text = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return "\n".join([f"log of {self.folder.name}:", *text.splitlines()[-15:]])

    @property
    def running(self) -> bool:
        """Whether it was started and not killed; an AssertionError if it ended by itself."""
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"ended with status {self._process.returncode}; {self.log}")
        return self._process is not None

    def start(self) -> None:
        """Start it; returns at once."""
        assert not self.running, f"{self.folder.name} runs"
        self.folder.mkdir(exist_ok=True)
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, str(self.folder), *settings],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._watch = subprocess.Popen(
            ["sh", "-c", WATCH, "sh", str(self._process.pid)],
            stdin=subprocess.PIPE,  # which closes when this process ends
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it in the middle of whatever it does, as a power cut would."""
        if self._watch:
            self._watch.kill()
            self._watch.communicate()
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = self._watch = None
        self.paused = False

    def pause(self, paused: bool = True) -> None:
        """Let it do nothing, while its connections stay open; or let it go on."""
        assert self.running, f"{self.folder.name} does not run"
        assert self._process
        os.killpg(self._process.pid, signal.SIGSTOP if paused else signal.SIGCONT)
        self.paused = paused


@dataclass
class OpenSearch:
    """A cluster; its nodes are numbered from 0, as its addresses are."""

    _nodes: list[_Node]

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, also of those that do not run."""
        return [node.url for node in self._nodes]

    @property
    def url(self) -> str:
        """All addresses, with commas between them."""
        return ",".join(self.urls)

    def start(self, n: int) -> None:
        """Start a node again, with its old files; `wait` for when it answers."""
        self._nodes[n].start()

    def kill(self, n: int) -> None:
        """End a node in the middle of whatever it does, as a power cut would."""
        self._nodes[n].kill()

    def pause(self, n: int) -> None:
        """Let a node do nothing, while its connections stay open."""
        self._nodes[n].pause()

    def go_on(self, n: int) -> None:
        """Let a node go on after a pause; `wait` for when the others have it back."""
        self._nodes[n].pause(False)

    def stop(self) -> None:
        """Kill every node."""
        for node in self._nodes:
            node.kill()

    def go(self) -> None:
        """Start each node that does not run, let go on what is paused, and wait for all."""
        for node in self._nodes:
            if not node.running:
                node.start()
            elif node.paused:
                node.pause(False)
        self.wait(len(self._nodes))

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask the first node that runs; an AssertionError, with its reason, if it refuses."""
        for node in self._awake():
            with suppress(ConnectionError):
                return _ask(node.url, method, path, body)
        raise AssertionError(f"no node answers {method} {path}; {self._logs}")

    def wait(self, nodes: int) -> None:
        """Wait until every node that runs says that they have a manager and are so many."""
        end = time.monotonic() + PATIENCE
        while not (said := self._said()) or any(one != nodes for one in said):
            if time.monotonic() > end:
                raise AssertionError(f"not {nodes} nodes in {PATIENCE} s but {said}; {self._logs}")
            time.sleep(0.1)

    def empty(self) -> None:
        """Delete all indices, all templates, and the settings of the cluster that a test made."""
        # What makes it read-only forbids all else, so that goes first and alone.
        for setting in ("cluster.blocks.read_only", "cluster.blocks.read_only_allow_delete", "*"):
            for kind in ("persistent", "transient"):
                self.ask("PUT", "/_cluster/settings", {kind: {setting: None}})
        self.ask("DELETE", "/*?expand_wildcards=all")
        for templates in ("_index_template", "_component_template", "_template"):
            self.ask("DELETE", f"/{templates}/*")

    def _awake(self) -> list[_Node]:
        return [node for node in self._nodes if node.running and not node.paused]

    def _said(self) -> list[int | None]:
        """How many nodes each sees; none for one that does not answer or has no manager."""
        said: list[int | None] = []
        for node in self._awake():
            try:
                health = _ask(node.url, "GET", "/_cluster/health?local=true")
            except (OSError, AssertionError):
                said.append(None)
            else:
                managed = health["discovered_cluster_manager"]
                said.append(health["number_of_nodes"] if managed else None)
        return said

    @property
    def _logs(self) -> str:
        return "\n".join(node.log for node in self._nodes)


@contextmanager
def started(nodes: int = 3, **environment: str) -> Iterator[OpenSearch]:
    """A cluster for as long as the `with`; skips, and says why, where there is none."""
    program = os.environ.get("OPENSEARCH_NODE")
    if not program:
        pytest.skip(HOW_TO_GET_IT)
    folder = Path(tempfile.mkdtemp(prefix="article-bot-opensearch-"))
    cluster = OpenSearch(_made(program, folder, nodes, ENVIRONMENT | environment))
    try:
        cluster.go()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _made(program: str, folder: Path, nodes: int, environment: dict[str, str]) -> list[_Node]:
    """Nodes that know of each other, not started."""
    ports = _free_ports(2 * nodes)
    http, transport = ports[:nodes], ports[nodes:]
    names = [f"n{n}" for n in range(nodes)]
    shared = SETTINGS | {
        "cluster.name": folder.name,
        "cluster.initial_cluster_manager_nodes": f"[{','.join(names)}]",
        "discovery.seed_hosts": f"[{','.join(f'127.0.0.1:{port}' for port in transport)}]",
    }
    return [
        _Node(
            program,
            folder / name,
            http[n],
            {
                "node.name": name,
                "http.port": str(http[n]),
                "transport.port": str(transport[n]),
                **shared,
            },
            environment,
        )
        for n, name in enumerate(names)
    ]


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last is found."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def _ask(url: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Ask a node; a ConnectionError if it is not there."""
    data = None if body is None else json.dumps(body).encode()
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(url + path, data, head, method=method)
    try:
        with _http.open(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as refused:
        with refused:
            reason = refused.read().decode()
        raise AssertionError(f"{method} {path}: {refused.code} {reason}") from None
    except urllib.error.URLError as away:
        raise away.reason if isinstance(away.reason, OSError) else away from None
