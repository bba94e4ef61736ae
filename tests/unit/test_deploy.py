"""The files in `deploy/` match the code: names, settings, limits, the operator's page."""

import ast
import asyncio
import json
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot import config, live
from bot.answering.answerer import Answerer
from bot.slack import run, server
from tests.conftest import ROOT
from tests.fakes.bot import free_port, running
from tests.slack.test_metrics import scrape

DEPLOY = ROOT / "deploy"
PAGE = (DEPLOY / "OPERATING.md").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
UNIT = (DEPLOY / "article-bot.service").read_text("utf-8")
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
# The documents end first, then receiving, on two connections one after the other, then the HTTP
# side, then posting.
SECONDS_TO_STOP = (
    live.SECONDS_TO_STOP
    + 2 * run.SECONDS_FOR_REQUESTS
    + server.SECONDS_TO_FINISH
    + run.SECONDS_FOR_POSTS
)


def table(heading: str, page: str = PAGE) -> list[list[str]]:
    """The cells of the first table below a heading."""
    _, _, below = page.partition(f" {heading}\n")
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert rows, heading
    lines = rows.group().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(heading: str) -> list[str]:
    return [first.strip("`| ") for first, *_ in table(heading)]


def unit() -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT)
    return parser


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


# The operator's page


async def test_the_page_names_exactly_the_metrics_that_are_exported(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path) as bot:
        text = (await scrape(bot)).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    exported = {
        f"{name}_total" if family.type == "counter" else name for name, family in families.items()
    }
    documented = set(named("Metrics"))
    if sys.platform != "linux":
        documented = {name for name in documented if not name.startswith("process_")}
    assert exported == documented
    rows = {first.strip("`"): said for first, said in table("Metrics")}
    for name, family in families.items():
        said = rows[f"{name}_total" if family.type == "counter" else name]
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert label == "le" or f"`{value}`" in said, (name, label, value)


def events() -> dict[str, set[str]]:
    """Each event that the code logs, with its levels; what is put into it is an ellipsis."""
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            match node.func:
                case ast.Attribute(value=ast.Name(id="log"), attr=level):
                    pass
                case ast.Name(id="log_failure"):
                    level = "error"
                case _:
                    continue
            for event in texts(node.args[0]):
                found.setdefault(event, set()).add(level)
    return found


def texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return texts(body) + texts(orelse)
        case ast.JoinedStr(values=values):
            parts = [one.value if isinstance(one, ast.Constant) else "…" for one in values]
            whole = "".join(map(str, parts))
            return (
                [] if whole.startswith("…") else [whole]
            )  # log_failure's own: `what` and the rest
        case _:
            raise AssertionError(f"an event that is not written out: {ast.unparse(node)}")


def test_the_page_names_exactly_the_events_that_are_logged() -> None:
    assert {first.strip("`"): {level} for first, level, _ in table("Log lines")} == events()


def test_the_page_names_exactly_the_alerts_there_are() -> None:
    assert named("Alerts") == [rule["alert"] for rule in alerts()]


def test_the_page_names_every_exit_status() -> None:
    assert {"0", "1", "2", "130"} <= set(named("Exit statuses"))


def test_the_page_s_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in headings}
    linked = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert linked
    assert set(linked) <= anchors
    for file in re.findall(r"\]\((?!#|http)([^)]+)\)", PAGE):
        assert (DEPLOY / file).exists()


def test_the_page_s_scrape_config_names_the_job_that_the_alerts_ask_for() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    read = yaml.safe_load(block)
    assert read["scrape_configs"][0]["job_name"] == "article-bot"
    assert all(
        job == "article-bot"
        for rule in alerts()
        for job in re.findall(r'job="([^"]+)"', rule["expr"])
    )


# The alerts


async def test_alerts_use_only_existing_metrics_and_labels(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path) as bot:
        page = await scrape(bot)
    names = {name for name, _ in page} | {"process_start_time_seconds"}
    values = {value for _, labels in page for value in labels}
    for rule in alerts():
        asked = re.findall(r"\b(?:article_bot|process)_\w+", rule["expr"])
        assert set(asked) <= names, rule["alert"]
        for label, wanted in re.findall(r'(\w+)=~?\s*"([^"]+)"', rule["expr"]):
            assert label == "job" or set(wanted.split("|")) <= values, rule["alert"]
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


# The image


