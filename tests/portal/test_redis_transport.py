"""A real worker whose Redis goes away and comes back."""

from tests.portal.processes import running_worker
from tests.portal.telemetry.probe_tasks import enqueue_probe_in
from tests.redis_servers import OwnRedis


def test_a_worker_that_is_at_work_when_redis_dies_goes_on_with_what_comes_next(own_redis: OwnRedis) -> None:
    # Two, so that it is both at work and asking for more.
    with running_worker({"REDIS_URL": own_redis.url}, concurrency=2) as worker:
        long = enqueue_probe_in(own_redis.url, lasts_s=3)
        worker.wait_for(lambda: worker.find(event="probe.ran", task_id=long))
        own_redis.restart(away_s=1)
        worker.wait_for(lambda: worker.find(event="task.finished", task_id=long, state="success"))

        following = enqueue_probe_in(own_redis.url)
        worker.wait_for(lambda: worker.find(event="task.finished", task_id=following, state="success"))
