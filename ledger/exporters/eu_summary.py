"""The public summary of training content (Regulation (EU) 2024/1689, Article 53(1)(d)), from what is recorded about a release; pure.

Fields and sections are those of the Commission's template (C(2025) 5235 of 2025-07-24, adopted again as C(2025) 8311 on 2025-12-05), in
words of our own. Every field is there in every summary. A question is answered `yes`, `no` or `not answered`; silence is never a no, and a
dataset of a kind that is recorded is a yes. Any other field has its content, or `not recorded`. Whether that is enough is not said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.exporters.documents import (
    NO,
    NOT_ANSWERED,
    NOT_RECORDED,
    YES,
    Proofs,
    about,
    as_json,
    at_about,
    data,
    datasets_of,
    evidence_json,
    joined,
    latest,
    line,
    number,
    period,
    proof_plain,
    span,
    table,
)
from ledger.exporters.eu_template import FORMS, MODALITIES, QUESTION, SECTIONS, TEMPLATE, TITLE, title_of
from ledger.spec.evidence import DatasetFact, Evidence, ReleaseFacts

SCHEMA = "openness-ledger/eu-summary/v1"
# The unit in which the template counts each modality.
UNITS = {"text": "tokens", "image": "images", "audio": "hours", "video": "hours"}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in one field, and on what it rests; None when nothing is recorded."""

    value: Any = None
    evidence: Proofs = ()


def summary(facts: ReleaseFacts) -> dict[str, Any]:
    """The summary as `schemas/eu-summary/v1` has it."""
    form = _Form(facts)
    sections = {id: {field.id: form.field(id, field.id, field.need) for field in fields} for id, (_, fields) in SECTIONS.items()}
    shown = [field for section in sections.values() for field in section.values()]
    questions = [field for field in shown if field["form"] == QUESTION]
    needed = [field for field in shown if field["form"] != QUESTION and field["need"] == "required"]
    return {
        "schema": SCHEMA,
        "template": TEMPLATE,
        "release": {"id": facts.id, "name": facts.name, "version": facts.version},
        "counts": {
            "questions": len(questions),
            "answered": sum(field["value"] != NOT_ANSWERED for field in questions),
            "required": len(needed),
            "recorded": sum(field["value"] != NOT_RECORDED for field in needed),
        },
        "sections": sections,
        "contradictions": form.contradictions(),
        "unassigned": [_named(item) for item in form.datasets if data(item, "origin") is None],
    }


def summary_json(facts: ReleaseFacts) -> bytes:
    """The summary for programs."""
    return as_json(summary(facts))


def _named(item: DatasetFact) -> dict[str, Any]:
    return {"name": item.name, "artifact": item.artifact, "evidence": evidence_json(item.evidence)}


