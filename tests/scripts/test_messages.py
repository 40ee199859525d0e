"""`scripts/messages.py` on a small project of its own."""

import gettext
import subprocess
from pathlib import Path

import pytest

from tests.scripts.copies import copy_of, run, write

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: th\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)
SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext
HELLO = _("Hello %(name)s")
MAY = pgettext("month", "May")
def count(n):
    return ngettext("%(count)d film", "%(count)d films", n) % {"count": n}
"""
TRANSLATED = {
    'msgid "Hello %(name)s"': 'msgstr "สวัสดี %(name)s"',
    'msgctxt "month"\nmsgid "May"': 'msgstr "พฤษภาคม"',
    'msgid "%(count)d film"\nmsgid_plural "%(count)d films"': 'msgstr[0] "%(count)d เรื่อง"',
    'msgid "Welcome"': 'msgstr "ยินดีต้อนรับ"',
}


class Project:
    """A project of one module and one template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = copy_of("messages.py", folder)
        self.po = folder / "locale" / "th" / "LC_MESSAGES" / "django.po"
        self.mo = self.po.with_suffix(".mo")
        write(folder, {"portal/words.py": SOURCE})
        write(folder, {"templates/home.html": '{% load i18n %}\n  <h1>{% translate "Welcome" %}</h1>\n'})

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return run(self.script, command)

    def translate(self, **changes: str) -> None:
        """Write the catalogue; `changes` gives a text's msgstr lines by a word of its msgid."""
        entries = dict(TRANSLATED)
        for word, text in changes.items():
            entries |= {key: text for key in entries if word in key}
        write(self.folder, {str(self.po.relative_to(self.folder)): HEADER + entry_lines(entries)})

    def check(self) -> list[str]:
        done = self.run("check")
        assert done.stderr == ""
        assert done.returncode == (1 if done.stdout else 0)
        return done.stdout.splitlines()[:-1]


def entry_lines(entries: dict[str, str]) -> str:
    return "\n".join(f"{key}\n{text}\n" for key, text in entries.items())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_update_collects_from_modules_and_templates_and_is_quiet_the_second_time(project: Project) -> None:
    assert project.run("update").returncode == 0
    first = project.po.read_bytes()
    for key in TRANSLATED:
        assert key.encode() in first
    assert b"#: templates/home.html\n" in first
    assert project.run("update").returncode == 0
    assert project.po.read_bytes() == first


def test_update_keeps_translations_and_drops_what_is_no_longer_used(project: Project) -> None:
    project.translate()
    write(project.folder, {"portal/words.py": 'from django.utils.translation import gettext as _\n_("New")\n'})
    project.run("update")
    text = project.po.read_text()
    assert "ยินดีต้อนรับ" in text
    assert 'msgid "New"\nmsgstr ""' in text
    assert "May" not in text


def test_a_text_that_is_nearly_another_does_not_take_its_translation(project: Project) -> None:
    project.translate()
    write(project.folder, {"templates/home.html": '{% load i18n %}{% translate "Welcome!" %}'})
    project.run("update")
    assert 'msgid "Welcome!"\nmsgstr ""' in project.po.read_text()
    assert "fuzzy" not in project.po.read_text()


def test_a_whole_catalogue_passes_the_check(project: Project) -> None:
    project.translate()
    assert project.check() == []


@pytest.mark.parametrize(
    ("word", "text", "fault"),
    [
        ("Hello", 'msgstr "สวัสดี"', "th: placeholders differ: 'Hello %(name)s'"),
        ("Hello", 'msgstr "สวัสดี %(nme)s"', "th: placeholders differ: 'Hello %(name)s'"),
        ("Hello", 'msgstr "สวัสดี %(name)s %(other)s"', "th: placeholders differ: 'Hello %(name)s'"),
        ("film", 'msgstr[0] "เรื่อง"', "th: placeholders differ: '%(count)d film'"),
        ("Welcome", 'msgstr ""', "th: not translated: 'Welcome'"),
        ("film", 'msgstr[0] ""', "th: not translated: '%(count)d film'"),
    ],
)
def test_a_fault_is_named_with_its_text(project: Project, word: str, text: str, fault: str) -> None:
    project.translate(**{word: text})
    assert project.check() == [fault]


def test_texts_that_are_missing_and_left_over_are_named(project: Project) -> None:
    project.translate()
    text = project.po.read_text().replace('msgid "Welcome"', 'msgid "Farewell"')
    project.po.write_text(text)
    assert sorted(project.check()) == ["th: no longer used: 'Farewell'", "th: not collected: 'Welcome'"]


def test_compiled_translations_are_those_of_the_catalogue(project: Project) -> None:
    project.translate()
    assert project.run("compile").returncode == 0
    with project.mo.open("rb") as file:
        found = gettext.GNUTranslations(file)
    assert found.gettext("Welcome") == "ยินดีต้อนรับ"
    assert found.pgettext("month", "May") == "พฤษภาคม"
    assert found.ngettext("%(count)d film", "%(count)d films", 5) == "%(count)d เรื่อง"


def test_compiling_again_writes_only_what_is_newer(project: Project) -> None:
    project.translate()
    project.run("compile")
    first = project.mo.stat().st_mtime_ns
    project.run("compile")
    assert project.mo.stat().st_mtime_ns == first
    project.translate(Welcome='msgstr "สวัสดี"')
    project.run("compile")
    assert "สวัสดี".encode() in project.mo.read_bytes()
    assert sorted(path.name for path in project.mo.parent.iterdir()) == ["django.mo", "django.po"]


@pytest.mark.parametrize(
    "broken", ['msgid "Welcome\nmsgstr "x"\n', "<<<<<<< ours\n", 'msgid "a"\nmsgid "b"\nmsgstr x\n']
)
@pytest.mark.parametrize("command", ["compile", "check", "update"])
def test_a_broken_catalogue_is_refused_by_name_and_left_alone(project: Project, command: str, broken: str) -> None:
    project.translate()
    project.run("compile")
    compiled = project.mo.read_bytes()
    project.po.write_text(project.po.read_text() + broken)
    text = project.po.read_text()
    done = project.run(command)
    assert done.returncode == 1
    assert "locale/th/LC_MESSAGES/django.po" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.mo.read_bytes() == compiled
    assert project.po.read_text() == text


@pytest.mark.parametrize("arguments", [(), ("translate",), ("check", "compile")])
def test_other_arguments_show_what_there_is(project: Project, arguments: tuple[str, ...]) -> None:
    done = run(project.script, *arguments)
    assert done.returncode == 2
    assert "scripts/messages.py update" in done.stdout
