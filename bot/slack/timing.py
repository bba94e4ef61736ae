"""Every time span of the bot whose length depends on another one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Time spans in seconds. Raises ValueError where two of them contradict each other.

    A replica owns what it received for one `lease`, and renews it at each `renewal`. A replica
    that could not renew for the time of `trust` posts nothing. After the database was away all
    leases have run out: the replicas then get `grace` to renew theirs before any takes over what
    is left. `call` is how long a call to Slack may take. The bot asks Slack at each `heartbeat`
    whether it is there, and is not ready when it heard nothing for the time of `silence`.
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