class _Form:
    """The form as it is filled in. `_of` has one entry a field; a field that it does not have is one of `about`, by its path."""

    def __init__(self, facts: ReleaseFacts) -> None:
        self.facts = facts
        self.datasets = datasets_of(facts)

    def field(self, section: str, id: str, need: str) -> dict[str, Any]:
        """One field as it stands in the document."""
        if FORMS[section, id] == QUESTION:
            found = self.answer(section, id)
            value = found.value if found.value in (YES, NO) else NOT_ANSWERED
        else:
            found = self.content(section, id)
            value = NOT_RECORDED if found.value in (None, "", [], {}) else found.value
        proofs = evidence_json(found.evidence) if found.value is not None else []
        return {"form": FORMS[section, id], "need": self.need(section, need), "value": value, "evidence": proofs}

    def need(self, section: str, need: str) -> str:
        """Whether the template asks for a field: `required`, `optional`, `not asked`, or `not known` while a question is open."""
        if need == "outside-union":
            return {NO: "required", YES: "not asked"}.get(about(self.facts, "provider/in_union") or "", "not known")
        if need == "modified":
            return "required" if self.content("1.2", "model_dependencies").value else "not known"
        if need == "if-yes":
            answers = [self.answer(section, field.id).value for field in SECTIONS[section][1] if field.form == QUESTION]
            return "required" if YES in answers else "not asked" if set(answers) == {NO} else "not known"
        return need

    # --- questions -------------------------------------------------------------------------------

    def answer(self, section: str, id: str) -> Filled:
        """An answer: what a recorded dataset shows, else what the provider says."""
        path, origin = QUESTIONS[section, id]
        shown = self.of(origin) if origin else ()
        said = about(self.facts, path)
        if shown:
            own = at_about(self.facts, path) if said == YES else ()
            return Filled(YES, (*own, *(proof for item in shown for proof in item.evidence)))
        return Filled(said, at_about(self.facts, path) if said else ())

    def of(self, *origins: str) -> tuple[DatasetFact, ...]:
        """The datasets that were come by in one of these ways."""
        return tuple(item for item in self.datasets if data(item, "origin") in origins)

    def contradictions(self) -> list[dict[str, Any]]:
        """Where the provider says no, and a dataset of that kind is recorded."""
        found = []
        for (section, id), (path, origin) in QUESTIONS.items():
            if origin and about(self.facts, path) == NO and self.of(origin):
                mine = [_named(item) for item in self.of(origin)]
                found.append(
                    {"section": section, "field": id, "said": NO, "evidence": evidence_json(at_about(self.facts, path)), "datasets": mine}
                )
        return found

    # --- content ---------------------------------------------------------------------------------

    def content(self, section: str, id: str) -> Filled:
        """What stands in a field that is no question."""
        if id == "additional_comments":
            said = (about(self.facts, "comments") or {}).get(section)
            return Filled(said, at_about(self.facts, f"comments/{section}")) if isinstance(said, str) and said.strip() else Filled()
        for modality in MODALITIES if section == "1.3" else ():
            if id == f"{modality}_training_data_size":
                return self.size(modality)
            if id == f"{modality}_types_of_content":
                return self.types(modality)
        if id == "modalities":
            return self.modalities(section)
        special = _SPECIAL.get((section, id))
        return special(self) if special else self.said(PATHS[section, id])

    def said(self, path: str) -> Filled:
        """What the provider says under a path."""
        found = about(self.facts, path)
        return Filled(found, at_about(self.facts, path)) if found is not None else Filled()

    def or_data(self, path: str, items: tuple[DatasetFact, ...], value: Callable[[DatasetFact], Any]) -> Filled:
        """What the provider says, else what the datasets say of it, together."""
        own = self.said(path)
        return own if own.value is not None else self.together(items, value)

    @staticmethod
    def together(items: tuple[DatasetFact, ...], value: Callable[[DatasetFact], Any]) -> Filled:
        """What datasets say of one thing, joined: lists without repetition, texts after one another."""
        said = [(found, item.evidence) for item in items if (found := value(item)) not in (None, [])]
        proofs = tuple(proof for _, evidence in said for proof in evidence)
        if said and isinstance(said[0][0], list):
            return Filled(_unique([part for found, _ in said for part in found]), proofs)
        return Filled(joined(found for found, _ in said), proofs)

    def modalities(self, section: str) -> Filled:
        """The modalities of a kind of source, in the template's order."""
        name, *origins = KINDS[section]
        found = self.or_data(f"modalities/{name}", self.of(*origins), lambda item: data(item, "modalities"))
        return Filled([item for item in MODALITIES if item in found.value], found.evidence) if found.value else Filled()

    def size(self, modality: str) -> Filled:
        """How much data of a modality: as the provider says, else the sum of what is recorded, which need not be all."""
        for place, item in enumerate(about(self.facts, "training_data") or ()):
            if item["modality"] == modality and item.get("size"):
                return Filled(item["size"], at_about(self.facts, f"training_data/{place}/size"))
        mine, unit = self.alone(modality), UNITS.get(modality)
        sizes = [(data(item, "size/value"), item.evidence) for item in mine if unit and data(item, "size/unit") == unit]
        if not sizes:
            return Filled()
        total = sum(value for value, _ in sizes)
        text = f"{number(total)} {unit}, summed over {len(sizes)} of {len(mine)} datasets of this modality alone; not stated for all data"
        return Filled(text, tuple(proof for _, evidence in sizes for proof in evidence))

    def types(self, modality: str) -> Filled:
        """Types of content within a modality."""
        for place, item in enumerate(about(self.facts, "training_data") or ()):
            if item["modality"] == modality and item.get("content_types"):
                return Filled(list(item["content_types"]), at_about(self.facts, f"training_data/{place}/content_types"))
        return self.together(self.alone(modality), lambda item: data(item, "content_types"))

    def alone(self, modality: str) -> tuple[DatasetFact, ...]:
        """The datasets that hold nothing but a modality: of others it is not known which part is meant."""
        return tuple(item for item in self.datasets if data(item, "modalities") == [modality])


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _contact(path: str) -> Callable[[_Form], Filled]:
    def filled(form: _Form) -> Filled:
        name = about(form.facts, f"{path}/name")
        if name is None:
            return Filled()
        return Filled({"name": name, "contact": about(form.facts, f"{path}/contact") or NOT_RECORDED}, at_about(form.facts, path))

    return filled


