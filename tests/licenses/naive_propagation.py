"""Propagation written a second time, for small graphs without cycles and licences without operators: every path, one by one.

It shares the rules' functions with the product and nothing else: which paths there are, what they mean, and how a licence stands to
an artifact is worked out here again.
"""

from __future__ import annotations

from ledger.licenses.case import Case, Child, Pair
from ledger.licenses.effective import effective
from ledger.licenses.facts import facts_of
from ledger.licenses.findings import RANK
from ledger.licenses.rules import predicates, rules

DATA, MODELS = ("dataset", "document", "code"), ("weights", "service")
SILENT = ("tokenized-with", "evaluated-on", "built-by", "describes")
FAR = {
    "data": ["D2", "D3", "D4", "D5", "D6"],
    "training": ["T0", "T-BY", "T-SA", "T-NC", "T-ND", "T-CON", "T-CON3", "T-DB", "T-GPL", "T-TDM", "T-MEM", "S5"],
    "weights": ["W1", "W2", "W3", "W4", "W5", "W7", "W8", "W11"],
    "outputs": ["O2", "O1"],
    "student": ["S4", "S1", "S2", "S3", "T-CON", "T-CON3", "W7", "S5"],
}
STEP = {"data": ["D1"], "training": [], "weights": ["W6", "W9", "W10"], "outputs": [], "student": []}
NO_LICENSE = ("D1", "W6", "W9", "O1", "T-TDM", "T-MEM", "S5")
BEHIND = {"training": "notice", "student": "review", "outputs": "review"}


# Creative Commons, "Compatible Licenses": GPLv3 is one for BY-SA 4.0, one-way, since 2015-10-08.
ONE_WAY = {("CC-BY-SA-4.0", "GPL-3.0-only")}


class Naive:
    def __init__(self, nodes, edges, actor, shipped):
        self.nodes = {node.id: node for node in nodes}
        self.edges = sorted({(e.source, e.target, e.relation) for e in edges if e.relation not in SILENT and e.source != e.target})
        self.actor, self.shipped = actor, set(shipped)
        self.parts = {
            n for n in self.nodes if any(self.is_part(p) for s in self.shipped for p in self.paths(s) if p[0][0] == n)
        } | self.shipped

    def is_part(self, path):
        pairs = [(self.nodes[s].kind, self.nodes[t].kind, r) for s, t, r in path]
        return all(
            (one in DATA and two in DATA)
            or (one in MODELS and two in MODELS and r not in ("adapter-of", "deployed-as", "distilled-from", "generated-by"))
            for one, two, r in pairs
        )

    def paths(self, target):
        """Every path to a target, as lists of edges."""
        found, pending = [], [[edge] for edge in self.edges if edge[1] == target]
        while pending:
            path = pending.pop()
            found.append(path)
            pending.extend([edge, *path] for edge in self.edges if edge[1] == path[0][0])
        return found

    def meaning(self, path):
        """Class, merged, adapted, removed."""
        kinds = [self.nodes[path[0][0]].kind] + [self.nodes[target].kind for _, target, _ in path]
        made, trained, distilled = 0, False, False
        for place, (_, _, relation) in enumerate(path):
            one, two = kinds[place] in MODELS, kinds[place + 1] in MODELS
            distils = one and two and relation in ("distilled-from", "generated-by")
            if made == 0 and distils:
                distilled = True
            if distils or (one and not two):
                made += 1
            # Trained on what was generated, wherever that was on the way.
            trained = trained or distils or (two and not one)
        relations = [relation for _, _, relation in path]
        if kinds[0] in MODELS:
            if not made:
                return "weights", "merged-from" in relations, False, False
            return ("student" if trained else "outputs"), distilled, False, made > 1
        if made or trained:
            return "training", False, False, made > 0
        return "data", False, "derived-from" in relations, False

    def licenses(self, identity):
        view = effective(self.nodes[identity]).restricts
        return [str(view.tree)] if view.tree is not None else []

    def holders(self, key):
        """What is, or was made from weights under, a licence."""
        found = {n for n in self.nodes if any(facts_of(i) and facts_of(i).key == key for i in self.licenses(n))}
        while True:
            more = {t for s, t, r in self.edges if s in found and self.nodes[s].kind in MODELS and self.nodes[t].kind in MODELS} - found
            if not more:
                return found
            found |= more

    def case(self, origin, target, meaning, relation, weights):
        _name, merged, adapted, _ = meaning
        node, child = self.nodes[origin], self.nodes[target]
        view, offered = effective(node).restricts, effective(child).offered
        kid = Child(child.kind, offered.known, offered.open, offered.osi, offered.commercial, offered.modify, target in self.parts)
        pair = Pair()
        ids = self.licenses(origin)
        facts = facts_of(ids[0]) if ids else None
        if facts is not None:
            keeps = offered.tree is not None and facts_of(str(offered.tree)) == facts
            fits = None
            if facts.name_prefix and child.name:
                fits = child.name.lower().replace("-", "").replace(" ", "").startswith(facts.name_prefix.lower().replace(" ", ""))
            family = self.holders(facts.key)
            others = sorted(
                {f.key for w in weights for i in self.licenses(w) if (f := facts_of(i)) and f.key != facts.key and self.adds(f, facts)}
            )
            foreign = merged and any(w not in family for w in weights)
            alike = keeps or (facts.id, str(offered.tree)) in ONE_WAY
            pair = Pair(keeps, alike if offered.known else None, fits, target in family, foreign, tuple(others) if merged else ())
        generated = any(t == origin and self.nodes[s].kind in MODELS and self.nodes[t].kind not in MODELS for s, t, _ in self.edges)
        return Case(
            node, view, self.actor, ids[0] if ids else "", facts, kid, pair, relation, merged, adapted, origin in self.parts, generated
        )

    @staticmethod
    def adds(other, facts):
        if other.aup.where in ("inline", "url") or other.thresholds or other.field_of_use or other.geography:
            return True
        return other.commercial == "no" and facts.commercial != "no"

    def findings(self, target, stance):
        """(rule, severity, licence, origin) of all that reaches a target over paths."""
        paths = self.paths(target)
        weights = {path[0][0] for path in paths if self.meaning(path)[0] == "weights"}
        parents = {s for s, t, _ in self.edges if t == target and self.nodes[s].kind in MODELS and self.nodes[target].kind in MODELS}
        found = set()
        for path in paths:
            meaning = self.meaning(path)
            origin = path[0][0]
            case = self.case(origin, target, meaning, "", weights)
            found |= self.ask(case, FAR[meaning[0]], meaning, origin, stance)
            if len(path) == 1:
                case = self.case(origin, target, meaning, path[0][2], parents)
                found |= self.ask(case, STEP[meaning[0]], meaning, origin, stance)
        return found

    def ask(self, case, names, meaning, origin, stance):
        found, stopped = set(), False
        targets = set(case.facts.targets) if case.facts else set()
        if meaning[0] == "training" and targets & {"weights", "service-terms"} and not targets & {"dataset", "content", "code"}:
            names = [*names, "S1", "S2", "S3"]
        for name in names:
            whole = name in NO_LICENSE
            if (stopped or not case.id) and not whole:
                continue
            hit = predicates()[name](case)
            if hit is None:
                continue
            ranks = [RANK[rules()[name].severity[stance]], RANK[hit.cap]]
            if meaning[3]:
                ranks.append(RANK[BEHIND[meaning[0]]])
            severity = next(s for s, rank in RANK.items() if rank == min(ranks))
            found.add((name, severity, "" if whole else case.id, origin))
            stopped = stopped or name in ("T0", "S4")
        return found
