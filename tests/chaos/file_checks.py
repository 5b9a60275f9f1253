"""What must hold for files after a run. Each check yields a line for everything that is wrong."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.history import Account, FileRow, History, SentFile, What

ENDS = ("completed", "canceled", "failed")


def confirmed_files_end(history: History) -> Iterator[str]:
    files = history.files()
    for sent in history.sent_files:
        if sent.id not in files:
            yield f"{_name(sent)} was acknowledged and is lost"
        elif files[sent.id].status == "validating":
            yield f"{_name(sent)} is still checked"
    for pk in sorted({one.target for one in history.confirmations()}):
        if pk in files and files[pk].status not in ENDS:
            yield f"file {pk} was paid and is still {files[pk].status}"


def files_are_paid_once_at_their_price(history: History) -> Iterator[str]:
    """One charge, of the price that was shown, for each file that was confirmed, and none for others."""
    told: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for confirmation in history.confirmations():
        told[confirmation.target] |= {(answer.ids[1], answer.amount) for answer in confirmation.answers}
    shown = {sent.id: sent.price for sent in history.sent_files}
    for account in history.accounts:
        charges = {entry.id: -entry.amount for entry in account.entries if entry.kind == "charge"}
        for file in account.files:
            if file.id not in told:
                if file.charge:
                    yield f"file {file.id} of {account.customer} is charged, and was not confirmed"
                continue
            if told[file.id] != {(file.charge, shown.get(file.id))}:
                yield f"file {file.id}: {sorted(told[file.id])} were told, and {shown.get(file.id)} was shown"
            if charges.get(file.charge) != shown.get(file.id):
                yield f"file {file.id}: charged {charges.get(file.charge)} instead of {shown.get(file.id)}"


def rows_of_files_are_scored_or_refunded(history: History) -> Iterator[str]:
    """What was paid, less what was refunded in one entry, is the price of the rows with a result."""
    for account in history.accounts:
        for file, scored in ended(history, account):
            refunds = [entry.amount for entry in account.entries if entry.reverses == file.charge]
            due = (file.unit_price or 0) * ((file.valid_rows or 0) - scored)
            if len(refunds) > 1 or sum(refunds) != due:
                yield f"file {file.id}: {refunds} was refunded for {scored} rows scored, instead of {due}"
            if file.refunded != due or file.done_rows != scored:
                yield f"file {file.id} says {file.done_rows} rows and {file.refunded}, not {scored} and {due}"


def files_of_results_have_every_row_in_order(history: History) -> Iterator[str]:
    files = history.files()
    for sent in history.sent_files:
        file = files.get(sent.id)
        if file is None or file.rows is None:
            continue
        if (file.rows, file.valid_rows) != (sent.rows, sent.good):
            counts = f"{file.rows} rows, {file.valid_rows} good"
            yield f"{_name(sent)} has {counts}, instead of {sent.rows} and {sent.good}"
        if file.has_results and sent.results is None:
            yield f"{_name(sent)}: its results were not read"
        for fault in sent.results.faults if sent.results else ():
            yield f"{_name(sent)}: {fault}"


def rows_of_files_are_scored_like_orders(history: History) -> Iterator[str]:
    for sample in history.samples:
        if sample.approval != sample.alone:
            yield f"file {sample.file}, {sample.model}: {sample.approval}, and alone {sample.alone}"
    if not history.samples and any(sent.results for sent in history.sent_files):
        yield "no row was ordered alone"


def cancellations_of_files_are_true(history: History) -> Iterator[str]:
    files = history.files()
    for one in history.operations:
        if one.what is not What.FILE_CANCEL or one.target not in files:
            continue
        is_canceled = files[one.target].status == "canceled"
        if one.answers and not is_canceled:
            yield f"{one.name}: file {one.target} is {files[one.target].status}"
        if one.refusal and not one.answers and is_canceled:
            yield f"{one.name}: refused with {one.refusal.kind}, and done"


def ended(history: History, account: Account) -> Iterator[tuple[FileRow, int]]:
    """Yield the files that were paid and have ended, each with the number of rows in its results."""
    scored = {sent.id: sent.results.scored for sent in history.sent_files if sent.results}
    for file in account.files:
        if file.charge and file.status in ENDS:
            yield file, scored.get(file.id, 0)


def _name(sent: SentFile) -> str:
    return f"file {sent.id} of {sent.customer}"
