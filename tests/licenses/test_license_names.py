"""What names of licences are in SPDX: the tables that they come from, other people's data, and nothing from garbage."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from pathlib import Path

import listtexts
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import entry, names, parse_expression
from ledger.licenses.names import named
from ledger.limits import LIMITS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_83_tags_of_hugging_face_are_what_the_table_says() -> None:
    facts = refdata("license-texts-ai").parent.parent / "facts" / "ai_licenses.yaml"
    table = yaml.safe_load(facts.read_text("utf-8"))["hf_license_tags"]
    assert len(table) == 83
    for tag, item in table.items():
        found = named(tag, "hf")
        assert found.expression == (item["expression"] if item["kind"] == "single" else "NOASSERTION"), tag
        # What the tag leaves open is said, and only then.
        assert (found.reason is not None) == (item["kind"] != "single" or "ambiguous" in item), tag
        parsed = parse_expression(found.expression)
        assert parsed.valid and parsed.normalized == found.expression


@pytest.mark.parametrize("tag", ["llama5", "", "MIT", " apache", "openrail+++", "cc-by", "gpl-3.0-only", "other\nmit", "a" * 10_000])
def test_what_is_no_tag(tag: str) -> None:
    found = named(tag, "hf")
    assert not found.certain and found.reason


def test_keys_of_scancode_are_what_its_own_index_says() -> None:
    rows = json.loads(refdata("scancode-licensedb", "index.json").read_text("utf-8"))
    spdx = json.loads(refdata("spdx-license-list", "licenses.json").read_text("utf-8"))["licenses"]
    current = {item["licenseId"] for item in spdx if not item["isDeprecatedLicenseId"]}
    checked = 0
    for row in rows:
        found = named(row["license_key"], "scancode")
        if row["spdx_license_key"] in current:
            checked += 1
            assert (found.expression, found.reason) == (row["spdx_license_key"], None)
        elif found.certain:
            # Ids that the list has since then, and licences of AI models, which have references of ours.
            assert entry(found.expression) is not None or found.expression.startswith("LicenseRef-"), row["license_key"]
    assert checked > 600
    assert named("bsl-1.1", "scancode").expression == "BUSL-1.1"
    assert named("x11", "scancode").expression == "ICU"
    assert named("llama-3.1-license-2024", "scancode").expression == "LicenseRef-Llama-3.1"
    assert not named("classpath-exception-2.0", "scancode").certain
    assert not named("llama-4-license-2025", "scancode").certain


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Apache 2.0", "Apache-2.0"),
        ("apache license, version 2.0", "Apache-2.0"),
        ("Apache License 2.0", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        (" mit licence ", "MIT"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("CC BY-SA 3.0", "CC-BY-SA-3.0"),
        ("CC BY 2.5", "CC-BY-2.5"),
        ("Creative Commons Attribution 4.0 International Public License", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International License", "CC-BY-NC-ND-4.0"),
        ("CC0", "CC0-1.0"),
        ("Creative Commons Zero v1.0 Universal", "CC0-1.0"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPL v3 or later", "GPL-3.0-or-later"),
        ("gpl-3.0-only", "GPL-3.0-only"),
        ("bsl-1.0", "BSL-1.0"),
        ("New BSD License", "BSD-3-Clause"),
        ("MIT OR Apache-2.0", "Apache-2.0 OR MIT"),
        ("LicenseRef-Llama-2", "LicenseRef-Llama-2"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("GPL-3.0", None),
        ("gpl-3.0", None),
        ("GPLv3", None),
        ("MIT OR GPL-2.0", None),
        ("GNU General Public License v3.0", None),
        ("BSD", None),
        ("BSD License", None),
        ("GPL", None),
        ("cc", None),
        ("CC BY", None),
        ("openrail", None),
        ("Apache", None),
        ("Public Domain", None),
        ("unlicensed", None),
        ("Modified MIT", None),
        ("CC-BY-4.0 Unported", None),
        ("CC BY-SA-NC-ND 4.0", None),
        ("CC BY-SA 5.0", None),
        ("CC BY 4.0 or similar", None),
        ("not MIT", None),
        ("MIT?", None),
        ("MIT*", None),
        ("MIT/Apache-2.0", None),
        ("MIT, Apache-2.0", None),
        ("MIT except for military use", None),
        ("MIT\nCopyright (c) 2020 A", None),
        ("Copyright (c) 2020 A\nMIT", None),
        ("llama3.1", None),
        ("OpenAI", None),
        ("NONE", None),
        ("NOASSERTION", None),
        ("", None),
        ("Unspecified", None),
        ("MIT " * 2_000, None),
        ("(" * 4_000, None),
    ],
)
def test_what_people_write(text: str, wanted: str | None) -> None:
    found = named(text, "words")
    assert found.expression == (wanted or "NOASSERTION")
    assert (found.reason is None) == (wanted is not None)
    assert found.how


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc-sa/4.0/legalcode", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.de#s1", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.en", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("https://spdx.org/licenses/CC0-1.0.html", "CC0-1.0"),
        ("https://spdx.org/licenses/GPL-3.0-or-later", "GPL-3.0-or-later"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://opensource.org/license/bsd-3-clause/", "BSD-3-Clause"),
        ("https://choosealicense.com/licenses/mit/", "MIT"),
        ("https://scancode-licensedb.aboutcode.org/odc-by-1.0.html", "ODC-By-1.0"),
        ("https://www.mozilla.org/en-US/MPL/2.0/", "MPL-2.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("https://creativecommons.org/licenses/by/", None),
        ("https://creativecommons.org/licenses/by/4.0/us/", None),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/us/", None),
        ("https://creativecommons.org/licenses/by/9.0/", None),
        ("https://creativecommons.org/licenses/", None),
        ("https://spdx.org/licenses/GPL-3.0", None),
        ("https://spdx.org/licenses/", None),
        ("https://spdx.org/licenses/NOPE-1.0.html", None),
        ("https://choosealicense.com/licenses/gpl-3.0/", None),
        ("https://opensource.org/license/gpl-3-0", None),
        ("https://www.gnu.org/licenses/gpl-3.0.html", None),
        ("https://www.gnu.org/licenses/gpl.html", None),
        ("https://github.com/a/b/blob/main/LICENSE", None),
        ("https://example.org/creativecommons.org/licenses/by/4.0/", None),
        ("https://creativecommons.org.example.org/licenses/by/4.0/", None),
        ("https://user@creativecommons.org/licenses/by/4.0/", None),
        ("https://creativecommons.org:8080/licenses/by/4.0/", None),
        ("https://creativecommons.org/licenses/by/4.0/?lang=de", None),
        ("ftp://creativecommons.org/licenses/by/4.0/", None),
        ("creativecommons.org/licenses/by/4.0/", None),
        ("https://", None),
        ("", None),
    ],
)
def test_addresses(address: str, wanted: str | None) -> None:
    found = named(address, "url")
    assert found.expression == (wanted or "NOASSERTION")
    assert (found.reason is None) == (wanted is not None)


def test_attribution_files_of_the_taxonomy() -> None:
    found = []
    for path in sorted(refdata("instructlab-taxonomy", "head").rglob("attribution.txt")):
        found += re.findall(r"^License of the work:[ ]*(.*)$", path.read_text("utf-8"), re.MULTILINE)
    assert {text: named(text, "words").expression for text in found} == {
        "CC-BY-SA-4.0": "CC-BY-SA-4.0",
        "CC BY-NC-SA 4.0": "CC-BY-NC-SA-4.0",
    }


def test_heads_of_dataset_cards() -> None:
    tags: set[str] = set()
    for path in refdata("hf-dataset-cards", "cards").rglob("*"):
        match = re.search(r"^license:(.*(?:\n[ ]*- .*)*)", path.read_text("utf-8"), re.MULTILINE) if path.is_file() else None
        tags |= set(re.findall(r"[^\s-][^\s]*", match[1])) - {"-"} if match else set()
    assert {tag: named(tag, "hf").expression for tag in tags} == {
        "apache-2.0": "Apache-2.0",
        "cc-by-4.0": "CC-BY-4.0",
        "cc-by-nc-3.0": "CC-BY-NC-3.0",
        "cc-by-nc-4.0": "CC-BY-NC-4.0",
        "cc-by-sa-3.0": "CC-BY-SA-3.0",
        "cc-by-sa-4.0": "CC-BY-SA-4.0",
        "cc0-1.0": "CC0-1.0",
        "gfdl": "NOASSERTION",
        "mit": "MIT",
        "odc-by": "NOASSERTION",
        "other": "NOASSERTION",
        "unknown": "NOASSERTION",
    }


def test_a_catalogue_of_datasets() -> None:
    with refdata("otdi-catalog", "hf_datasets_with_licence_sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2_591
    written = {row["license_name"]: named(row["license_name"], "words").expression for row in rows}
    assert written == {
        "Apache License 2.0": "Apache-2.0",
        "MIT License": "MIT",
        "Creative Commons Attribution 4.0 International Public License": "CC-BY-4.0",
        "Creative Commons Zero v1.0 Universal": "CC0-1.0",
        "Open Data Commons Attribution License v1.0": "ODC-By-1.0",
        "Creative Commons Attribution 3.0": "CC-BY-3.0",
        "Academic Free License v3.0": "AFL-3.0",
        "Creative Commons Attribution 2.0": "CC-BY-2.0",
        "The Unlicense": "Unlicense",
        "Community Data License Agreement Permissive 2.0": "CDLA-Permissive-2.0",
        "Public Domain Dedication & License": "NOASSERTION",
        "Creative Commons Attribution 2.5": "CC-BY-2.5",
        "PostgreSQL License": "PostgreSQL",
        "Educational Community License v2.0": "ECL-2.0",
        "Etalab Open License 2.0 English": "NOASSERTION",
    }
    # The address and the name of a row, where both say something, say the same.
    for row in rows:
        by_name, by_address = named(row["license_name"], "words"), named(row["license_url"], "url")
        assert not (by_name.certain and by_address.certain) or by_name.expression == by_address.expression
    assert sum(named(row["license_url"], "url").certain for row in rows) == 2_590


def test_names_in_audited_records() -> None:
    found: set[str] = set()
    for path in refdata("data-provenance").rglob("*.json"):
        for text in re.findall(r'"License": "([^"]*)"', path.read_text("utf-8")):
            found.add(text)
    assert len(found) > 5
    known = {text: named(text, "words").expression for text in found if named(text, "words").certain}
    allowed = {
        "Apache License 2.0": "Apache-2.0",
        "MIT License": "MIT",
        "BSD 2-Clause License": "BSD-2-Clause",
        "BSD 3-Clause License": "BSD-3-Clause",
        "ISC License": "ISC",
        "EPL 1.0": "EPL-1.0",
        "Artistic License 2.0": "Artistic-2.0",
        "Academic Free License v3.0": "AFL-3.0",
        "CC0 1.0": "CC0-1.0",
    }
    for text, expression in known.items():
        if match := re.fullmatch(r"CC (BY(?:-[A-Z]{2}){0,2}) ([1-4]\.[05])", text):
            assert expression == f"CC-{match[1]}-{match[2]}"
        else:
            assert allowed.get(text) == expression, text


@given(st.text(max_size=60))
def test_garbage_names_nothing(text: str) -> None:
    for source in ("hf", "scancode", "url"):
        assert not named(text, source).certain or re.fullmatch(r"[\w+./:-]+", text.strip())
    found = named(text, "words")
    # Whatever becomes a licence is made of nothing but letters, digits and plain signs.
    assert not found.certain or re.fullmatch(r"[\w \t.,:;()'\"“”‘’&+/-]+", text.strip())


@given(
    st.sampled_from(["MIT", "Apache 2.0", "CC BY 4.0", "GPLv3+"]),
    st.sampled_from(["not", "except", "modified", "non-commercial", "like", "or", "?", "*", "no"]),
    st.booleans(),
)
def test_a_name_with_a_word_more_is_no_name(name: str, word: str, before: bool) -> None:
    assert not named(f"{word} {name}" if before else f"{name} {word}", "words").certain


def test_another_source() -> None:
    with pytest.raises(ValueError, match="no source"):
        named("MIT", "guess")  # type: ignore[arg-type]


def test_every_row_is_an_expression_or_has_a_reason() -> None:
    tables = names._tables()
    count = 0
    for table in (tables.hf, tables.scancode, tables.words, tables.urls, tables.slugs):
        for name, row in table.items():
            count += 1
            parsed = parse_expression(row.expression)
            assert parsed.valid and parsed.normalized == row.expression and row.how, name
            assert row.certain or row.reason, name
    assert count > 3_000


@pytest.mark.parametrize("name", [names.OWN, names.FOREIGN])
@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[1]", b"words: [{is: MIT, names: [A]}]\nurls: []", b"words: [{is: NO, source: s, names: [MIT]}]\nurls: []"]
)
def test_damaged_tables_are_named(name: str, damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resources.data_bytes
    monkeypatch.setattr(resources, "data_bytes", lambda room, file: damage if file == name else whole(room, file))
    names._tables.cache_clear()
    try:
        with pytest.raises(LedgerError) as caught:
            named("MIT", "words")
        assert caught.value.code == "LG0802"
    finally:
        names._tables.cache_clear()


def test_rows_that_disagree_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resources.data_bytes
    own = b"words: [{is: MIT, source: s, names: [Apache License 2.0]}]\nurls: []\n"
    monkeypatch.setattr(resources, "data_bytes", lambda room, file: own if file == names.OWN else whole(room, file))
    names._tables.cache_clear()
    try:
        with pytest.raises(LedgerError, match="licence data cannot be read"):
            named("MIT", "words")
    finally:
        names._tables.cache_clear()


@pytest.mark.parametrize(
    "words",
    [
        "{is: MIT, source: s, reason: r, names: [an odd name]}",
        "{is: NOASSERTION, source: s, names: [an odd name]}",
        "{is: MIT-or-so, source: s, names: [an odd name]}",
        "{is: 7, source: s, names: [an odd name]}",
        "{is: AAA, source: s, reason: r, names: [an odd name]}",
        "{is: ZZZ, source: s, reason: r, names: [an odd name]}",
        "{is: MIT, source: '', names: [an odd name]}",
        "{is: MIT, source: 7, names: [an odd name]}",
        "{is: MIT, source: s, names: ['']}",
        "{is: MIT, source: s, names: [an odd name], at: [x]}",
        "{is: MIT, source: s, names: [an odd name], note: x}",
        "{is: MIT, source: s, names: [an odd name]}, {is: ISC, source: s, names: [An odd name.]}",
        "{is: ISC, source: s, names: [an odd name]}, {is: MIT, source: s, names: [An odd name.]}",
    ],
)
def test_rows_that_say_too_much_or_too_little_are_refused(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resources.data_bytes
    sound = "{is: MIT, source: s, names: [an odd name]}, {is: NOASSERTION, source: s, reason: a family, names: [another]}"
    try:
        for rows, good in ((sound, True), (words, False)):
            own = f"words: [{rows}]\nurls: []\n".encode()
            monkeypatch.setattr(resources, "data_bytes", lambda room, file, own=own: own if file == names.OWN else whole(room, file))
            names._tables.cache_clear()
            if good:
                assert (named("An odd name", "words").expression, named("another", "words").reason) == ("MIT", "a family")
                continue
            with pytest.raises(LedgerError) as caught:
                named("MIT", "words")
            assert caught.value.code == "LG0802"
    finally:
        names._tables.cache_clear()


def test_a_name_may_be_as_long_as_an_expression_and_no_longer() -> None:
    for source in ("words", "hf", "scancode"):
        short = "mit" if source != "words" else "MIT"
        assert named(short.ljust(LIMITS.expression_chars), source).expression == "MIT"
        for more in (1, 2, 100):
            found = named(short.ljust(LIMITS.expression_chars + more), source)
            assert (found.expression, found.how) == ("NOASSERTION", "limit")


@pytest.mark.parametrize(
    "address",
    [
        "https://aaa.example/licenses/mit",
        "https://zzz.example/licenses/mit",
        "https://choosealicense.com/a/mit",
        "https://choosealicense.com/z/mit",
        "https://creativecommons.org/licenses/by-xx/4.0/",
        "https://creativecommons.org/licenses/by-by/4.0/",
        "https://creativecommons.org/licenses/by-nc-plus/4.0/",
    ],
)
def test_addresses_that_look_like_known_ones(address: str) -> None:
    assert named(address, "url").expression == "NOASSERTION"
    assert named("https://choosealicense.com/licenses/mit", "url").expression == "MIT"


def test_the_committed_tables_are_made_from_their_sources() -> None:
    spec = importlib.util.spec_from_file_location("make_license_names", ROOT / "tools" / "make_license_names.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    facts = refdata("license-texts-ai").parent.parent / "facts" / "ai_licenses.yaml"
    index, chosen = refdata("scancode-licensedb", "index.json"), refdata("choosealicense", "_licenses")
    made = module.tables(listtexts.wheels()[0], facts, index, chosen)
    assert made == json.loads(resources.data_bytes("licenses", names.FOREIGN))
