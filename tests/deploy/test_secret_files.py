"""Addresses that hold passwords come from files, as container secrets are mounted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from portal.env import BadSetting, Env

_PRINT_ADDRESSES = """
import json
from django.conf import settings
database = settings.DATABASES["default"]
print(json.dumps({
    "host": database["HOST"], "password": database["PASSWORD"], "cache": settings.CACHES["default"]["LOCATION"],
    "own": [settings.NOVA_HAS_OWN_POSTGRES, settings.NOVA_HAS_OWN_REDIS],
}))
"""


def test_settings_read_database_and_redis_addresses_from_files(tmp_path: Path) -> None:
    (tmp_path / "database_url").write_text("postgresql://nova:s3cret@db.example.com:5432/nova\n")
    (tmp_path / "redis_url").write_text("redis://:other@redis.example.com:6379/0\n")
    variables = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    variables |= {
        "DATABASE_URL_FILE": str(tmp_path / "database_url"),
        "REDIS_URL_FILE": str(tmp_path / "redis_url"),
        "NOVA_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    printed = subprocess.run(
        [sys.executable, "-c", _PRINT_ADDRESSES], env=variables, cwd=settings.BASE_DIR, capture_output=True, check=True
    ).stdout
    assert json.loads(printed) == {
        "host": "db.example.com",
        "password": "s3cret",
        "cache": "redis://:other@redis.example.com:6379/0",
        "own": [False, False],
    }


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://redis.example.com/0")
    env = Env({"REDIS_URL": "redis://elsewhere.example.com/0", "REDIS_URL_FILE": str(tmp_path / "url")})
    with pytest.raises(BadSetting, match="Set REDIS_URL or REDIS_URL_FILE, not both"):
        env.secret("REDIS_URL")


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    env = Env({"DATABASE_URL_FILE": str(tmp_path / "nothing-here")})
    with pytest.raises(BadSetting, match=r"DATABASE_URL_FILE names .*nothing-here"):
        env.database("DATABASE_URL", "")


def test_a_database_file_that_holds_another_kind_of_url_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("mysql://nova@db.example.com/nova")
    env = Env({"DATABASE_URL_FILE": str(tmp_path / "url")})
    with pytest.raises(BadSetting, match="PostgreSQL only"):
        env.database("DATABASE_URL", "")
