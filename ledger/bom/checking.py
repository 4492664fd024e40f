"""One document, all rules for its format."""

from __future__ import annotations

from ledger.bom.cyclonedx_rules import check_cyclonedx
from ledger.bom.kinds import CYCLONEDX, kind_of
from ledger.bom.reading import read_json
from ledger.bom.report import Report
from ledger.bom.schemas import check_schema
from ledger.bom.spdx2_rules import check_spdx2
from ledger.bom.spdx3_rules import check_spdx3
from ledger.clock import parse_rfc3339
from ledger.errors import LedgerError


def check_document(data: bytes, *, what: str, at: str | None = None) -> Report:
    """Check a bill of materials by all rules for its format.

    Args:
        data: the document, JSON in UTF-8.
        what: names it in messages.
        at: when it was or will be signed, RFC 3339 in UTC with whole seconds; without it nobody can tell R11.

    Raises:
        LedgerError: LG1701 when it is over a limit, LG1702 when it is not strict JSON, LG1703 when it is no bill of materials that is
            known here, LG1704 when it is another version of one, LG1707 when `at` is no time.
    """
    if at is not None:
        try:
            parse_rfc3339(at)
        except LedgerError as error:
            raise LedgerError("LG1707", f"when it was signed: {error.message}") from None
    document = read_json(data, what)
    kind = kind_of(document, what)
    # Before the rules: of those for SPDX 2 one hands the document to somebody else's program.
    shape = check_schema(kind, document)
    if kind.format == CYCLONEDX:
        rules = check_cyclonedx(document)
    elif kind.version.startswith("3."):
        rules = check_spdx3(document, at)
    else:
        rules = check_spdx2(document)
    return Report(kind.format, kind.version, (shape, *rules))
