"""How much may one visitor ask of us?"""

WINDOW_SECONDS = 60.0
FORGOTTEN_AT = 1024  # visitors kept before the first look for full buckets


class Limits:
    """A bucket a visitor: full at first, `per_minute` messages deep, filling at the same rate.

    Only the moment at which each bucket is full again is kept; a full one need not be.
    """

    def __init__(self, per_minute: int) -> None:
        self._fills_in_seconds = WINDOW_SECONDS / per_minute
        self._full_at: dict[str, float] = {}
        self._sweep_at = FORGOTTEN_AT

    def take(self, visitor: str, moment: float) -> float:
        """Take one message at `moment`; 0.0, or in how many seconds there is one again."""
        full_at = max(self._full_at.get(visitor, 0.0), moment) + self._fills_in_seconds
        too_soon_by = full_at - moment - WINDOW_SECONDS
        if too_soon_by > 1e-6:
            return too_soon_by
        self._full_at[visitor] = full_at
        if len(self._full_at) >= self._sweep_at:
            self._forget(moment)
        return 0.0

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._full_at)

    def _forget(self, moment: float) -> None:
        self._full_at = {who: at for who, at in self._full_at.items() if at > moment}
        self._sweep_at = max(FORGOTTEN_AT, 2 * len(self._full_at))
