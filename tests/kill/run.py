"""What is a run? One kill, one restart, and every visitor looks whether all is still there."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill import checker, ledger
from tests.kill.checker import Course
from tests.kill.people import PLACES_OF_A_PARTY, Target, Visitor, name
from tests.kill.process import Kepu, Nursery

VISITORS = 5  # who talk at once
WANT_THE_SAME = 4  # visitors a session, of whom three find a place
PLACES = 3 * PLACES_OF_A_PARTY + 1
FAILPOINTS = (
    "after_inbox", "after_effect", "before_commit", "after_commit", "before_hand_over",
    "after_hand_over",
)  # fmt: skip
EFFECTS_MAX = 2  # a booking takes nine other turns
HITS_MAX = 24


@dataclass(frozen=True)
class Kill:
    """How the process dies: at a failpoint, or some milliseconds after so many answers."""

    failpoint: str  # "" for SIGKILL from outside
    count: int
    milliseconds: float = 0.0

    @property
    def fault(self) -> str:
        """What the process is started with."""
        return f"{self.failpoint}:{self.count}" if self.failpoint else ""


@dataclass
class Report:
    """What was played and what was found."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)
    restart_seconds: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def planned(seed: int, kills: int) -> list[Kill]:
    """Half the kills at random moments, half at the failpoints, in an order of the seed's."""
    chance = random.Random(seed)
    plan = []
    for number in range(kills):
        if number % 2:
            failpoint = FAILPOINTS[(seed + number // 2) % len(FAILPOINTS)]
            most = EFFECTS_MAX if failpoint == "after_effect" else HITS_MAX
            plan.append(Kill(failpoint, chance.randint(1, most)))
        else:
            plan.append(Kill("", chance.randint(1, HITS_MAX), chance.uniform(2, 50)))
    chance.shuffle(plan)
    return plan


async def play(url: str, folder: Path, seed: int, kills: int, faults: str = "") -> Report:
    """Kill Kepu so often while visitors book, and look whether anything is wrong.

    `faults` are switched off in every process, for the controls.
    """
    report = Report(seed)
    targets = ledger.lay_out(url, PLACES)
    async with Nursery() as nursery:
        kepu = Kepu(nursery, folder, url)
        await kepu.start(faults)
        expected = await _undisturbed(kepu, targets.pop(), report)
        await kepu.kill()
        crowd = _Crowd(kepu, targets, report)
        talking = asyncio.gather(*(crowd.talk() for _ in range(VISITORS)))
        for kill in planned(seed, kills):
            report.kills.append(kill)
            await _live_and_die(kepu, kill, faults)
        crowd.is_closing = True
        await kepu.start(faults)
        await talking
        await kepu.kill()
    report.restart_seconds = kepu.restart_seconds
    for visitor in report.visitors:
        found = checker.course(Course(expected, visitor.asked, is_booked=bool(visitor.code)))
        report.complaints += [*visitor.complaints, *(f"{visitor.name}: {each}" for each in found)]
    told = [visitor.told() for visitor in report.visitors]
    report.complaints += checker.ledger(ledger.read(url), told)
    return report


@dataclass
class _Crowd:
    """Visitors who come one after the other, several at once, until the doors close."""

    kepu: Kepu
    targets: Sequence[Target]
    report: Report
    is_closing: bool = False

    async def talk(self) -> None:
        while not self.is_closing:
            number = len(self.report.visitors)
            target = self.targets[number // WANT_THE_SAME]
            visitor = Visitor(self.kepu, name(self.report.seed, number), target)
            self.report.visitors.append(visitor)
            await visitor.play()


async def _undisturbed(kepu: Kepu, target: Target, report: Report) -> list[str]:
    """The questions of a visit that nothing interrupts."""
    scout = Visitor(kepu, name(report.seed, -1), target)
    await scout.play()
    assert scout.code, [checker.words(each.answer) for each in scout.exchanges]
    report.visitors.append(scout)
    return scout.asked


async def _live_and_die(kepu: Kepu, kill: Kill, faults: str) -> None:
    await kepu.start(",".join(filter(None, (faults, kill.fault))))
    if kill.failpoint:
        await kepu.died()
        return
    await kepu.has_answered(kill.count)
    await asyncio.sleep(kill.milliseconds / 1000)
    await kepu.kill()
