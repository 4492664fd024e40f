"""Lineages of real models and datasets: what is recorded of them, and what the rules have to find.

What each is made of is said by its publisher; the place is in the test.
"""

from __future__ import annotations

from refdata import refdata

from ledger.licenses.propagate import Actor, Edge, Node, propagate

SMALL = Actor(monthly_active_users=1, annual_revenue_usd=1, domicile="US", purpose="commercial", accepted_terms=())


def node(identity: str, kind: str, declared: str | None, **more) -> Node:
    return Node(
        identity,
        kind,
        more.pop("name", identity),
        declared=declared,
        has_text=True,
        has_notice=True,
        terms_captured=True,
        multimodal=False,
        **more,
    )


def found(nodes, edges, target, *, stance="moderate", actor=SMALL):
    """Severity by rule and artifact, the worst of each."""
    answer = propagate(nodes, edges, target=target, stance=stance, actor=actor)
    return {(item.rule, item.node): item.severity for item in reversed(answer.findings)}


def test_instructlab_taxonomy_head():
    """instructlab/taxonomy at its head: 16 leaves, five with an attribution, one of those non-commercial; Apache-2.0 as a whole."""
    head = refdata("instructlab-taxonomy", "head")
    leaves = []
    for path in sorted(head.rglob("qna.yaml")):
        said = path.with_name("attribution.txt")
        text = said.read_text("utf-8") if said.exists() else ""
        licence = {"CC-BY-SA-4.0": "CC-BY-SA-4.0", "CC BY-NC-SA 4.0": "CC-BY-NC-SA-4.0"}
        declared = {licence[line.split(": ", 1)[1].strip()] for line in text.splitlines() if line.startswith("License of the work")}
        leaves.append(node(str(path.parent.relative_to(head)), "dataset", " AND ".join(sorted(declared)) or None))
    assert len(leaves) == 16
    allowed = ("CC0-1.0", "CDLA-Permissive-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "Apache-2.0", "MIT")
    actor = Actor(purpose="commercial", allow_list=allowed)
    tree = node("taxonomy", "dataset", "Apache-2.0")
    answer = propagate([*leaves, tree], [Edge(leaf.id, "taxonomy", "combined-from") for leaf in leaves], target="taxonomy", actor=actor)
    by = {rule: [item for item in answer.findings if item.rule == rule] for rule in ("H1", "D4", "D6", "D5", "D1")}
    (unlabelled,) = by["H1"]
    assert unlabelled.severity == "conflict" and len(unlabelled.nodes) == 11
    for rule in ("D4", "D6"):
        (laundered,) = by[rule]
        assert (laundered.severity, laundered.origins) == ("conflict", ("compositional_skills/linguistics/synonyms",))
        assert laundered.path == ("compositional_skills/linguistics/synonyms", "taxonomy")
    assert {len(item.origins) for item in by["D5"]} == {1, 4}
    (members,) = by["D1"]
    assert len(members.origins) == 16


def test_deepseek_v3_has_two_licences():
    """deepseek-ai/DeepSeek-V3: LICENSE-CODE is MIT, LICENSE-MODEL is the DeepSeek licence. A tune that reads the first one is wrong."""
    base, code = node("DeepSeek-V3", "weights", "LicenseRef-DeepSeek-Model-1.0"), node("code", "code", "MIT")
    tune = node("tune", "weights", "MIT")
    answer = found([base, code, tune], [Edge("DeepSeek-V3", "tune", "fine-tuned-from"), Edge("code", "tune", "built-by")], "tune")
    assert answer["W4", "tune"] == "conflict" and answer["W5", "tune"] == "conflict" and answer["W1", "tune"] == "obligation"
    kept = found([base, node("tune", "weights", "LicenseRef-DeepSeek-Model-1.0")], [Edge("DeepSeek-V3", "tune", "fine-tuned-from")], "tune")
    assert not {("W4", "tune"), ("W5", "tune")} & kept.keys()
    # One folder with both texts, labelled with one of them.
    both = node("repo", "weights", "MIT", detected=("LicenseRef-DeepSeek-Model-1.0", "MIT"))
    assert found([both], [], "repo")["H4", "repo"] == "conflict"


def test_r1_distill_llama_declared_mit():
    """DeepSeek-R1's README, section 7: Distill-Llama-8B comes from Llama-3.1-8B-Base; its tag is MIT."""
    nodes = [
        node("Llama-3.1-8B", "weights", "LicenseRef-Llama-3.1"),
        node("DeepSeek-R1", "weights", "MIT"),
        node("samples", "dataset", "MIT"),
        node("DeepSeek-R1-Distill-Llama-8B", "weights", "MIT"),
    ]
    out = "DeepSeek-R1-Distill-Llama-8B"
    edges = [
        Edge("Llama-3.1-8B", out, "fine-tuned-from"),
        Edge("DeepSeek-R1", "samples", "generated-by"),
        Edge("samples", out, "trained-on"),
    ]
    answer = found(nodes, edges, out)
    assert answer["W2", out] == "conflict" and answer["W5", out] == "conflict" and answer["W3", out] == "obligation"
    assert answer["S4", out] == "none"
    renamed = [*nodes[:3], node(out, "weights", "LicenseRef-Llama-3.1", name="Llama-3.1-R1-Distill-8B")]
    assert not {("W2", out), ("W5", out)} & found(renamed, edges, out).keys()


def test_alpaca_three_licences_over_time():
    """tatsu-lab/stanford_alpaca: the data was Apache-2.0, then CC-BY-4.0, then CC-BY-NC-4.0; OpenAI's outputs all along."""
    for stated in ("Apache-2.0", "CC-BY-4.0", "CC-BY-NC-4.0"):
        nodes = [
            node("text-davinci-003", "service", "LicenseRef-OpenAI-ToU-2023-03-14"),
            node("alpaca", "dataset", stated),
            node("model", "weights", "Apache-2.0"),
        ]
        edges = [Edge("text-davinci-003", "alpaca", "generated-by"), Edge("alpaca", "model", "trained-on")]
        answer = found(nodes, edges, "model")
        assert answer["S1", "model"] == "conflict" and answer["T-CON3", "model"] == "review" and answer["O1", "alpaca"] == "obligation"
        assert (("T-NC", "model") in answer) == (stated == "CC-BY-NC-4.0")
        assert (("T-BY", "model") in answer) == stated.startswith("CC-")


def test_embedding_model_trained_on_ms_marco():
    """MS MARCO is for non-commercial research, which a review concludes as CC-BY-NC-4.0 here; many models trained on it are Apache-2.0."""
    nodes = [node("ms-marco", "dataset", None, concluded="CC-BY-NC-4.0"), node("embedder", "weights", "Apache-2.0")]
    edges = [Edge("ms-marco", "embedder", "trained-on")]
    severities = [found(nodes, edges, "embedder", stance=stance)["T-NC", "embedder"] for stance in ("strict", "moderate", "permissive")]
    assert severities == ["conflict", "review", "notice"]
    research = Actor(purpose="research")
    assert found(nodes, edges, "embedder", actor=research)["T-NC", "embedder"] == "review", (
        "Apache-2.0 offers commercial use whatever the purpose"
    )
    # The terms as such, which no table has: known by name only, never clear.
    unknown = [node("ms-marco", "dataset", "LicenseRef-MS-MARCO"), nodes[1]]
    assert found(unknown, edges, "embedder")["H2", "ms-marco"] == "review"


def test_fine_tuned_on_openai_outputs_whoever_accepted():
    nodes = [
        node("gpt-4", "service", "LicenseRef-OpenAI-ToU-2024-12-11"),
        node("chats", "dataset", "MIT"),
        node("base", "weights", "Apache-2.0"),
        node("tune", "weights", "Apache-2.0"),
        node("quant", "weights", "Apache-2.0"),
    ]
    edges = [
        Edge("gpt-4", "chats", "generated-by"),
        Edge("chats", "tune", "fine-tuned-from"),
        Edge("base", "tune", "fine-tuned-from"),
        Edge("tune", "quant", "quantized-from"),
    ]
    accepted = Actor(accepted_terms=("openai-tou-2024-12-11",), purpose="commercial")
    assert found(nodes, edges, "quant", actor=accepted, stance="permissive")["T-CON", "quant"] == "conflict"
    assert found(nodes, edges, "quant")["T-CON3", "quant"] == "review"
    assert found(nodes, edges, "quant")["S1", "quant"] == "conflict"


def test_starcoder2_flows_down():
    """bigcode-openrail-m v1, 5.1: the same or similar restrictions go along; its definition of derivatives has no purpose test."""
    nodes = [
        node("starcoder2", "weights", "LicenseRef-BigCode-OpenRAIL-M-1"),
        node("instructions", "dataset", "Apache-2.0"),
        node("student", "weights", "MIT"),
        node("tune", "weights", "MIT"),
    ]
    edges = [
        Edge("starcoder2", "instructions", "generated-by"),
        Edge("instructions", "student", "trained-on"),
        Edge("starcoder2", "tune", "fine-tuned-from"),
    ]
    assert found(nodes, edges, "tune")["W4", "tune"] == "conflict"
    assert [found(nodes, edges, "student", stance=s)["S3", "student"] for s in ("strict", "moderate", "permissive")] == [
        "conflict",
        "obligation",
        "review",
    ]
    rail = [*nodes[:3], node("tune", "weights", "LicenseRef-BigScience-OpenRAIL-M")]
    assert found(rail, edges, "tune")["W4", "tune"] == "review", "similar restrictions suffice: somebody compares them"


def test_openmdw_stops():
    """OpenMDW-1.0 imposes nothing on outputs; it is not on OSI's list."""
    nodes = [
        node("model", "weights", "OpenMDW-1.0"),
        node("outputs", "dataset", "CC0-1.0"),
        node("student", "weights", "Apache-2.0"),
    ]
    edges = [Edge("model", "outputs", "generated-by"), Edge("outputs", "student", "trained-on")]
    answer = found(nodes, edges, "student", stance="strict")
    assert answer["S4", "student"] == "none" and answer["T0", "student"] == "none"
    assert {severity for (rule, where), severity in answer.items() if where == "student" and rule[0] in "ST"} == {"none"}
    data = [node("data", "dataset", "OpenMDW-1.0"), node("student", "weights", "Apache-2.0")]
    assert found(data, [Edge("data", "student", "trained-on")], "student", stance="strict")["T0", "student"] == "none"


def test_merge_of_llama_and_gemma():
    nodes = [
        node("Llama-3.1-8B", "weights", "LicenseRef-Llama-3.1"),
        node("gemma-2-9b", "weights", "LicenseRef-Gemma"),
        node("merge", "weights", "Apache-2.0"),
    ]
    edges = [Edge("Llama-3.1-8B", "merge", "merged-from"), Edge("gemma-2-9b", "merge", "merged-from")]
    answer = found(nodes, edges, "merge")
    assert {rule: answer[rule, "merge"] for rule in ("W2", "W4", "W5", "W6", "W3", "W1")} == {
        "W2": "conflict",
        "W4": "conflict",
        "W5": "conflict",
        "W6": "obligation",
        "W3": "obligation",
        "W1": "obligation",
    }
    assert ("W7", "merge") not in answer, "Llama 3.1 allows what Llama 3 forbids"
    three = [node("Llama-3.1-8B", "weights", "LicenseRef-Llama-3"), *nodes[1:]]
    assert found(three, edges, "merge")["W7", "merge"] == "conflict"
    both = [*nodes[:2], node("merge", "weights", "LicenseRef-Gemma AND LicenseRef-Llama-3.1", name="Llama-Gemma")]
    assert not {("W2", "merge"), ("W4", "merge"), ("W5", "merge")} & found(both, edges, "merge").keys()


def test_european_domicile_and_text_only_models():
    nodes = [node("Llama-4-Scout", "weights", "LicenseRef-Llama-4")]
    european = Actor(monthly_active_users=1, domicile="DE", purpose="commercial")
    assert ("H10", "Llama-4-Scout") not in found(nodes, [], "Llama-4-Scout", actor=european), "the exclusion is for multimodal models"
    unsaid = [Node("m", "weights", declared="LicenseRef-Llama-4")]
    assert found(unsaid, [], "m", actor=european)["H10", "m"] == "review"
