import subprocess
import sys
from pathlib import Path

import pytest

from portal.env import BadSetting, Env, read_or_create_secret


def test_unset_variable_gives_its_default() -> None:
    env = Env({})
    assert env.text("NAME", "fallback") == "fallback"
    assert env.flag("NAME", True) is True
    assert env.integer("NAME", 7) == 7
    assert env.listing("NAME", ("a", "b")) == ["a", "b"]
    assert env.secret("NAME") == ""


def test_empty_variable_counts_as_unset() -> None:
    env = Env({"NAME": "  "})
    assert env.flag("NAME", True) is True
    assert env.integer("NAME", 7) == 7
    assert env.listing("NAME", ("a",)) == ["a"]


@pytest.mark.parametrize("value", ["1", "true", "Yes", " on "])
def test_flag_is_on_in_every_spelling(value: str) -> None:
    assert Env({"NAME": value}).flag("NAME", False) is True


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_flag_is_off_in_every_spelling(value: str) -> None:
    assert Env({"NAME": value}).flag("NAME", True) is False


def test_listing_is_split_at_commas_and_blanks_are_dropped() -> None:
    assert Env({"NAME": " a, b ,,c,"}).listing("NAME") == ["a", "b", "c"]


def test_flag_of_another_form_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="NAME is 'maybe'; it takes 1 or 0"):
        Env({"NAME": "maybe"}).flag("NAME", False)


def test_number_of_another_form_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match=r"NAME is '1\.5'; it takes a whole number"):
        Env({"NAME": "1.5"}).integer("NAME", 1)


@pytest.mark.parametrize("value", ["0", "65536", "-1"])
def test_number_out_of_range_is_refused_with_its_range(value: str) -> None:
    with pytest.raises(BadSetting, match=f"NAME is {value}; it takes 1 to 65535"):
        Env({"NAME": value}).integer("NAME", 8000, at_least=1, at_most=65535)


def test_url_loses_its_last_slash() -> None:
    assert Env({"NAME": "https://nova.example/"}).url("NAME", "") == "https://nova.example"


@pytest.mark.parametrize("value", ["nova.example", "ftp://nova.example", "https://", "https://a b", "http://h:port"])
def test_url_of_another_form_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadSetting, match=r"^NAME .* takes"):
        Env({"NAME": value}).url("NAME", "")


@pytest.mark.parametrize("value", ["mysql://db/nova", "nova", "sqlite:///nova.db"])
def test_database_other_than_postgresql_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadSetting, match=r"DATABASE_URL takes a postgresql:// URL"):
        Env({"DATABASE_URL": value}).database("DATABASE_URL", "")


def test_database_url_with_a_broken_port_is_refused_by_name_without_its_password() -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL") as caught:
        Env({"DATABASE_URL": "postgresql://nova:hunter2@db:port/nova"}).database("DATABASE_URL", "")
    assert "hunter2" not in str(caught.value)


def test_database_url_becomes_djangos_settings() -> None:
    database = Env({"DATABASE_URL": "postgresql://nova:p%40ss@db:5433/films"}).database("DATABASE_URL", "")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "films")
    assert database["PASSWORD"] == "p@ss"


def test_secret_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2\n")
    assert Env({"NAME_FILE": str(file)}).secret("NAME") == "hunter2"


def test_secret_that_is_set_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="Set NAME or NAME_FILE, not both"):
        Env({"NAME": "a", "NAME_FILE": str(tmp_path)}).secret("NAME")


def test_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"NAME_FILE names .*/nowhere, which cannot be read"):
        Env({"NAME_FILE": str(tmp_path / "nowhere")}).secret("NAME")


def test_generated_secret_is_kept_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret_key"
    made = read_or_create_secret(path)
    assert len(made) >= 50
    assert read_or_create_secret(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from portal.env import read_or_create_secret;"
        "sys.stdin.read(); print(read_or_create_secret(Path(sys.argv[1])))"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "secret_key")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
    secrets = set()
    for racer in racers:
        assert racer.stdout is not None
        secrets.add(racer.stdout.read().strip())
        racer.stdout.close()
        assert racer.wait(30) == 0
    assert len(secrets) == 1
    assert secrets != {""}


@pytest.mark.parametrize("written", ["json", "JSON", " Json "])
def test_choice_is_taken_in_any_case_and_given_in_its_own(written: str) -> None:
    assert Env({"NAME": written}).choice("NAME", "console", ("console", "json")) == "json"


def test_choice_that_is_not_offered_is_refused_with_what_is() -> None:
    with pytest.raises(BadSetting, match="NAME is 'xml'; it takes console, json"):
        Env({"NAME": "xml"}).choice("NAME", "console", ("console", "json"))


def test_path_is_absolute_and_knows_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    env = Env({"NAME": "~/nova", "NEAR": "nova/../here"})
    assert env.path("NAME", Path("/x")) == tmp_path / "nova"
    assert env.path("NEAR", Path("/x")).is_absolute()
    assert env.path("UNSET", Path("/x")) == Path("/x")


def test_empty_secret_file_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n")
    assert Env({"NAME_FILE": str(file)}).secret("NAME") == ""


def test_secret_file_that_is_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"NAME_FILE names .* cannot be read"):
        Env({"NAME_FILE": str(tmp_path)}).secret("NAME")


def test_generated_secret_that_cannot_be_kept_says_where_to_put_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadSetting, match=r"cannot be (read|written)"):
        read_or_create_secret(tmp_path / "file" / "secret_key")
