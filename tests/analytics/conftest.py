import pytest

from analytics import partitions
from tests.analytics.audience.logs import moment


@pytest.fixture
def no_room(db: None) -> None:
    """Take the partitions away that a test with transactions of its own has left; they are back after this one."""
    for table in partitions.TABLES:
        partitions.drop_partitions(table, before=moment(10**12))