def test_the_image_sets_only_known_settings_and_no_secret() -> None:
    block = re.search(r"^ENV ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
    assert block
    set_here = re.findall(r"(\w+)=", block.group(1))
    assert {"DATA_DIR", "CORPUS_DIR", "PORT"} <= set(set_here)
    of_others = {name for name in set_here if name == "PATH" or name.startswith("PYTHON")}
    assert set(set_here) - of_others <= set(config.names())
    assert not re.search(r"TOKEN|SECRET|PASSWORD|xox[bp]|xapp", DOCKERFILE)


def test_the_image_copies_only_the_listed_files() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert sources == {"pyproject.toml", "README.md", "LICENSE", "bot"}
    assert all((ROOT / source).exists() for source in sources)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_the_image_runs_unprivileged_and_starts_the_bot_directly() -> None:
    [user] = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0
    assert re.search(r'^ENTRYPOINT \["article-bot"\]$', DOCKERFILE, re.MULTILINE)
    for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
        assert "/" not in image


async def test_the_health_check_of_the_image_detects_a_dead_bot(
    article: Answerer, tmp_path: Path
) -> None:
    [found] = re.findall(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    python, *arguments = json.loads(found)
    assert python == "python"

    async def status(port: int) -> int | None:
        env = {"PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=env, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    async with running("http", article, tmp_path) as bot:
        assert bot.settings.port
        assert await status(bot.settings.port) == 0
    assert await status(free_port()) == 1


# Compose


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_the_compose_file_sets_only_known_settings(file: Path) -> None:
    bot = yaml.safe_load(file.read_text("utf-8"))["services"]["bot"]
    assert set(bot.get("environment", {})) <= set(config.names())


def test_the_composed_bot_is_confined_and_given_time_to_stop() -> None:
    read = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    bot = read["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert int(bot["stop_grace_period"].removesuffix("s")) > SECONDS_TO_STOP
    mounted = {volume.split(":")[1] for volume in bot["volumes"]}
    given = bot["environment"]
    assert {given["DATA_DIR"], given["CORPUS_DIR"], given["ANSWERS_DIR"]} == mounted
    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).is_file()
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])
    assert set(read["volumes"]) == {"data", "answers"}


def test_compose_waits_for_postgresql_and_contains_no_password() -> None:
    read = yaml.safe_load((DEPLOY / "compose.postgres.yaml").read_text("utf-8"))
    bot, postgres = read["services"]["bot"], read["services"]["postgres"]
    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert postgres["healthcheck"]["test"][1] == "pg_isready"
    assert "ports" not in postgres
    given = postgres["environment"]["POSTGRES_PASSWORD"]
    assert given.startswith("${POSTGRES_PASSWORD:?")
    assert f":{given}@postgres/" in bot["environment"]["DATABASE_URL"]
    assert [v.split(":")[0] for v in postgres["volumes"]] == list(read["volumes"])


def test_compose_waits_for_opensearch_and_only_the_bot_can_reach_it() -> None:
    read = yaml.safe_load((DEPLOY / "compose.opensearch.yaml").read_text("utf-8"))
    bot, opensearch = read["services"]["bot"], read["services"]["opensearch"]
    assert bot["depends_on"] == {"opensearch": {"condition": "service_healthy"}}
    assert bot["environment"]["OPENSEARCH_URL"] == "http://opensearch:9200"
    assert bot["build"]["args"]["EXTRAS"] == "[opensearch,postgres]"
    assert "ports" not in opensearch
    assert opensearch["networks"] == ["search"]
    assert set(bot["networks"]) == {"default", "search"}
    assert read["networks"] == {"search": {"internal": True}}
    assert [v.split(":")[0] for v in opensearch["volumes"]] == list(read["volumes"])


# systemd


def test_the_unit_sets_only_known_settings() -> None:
    lines = re.findall(r"^Environment=(\w+)=", UNIT, re.MULTILINE)
    ours = {"ANSWERS_DIR", "DATA_DIR", "CORPUS_DIR", "PORT"}
    assert ours == set(lines) & set(config.names()) == set(lines)


def test_the_unit_is_confined_and_given_time_to_stop() -> None:
    service = unit()["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["Restart"] == "on-failure"
    assert SECONDS_TO_STOP < 8
    assert int(service["TimeoutStopSec"]) == 10
    assert "at most eight seconds" in PAGE
    assert f"Environment=DATA_DIR=/var/lib/{service['StateDirectory']}" in UNIT


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    command = unit()["Service"]["ExecStart"]
    assert command == "/opt/article-bot/bin/article-bot slack"
    here = tmp_path / "article-bot.service"
    here.write_text(UNIT.replace(command, "/bin/true"), "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", here], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
