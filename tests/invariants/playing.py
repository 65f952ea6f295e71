"""How is a machine run for so many steps, the usual ones or those of a hunt?"""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.invariants.world import World

STEPS = int(os.environ.get("KEPU_STEPS", "5000"))  # on each database; more for a hunt
SEED = os.environ.get("KEPU_SEED", "")  # of a hunt: other histories than the usual ones
IS_SHRUNK = bool(os.environ.get("KEPU_SHRINK"))  # to the smallest history that fails: minutes
STEPS_OF_AN_EXAMPLE = 50
PHASES = [Phase.explicit, Phase.generate, *([Phase.shrink] if IS_SHRUNK else [])]


def play(machine: type[RuleBasedStateMachine], url: str, steps: int, **planted: Any) -> int:
    """Run the machine; how many steps were looked at. Raises what does not hold."""
    world = World(url)
    played: Any = type("Played", (machine,), {"world": world, **planted})
    limits = settings(
        max_examples=steps * 9 // 8 // STEPS_OF_AN_EXAMPLE + 1,  # some are shorter
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        deadline=None,
        database=None,
        derandomize=not SEED,
        suppress_health_check=list(HealthCheck),
        phases=PHASES,
    )
    try:
        run_state_machine_as_test(seed(SEED)(played) if SEED else played, settings=limits)
    finally:
        world.database.close()
    return int(played.steps)
