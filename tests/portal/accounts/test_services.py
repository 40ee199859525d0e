import pytest

from portal import clock
from portal.accounts.services import create_first_administrator
from portal.models import AuditEntry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_first_administrator_gets_a_generated_password_that_works() -> None:
    (line,) = create_first_administrator(at=clock.now())
    name, _slash, rest = line.value.partition(" / ")
    password = rest.split()[0]
    admin = User.objects.get(username=name)
    assert admin.is_superuser
    assert admin.check_password(password)
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.actor, entry.object_id) == (None, str(admin.pk))
    assert password not in str(entry.after)


def test_there_is_only_one_first_administrator() -> None:
    make_user(is_superuser=True)
    (line,) = create_first_administrator(at=clock.now())
    assert "changepassword" in line.value
    assert User.objects.count() == 1
