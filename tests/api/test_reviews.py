"""Reviews: what a person concludes or waives, beside what was said, and by whom that counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MOMENT
from reference.naive_ledger import verify_ledger as naive_verify

from ledger.api import KeySources, Ledger, LedgerError, make_key
from ledger.clock import FixedClock
from ledger.signing.keys import PrivateKey
from ledger.spec.statement import Statement, Subject, build

FINDING = "0f" * 32


def refused(code: str, call: object, *args: object, **more: object) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        call(*args, **more)  # type: ignore[operator]
    assert caught.value.code == code, caught.value
    return caught.value


def claims(ledger: Ledger) -> list[tuple]:
    query = "select l.idx, a.name, basis, expression, normalized, source from licenses l join artifacts a using (artifact_no) order by all"
    return [tuple(row) for row in ledger.query(query).rows]


def sound(ledger: Ledger) -> None:
    assert [(item.id, item.detail) for item in ledger.verify(deep=True).checks if item.result == "fail"] == []
    assert naive_verify(ledger.layout.root).problems == []


def test_a_conclusion_stands_beside_what_was_declared(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    done = empty.review("figures@1", concluded_license="mit or  apache-2.0", reason="read both texts")
    assert (done.index, done.existing, done.said["statement"]) == (2, False, "license-concluded")
    assert claims(empty) == [
        (1, "figures", "declared", "CC-BY-4.0", "CC-BY-4.0", "argument"),
        (1, "figures", "detected", None, "NOASSERTION", "LICENSE"),
        (2, "figures", "concluded", "mit or  apache-2.0", "Apache-2.0 OR MIT", "review"),
    ]
    assert empty.entries()[2]["what"] == "license-concluded Apache-2.0 OR MIT"
    assert empty.entries()[2]["subjects"] == [done.id]
    again = empty.review("figures@1", concluded_license="mit or  apache-2.0", reason="read both texts")
    assert (again.index, again.existing) == (2, True)
    sound(empty)


def test_before_it_there_was_none(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    empty.review("figures@1", concluded_license="MIT", reason="read")
    then = Ledger.open(empty.layout.root, at=2)
    assert [row[2] for row in claims(then)] == ["declared", "detected"]
    refused("LG0704", then.review, "figures@1", concluded_license="MIT", reason="read")


def test_releases_and_references_are_reviewed_too(empty: Ledger, inputs: Path) -> None:
    empty.record("weights", inputs / "model", name="reader", version="1", inputs=[("trained-on", "ref:web@1")])
    empty.release("reader", "1", [("weights", "weights/reader@1")])
    empty.review("ref:web@1", concluded_license="NOASSERTION", reason="nobody says")
    done = empty.review("release/reader@1", waive=f"T-BY:{FINDING}", reason="credited on the page")
    assert done.said["finding"] == {"id": FINDING, "rule": "T-BY"}
    other = empty.review("release/reader@1", statement="data-information-sufficient", reason="enough to rebuild it")
    assert other.said == {"statement": "data-information-sufficient", "reason": "enough to rebuild it"}
    assert [(row[1], row[4]) for row in claims(empty)] == [("web", "NOASSERTION")]
    sound(empty)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("LG0830", {"concluded_license": "Apache License, maybe"}),
        ("LG0830", {"concluded_license": ""}),
        ("LG0830", {"concluded_license": "(" * 1000 + "MIT" + ")" * 1000}),
        ("LG0831", {"statement": "it is fine"}),
        ("LG0831", {"statement": "license-concluded"}),
        ("LG0831", {"statement": "finding-waived"}),
        ("LG0832", {"concluded_license": "MIT", "reason": " \t\n"}),
        ("LG0833", {"waive": "T-BY"}),
        ("LG0833", {"waive": f"t-by:{FINDING}"}),
        ("LG0833", {"waive": f"T-BY:{FINDING}0"}),
        ("LG1201", {}),
        ("LG1201", {"concluded_license": "MIT", "statement": "sharing-impossible"}),
        ("LG0901", {"concluded_license": "MIT", "ref": "nobody@1"}),
    ],
)
def test_what_cannot_be_said_is_refused(empty: Ledger, inputs: Path, code: str, said: dict) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1")
    before = empty.checkpoint
    refused(code, empty.review, said.pop("ref", "figures@1"), **{"reason": "read", **said})
    assert empty.checkpoint == before


def test_only_keys_that_are_trusted_for_reviews_of_these_names(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1")
    empty.record("code", inputs / "code", name="trainer", version="1")
    for name, kinds, names in (("lawyer", ["review"], ["fig*"]), ("engineer", ["dataset"], [])):
        make_key(tmp_path / f"{name}.pem", "ed25519", None)
        empty.trust_key(tmp_path / f"{name}.pem.pub", kinds, names=names)
    lawyer, engineer = (
        Ledger.open(empty.layout.root, keys=KeySources(tmp_path / f"{name}.pem"), clock=FixedClock(MOMENT))
        for name in ("lawyer", "engineer")
    )
    refused("LG0408", engineer.review, "figures@1", concluded_license="MIT", reason="read")
    refused("LG0408", lawyer.review, "trainer@1", concluded_license="MIT", reason="read")
    assert not lawyer.review("figures@1", concluded_license="MIT", reason="read").existing
    # The same words by somebody else are another review.
    assert not empty.review("figures@1", concluded_license="MIT", reason="read").existing
    assert [row[2] for row in claims(empty)] == ["detected", "concluded", "concluded"]
    sound(empty)


@pytest.mark.parametrize(
    "predicate",
    [
        {"statement": "license-concluded", "reason": "x"},
        {"statement": "sharing-impossible", "reason": "x", "concluded": {"expression": "MIT", "normalized": "MIT"}},
        {"statement": "finding-waived", "reason": "x"},
        {"statement": "license-concluded", "reason": "x", "finding": {"id": FINDING, "rule": "H1"}},
    ],
)
def test_a_judgement_that_does_not_agree_with_itself_is_found(empty: Ledger, inputs: Path, predicate: dict) -> None:
    """Signed by a trusted key, and logged past the product's own checks: L6, and the second implementation says so too."""
    done = empty.record("dataset", inputs / "data", name="figures", version="1")
    statement: Statement = build("review", [Subject("figures@1", done.id)], predicate)
    key: PrivateKey = empty._signing_key()
    empty._store.append(lambda draft: draft.add(statement, [key]), empty._log_key())
    [failed] = [item for item in empty.verify().checks if item.result == "fail"]
    assert failed.id == "L6"
    assert "entry 2: it says" in failed.detail
    assert naive_verify(empty.layout.root).problems != []


