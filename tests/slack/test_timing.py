import pytest

from bot.slack.timing import Timing


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ({"lease": 29.0}, "two replicas may post the same answer"),
        ({"trust": 21.0}, "two replicas may post the same answer"),
        ({"call": 10.0}, "two replicas may post the same answer"),
        ({"renewal": 15.0}, "stops posting or loses its questions"),
        ({"renewal": 20.0, "grace": 60.0}, "stops posting or loses its questions"),
        ({"silence": 69.0}, "a healthy bot is not ready"),
    ],
)
def test_time_spans_that_contradict_each_other_cannot_be_built(
    spans: dict[str, float], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Timing(**spans)


def test_a_lease_may_be_short_where_the_rest_is_shorter() -> None:
    assert Timing(lease=4.0, trust=2.0, call=1.5, renewal=0.5).lease == 4.0
