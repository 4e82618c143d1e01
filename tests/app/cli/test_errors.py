"""Every failure leaves in one shape, with its exit code and without a traceback."""

import json
import signal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app.cli.errors import ReportingGroup, code_of
from app.cli.main import main
from core.errors import JobStoppedError, NoModelError, NotFoundError
from tests.app.cli.calling import call, error_of, start


def fail_with(error: BaseException, *arguments: str) -> Result:
    """Call a command that raises."""

    @click.group(cls=ReportingGroup)
    def root() -> None:
        pass

    @root.command()
    @click.option("--json", "as_json", is_flag=True)
    def fail(as_json: bool) -> None:
        raise error

    return CliRunner().invoke(root, ["fail", *arguments])


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (NotFoundError("There is no 'x'."), "not_found", 1),
        (NoModelError("No model."), "no_model", 1),
        (JobStoppedError("Stopped."), "job_stopped", 130),
        (KeyboardInterrupt(), "stopped", 130),
        (PermissionError(13, "Permission denied", "/x/y"), "file", 1),
    ],
)
def test_an_error_has_its_code_in_json_and_its_exit_code(error: BaseException, code: str, exit_code: int) -> None:
    result = fail_with(error, "--json")
    lines = result.stderr.strip().splitlines()
    assert json.loads(lines[-1])["error"]["code"] == code
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert fail_with(error).exit_code == exit_code


def test_people_get_the_message_only() -> None:
    result = fail_with(NotFoundError("There is no session 'x', expected one of the shop's."))
    assert result.stderr == "Error: There is no session 'x', expected one of the shop's.\n"


def test_a_file_that_cannot_be_written_is_named() -> None:
    assert "'/x/y': No space left on device" in fail_with(OSError(28, "No space left on device", "/x/y")).stderr


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    assert isinstance(fail_with(ZeroDivisionError("ours")).exception, ZeroDivisionError)


def test_a_code_is_the_name_of_the_situation() -> None:
    assert code_of(NoModelError("")) == "no_model"


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("import",),
        ("import", "nowhere.csv"),
        ("explain",),
        ("score",),
        ("score", "--out", "/nowhere/scores.parquet"),
        ("pretrain", "--size", "gigantic"),
        ("finetune", "--epochs", "0"),
        ("annotations", "export", "/nowhere/labels.jsonl"),
        ("serve", "--port", "70000"),
    ],
)
def test_a_wrong_call_is_exit_code_2_in_both_forms(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert call(tmp_path, *arguments).exit_code == 2
    result = call(tmp_path, *arguments, "--json")
    assert (error_of(result)["code"], result.exit_code) == ("usage", 2)
    assert list(tmp_path.iterdir()) == []


def test_every_command_explains_itself_at_every_level() -> None:
    for path in ([], *([name] for name in main.commands), ["annotations", "import"], ["annotations", "export"]):
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0
        assert "Usage" in result.stdout


def test_ctrl_c_ends_the_server_quietly(tmp_path: Path) -> None:
    server = start(tmp_path / "home", "serve", "--port", "0")
    assert server.stdout is not None
    assert "IntentLens is at http://127.0.0.1:" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    _, complaints = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in complaints
