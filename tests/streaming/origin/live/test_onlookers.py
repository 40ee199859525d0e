from streaming.origin.live.onlookers import SEEN_WITHIN_S, Onlookers


def test_a_session_counts_once_however_often_it_asks() -> None:
    onlookers = Onlookers()
    for tenth in range(50):
        onlookers.note("a", at_s=tenth / 10)
        onlookers.note("b", at_s=tenth / 10)
    assert onlookers.count(at_s=5.0) == 2


def test_one_that_asks_no_more_is_forgotten_and_nobody_else() -> None:
    onlookers = Onlookers()
    onlookers.note("stays", at_s=0.0)
    onlookers.note("goes", at_s=1.0)
    onlookers.note("stays", at_s=10.0)
    assert onlookers.count(at_s=1.0 + SEEN_WITHIN_S) == 2
    assert onlookers.count(at_s=1.1 + SEEN_WITHIN_S) == 1
    assert onlookers.count(at_s=100.0) == 0
    assert not onlookers._seen_s