def test_a_dry_run_records_nothing(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1")
    before = empty.checkpoint
    assert empty.review("figures@1", concluded_license="MIT", reason="read", dry_run=True).dry_run
    assert empty.checkpoint == before


def test_auditors_see_claims_and_reviews_in_sql(empty: Ledger, inputs: Path) -> None:
    done = empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    empty.review("figures@1", concluded_license="MIT", reason="it's settled")
    empty.review("figures@1", waive=f"T-BY:{FINDING}", reason="credited")
    rows = empty.query("select idx, artifact, kind, name, version, basis, expression, normalized from license_claims order by all").rows
    assert [tuple(row) for row in rows] == [
        (1, done.id, "dataset", "figures", "1", "declared", "CC-BY-4.0", "CC-BY-4.0"),
        (1, done.id, "dataset", "figures", "1", "detected", None, "NOASSERTION"),
        (2, done.id, "dataset", "figures", "1", "concluded", "MIT", "MIT"),
    ]
    rows = empty.query("select idx, subject, name, statement, concluded, rule, finding, reason from reviews order by idx").rows
    assert [tuple(row) for row in rows] == [
        (2, done.id, "figures@1", "license-concluded", "MIT", None, None, "it's settled"),
        (3, done.id, "figures@1", "finding-waived", None, "T-BY", FINDING, "credited"),
    ]
    then = Ledger.open(empty.layout.root, at=2)
    assert then.query("select count(*) from reviews").rows == ((0,),)


def test_whoever_looks_at_a_thing_sees_what_was_judged_of_it(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1")
    empty.record("code", inputs / "code", name="trainer", version="1", inputs=[("derived-from", "ref:web@1")])
    empty.review("figures@1", concluded_license="MIT", reason="read")
    empty.review("ref:web@1", statement="sharing-impossible", reason="personal data")
    [review] = empty.show("figures@1")["reviews"]
    concluded = {"expression": "MIT", "normalized": "MIT"}
    assert review == {"index": 3, "statement": "license-concluded", "reason": "read", "concluded": concluded, "finding": None}
    assert [item["statement"] for item in empty.show("ref:web@1")["reviews"]] == ["sharing-impossible"]
    assert empty.show("trainer@1")["reviews"] == []
    assert Ledger.open(empty.layout.root, at=3).show("figures@1")["reviews"] == []
