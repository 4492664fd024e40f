"""Documents of 10,000 files, in CPU seconds of this process: what was asked for, on a machine that others use too."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from bom.bom_making import AT, cdx, spdx2, spdx3

from ledger.bom import Report, check_document

FILES = 10_000


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def timed(document: dict[str, Any]) -> tuple[Report, float]:
    data = json.dumps(document).encode()
    start = time.process_time()
    report = check_document(data, what="it", at=AT)
    return report, time.process_time() - start


def large_cdx() -> dict[str, Any]:
    document = cdx()
    document["components"] += [
        {
            "type": "file",
            "bom-ref": f"file-{number}",
            "name": f"data/{number}.bin",
            "hashes": [{"alg": "SHA-256", "content": digest(number)}],
            "licenses": [{"license": {"id": "MIT"}}],
            "purl": f"pkg:generic/file-{number}@1?checksum=sha256:{digest(number)}",
        }
        for number in range(FILES)
    ]
    document["dependencies"].append({"ref": "file-0", "dependsOn": [f"file-{number}" for number in range(1, FILES)]})
    return document


def large_spdx3() -> dict[str, Any]:
    document = spdx3()
    files = [
        {
            "type": "software_File",
            "spdxId": f"https://ledger.example/file/{number}",
            "creationInfo": "_:CreationInfo0",
            "name": f"data/{number}.bin",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": digest(number)}],
        }
        for number in range(FILES)
    ]
    model = next(item["spdxId"] for item in document["@graph"] if item["type"] == "ai_AIPackage")
    edge = {"type": "Relationship", "spdxId": "https://ledger.example/edge", "creationInfo": "_:CreationInfo0"}
    document["@graph"] += [*files, {**edge, "relationshipType": "contains", "from": model, "to": [item["spdxId"] for item in files]}]
    return document


def test_cyclonedx() -> None:
    report, seconds = timed(large_cdx())
    assert report.outcome == "holds"
    assert seconds < 2


def test_cyclonedx_with_a_defect_in_every_file() -> None:
    document = large_cdx()
    for item in document["components"]:
        item["hashes"] = [{"alg": "SHA-256", "content": "x"}]
    report, seconds = timed(document)
    assert report.result("C4").count >= FILES
    assert seconds < 2


def test_spdx_3() -> None:
    report, seconds = timed(large_spdx3())
    assert report.outcome == "holds"
    assert seconds < 5


def test_spdx_3_with_a_defect_in_every_file() -> None:
    document = large_spdx3()
    for item in document["@graph"]:
        item.pop("creationInfo", None)
    report, seconds = timed(document)
    assert report.result("S1").count == 1000
    assert seconds < 5


def test_spdx_2() -> None:
    document = spdx2()
    file = document["files"][0]
    for number in range(FILES):
        sums = [{"algorithm": "SHA1", "checksumValue": digest(number)[:40]}]
        document["files"].append({**file, "SPDXID": f"SPDXRef-{number}", "fileName": f"./{number}", "checksums": sums})
    report, seconds = timed(document)
    assert report.outcome == "holds"
    assert seconds < 5
