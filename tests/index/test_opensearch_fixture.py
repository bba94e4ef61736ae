"""The throw-away OpenSearch and its TLS front work as the tests that use them expect."""

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.opensearch import HOW_TO_GET_IT, OpenSearch, started
from tests.fakes.tls_front import TlsFront, tls_front

SPREAD = {"settings": {"number_of_shards": 3, "number_of_replicas": 1}}
USER, PASSWORD = "bot", "s3cret"


def health(cluster: OpenSearch, status: str) -> dict[str, Any]:
    return cluster.ask("GET", f"/_cluster/health?wait_for_status={status}&timeout=20s")


def manager(cluster: OpenSearch) -> int:
    state = cluster.ask("GET", "/_cluster/state/cluster_manager_node,nodes")
    name: str = state["nodes"][state["cluster_manager_node"]]["name"]
    return int(name.removeprefix("n"))


def test_without_a_server_the_tests_are_skipped_and_say_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENSEARCH_NODE", raising=False)
    with pytest.raises(pytest.skip.Exception) as skipped, started():
        pass
    assert skipped.value.msg == HOW_TO_GET_IT
    assert HOW_TO_GET_IT.startswith("NOT RUN, ")


def test_a_node_that_exits_fails_with_its_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\necho out of luck; exit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("OPENSEARCH_NODE", str(broken))
    with pytest.raises(AssertionError, match=r"(?s)status 3.*out of luck"), started(1):
        pass


def test_three_nodes_share_an_index(opensearch: OpenSearch) -> None:
    opensearch.ask("PUT", "/spread", SPREAD)
    found = health(opensearch, "green")
    assert (found["number_of_nodes"], found["active_shards"]) == (3, 6)
    assert opensearch.url.split(",") == opensearch.urls


def test_the_next_test_finds_nothing_of_the_last_one(opensearch: OpenSearch) -> None:
    opensearch.ask("PUT", "/.hidden", SPREAD)
    opensearch.ask("PUT", "/_index_template/new", {"index_patterns": ["a*"]})
    opensearch.ask("PUT", "/_component_template/part", {"template": {}})
    opensearch.ask("PUT", "/_template/old", {"index_patterns": ["a*"]})
    opensearch.ask("PUT", "/_cluster/settings", {"transient": {"cluster.blocks.read_only": True}})
    opensearch.empty()
    metadata = opensearch.ask("GET", "/_cluster/state/metadata")["metadata"]
    assert metadata["indices"] == metadata["templates"] == {}
    assert opensearch.ask("GET", "/_index_template") == {"index_templates": []}
    assert opensearch.ask("GET", "/_component_template") == {"component_templates": []}
    assert opensearch.ask("GET", "/_cluster/settings") == {"persistent": {}, "transient": {}}


def test_a_refused_request_fails_with_the_reason(opensearch: OpenSearch) -> None:
    with pytest.raises(AssertionError, match=r"GET /nothing: 404 .*no such index \[nothing\]"):
        opensearch.ask("GET", "/nothing")


def test_a_killed_manager_is_followed_by_another_and_comes_back(opensearch: OpenSearch) -> None:
    opensearch.ask("PUT", "/spread", SPREAD)
    health(opensearch, "green")
    first = manager(opensearch)
    opensearch.kill(first)
    opensearch.wait(2)
    assert manager(opensearch) != first
    assert health(opensearch, "yellow")["active_primary_shards"] == 3
    opensearch.start(first)
    opensearch.wait(3)
    assert health(opensearch, "green")["active_shards"] == 6


def test_a_paused_node_is_noticed_and_taken_back(opensearch: OpenSearch) -> None:
    other = (manager(opensearch) + 1) % 3
    opensearch.pause(other)
    opensearch.wait(2)
    opensearch.go_on(other)
    opensearch.wait(3)


def test_a_restarted_cluster_still_has_its_documents(
    opensearch: OpenSearch,
) -> None:
    opensearch.ask("PUT", "/spread", SPREAD)
    opensearch.ask("PUT", "/spread/_doc/1", {"text": "kept"})
    opensearch.stop()
    opensearch.go()
    health(opensearch, "yellow")
    assert opensearch.ask("GET", "/spread/_doc/1")["_source"] == {"text": "kept"}


NOBODY = "http://127.0.0.1:1"  # to be refused needs no server behind


def calling(
    services: TlsFront, *, certificate: bool = False
) -> closing[http.client.HTTPSConnection]:
    context = ssl.create_default_context(cafile=services.ca)
    if certificate:
        context.load_cert_chain(services.certificate, services.key)
    address = urlsplit(services.url).netloc
    return closing(http.client.HTTPSConnection(address, timeout=10, context=context))


def asked(
    client: http.client.HTTPSConnection,
    method: str = "GET",
    path: str = "/",
    body: str | None = None,
    head: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    client.request(method, path, body, head or {})
    answer = client.getresponse()
    return answer.status, answer.read()


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()}


def test_the_front_passes_requests_on_over_one_connection(
    opensearch: OpenSearch, tmp_path: Path
) -> None:
    head = basic(PASSWORD) | {"Content-Type": "application/json"}
    with (
        tls_front(
            opensearch.urls[0], tmp_path, user=USER, password=PASSWORD, client_certificate=True
        ) as services,
        calling(services, certificate=True) as client,
    ):
        used = set()
        for method, path, body, status in [
            ("PUT", "/through", json.dumps(SPREAD), 200),
            ("HEAD", "/through", None, 200),
            ("GET", "/nothing", None, 404),
            ("POST", "/through/_doc?refresh=true", json.dumps({"text": "é"}), 201),
            ("GET", "/through/_search", json.dumps({"query": {"match": {"text": "é"}}}), 200),
        ]:
            found, text = asked(client, method, path, body, head)
            used.add(client.sock)
            assert found == status
        assert json.loads(text)["hits"]["hits"][0]["_source"] == {"text": "é"}
        assert len(used) == 1


@pytest.mark.parametrize("head", [{}, basic("wrong"), {"Authorization": "Basic ?é"}])
def test_the_front_refuses_a_wrong_password(head: dict[str, str], tmp_path: Path) -> None:
    with (
        tls_front(NOBODY, tmp_path, user=USER, password=PASSWORD) as services,
        calling(services) as client,
    ):
        for _ in range(2):
            assert asked(client, "POST", "/_search", "{}", head)[0] == 401


def test_the_front_refuses_a_client_without_certificate(tmp_path: Path) -> None:
    with (
        tls_front(NOBODY, tmp_path, client_certificate=True) as services,
        calling(services) as client,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        asked(client)


def test_a_client_without_the_ca_refuses_the_front(tmp_path: Path) -> None:
    with (
        tls_front(NOBODY, tmp_path) as services,
        closing(http.client.HTTPSConnection(urlsplit(services.url).netloc, timeout=10)) as client,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        asked(client)


def test_the_front_answers_502_without_a_server_and_hangs_up_when_it_stops(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        with tls_front(NOBODY, tmp_path) as services:
            client = stack.enter_context(calling(services))
            assert asked(client)[0] == 502
        with pytest.raises((ssl.SSLError, ConnectionError)):
            asked(client)
