"""The part of the state machine that customers see: they pay, order and cancel, with keys and without."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from predictions.scoring.schema import Applicant
from tests.support.crashes import killed_at, statement
from tests.support.lifecycle.model import Books, Sale, Sales, Use, What
from tests.support.lifecycle.world import BEFORE_ANSWER, World
from tests.support.people import Answer

PRICES = {"order": [10_00], "compare": [8_00, 40_00, 80_00]}
PATHS = {"order": "predictions/", "compare": "comparisons/", "top-up": "top-ups/"}
# A statement that no step reaches.
NEVER = 1_000_000
OWNERS = st.sampled_from(["alice", "bob"])
# What is bought: for an applicant of this age, or for this amount.
PURCHASES: st.SearchStrategy[tuple[str, int]] = st.sampled_from(
    [("order", 30), ("order", 30), ("order", 40), ("compare", 30), ("top-up", 50_00)]
)
KEYS = st.sampled_from(["", *"abcdef"])
PICKS = st.integers(0, 99)


def call(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A call of the machine's method `name`."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


def crashes(statements: int) -> st.SearchStrategy[int]:
    """The statement at which the process dies; every second step is not interrupted at all."""
    return st.one_of(st.just(NEVER), st.integers(1, statements))


# Of requests: all is done, and only the answer is lost.
REQUEST_CRASHES = st.one_of(st.just(NEVER), st.integers(1, 36), st.just(BEFORE_ANSWER))
BUY = call("buy", owner=OWNERS, what=PURCHASES, key=KEYS, crash=REQUEST_CRASHES)
CANCEL = call("cancel", pick=PICKS, key=KEYS, crash=REQUEST_CRASHES)
REPEAT = call("repeat", pick=PICKS, crash=REQUEST_CRASHES)
REUSE = call("reuse", pick=PICKS, what=st.one_of(PURCHASES, st.none()), crash=REQUEST_CRASHES)


class Customers(RuleBasedStateMachine):
    def __init__(self, world: World, applicant: Applicant) -> None:
        super().__init__()
        self.world, self.applicant = world, applicant
        self.books = Books()
        # Whether all steps were as expected.
        self.sound = True
        world.empty()

    @initialize()
    def begin_with_orders(self) -> None:
        # One can buy a comparison and little more, the other two.
        for owner, amount in (("alice", 150_00), ("bob", 300_00)):
            self.buy(owner, ("top-up", amount), "", NEVER)
        self.buy("alice", ("order", 30), "", NEVER)
        self.buy("bob", ("compare", 30), "", NEVER)

    @invariant()
    def tables_agree_with_the_model(self) -> None:
        self.world.check(self.books)
        self.sound = True

    def buy(self, owner: str, what: tuple[str, int], key: str, crash: int) -> None:
        self.sound = False
        kind, variant = what
        body: dict[str, object] = {"applicant": self.applicant | {"person_age": variant}}
        if kind == "top-up":
            body = {"amount": f"{variant // 100}.00"}
        elif kind == "order":
            body["model"] = "logistic-regression"
        used, balance = self.books.keys.get((owner, key)), self.books.balance(owner)
        answer = self.world.post(owner, PATHS[kind], body, key, crash)
        bought = self.bought(owner, what)
        assert not (used and bought), "a key buys once"
        if answer is None:
            self.died(owner, what, key, bought)
        elif used:
            self.is_repeated(answer, used, what)
        elif kind != "top-up" and balance < sum(PRICES[kind]):
            assert (answer.status_code, answer.json()["code"], bought) == (402, "insufficient_funds", "")
        else:
            assert answer.status_code in (201, 202)
            assert answer.json()["id"] == bought
            assert "Idempotent-Replayed" not in answer
            assert kind == "top-up" or self.world.workers_are_notified()
            if key:
                self.books.keys[owner, key] = Use(what, bought, answer.content.decode())

    def cancel(self, pick: int, key: str, crash: int) -> None:
        """Cancel a prediction or a whole comparison, whatever its state."""
        if self.books.sales:
            self.cancel_sale(self.picked(pick)[0], pick, key, crash)

    def repeat(self, pick: int, crash: int) -> None:
        """Send something that was sent with a key once more."""
        if self.books.keys:
            owner, key, used = self.used_key(pick)
            kind, variant = used.what
            if isinstance(variant, UUID):
                self.cancel_order(variant, key, crash)
            else:
                self.buy(owner, (kind, variant), key, crash)

    def reuse(self, pick: int, what: tuple[str, int] | None, crash: int) -> None:
        """Buy something, or cancel an order, with a key that was used."""
        if self.books.keys:
            owner, key, _used = self.used_key(pick)
            if what:
                self.buy(owner, what, key, crash)
            elif own := [pk for pk, sale in self.books.sales.items() if sale.owner == owner]:
                self.cancel_sale(own[pick % len(own)], pick, key, crash)

    def used_key(self, pick: int) -> tuple[str, str, Use]:
        """A key with its owner and use; rather one whose answer was lost, which only the ledger knows."""
        lost = [key for key, used in self.books.keys.items() if not used.answer]
        keys = lost or list(self.books.keys)
        owner, key = keys[pick % len(keys)]
        return owner, key, self.books.keys[owner, key]

    def cancel_sale(self, pk: UUID, pick: int, key: str, crash: int) -> None:
        """Cancel a prediction, or the whole comparison that it is a part of."""
        comparison = self.books.sales[pk].comparison
        self.cancel_order(comparison if comparison and pick % 3 else pk, key, crash)

    def cancel_order(self, pk: UUID, key: str, crash: int) -> None:
        self.sound = False
        rows = {pk: self.books.sales[pk]} if pk in self.books.sales else self.books.parts(pk)
        path = f"{'predictions' if pk in rows else 'comparisons'}/{pk}/cancel/"
        owner, what = next(iter(rows.values())).owner, ("cancel", pk)
        used = self.books.keys.get((owner, key))
        after = {}
        # A part of a comparison is not canceled alone.
        if not used and not (pk in rows and rows[pk].comparison):
            queued = {row: sale for row, sale in rows.items() if sale.status == "queued"}
            after = {row: sale.refunded_as("canceled") for row, sale in queued.items()}
        answer = self.world.post(owner, path, None, key, crash)
        if answer is None:
            self.books.take_over_after_crash(self.world.sales(), after, whole=True)
            self.died(owner, what, key, str(pk) if self.world.stored_answer(owner, key) else "")
            return
        self.books.take_over(self.world.sales(), after)
        if used:
            self.is_repeated(answer, used, what)
        elif any(self.books.sales[row].status == "canceled" for row in rows):
            assert (answer.status_code, answer.json()["id"]) == (200, str(pk))
            if key:
                self.books.keys[owner, key] = Use(what, str(pk), answer.content.decode())
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")

    def picked(self, pick: int) -> tuple[UUID, Sale]:
        """One of all, or, every second time, one that nobody has begun or finished yet."""
        queued = pick % 2 and self.books.with_status("queued")
        sales = list((queued or self.books.sales).items())
        return sales[pick // 2 % len(sales)]

    def bought(self, owner: str, what: tuple[str, int]) -> str:
        """Take over what is new: all that was to be bought, or nothing. Return its id, "" for nothing."""
        sales = {pk: sale for pk, sale in self.world.sales().items() if pk not in self.books.sales}
        top_ups = {pk: paid for pk, paid in self.world.top_ups().items() if pk not in self.books.top_ups}
        self.books.sales |= sales
        self.books.top_ups |= top_ups
        kind, variant = what
        if kind == "top-up":
            assert (list(top_ups.values()), sales) in (([], {}), ([(owner, variant)], {}))
            return "".join(map(str, top_ups))
        assert not top_ups
        if not sales:
            return ""
        [comparison] = {sale.comparison for sale in sales.values()}
        expected = [Sale(owner, price, comparison) for price in PRICES[kind]]
        assert sorted(sales.values(), key=lambda sale: sale.price) == expected
        return str(comparison or next(iter(sales)))

    def died(self, owner: str, what: What, key: str, result: str) -> None:
        """Nobody was told. The key knows what was done, and possibly its answer."""
        stored, used = self.world.stored_answer(owner, key), self.books.keys.get((owner, key))
        if used:
            assert used.answer in ("", stored)
            used.answer = stored
        elif key and result:
            self.books.keys[owner, key] = Use(what, result, stored)
        else:
            assert not stored

    def is_repeated(self, answer: Answer, used: Use, what: What) -> None:
        if used.what != what:
            assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
            return
        assert answer.status_code in (200, 201, 202)
        assert (answer.json()["id"], answer["Idempotent-Replayed"]) == (used.result, "true")
        assert used.answer in ("", answer.content.decode())
        used.answer = answer.content.decode()

    def step(self, run: Callable[[], object], crash: int, after: Sales, *, claims: bool = False) -> object:
        """Run a step and return what it returns; the rows must then be as in `after`.

        If it dies, return None; each row must be as before, or as in `after`, or, with `claims`, claimed by
        the process that has died.
        """
        self.sound = False
        results = []
        with killed_at(statement(crash)):
            results.append(run())
        seen = self.world.sales()
        if results:
            self.books.take_over(seen, after)
            return results[0]
        before = {pk: self.books.sales[pk] for pk in after if claims}
        taken = {pk: sale.claimed(seen[pk].claim) for pk, sale in before.items()}
        requeued = {pk: sale.requeued() for pk, sale in before.items()}
        self.books.take_over_after_crash(seen, after, taken, requeued)
        return None
