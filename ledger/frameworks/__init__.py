"""Frameworks: named definitions of openness as versioned data, and the engine that asks them of a release; pure."""

from ledger.frameworks.engine import evaluate
from ledger.frameworks.model import OpenTest, Profile, Rule
from ledger.frameworks.profiles import all_profiles, load_profile, parse_profile, profile_ids

__all__ = ["OpenTest", "Profile", "Rule", "all_profiles", "evaluate", "load_profile", "parse_profile", "profile_ids"]