def _dependencies(form: _Form) -> Filled:
    """Models that this one was made from: as the provider says, and as the lineage shows."""
    said = about(form.facts, "modified_from") or []
    found = [{"name": item["name"], "summary": item.get("summary") or NOT_RECORDED} for item in said]
    named = {item["name"] for item in found}
    behind = sorted(form.facts.upstream, key=lambda item: (item[0], item[1].artifact or ""))
    found += [{"name": name, "summary": NOT_RECORDED} for name, _ in behind if name not in named]
    proofs = (*(at_about(form.facts, "modified_from") if said else ()), *(proof for _, proof in behind))
    return Filled(found, proofs) if found else Filled()


def _listed(form: _Form, items: tuple[DatasetFact, ...]) -> Filled:
    rows = [
        {
            "name": item.name,
            "artifact": item.artifact,
            "availability": item.availability,
            "link": item.where[0] if item.where else NOT_RECORDED,
            "description": data(item, "description") or NOT_RECORDED,
            "collection_period": period(item) or NOT_RECORDED,
            "evidence": evidence_json(item.evidence),
        }
        for item in items
    ]
    return Filled(rows, tuple(proof for item in items for proof in item.evidence)) if rows else Filled()


def _private(form: _Form, *, known: bool) -> tuple[DatasetFact, ...]:
    return tuple(item for item in form.of("third-party") if (data(item, "publicly_known") == YES) is known)


def _crawlers(item: DatasetFact, member: str) -> list[str]:
    return [one[member] for one in data(item, "crawlers") or () if one.get(member)]


def _crawl(path: str, member: str) -> Callable[[_Form], Filled]:
    def filled(form: _Form) -> Filled:
        found = form.or_data(path, form.of("crawled"), lambda item: _crawlers(item, member))
        text = path != "crawl/names" and isinstance(found.value, list)
        return Filled(joined(found.value), found.evidence) if text else found

    return filled


def _crawl_period(form: _Form) -> Filled:
    first, last = about(form.facts, "crawl/from"), about(form.facts, "crawl/to")
    if first or last:
        paths = [path for path, value in (("crawl/from", first), ("crawl/to", last)) if value]
        return Filled(span(first, last), tuple(proof for path in paths for proof in at_about(form.facts, path)))
    return form.together(form.of("crawled"), period)


def _generators(form: _Form, *, market: bool) -> list[tuple[dict[str, Any], Proofs]]:
    return [
        (one, item.evidence) for item in form.datasets for one in data(item, "generators") or () if (one.get("market") == YES) is market
    ]


