from pathlib import Path

from portal.embedded.sockets import postgres_url, redis_url, socket_dir


def test_sockets_live_in_the_data_folder() -> None:
    assert socket_dir(Path("/srv/nova/.local")) == Path("/srv/nova/.local/run")


def test_a_path_too_long_for_a_socket_gets_a_short_folder_of_its_own() -> None:
    long, other = Path("/srv") / ("a" * 90), Path("/srv") / ("b" * 90)
    assert len(str(socket_dir(long) / ".s.PGSQL.5432")) < 104
    assert socket_dir(long) == socket_dir(long)
    assert socket_dir(long) != socket_dir(other)


def test_both_addresses_name_a_socket() -> None:
    assert postgres_url(Path("/srv/nova")) == "postgresql://nova@/nova?host=/srv/nova/run"
    assert redis_url(Path("/srv/nova")) == "unix:///srv/nova/run/redis.sock"
