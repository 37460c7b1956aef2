"""What VSAQ's conditions speak of: names of choices, items, tips and blocks, turned into our conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vendors.questionnaires import conditions as condition_language
from vendors.questionnaires.conditions import ALWAYS, Always, Condition, ConditionError, Test, all_of
from vendors.questionnaires.keys import Notes
from vendors.questionnaires.vsaq_conditions import translate

MAX_CHAIN = 30  # how many names a condition may lead through


@dataclass
class Block:
    """A block: its own condition, and the block around it."""

    cond: tuple[str, int] | None = None
    parent: Block | None = None
    condition: Condition | None = None


class Names:
    """Every name of a file, each with how to find its condition, found once."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.names: dict[str, Callable[[], Condition]] = {}
        self.known: dict[str, Condition] = {}
        self.resolving: set[str] = set()

    def name(self, name: str, condition: Callable[[], Condition]) -> None:
        """Remember what ``name`` stands for; the first of a name counts."""
        if name:
            self.names.setdefault(name, condition)

    def resolve(self, name: str) -> Condition:
        """The condition a name stands for, such as ``x``, ``x/yes`` or ``^x`` (is it shown?)."""
        bare = name.lstrip("^")
        condition = self.names.get(bare) or self.names.get(bare.removesuffix("/value").removesuffix("/yes"))
        if condition is None:
            raise ConditionError(_("nothing here is called “%(name)s”") % {"name": bare[:60]})
        if bare in self.resolving or len(self.resolving) > MAX_CHAIN:
            raise ConditionError(_("“%(name)s” leads round in a circle, or too far") % {"name": bare[:60]})
        if bare not in self.known:
            self.resolving.add(bare)
            try:
                self.known[bare] = condition()
            finally:
                self.resolving.discard(bare)
        meant = self.known[bare]
        asks_if_shown = name.startswith("^") and isinstance(meant, Test) and meant.key == bare
        return Test(meant.key, "shown") if asks_if_shown and isinstance(meant, Test) else meant

    def resolved(self, cond: tuple[str, int] | None) -> Condition:
        """The condition in our language; :class:`ConditionError` when it is not understood."""
        return ALWAYS if cond is None else translate(cond[0], self.resolve)

    def block_condition(self, block: Block | None) -> Condition:
        """When a block is shown: its own condition and those of the blocks around it."""
        if block is None:
            return ALWAYS
        if block.condition is None:
            block.condition = Always(True)  # what a block that leads back to itself sees
            own = self.understood(block.cond)
            block.condition = all_of([self.block_condition(block.parent), own])
        return block.condition

    def understood(self, cond: tuple[str, int] | None) -> Condition:
        """The condition, or "always" with a remark when it is not understood."""
        try:
            return self.resolved(cond)
        except ConditionError as error:
            text, line = cond or ("", 0)
            self.notes.changed(
                line,
                _("The condition “%(cond)s” was not understood (%(why)s); this is always shown.")
                % {"cond": text[:120], "why": error},
            )
            return ALWAYS

    def kept(self, condition: Condition, line: int) -> str:
        """The condition written out, or nothing when the blocks round it made it too long to keep."""
        text = condition_language.written(condition)
        if len(text) <= condition_language.MAX_LENGTH:
            return text
        self.notes.changed(line, _("The condition of this item and its blocks is too long; it is always shown."))
        return ""
