"""The catalogue's settings, read from the environment."""

from datetime import timedelta

import pytest

from catalog.conf import CatalogConf
from portal.env import BadSetting, Env

GIB = 1024**3


def test_defaults_suit_a_small_house() -> None:
    conf = CatalogConf.from_env(Env({}))

    assert (conf.upload_max_bytes, conf.upload_quota_bytes, conf.upload_open_max) == (60 * GIB, 200 * GIB, 50)
    assert conf.upload_total_bytes == 0
    assert (conf.upload_expiry, conf.upload_unused_expiry) == (timedelta(hours=48), timedelta(days=14))


def test_operators_decide() -> None:
    conf = CatalogConf.from_env(
        Env(
            {
                "NOVA_UPLOAD_MAX_GB": "20",
                "NOVA_UPLOAD_QUOTA_GB": "40",
                "NOVA_UPLOAD_OPEN_MAX": "3",
                "NOVA_UPLOAD_TOTAL_GB": "1000",
                "NOVA_UPLOAD_EXPIRY_HOURS": "6",
                "NOVA_UPLOAD_UNUSED_DAYS": "1",
            }
        )
    )

    assert (conf.upload_max_bytes, conf.upload_quota_bytes, conf.upload_open_max) == (20 * GIB, 40 * GIB, 3)
    assert conf.upload_total_bytes == 1000 * GIB
    assert (conf.upload_expiry, conf.upload_unused_expiry) == (timedelta(hours=6), timedelta(days=1))


@pytest.mark.parametrize(
    "variable",
    [
        "NOVA_UPLOAD_MAX_GB",
        "NOVA_UPLOAD_QUOTA_GB",
        "NOVA_UPLOAD_OPEN_MAX",
        "NOVA_UPLOAD_EXPIRY_HOURS",
        "NOVA_UPLOAD_UNUSED_DAYS",
    ],
)
@pytest.mark.parametrize("value", ["0", "-1", "many", "99999999"])
def test_what_makes_no_sense_is_refused_by_its_name(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        CatalogConf.from_env(Env({variable: value}))


def test_a_file_is_never_larger_than_an_object_store_could_put_together() -> None:
    """10,000 parts of the 8 MiB that clients are told to send."""
    assert CatalogConf.from_env(Env({"NOVA_UPLOAD_MAX_GB": "75"})).upload_max_bytes <= 10_000 * 8 * 1024 * 1024
    with pytest.raises(BadSetting):
        CatalogConf.from_env(Env({"NOVA_UPLOAD_MAX_GB": "76"}))
