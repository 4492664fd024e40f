"""What licences say, as data: permissions, conditions, thresholds, places, outputs, and who approved them; each with its source.

The table is `data/license-facts.json` (`tools/make_license_facts.py` makes it; `facts_load` reads and checks it). A value is one
of a closed list of words. `unknown` is not `no`: it means that nobody has read it. `unstated` means that the text was read and
the table records no such term. A licence whose terms nobody read as a text has a `basis` below `read`; it is shown as such
and never clears a finding. Facts are no advice: they say what a text says, not what it means for somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.licenses import catalogue

KLASSES = (
    "open-source",
    "open-data",
    "open-permissive-model",
    "public-domain",
    "open-weights-restricted",
    "non-commercial",
    "no-derivatives",
    "research-only",
    "computational-use-only",
    "service-terms",
    "unknown",
)
TARGETS = ("weights", "dataset", "database", "content", "code", "documentation", "outputs", "service-terms")
COMMERCIAL = ("yes", "no", "threshold", "conditional", "unknown")
ANSWERS = ("yes", "no", "unstated", "unknown")
PERMITS = ("yes", "no", "conditional", "unknown")
SHARE_ALIKE = (
    "none",
    "same-licence",
    "derivative-database",
    "enhanced-data",
    "agreement-travels",
    "same-use-restrictions",
    "library",
    "file",
    "unknown",
)
AUP_WHERE = ("none", "inline", "url", "unknown")
FLOW_DOWN = ("none", "adhere", "similar", "provision", "unknown")
BADGE_WHEN = ("always", "threshold", "some-models")
METRICS = (
    "monthly_active_users",
    "daily_active_users",
    "annual_revenue_usd",
    "monthly_revenue_usd",
    "attributable_annual_revenue_usd",
    "is_software_or_cloud_provider",
)
OPS = (">", ">=", "==")
CLOCKS = ("version-release-date", "continuous")
EFFECTS = ("no-grant", "royalty", "display")
TRAINING = (
    "allowed",
    "allowed-explicit",
    "allowed-with-name",
    "flows-down",
    "noncommercial",
    "forbidden",
    "unstated",
    "policy",
    "unknown",
)
SCOPES = ("any-language-model", "any-ai-model", "foundation-model", "competing-model", "noncommercial", "unstated", "unknown")
RESULTS = ("free-explicit", "free-explicit-if-de-minimis", "produced-work", "unstated", "unknown")
REVOCABLE = ("no", "on-breach", "at-will", "unknown")
CHECKS = ("read", "excerpt", "remembered")
BASES = ("read", "title", "excerpt", "remembered", "list")
FIELDS_OF_USE = ("no-military", "use-policy", "computational-use-only", "content-filter", "national-interest")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact is from.

    Attributes:
        what: which part rests on it, such as ``text`` or ``thresholds``.
        where: an address, or a package with its version and path.
        check: ``read`` (the text was), ``excerpt`` (a part of it was), or ``remembered`` (nobody looked).
    """

    what: str
    where: str
    check: str


@dataclass(frozen=True, slots=True)
class LicenseIds:
    """The names that others call a licence by."""

    spdx: str | None = None
    licenseref: str | None = None
    scancode: str | None = None
    hf_tag: str | None = None
    hf_license_name: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must be done when copies go to others; each ``yes``, ``no``, ``unstated`` or ``unknown``.

    Attributes:
        include_license: the text goes along, or its address where the licence says so.
        notice: a notice file or exact notice line goes along.
        attribution: the author is named.
        state_changes: changed files say so.
        retain_notices: notices that are there stay.
        disclose_source: the source is offered.
        no_further_restrictions: nothing may be forbidden beyond what the licence does.
        contract_only: it binds whoever accepted it, as terms of a service do.
        registration: commercial use has to be registered.
    """

    include_license: str = "unknown"
    notice: str = "unknown"
    attribution: str = "unknown"
    state_changes: str = "unknown"
    retain_notices: str = "unknown"
    disclose_source: str = "unknown"
    no_further_restrictions: str = "unknown"
    contract_only: str = "unknown"
    registration: str = "unknown"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From when on a grant ends or a duty begins.

    Attributes:
        metric: one of `METRICS`; users are people, revenue is US dollars.
        clock: measured once at the ``version-release-date``, or ``continuous``.
        effect: ``no-grant``, ``royalty`` or ``display`` (a badge).
        check: as in `Source`; below ``read`` a figure never clears.
    """

    metric: str
    op: str
    value: int
    clock: str
    effect: str
    check: str


@dataclass(frozen=True, slots=True)
class Geography:
    """Where the grant does not reach.

    Attributes:
        exclude: ISO 3166 codes in capitals, or ``EU``.
        multimodal_only: it concerns models that take more than text.
        outputs: the outputs are bound too.
        where: which document says it, ``license`` or ``aup``.
    """

    exclude: tuple[str, ...]
    multimodal_only: bool
    outputs: bool
    where: str


