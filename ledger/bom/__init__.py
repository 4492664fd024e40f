"""Bills of materials of AI systems, checked strictly: the official schema, and then what no official validator looks at."""

from ledger.bom.checking import check_document
from ledger.bom.report import Place, Report, RuleResult
from ledger.bom.rules import RULES, Rule

__all__ = ["RULES", "Place", "Report", "Rule", "RuleResult", "check_document"]
