"""The search for inputs of one function: propose some, see what they do, propose better ones.

A bandit over tuples of types: what ran, reached new lines or gave new outputs is drawn from
again; the rest of each round explores types as likely as the shapes say, or changes inputs
that ran. Every draw comes from the generator passed in, and the only clock is the count of
calls, so that one function's search never depends on another's.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox import Outcome, Status, ValueTooLargeError
from tasks.inputs.chances import chance
from tasks.inputs.drawing import Drawer, Plan, Within, plan_of
from tasks.inputs.edges import edges_of
from tasks.inputs.lessons import learn_from
from tasks.inputs.manners import is_odd, left_out, put_right
from tasks.inputs.mutation import mutate, transplant
from tasks.inputs.parameters import learn, shapes_of
from tasks.inputs.relations import relate
from tasks.inputs.repair import missing, repaired
from tasks.inputs.shapes import likelihood
from tasks.inputs.trials import OWN_WRITERS, Record, Trial
from tasks.programs.branches import branches_of, exits_taken
from tasks.programs.calls import decode_arguments, encode_arguments
from tasks.records.configs import InputsConfig
from tasks.records.functions import Function, Parameter, ParameterKind

ROUND = 32
"""Inputs proposed at a time: enough to learn from, few enough to use what was learnt."""
SLOW = frozenset((Status.TIMEOUT, Status.MEMORY, Status.CRASHED, Status.OUTPUT_TOO_LARGE))
SLOW_COST = 4
"""A call that runs into a limit counts as this many: it costs more than that in time."""
OMITTED = 0.45
"""Share of drawn inputs that leave out a given parameter with a default."""
AT_EDGES = 0.35
"""Share of inputs with an edge in them, as long as there are any."""
MAX_EDGES = 40
REPAIRS = 0.2
"""Share of inputs that are failed ones put right, as long as there are any."""
TRANSPLANTS = 0.25
"""Share of mutants in which one value stands in the place of another."""
MEETING = 0.35
"""Share of drawn inputs whose parts are drawn from few words and small numbers."""
ATTEMPTS = 3
"""Draws for each input that is wanted; what was tried before does not count."""

Edge = tuple[str, Any]
Arm = tuple[tuple[str, Plan], ...]


@dataclass(slots=True)
class Pulls:
    """How often a tuple of types was tried, ran, and brought something new."""

    tried: int = 0
    ran: int = 0
    new: int = 0

    @property
    def worth(self) -> float:
        """Weight with which it is drawn again."""
        return (self.ran + 0.3) / (self.tried + 1) * (1 + 2 * self.new / (self.tried + 1))


class Search:
    """The search for one function. Raises ValueError where the program does not define it."""

    def __init__(
        self,
        function: Function,
        written: Sequence[tuple[str, Mapping[str, Any]]],
        config: InputsConfig,
        rng: Random,
    ) -> None:
        self.function = function
        self.shapes, self._facts = shapes_of(function)
        self.record = Record()
        self._rng = rng
        self._drawer = Drawer(self._facts.pool, rng)
        self._arms: dict[Arm, Pulls] = {}
        self._left = config.budget
        self._searches = "search" in config.writers
        self._wanted = config.chosen
        self._seen: set[str] = set()
        self._rounds = 0
        self._left_out = left_out(function, self._facts)
        self._branches = branches_of(self._facts.module)
        self._first = self._seeds(written)
        self._failed: list[tuple[Trial, Any]] = []
        """Inputs that lack a value, to be repaired."""
        self._edges = _in_turns(
            [
                [(name, value) for value in edges_of(shape)]
                for name, shape in self.shapes.items()
                if name not in self._left_out
            ]
        )[:MAX_EDGES]

    def _seeds(self, written: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Trial]:
        """What people and models wrote, and the call without anything that may be left out."""
        rows: list[tuple[str, Mapping[str, Any]]] = []
        for text in self.function.seeds if self._searches else ():
            with contextlib.suppress(ValueError):
                rows.append(("mined", decode_arguments(text)))
        rows += written
        for _, values in rows:
            for name, value in values.items():
                if name in self.shapes:
                    learn(self.shapes[name], value)
        trials = [self._trial(values, writer) for writer, values in rows]
        return [trial for trial in trials if trial is not None][: max(self._left // 2, 1)]

    def propose(self) -> list[Trial]:
        """The inputs to try next; none when the search is over."""
        wanted = min(ROUND, self._left) if self._searches else 0
        if (wanted <= 0 or self._saturated()) and not self._first:
            return []
        trials, self._first = self._first, []
        trials = trials[: self._left]
        for _ in range(ATTEMPTS * wanted):
            if len(trials) >= max(wanted, min(self._left, wanted // 2)):
                break
            trial = self._repaired() if chance(self._rng, REPAIRS) else None
            if trial is None and chance(self._rng, AT_EDGES):
                trial = self._edge()
            trial = trial or (self._mutant() if chance(self._rng, self._share()) else None)
            trial = trial or self._drawn()
            if trial is not None:
                trials.append(trial)
        self._rounds += 1
        return trials

    def _share(self) -> float:
        """Of mutants: more of them the later it is."""
        return min(0.2 * self._rounds, 0.5)

    def _saturated(self) -> bool:
        """Every branch went both ways, and there is plenty to choose from."""
        return (
            len(self.record.valid) >= 3 * self._wanted
            and len(self.record.outputs) >= 2 * self._wanted
            and self.coverage == 1.0
        )

    @property
    def coverage(self) -> float:
        """Share of the ways out of branches that were taken; 1 where there are no branches."""
        if not self._branches:
            return 1.0
        return exits_taken(self._branches, self.record.arcs) / (2 * len(self._branches))

    def _trial(self, values: Mapping[str, Any], writer: str, arm: Arm = ()) -> Trial | None:
        """A trial of values that were not tried before, or None."""
        if not self._callable(values):
            return None
        if writer in OWN_WRITERS:
            values = put_right(values, self.shapes)
            if is_odd(values, self.shapes):
                return None
        try:
            text = encode_arguments(self.function.parameters, values)
        except (ValueTooLargeError, TypeError):
            return None
        if text in self._seen:
            return None
        self._seen.add(text)
        return Trial(values, text, writer, arm)

    def _callable(self, values: Mapping[str, Any]) -> bool:
        """No required parameter is missing, none is unknown, none is left out that must not be."""
        if any(name not in self.shapes for name in values):
            return False
        return all(p.name in values or _may_omit(p) for p in self.function.parameters)

    def _drawn(self) -> Trial | None:
        arm = self._arm()
        return self._trial(relate(self._values(arm), self._rng), "search", arm)

    def _values(self, arm: Arm) -> dict[str, Any]:
        if chance(self._rng, MEETING):
            self._drawer.meet()
        values = {name: self._drawer.draw(plan, self.shapes[name]) for name, plan in arm}
        self._drawer.part()
        return values

    def _edge(self) -> Trial | None:
        """An edge in place of a drawn value, or in an input that ran; None when none is left."""
        if not self._edges:
            return None
        name, value = self._edges.pop(0)
        parents = self.record.valid
        if parents and chance(self._rng, 0.7):
            values = dict(self._rng.choice(parents).values)
        else:
            values = self._values(self._arm())
        return self._trial(self._ordered({**values, name: value}), "search")

    def _ordered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: values[p.name] for p in self.function.parameters if p.name in values}

    def _arm(self) -> Arm:
        good = [arm for arm, pulls in self._arms.items() if pulls.ran]
        if good and chance(self._rng, 0.5):
            return self._rng.choices(good, [self._arms[arm].worth for arm in good])[0]
        within = Within(1.0 if good else 1.0 + 0.4 * self._rounds)
        plans: dict[str, Plan] = {}
        for parameter in self.function.parameters:
            if parameter.name in self._left_out:
                continue
            if not (_may_omit(parameter) and chance(self._rng, OMITTED)):
                plans[parameter.name] = self._plan(parameter.name, plans, within)
        return tuple(plans.items())

    def _plan(self, name: str, others: Mapping[str, Plan], within: Within) -> Plan:
        """Types for a parameter: often those of an earlier one of the same kind."""
        plan = plan_of(self.shapes[name], self._rng, within)
        alike = [other for other in others.values() if other.base is plan.base]
        return self._rng.choice(alike) if alike and chance(self._rng, 0.6) else plan

    def _repaired(self) -> Trial | None:
        """An input that failed for want of a value, with the value; None when there is none."""
        if not self._failed:
            return None
        failed, sought = self._failed.pop(self._rng.randrange(len(self._failed)))
        values = repaired(failed.values, sought, self._rng)
        return None if values is None else self._trial(values, "mutation", failed.plans)

    def _mutant(self) -> Trial | None:
        """An input that ran, with one or two of its values changed or taken from another."""
        parents = self.record.valid
        if not parents:
            return None
        chances = [
            1.0 + 2 * trial.new_output + 3 * (trial.new_arcs > 0) if trial.telling else 0.1
            for trial in parents
        ]
        parent, other = self._rng.choices(parents, chances, k=2)
        values = dict(parent.values)
        if not values:
            return None
        if chance(self._rng, TRANSPLANTS):
            moved = transplant(values, self._rng)
            return None if moved is None else self._trial(moved, "mutation", parent.plans)
        names = [name for name in values if not self.shapes[name].closed] or list(values)
        for name in self._rng.choices(names, k=self._rng.choice((1, 1, 2))):
            if chance(self._rng, 0.15) and name in other.values:
                values[name] = other.values[name]
            else:
                values[name] = mutate(values[name], self._facts.pool, self._rng)
        return self._trial(values, "mutation", parent.plans)

    def learn(self, trials: Sequence[Trial], outcomes: Sequence[Outcome]) -> None:
        """Take in what became of the inputs proposed last."""
        for trial, outcome in zip(trials, outcomes, strict=True):
            self.record.add(trial, outcome)
            self._left -= 1
            if trial.plans:
                self._pulled(trial)
            learn_from(trial, outcome, self.shapes)
            sought = missing(outcome)
            if sought is not None:
                self._failed.append((trial, sought))
            if outcome.status in SLOW or outcome.error == "RecursionError":
                self._left -= SLOW_COST - 1
                self._drawer.scale = max(0.1, self._drawer.scale * 0.7)

    def _pulled(self, trial: Trial) -> None:
        pulls = self._arms.setdefault(trial.plans, Pulls())
        pulls.tried += 1
        pulls.ran += trial.telling
        pulls.new += trial.telling and bool(trial.new_arcs or trial.new_output)

    def natural(self, trial: Trial) -> float:
        """How far an input has the types that people would pass, between 0 and 1."""
        if trial.writer not in OWN_WRITERS:
            return 1.0
        known = [likelihood(self.shapes[name], value) for name, value in trial.values.items()]
        return min(known, default=1.0)


def _in_turns(queues: Sequence[Sequence[Edge]]) -> list[Edge]:
    """The first of each, then the second of each, and so on."""
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def _may_omit(parameter: Parameter) -> bool:
    return parameter.default is not None and parameter.kind is not ParameterKind.POSITIONAL_ONLY
