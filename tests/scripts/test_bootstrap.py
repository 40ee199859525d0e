"""`scripts/bootstrap.py` on a copy: its environment's Python only writes down what it is asked to do."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.copies import copy_of, make_program, run, write

RECORDER = 'echo "$@" >> "$(dirname "$0")/../asked"\ncase "$*" in *"$FAIL_ON"*) [ -z "$FAIL_ON" ] || exit 3;; esac'


class Clone:
    """A clone whose packages cost nothing to install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = copy_of("bootstrap.py", folder)
        write(folder, {"requirements/local.txt": "django==1\n", "requirements/dev.txt": "pytest==1\n"})
        make_program(folder / ".venv" / "bin" / "python", RECORDER)

    def bootstrap(self, *arguments: str, fail_on: str = "") -> subprocess.CompletedProcess[str]:
        return run(self.script, *(arguments or ("local",)), env={"FAIL_ON": fail_on})

    def asked(self) -> list[str]:
        """Return what the environment's Python was asked since the last look, each by its most telling word."""
        path = self.folder / ".venv" / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [next(word for word in reversed(line.split()) if "." in word or word == "compile") for line in lines]


AFTER_INSTALL = ["scripts/frontend.py", "compile"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_the_first_call_installs_and_then_builds(clone: Clone) -> None:
    done = clone.bootstrap()
    assert done.returncode == 0
    assert clone.asked() == ["requirements/local.txt", *AFTER_INSTALL]
    assert "Installing the pinned packages" in done.stdout


def test_the_second_call_installs_nothing_says_nothing_and_is_quick(clone: Clone) -> None:
    clone.bootstrap()
    clone.asked()
    started = time.monotonic()
    done = clone.bootstrap()
    assert time.monotonic() - started < 5
    assert (done.stdout, done.stderr) == ("", "")
    assert clone.asked() == AFTER_INSTALL


def test_a_changed_list_is_installed_again_once(clone: Clone) -> None:
    clone.bootstrap()
    clone.asked()
    write(clone.folder, {"requirements/local.txt": "django==2\n"})
    clone.bootstrap()
    assert clone.asked() == ["requirements/local.txt", *AFTER_INSTALL]
    clone.bootstrap()
    assert clone.asked() == AFTER_INSTALL


def test_the_developers_list_covers_the_other(clone: Clone) -> None:
    clone.bootstrap("dev")
    assert clone.asked() == ["requirements/dev.txt", *AFTER_INSTALL]
    clone.bootstrap("local")
    assert clone.asked() == AFTER_INSTALL


def test_the_packages_of_a_user_are_not_those_of_a_developer(clone: Clone) -> None:
    clone.bootstrap("local")
    clone.asked()
    clone.bootstrap("dev")
    assert clone.asked() == ["requirements/dev.txt", *AFTER_INSTALL]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("pip install", "The packages cannot be installed"),
        ("frontend.py", "The front end cannot be built."),
        ("messages.py", "The translations cannot be compiled."),
    ],
)
def test_a_step_that_fails_is_named_and_nothing_follows_it(clone: Clone, step: str, sentence: str) -> None:
    done = clone.bootstrap(fail_on=step)
    assert done.returncode == 1
    assert f"nova: {sentence}" in done.stderr
    assert "Traceback" not in done.stderr
    assert step in (clone.folder / ".venv" / "asked").read_text().splitlines()[-1]


def test_an_installation_that_failed_is_tried_again(clone: Clone) -> None:
    clone.bootstrap(fail_on="pip install")
    clone.asked()
    assert clone.bootstrap().returncode == 0
    assert clone.asked() == ["requirements/local.txt", *AFTER_INSTALL]


@pytest.mark.parametrize("arguments", [["production"], ["local", "dev"], [""]])
def test_other_arguments_show_the_usage(clone: Clone, arguments: list[str]) -> None:
    done = clone.bootstrap(*arguments)
    assert (done.returncode, done.stderr) == (1, "nova: usage: bootstrap.py local|dev\n")
    assert clone.asked() == []


def test_an_older_python_is_refused_with_the_way_out(clone: Clone) -> None:
    shim = clone.folder / "old.py"
    shim.write_text(
        "import runpy, sys\n"
        "sys.version_info, sys.version = (3, 10, 4), '3.10.4 (main) [GCC]'\n"
        f"sys.argv = [{str(clone.script)!r}, 'local']\n"
        f"runpy.run_path({str(clone.script)!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, str(shim)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        "nova: Nova needs Python 3.11 or later; this is 3.10.4. Name another one: make PYTHON=python3.11 …\n"
    )
    assert clone.asked() == []


def test_it_works_from_any_folder(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, str(clone.script), "local"], cwd=elsewhere, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert list(elsewhere.iterdir()) == []


def test_an_environment_whose_python_is_gone_is_made_anew_with_its_packages(clone: Clone) -> None:
    """The one test that makes a real environment; what it installs is an empty list."""
    clone.bootstrap()
    python = clone.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    write(clone.folder, {"requirements/local.txt": "# nothing\n"})
    write(clone.folder, {"scripts/frontend.py": "print('front end')", "scripts/messages.py": "print('messages')"})
    done = clone.bootstrap()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nova: Making .venv\nnova: Installing")
    assert done.stdout.endswith("front end\nmessages\n")
