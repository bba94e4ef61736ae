"""Time spans that depend on each other, checked where they are built."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Time spans in seconds. Raises ValueError if two of them contradict each other.

    A replica owns a question it received for one `lease`, and renews its leases every `renewal`
    seconds. It stops posting if it could not renew for `trust` seconds. When the database comes
    back after an outage, all leases may have expired; replicas then get `grace` seconds to renew
    before any takes over the rest. `call` is how long a call to Slack may take. The bot checks
    Slack every `heartbeat` seconds, and is not ready if it has heard nothing for `silence` seconds.
    """

    lease: float = 30.0
    trust: float = 20.0
    renewal: float = 5.0
    grace: float = 15.0
    call: float = 9.0
    heartbeat: float = 60.0
    silence: float = 180.0

    def __post_init__(self) -> None:
        if self.lease <= self.trust + self.call:
            raise ValueError(
                "a lease must be longer than trust and a call to Slack together; otherwise two "
                "replicas may post the same answer"
            )
        if self.renewal >= min(self.trust, self.grace):
            raise ValueError(
                "trust and grace must be longer than the time between renewals; otherwise a "
                "healthy replica stops posting or loses its questions"
            )
        if self.silence <= self.heartbeat + self.call:
            raise ValueError(
                "silence must be longer than the time between heartbeats and a call to Slack "
                "together; otherwise a healthy bot is not ready"
            )


DEFAULT = Timing()