def _market_models(form: _Form) -> Filled:
    own = form.said("synthetic/market_models")
    found = [({"name": one["name"], "summary": one.get("summary") or NOT_RECORDED}, own.evidence) for one in own.value or ()]
    found += [
        ({"name": one["name"], "summary": one.get("summary") or NOT_RECORDED}, proof) for one, proof in _generators(form, market=True)
    ]
    return Filled(_unique([one for one, _ in found]), tuple(p for _, proof in found for p in proof)) if found else Filled()


def _other_models(form: _Form) -> Filled:
    own = form.said("synthetic/other_models")
    if own.value is not None:
        return own
    found = _generators(form, market=False)
    return Filled(joined(one["name"] for one, _ in found), tuple(p for _, proof in found for p in proof)) if found else Filled()


def _acquisition(form: _Form) -> Filled:
    own = form.said("latest_acquisition")
    if own.value is not None:
        return own
    dated = [(data(item, "acquired/to"), item.evidence) for item in form.datasets if data(item, "acquired/to")]
    last = latest([str(value) for value, _ in dated])
    return Filled(last, tuple(p for value, proof in dated if value == last for p in proof)) if last else Filled()


# (section, question) → its path in `about`, and the origin of datasets that answers it with a yes.
QUESTIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("1.3", "continuously_trained"): ("continuously_trained", ""),
    ("2.1", "used"): ("sources/public", "public"),
    ("2.2.1", "commercial_licensing_agreements_with_rightsholders"): ("sources/licensed", "licensed"),
    ("2.2.2", "other_private_third_party_datasets"): ("sources/third_party", "third-party"),
    ("2.3", "crawlers_used_by_or_for_provider"): ("sources/crawled", "crawled"),
    ("2.4", "model_interactions_used"): ("sources/model_interactions", "model-interactions"),
    ("2.4", "other_services_interactions_used"): ("sources/service_interactions", "service-interactions"),
    ("2.5", "synthetic_used"): ("sources/synthetic", "synthetic"),
    ("2.6", "other_sources"): ("sources/other", "other"),
    ("3.1", "code_of_practice_signatory"): ("code_of_practice", ""),
}
# Section → its name below `about/modalities`, and the origins of its datasets.
KINDS: Mapping[str, tuple[str, ...]] = {
    "2.1": ("public", "public"),
    "2.2.1": ("licensed", "licensed"),
    "2.2.2": ("third_party", "third-party"),
    "2.3": ("crawled", "crawled"),
    "2.4": ("user", "model-interactions", "service-interactions"),
    "2.5": ("synthetic", "synthetic"),
}
PATHS: Mapping[tuple[str, str], str] = {
    ("header", "version_of_summary"): "summary/version",
    ("header", "links_to_previous_versions"): "summary/earlier",
    ("header", "last_update"): "summary/updated",
    ("1.2", "versioned_model_names"): "model_versions",
    ("1.2", "date_of_placement_on_union_market"): "placed_on_union_market",
    ("1.3", "other_characteristics"): "other_characteristics",
    ("2.1", "other_public_datasets_description"): "other_public",
    ("3.1", "tdm_reservation_measures"): "tdm_measures",
    ("3.2", "illegal_content_measures"): "illegal_content_measures",
    ("3.3", "other_information"): "other_information",
}
_SPECIAL: Mapping[tuple[str, str], Callable[[_Form], Filled]] = {
    ("1.1", "provider_name_and_contact"): _contact("provider"),
    ("1.1", "authorised_representative_name_and_contact"): _contact("provider/representative"),
    ("1.2", "model_dependencies"): _dependencies,
    ("1.3", "latest_date_of_data_acquisition"): _acquisition,
    ("1.3", "linguistic_characteristics"): lambda form: form.or_data(
        "linguistic_characteristics", form.datasets, lambda item: joined(data(item, "languages") or ())
    ),
    ("2.1", "large_public_datasets"): lambda form: _listed(form, form.of("public")),
    ("2.2.2", "publicly_known_list"): lambda form: _listed(form, _private(form, known=True)),
    ("2.2.2", "description_of_not_publicly_known"): lambda form: form.or_data(
        "private_datasets", _private(form, known=False), lambda item: data(item, "description")
    ),
    ("2.3", "crawler_names"): _crawl("crawl/names", "name"),
    ("2.3", "purposes"): _crawl("crawl/purposes", "purpose"),
    ("2.3", "behaviour"): _crawl("crawl/behaviour", "behaviour"),
    ("2.3", "period"): _crawl_period,
    ("2.3", "content_and_sources_description"): lambda form: form.or_data(
        "crawl/content", form.of("crawled"), lambda item: data(item, "description")
    ),
    ("2.3", "top_domains"): lambda form: form.or_data("crawl/domains", form.of("crawled"), lambda item: data(item, "domains")),
    ("2.4", "services_description"): lambda form: form.or_data(
        "user_services", form.of("model-interactions", "service-interactions"), lambda item: data(item, "description")
    ),
    ("2.5", "market_models_used"): _market_models,
    ("2.5", "other_models_description"): _other_models,
    ("2.6", "narrative"): lambda form: form.or_data("other_sources", form.of("other"), lambda item: data(item, "description")),
}


