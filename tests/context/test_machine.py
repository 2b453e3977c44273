"""Both stores against a model of dicts and lists, over whatever may happen to them.

The model knows no version of a file, no seal and no index: only who said what under
which reference, and what was acknowledged.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from router.context.errors import (
    CustomerErased,
    ForeignConversation,
    IdentityTaken,
    MergeRefused,
)
from router.model.context import ConsentState, DataClass, Purpose
from router.model.context_limits import KEPT_MS
from tests.context.make import TERMS, an_entry, phone
from tests.context.stores import STORES

PEOPLE = st.sampled_from(["cus-ayşe", "cus-ελένη", "cus-mehmet", "cus-4"])
TALKS = st.sampled_from(["conv-1", "conv-2", "conv-3"])
PHONES = st.sampled_from(["+905321110001", "+905321110002", "+306941110003"])
HOUR = 3_600_000


class ContextMachine(RuleBasedStateMachine):
    kind = "memory"

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = STORES[self.kind](self.folder)
        self.contexts = self.store.contexts()
        self.now = 0
        self.talks = {}  # conversation: (customer, [(version, text, at)])
        self.order = []  # (conversation, version, text), as it became known
        self.parents = {}
        self.links = {}
        self.consents = {}
        self.erased = {}

    def teardown(self):
        self.contexts.close()
        shutil.rmtree(self.folder)

    def root(self, customer):
        while customer in self.parents:
            customer = self.parents[customer]
        return customer

    def person(self, customer):
        everybody = {*self.parents, *self.parents.values(), customer}
        return {one for one in everybody if self.root(one) == self.root(customer)}

    @rule(customer=PEOPLE, talk=TALKS, count=st.integers(1, 3), known=st.booleans())
    def append(self, customer, talk, count, known):
        """`known`: whether the journal got it before anything else happened."""
        self.now += HOUR
        owner, told = self.talks.get(talk, (customer, []))
        version = told[-1][0] if told else 0
        seal = self.contexts.conversations.seal
        try:
            sealed = [
                seal(
                    customer,
                    talk,
                    version + n,
                    an_entry(f"{talk} {self.now} {n}", self.now),
                )
                for n in range(1, count + 1)
            ]
        except CustomerErased:
            assert customer in self.erased
            return
        except ForeignConversation:
            assert self.root(owner) != self.root(customer)
            return
        assert customer not in self.erased
        assert owner in self.person(customer)
        self.contexts.conversations.prepare(sealed)
        if not known:
            self.restart_before_the_journal()
            return
        told += [
            (version + n, f"{talk} {self.now} {n}", self.now)
            for n in range(1, count + 1)
        ]
        self.talks[talk] = (owner, told)
        self.order += [(talk, one[0], one[1]) for one in told[-count:]]

    def restart_before_the_journal(self):
        versions = {talk: told[-1][0] for talk, (_, told) in self.talks.items() if told}
        self.reopen()
        self.contexts.conversations.discard_after(versions)

    @rule()
    def reopen(self):
        self.contexts.close()
        self.contexts = self.store.contexts()

    @rule(customer=PEOPLE, number=PHONES)
    def link(self, customer, number):
        try:
            self.contexts.customers.link(phone(number), customer, 80, "crm", self.now)
        except CustomerErased:
            assert customer in self.erased
        except IdentityTaken:
            assert self.links[number] not in self.person(customer)
        else:
            self.links.setdefault(number, customer)

    @rule(number=PHONES)
    def unlink(self, number):
        assert self.contexts.customers.unlink(phone(number), self.now) == (
            self.links.pop(number, None) is not None
        )

    @rule(into=PEOPLE, other=PEOPLE)
    def merge(self, into, other):
        try:
            self.contexts.customers.merge(into, other, "crm", self.now)
        except CustomerErased:
            assert {into, other} & self.erased.keys()
        except MergeRefused:
            assert other in self.parents or self.root(into) == self.root(other)
        else:
            self.parents[other] = into

    @rule(into=PEOPLE, other=PEOPLE)
    def unmerge(self, into, other):
        try:
            self.contexts.customers.unmerge(into, other, self.now)
        except CustomerErased:
            assert into in self.erased
        except MergeRefused:
            assert self.parents.get(other) != into
        else:
            assert self.parents.pop(other) == into

    @rule(customer=PEOPLE, granted=st.booleans())
    def consent(self, customer, granted):
        try:
            self.contexts.customers.set_consent(
                customer, Purpose.CARRY_OVER, granted=granted, terms=TERMS, at=self.now
            )
        except CustomerErased:
            assert customer in self.erased
        else:
            self.consents[customer] = granted

    @rule()
    def rewrap(self):
        self.contexts.privacy.rewrap()

    @rule(customer=PEOPLE)
    def erase(self, customer):
        whole = {customer} if customer in self.erased else self.person(customer)

        receipt = self.contexts.privacy.erase(customer, self.now)

        assert whole == set(receipt.customers)
        gone = [
            (talk, len(told))
            for talk, (owner, told) in self.talks.items()
            if owner in whole
        ]
        assert sum(count for _, count in gone) == receipt.removed.entries
        for one in whole:
            self.erased.setdefault(one, self.now)
            self.consents.pop(one, None)
            self.parents.pop(one, None)
        for talk, _ in gone:
            del self.talks[talk]
            self.order = [one for one in self.order if one[0] != talk]
        self.links = {n: c for n, c in self.links.items() if c not in whole}

    @rule(days_on=st.integers(0, 20))
    def expire(self, days_on):
        self.now += days_on * 24 * HOUR
        before = self.now - KEPT_MS[DataClass.CONTENT]
        while self.contexts.privacy.expire(self.now, rows=2).more:
            pass
        for talk, (owner, told) in [*self.talks.items()]:
            left = [one for one in told if one[2] >= before]
            versions = {one[0] for one in left}
            self.order = [
                one for one in self.order if one[0] != talk or one[1] in versions
            ]
            # The floor alone knows the version of an emptied one; the model begins anew
            # with it. Once the store has forgotten it, whoever comes may have its id.
            if left or self.contexts.conversations.row(talk) is not None:
                self.talks[talk] = (owner, left)
            else:
                del self.talks[talk]

    @precondition(lambda self: self.erased)
    @rule()
    def the_floor_tells_whom_it_erased(self):
        """Nothing is left to be erased again."""
        floor = [*self.erased.items()]
        assert 0 == self.contexts.privacy.apply_tombstones(floor)

    @invariant()
    def every_timeline_is_what_was_told(self):
        for customer in ("cus-ayşe", "cus-ελένη", "cus-mehmet", "cus-4"):
            if customer in self.erased:
                with pytest.raises(CustomerErased):
                    self.contexts.conversations.timeline(customer)
                continue
            mine = {
                talk
                for talk, (owner, _) in self.talks.items()
                if owner in self.person(customer)
            }
            expected = [text for talk, _, text in reversed(self.order) if talk in mine]
            seen, token = [], ""
            while True:
                page = self.contexts.conversations.timeline(
                    customer, page_size=4, page_token=token
                )
                seen += [one.entry.value.text for one in page.entries]
                token = page.next_page_token
                if not token:
                    break
            assert expected == seen

    @invariant()
    def everybody_is_found_by_their_numbers(self):
        for number in ("+905321110001", "+905321110002", "+306941110003"):
            owner = self.links.get(number)
            expected = None if owner is None else self.root(owner)
            assert expected == self.contexts.customers.customer_of(phone(number))

    @invariant()
    def consent_is_what_was_said_last(self):
        for customer in ("cus-ayşe", "cus-ελένη", "cus-mehmet", "cus-4"):
            if customer in self.erased:
                continue
            said = [
                self.consents[one]
                for one in self.person(customer)
                if one in self.consents
            ]
            expected = (
                ConsentState.NEVER_ASKED
                if not said
                else ConsentState.GRANTED
                if all(said)
                else ConsentState.WITHDRAWN
            )
            assert expected is self.contexts.customers.consent(
                customer, Purpose.CARRY_OVER
            )


class SqliteMachine(ContextMachine):
    kind = "sqlite"


TestInMemory = ContextMachine.TestCase
TestInMemory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestInSqlite = SqliteMachine.TestCase
TestInSqlite.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
