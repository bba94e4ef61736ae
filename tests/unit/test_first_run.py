"""The first minutes of a user who has no documents in place yet."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import aiohttp
import pytest
from mcp import Client, StdioServerParameters

from bot.phrases import ASKING_SAMPLE
from tests.conftest import ROOT, Run
from tests.fakes.bot import free_port, listening

SAID = f"article-bot: {ASKING_SAMPLE}\n"
LEAVE = "how many days of annual leave do I have?"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and nothing set."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("empty")
def test_in_an_empty_folder_the_sample_answers_and_standard_error_says_so(run: Run) -> None:
    ran = run("ask", LEAVE)
    assert (ran.status, ran.err) == (0, SAID)
    assert (
        "**You have 27 days of annual leave a year, and public holidays come on top.**" in ran.out
    )
    assert "sample documents" not in ran.out


@pytest.mark.usefixtures("empty")
def test_json_stays_json_and_its_notes_name_the_sample(run: Run) -> None:
    ran = run("ask", "--json", "-", stdin=b"can I claim parking fines?\nthanks")
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["notes"][-1] for answer in answers] == [ASKING_SAMPLE] * 2
    assert ran.err == SAID


@pytest.mark.usefixtures("empty")
def test_chat_asks_the_sample_too(run: Run) -> None:
    ran = run("chat", stdin=LEAVE.encode())
    assert (ran.status, ran.err) == (0, SAID)
    assert "27 days" in ran.out


@pytest.mark.usefixtures("empty")
def test_the_question_in_the_help_is_one_that_the_sample_answers(run: Run) -> None:
    asked = re.search(r"ask “(.+)”", " ".join(run("--help").out.split()))
    assert asked
    assert run("ask", asked[1]).status == 0


def test_the_sample_is_not_used_if_a_folder_is_named_or_exists(
    run: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no such folder" in run("ask", LEAVE, "--corpus", "corpus").err
    monkeypatch.setenv("CORPUS_DIR", "corpus")
    assert "no such folder" in run("ask", LEAVE).err
    monkeypatch.delenv("CORPUS_DIR")
    (empty / "corpus").symlink_to("gone")
    assert "no such folder" in run("ask", LEAVE).err
    (empty / "corpus").unlink()
    (empty / "corpus").mkdir()
    assert "no document to answer from" in run("ask", LEAVE).err


@pytest.mark.parametrize("command", ["slack", "serve", "index", "corpus", "eval"])
def test_commands_for_a_team_never_use_the_sample(
    command: str, run: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("DATA_DIR", str(empty / "data"))
    (empty / "set.jsonl").write_text(
        '{"id": "1", "question": "x", "kind": "y", "answerable": false, "paragraphs": [], '
        '"contains": []}\n'
    )
    ran = run(command, *(["set.jsonl"] if command == "eval" else []))
    said = f"{empty / 'corpus'}: no such folder; name one with --corpus or CORPUS_DIR"
    assert (ran.status, said in ran.err) == (2, True), ran.err


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a venv that has the wheel, and of the tests' venv only the libraries."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build], check=True, capture_output=True, timeout=300)
    [wheel] = folder.glob("article_bot-*.whl")
    here = folder / "venv"
    venv.create(here, symlinks=True)
    python = str(here / "bin" / "python")
    install = ["--python", python, "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*pip, *install], check=True, capture_output=True, timeout=300)
    own = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    # A path file below a path file is not read: the checkout itself is not importable there.
    Path(own.strip(), "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return here / "bin"


@pytest.mark.slow
def test_a_wheel_in_an_empty_folder_answers_with_a_citation(installed: Path, empty: Path) -> None:
    ran = subprocess.run(
        [installed / "article-bot", "ask", LEAVE],
        cwd=empty,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, SAID)
    assert "Larkspur House Handbook · Annual leave · paragraph 3 of 16" in ran.stdout
    assert str(installed.parent) in ran.stdout, "the wheel's own sample"


@pytest.mark.slow
def test_the_wheel_s_page_answers_on_this_machine_alone_and_ctrl_c_ends_it(
    installed: Path, empty: Path
) -> None:
    port = free_port()
    command = [str(installed / "article-bot"), "play", "--port", str(port)]
    env = {**os.environ, "HOST": "0.0.0.0"}  # of a bot that is reachable; the page never is
    with subprocess.Popen(
        command, cwd=empty, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert running.stdout.readline() == f"Ask at http://localhost:{port}/ (Ctrl-C ends)\n"
        asked = urlencode({"q": LEAVE})
        with urlopen(f"http://localhost:{port}/ask?{asked}", timeout=20) as response:
            answer = json.load(response)
        with urlopen(f"http://localhost:{port}/?{asked}", timeout=20) as response:
            page = response.read().decode()
        listening = Path("/proc/net/tcp")
        addresses = listening.read_text().split() if listening.exists() else []
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
    assert "27 days" in answer["citations"][0]["quote"]
    assert answer["notes"] == [ASKING_SAMPLE]
    assert ASKING_SAMPLE in page
    assert [
        one for one in addresses if one.endswith(f":{port:04X}") and one.startswith("0000")
    ] == []


@pytest.mark.slow
async def test_the_wheel_offers_an_assistant_a_tool_that_asks_the_sample(
    installed: Path, empty: Path
) -> None:
    command = StdioServerParameters(
        command=str(installed / "article-bot"), args=["mcp"], cwd=empty, env={**os.environ}
    )
    async with Client(command) as client:
        result = await client.call_tool("ask", {"question": LEAVE})
    assert result.structured_content is not None
    assert "27 days" in result.structured_content["citations"][0]["quote"]
    assert result.structured_content["notes"] == [ASKING_SAMPLE]


@pytest.mark.slow
async def test_the_wheel_serves_the_api_and_its_tools_until_it_is_told_to_stop(
    installed: Path, empty: Path
) -> None:
    port = free_port()
    (empty / "corpus").mkdir()
    (empty / "corpus" / "note.md").write_text("The canteen opens at noon.\n")
    command = [str(installed / "article-bot"), "serve", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, cwd=empty, stderr=subprocess.DEVNULL)
    try:
        await listening(port)
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://localhost:{port}/ask?q=when+does+the+canteen+open%3F") as response,
        ):
            answer = await response.json()
        async with Client(f"http://localhost:{port}/mcp") as client:
            result = await client.call_tool("ask", {"question": answer["question"]})
    finally:
        process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert answer["citations"][0]["quote"] == "The canteen opens at noon."
    assert result.structured_content == answer
