from datetime import datetime

import pytest
from rest_framework.test import APIClient

from portal import clock
from portal.models import User


@pytest.fixture
def desk(operator: User) -> APIClient:
    """The API as an operator asks it."""
    api = APIClient()
    api.force_authenticate(operator)
    return api


@pytest.fixture
def at() -> datetime:
    """The present, to the second."""
    return clock.now().replace(microsecond=0)
