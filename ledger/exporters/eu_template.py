"""The form of the public summary of training content: its sections and fields, in words of our own.

Source: the Commission's template, C(2025) 5235 final of 2025-07-24, adopted again as C(2025) 8311 final on 2025-12-05. The field list
was read in two independent transcriptions and in summaries that providers have filed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TEMPLATE = "C(2025) 5235 final, 2025-07-24; adopted as C(2025) 8311 final, 2025-12-05"
TITLE = "Public summary of training content"
QUESTION, CONTENT = "question", "content"
REQUIRED, OPTIONAL, IF_YES, OUTSIDE, MODIFIED = "required", "optional", "if-yes", "outside-union", "modified"
MODALITIES = ("text", "image", "audio", "video", "other")


@dataclass(frozen=True, slots=True)
class TemplateField:
    """One field.

    Attributes:
        need: `required`, `optional`, `if-yes` (a question of the section is answered yes), `outside-union` (the provider is established
            outside the Union), `modified` (the model is a modification of another).
    """

    id: str
    title: str
    form: str = CONTENT
    need: str = REQUIRED


def _question(id: str, title: str) -> TemplateField:
    return TemplateField(id, title, QUESTION)


def _if_yes(id: str, title: str) -> TemplateField:
    return TemplateField(id, title, CONTENT, IF_YES)


_COMMENTS = TemplateField("additional_comments", "Comments", CONTENT, OPTIONAL)
_MODALITIES = _if_yes("modalities", "Modalities")

SECTIONS: Mapping[str, tuple[str, tuple[TemplateField, ...]]] = {
    "header": (
        "This summary",
        (
            TemplateField("version_of_summary", "Version"),
            TemplateField("links_to_previous_versions", "Earlier versions", CONTENT, OPTIONAL),
            TemplateField("last_update", "Last update"),
        ),
    ),
    "1.1": (
        "Provider",
        (
            TemplateField("provider_name_and_contact", "Name and contact"),
            TemplateField("authorised_representative_name_and_contact", "Authorised representative in the Union", CONTENT, OUTSIDE),
        ),
    ),
    "1.2": (
        "Model",
        (
            TemplateField("versioned_model_names", "Versioned names"),
            TemplateField("model_dependencies", "Models that it is a modification of, and their summaries", CONTENT, MODIFIED),
            TemplateField("date_of_placement_on_union_market", "Placed on the Union market"),
        ),
    ),
    "1.3": (
        "Modalities, size and characteristics of all training data",
        (
            # A modality that is not used has neither size nor content.
            *(
                TemplateField(f"{modality}_{name}", f"{modality.capitalize()}: {title}", CONTENT, OPTIONAL)
                for modality in MODALITIES
                for name, title in (("training_data_size", "size"), ("types_of_content", "types of content"))
            ),
            TemplateField("latest_date_of_data_acquisition", "Latest acquisition of data"),
            _question("continuously_trained", "Does training go on after that?"),
            TemplateField("linguistic_characteristics", "Languages"),
            TemplateField("other_characteristics", "Other characteristics"),
            _COMMENTS,
        ),
    ),
    "2.1": (
        "Publicly available datasets",
        (
            _question("used", "Were public datasets used?"),
            _MODALITIES,
            _if_yes("large_public_datasets", "Public datasets"),
            TemplateField("other_public_datasets_description", "Further public datasets, described together", CONTENT, OPTIONAL),
            _COMMENTS,
        ),
    ),
    "2.2.1": (
        "Private datasets: licensed commercially from rightsholders",
        (_question("commercial_licensing_agreements_with_rightsholders", "Were such agreements concluded?"), _MODALITIES),
    ),
    "2.2.2": (
        "Private datasets: from other third parties",
        (
            _question("other_private_third_party_datasets", "Were such datasets obtained?"),
            _MODALITIES,
            TemplateField("publicly_known_list", "Those that are publicly known", CONTENT, OPTIONAL),
            TemplateField("description_of_not_publicly_known", "Those that are not, described together", CONTENT, OPTIONAL),
            _COMMENTS,
        ),
    ),
    "2.3": (
        "Data crawled and scraped from online sources",
        (
            _question("crawlers_used_by_or_for_provider", "Were crawlers used by or for the provider?"),
            _if_yes("crawler_names", "Crawlers"),
            _if_yes("purposes", "Purposes"),
            _if_yes("behaviour", "Behaviour"),
            _if_yes("period", "Period"),
            _if_yes("content_and_sources_description", "Content and sources"),
            _MODALITIES,
            _if_yes("top_domains", "Domains with the most content"),
            _COMMENTS,
        ),
    ),
    "2.4": (
        "User data",
        (
            _question("model_interactions_used", "Were users' interactions with the provider's models used?"),
            _question("other_services_interactions_used", "Were users' interactions with other services of the provider used?"),
            _if_yes("services_description", "The services"),
            _MODALITIES,
            _COMMENTS,
        ),
    ),
    "2.5": (
        "Synthetic data",
        (
            _question("synthetic_used", "Was synthetic data made for the training?"),
            _MODALITIES,
            TemplateField("market_models_used", "Models on the market that made it", CONTENT, OPTIONAL),
            TemplateField("other_models_description", "Other models that made it", CONTENT, OPTIONAL),
            _COMMENTS,
        ),
    ),
    "2.6": (
        "Other sources",
        (_question("other_sources", "Was data from any other source used?"), _if_yes("narrative", "The other sources"), _COMMENTS),
    ),
    "3.1": (
        "Reservations of rights",
        (
            _question("code_of_practice_signatory", "Has the provider signed the Code of Practice?"),
            TemplateField("tdm_reservation_measures", "Measures to respect reservations from text and data mining"),
            _COMMENTS,
        ),
    ),
    "3.2": ("Illegal content", (TemplateField("illegal_content_measures", "Measures to avoid or remove it"),)),
    "3.3": ("Other information", (TemplateField("other_information", "About data processing", CONTENT, OPTIONAL),)),
}

FORMS: Mapping[tuple[str, str], str] = {(id, field.id): field.form for id, (_, fields) in SECTIONS.items() for field in fields}


def title_of(section: str, field: str) -> str:
    """What a field is called."""
    return next(item.title for item in SECTIONS[section][1] if item.id == field)