# --- Markdown ------------------------------------------------------------------------------------


def summary_markdown(facts: ReleaseFacts) -> bytes:
    """The summary for people; it has every field too."""
    said = summary(facts)
    release, counts = said["release"], said["counts"]
    lines = [
        f"# {TITLE}: {line(release['name'])} {line(release['version'])}",
        "",
        f"Template: {line(said['template'])}. Release: `{release['id']}`.",
        "",
        f"{counts['answered']} of {counts['questions']} questions are answered, and {counts['recorded']} of {counts['required']} fields "
        "that are asked for have content. What is recorded was signed by whoever recorded it; entries are those of the log.",
        "",
    ]
    for item in said["contradictions"]:
        asked = f"{item['section']} {line(title_of(item['section'], item['field']))}"
        names = ", ".join(line(one["name"]) for one in item["datasets"])
        lines += [f"**The provider answers no to {asked}, and these datasets are recorded: {names}.**", ""]
    for id, (title, fields) in SECTIONS.items():
        lines += [f"## {title if id == 'header' else f'{id} {title}'}", ""]
        for field in fields:
            lines += _shown(field.title, said["sections"][id][field.id])
        lines.append("")
    if said["unassigned"]:
        lines += ["## Datasets in none of the sections above", "", "Nobody recorded how the provider came by them.", ""]
        lines += [f"- {line(item['name'])} (`{item['artifact']}`)" for item in said["unassigned"]]
        lines.append("")
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8")


def _shown(title: str, field: Mapping[str, Any]) -> list[str]:
    value = field["value"]
    note = " (not asked for, given the answers)" if field["need"] == "not asked" and value == NOT_RECORDED else ""
    where = _where(field["evidence"])
    if not isinstance(value, list) or not isinstance(value[0], dict):
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        text = ", ".join(f"{item}" for item in value.values()) if isinstance(value, dict) else text
        return [f"- **{title}**: {line(text)}{note}{where}"]
    names = [name for name in value[0] if name not in ("evidence", "artifact")]
    heads = [*(name.replace("_", " ") for name in names), *(["evidence"] if "evidence" in value[0] else [])]
    rows = [[*(item[name] for name in names), *([_plain(item["evidence"])] if "evidence" in item else [])] for item in value]
    return [f"- **{title}**:{where if 'evidence' not in value[0] else ''}", "", *table(heads, rows), ""]


def _where(evidence: list[dict[str, Any]]) -> str:
    if not evidence:
        return ""
    some = evidence[:3]
    more = f" and {len(evidence) - 3} more" if len(evidence) > 3 else ""
    return f" — {line(_plain(some))}{more}"


def _plain(evidence: list[dict[str, Any]]) -> str:
    return proof_plain(Evidence(**item) for item in evidence)