@dataclass(frozen=True, slots=True)
class Outputs:
    """What may be done with what a model gives.

    Attributes:
        training: whether other models may be trained on them, one of `TRAINING`.
        scope: which other models the answer is about, one of `SCOPES`.
        family: the models that are excepted from a ban, as the text names them; None when none are.
        bound: the licence reaches outputs as such (non-commercial use, territory): ``yes``, ``no`` or ``unknown``.
    """

    training: str
    scope: str
    family: str | None
    bound: str


@dataclass(frozen=True, slots=True)
class Derivatives:
    """What the licence counts as made from the work; each ``yes``, ``no`` or ``unknown``, `results` one of `RESULTS`."""

    outputs: str = "unknown"
    distillation: str = "unknown"
    synthetic_data: str = "unknown"
    adapters: str = "unknown"
    purpose_test: bool = False
    results: str = "unknown"


@dataclass(frozen=True, slots=True)
class Aup:
    """An acceptable-use policy: where it is, whether it can change under the reader, and whether it has to be passed on."""

    where: str = "unknown"
    mutable: str = "unknown"
    flow_down: str = "unknown"


@dataclass(frozen=True, slots=True)
class Badge:
    """Words that have to be displayed, and when: ``always``, above a ``threshold``, or for ``some-models``."""

    text: str
    when: str


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """All that the table has on one licence.

    Attributes:
        key: the entry's own name; for an id of the SPDX list without an entry, that id in lower case.
        klass: one of `KLASSES`.
        osi, fsf, open_definition: approved, rejected, or None for not said.
        commercial: one of `COMMERCIAL`.
        hosting: whether offering it as a service counts as handing it on; one of `PERMITS`.
        name_prefix: how the name of a derived model must begin.
        guardrail: the licence ends when a safety measure is removed, or its terms can be changed by one side.
        basis: what the terms rest on: ``read``, the ``title`` of the licence, an ``excerpt``, ``remembered``, or only the ``list``.
        wording: for a field, the few words that its value rests on.
        date: of the table, ``YYYY-MM-DD``.
    """

    key: str
    name: str
    steward: str | None
    version_date: str | None
    ids: LicenseIds
    targets: tuple[str, ...]
    klass: str
    osi: bool | None
    fsf: bool | None
    open_definition: bool | None
    commercial: str
    modify: str
    redistribute: str
    sublicense: str
    patent: str
    hosting: str
    conditions: Conditions
    badge: Badge | None
    name_prefix: str | None
    share_alike: str
    aup: Aup
    field_of_use: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    geography: Geography | None
    outputs: Outputs
    derivatives: Derivatives
    revocable: str
    guardrail: bool
    text_sha256: tuple[str, ...]
    basis: str
    sources: tuple[Source, ...]
    date: str
    wording: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id to write in an expression."""
        return self.ids.spdx or self.ids.licenseref or self.key

    @property
    def verified(self) -> bool:
        """No part of it is only remembered."""
        return all(source.check != "remembered" for source in self.sources)


def facts_of(license_id: str) -> LicenseFacts | None:
    """The facts of an SPDX id, a `LicenseRef-…` (in any case) or an entry's key; None when nothing at all is known.

    For an id of the SPDX list without an entry of its own: the list's flags, and `unknown` for everything else.

    Raises:
        LedgerError: LG0107, LG0802, LG0810 to LG0814 when the data of the installation are damaged.
    """
    from ledger.licenses.facts_load import table

    if not license_id.isascii():
        return None
    loaded = table()
    found = loaded.by_id.get(license_id.lower())
    if found is not None:
        return found
    listed = catalogue.entry(license_id)
    return None if listed is None else _only_listed(listed, loaded.date)


def all_facts() -> tuple[LicenseFacts, ...]:
    """Every entry of the table, by key. Raises as `facts_of`."""
    from ledger.licenses.facts_load import table

    return table().entries


def facts_of_text(sha256: str) -> LicenseFacts | None:
    """The entry one of whose texts has this SHA-256 (hex, of the bytes as published). Raises as `facts_of`."""
    from ledger.licenses.facts_load import table

    return table().by_text.get(sha256)


def _only_listed(listed: catalogue.LicenseEntry, date: str) -> LicenseFacts:
    unknown = "unknown"
    return LicenseFacts(
        key=listed.id.lower(),
        name=listed.name,
        steward=None,
        version_date=None,
        ids=LicenseIds(spdx=listed.id),
        targets=(),
        klass=unknown,
        osi=listed.osi,
        fsf=listed.fsf,
        open_definition=None,
        commercial=unknown,
        modify=unknown,
        redistribute=unknown,
        sublicense=unknown,
        patent=unknown,
        hosting=unknown,
        conditions=Conditions(),
        badge=None,
        name_prefix=None,
        share_alike=unknown,
        aup=Aup(),
        field_of_use=(),
        thresholds=(),
        geography=None,
        outputs=Outputs(unknown, unknown, None, unknown),
        derivatives=Derivatives(),
        revocable=unknown,
        guardrail=False,
        text_sha256=(),
        basis="list",
        sources=(Source("flags", f"SPDX License List {catalogue.list_version()}", "read"),),
        date=date,
    )
