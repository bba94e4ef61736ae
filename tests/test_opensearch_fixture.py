"""The throw-away OpenSearch does what the tests that use it rely on."""

from pathlib import Path
from typing import Any

import pytest

from tests.opensearch import HOW_TO_GET_IT, OpenSearch, started

SPREAD = {"settings": {"number_of_shards": 3, "number_of_replicas": 1}}


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


def test_a_node_that_ends_by_itself_fails_with_what_it_wrote(
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


def test_what_is_refused_fails_with_the_reason(opensearch: OpenSearch) -> None:
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


def test_a_cluster_that_stopped_has_its_documents_when_it_goes_again(
    opensearch: OpenSearch,
) -> None:
    opensearch.ask("PUT", "/spread", SPREAD)
    opensearch.ask("PUT", "/spread/_doc/1", {"text": "kept"})
    opensearch.stop()
    opensearch.go()
    health(opensearch, "yellow")
    assert opensearch.ask("GET", "/spread/_doc/1")["_source"] == {"text": "kept"}
