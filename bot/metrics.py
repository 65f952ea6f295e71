"""What is counted? No label ever names a person."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("kepu_events_total", "Events answered, repeated ones included.", ["channel"])
DEAD_LETTERS = Counter("kepu_dead_letters_total", "Events whose turn met a bug.")
SENT = Counter(
    "kepu_messages_total", "Messages handed over, by what became of them.", ["channel", "state"]
)
TURN_SECONDS = Histogram(
    "kepu_turn_seconds",
    "From an event's arrival to its answer being committed.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
OUTBOX_WAITING = Gauge("kepu_outbox_waiting", "Messages due and not yet handed over.")
OUTBOX_LAG_SECONDS = Gauge("kepu_outbox_lag_seconds", "How long the oldest of them has been due.")
