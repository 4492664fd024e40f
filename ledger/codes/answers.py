"""Codes of what is asked and answered: SQL, licences, lineage, frameworks, attestations, the command line, other people's formats."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import EXIT_INTERRUPTED
from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 07 query ------------------------------------------------------------------------------
    "LG0701": _entry(2, "only one SELECT", "Auditors' SQL is a single SELECT: no other statement, no second one."),
    "LG0702": _entry(
        2,
        "SQL does not run",
        'The database could not run the query; its own message follows. `ledger sql "select * from columns"` lists what there is.',
    ),
    "LG0703": _entry(
        3,
        "query over its limits",
        "The query took more time, memory or rows than allowed and was stopped, or the process that ran it ended without an answer; what the answer is, is not known. Narrow it, or raise the limit.",
    ),
    "LG0704": _entry(2, "no such size", "`--at` names a size or a time that the log does not have."),
    "LG0705": _entry(
        5,
        "SQL cannot be confined here",
        "Auditors' SQL runs in a process of its own with limits of the operating system. This system cannot start it or lacks what the segments are handed over with, and without that nothing is run.",
    ),
    # --- 08 licences ---------------------------------------------------------------------------
    "LG0801": _entry(
        0,
        "not an SPDX expression (warning)",
        "The licence was recorded exactly as given, with NOASSERTION as its normal form: no verdict will count it as open until a review says what it is.",
    ),
    "LG0802": _entry(70, "licence data cannot be read", "A data file of the product is damaged. Install openness-ledger again."),
    "LG0803": _entry(
        3,
        "no licence file",
        "No file below the folder has the name of a licence file, so there was nothing to identify. Name the file itself: what is named is always read.",
    ),
    "LG0804": _entry(
        3,
        "a text could not be identified",
        "Its words are not those of a known licence, not even up to the holder, the year and what else the licence's template lets differ. How near it is to a known one proves nothing: read what differs.",
    ),
    "LG0805": _entry(
        5,
        "ScanCode is not installed",
        "`--scancode` runs the program of that name, which must be on the PATH. It is no part of this product, and is best installed in an environment of its own.",
    ),
    "LG0810": _entry(
        2,
        "malformed licence facts",
        "A table of licence facts has another shape than its format; the message names the place. Nothing was taken from it.",
    ),
    "LG0811": _entry(
        2,
        "licence fact without a source",
        "Every entry of a table of licence facts says where it is from and whether somebody read it there. One without that does not load.",
    ),
    "LG0812": _entry(
        2,
        "unknown field in licence facts",
        "A field that is not part of the format would be lost in silence, and one that is missing would look like `unknown`; both are refused.",
    ),
    "LG0813": _entry(
        2,
        "YAML boolean in licence facts",
        "YAML reads NO, on, off and yes as true or false. Where a word is meant, such as the code of Norway, it is written in quotes.",
    ),
    "LG0814": _entry(2, "unknown word in licence facts", "The values of facts are words of closed lists; the message shows the list."),
    "LG0815": _entry(
        70,
        "licence rules cannot be read",
        "The product's table of licence rules is damaged, or does not fit the rules that are programmed. Install openness-ledger again.",
    ),
    "LG0820": _entry(2, "malformed actor file", "The file with the facts of whoever uses or releases is no YAML mapping of fields."),
    "LG0821": _entry(
        2,
        "unknown field in the actor file",
        "A figure under a name that no rule knows would look like one that is not there, so it is refused. The message names the fields.",
    ),
    "LG0822": _entry(
        2,
        "wrong value in the actor file",
        "A field of the actor file has a value of another kind: figures are whole numbers, places are codes of two capitals, words that YAML takes for booleans stand in quotes.",
    ),
    "LG0825": _entry(2, "lineage outside the vocabulary", "A kind, relation or stance is none of those that the rules speak of."),
    "LG0826": _entry(
        2,
        "lineage names something twice or not at all",
        "Two artifacts have the same id, or the one that was asked about is not among them.",
    ),
    "LG0830": _entry(
        2,
        "no licence to conclude",
        "A concluded licence is certain, so it is an SPDX expression: ids of the list, a LicenseRef-…, or NOASSERTION. Nothing was recorded.",
    ),
    "LG0831": _entry(2, "unknown judgement", "A review says one of the words of the format (docs/spec/format.md, section 3)."),
    "LG0832": _entry(2, "review without a reason", "Whoever reads the review later has to know why. Nothing was recorded."),
    "LG0833": _entry(
        2,
        "not a finding",
        "A waiver is of one finding, named as `ledger licenses` names it: the rule, a colon and the 64 hex digits of its id.",
    ),
    "LG0834": _entry(
        1,
        "unresolved licence conflict",
        "A rule finds that what is released and a licence along its lineage do not go together, and no review waives it. The finding names the rule, its source and the way.",
    ),
    "LG0835": _entry(
        3,
        "open licence question",
        "A rule needs a fact that is not known, or a judgement that only a person can make. Not known is never a pass.",
    ),
    "LG0836": _entry(2, "unknown licence", "The id is neither on the SPDX list nor in the table of licence facts."),
    "LG0837": _entry(
        2, "folder is not empty", "The files of a licence folder belong together, so it is written into a new or an empty folder."
    ),
    "LG0838": _entry(
        1, "licence folder is incomplete", "A text or a licence that belongs into the folder is in no record. What is there was written."
    ),
    # --- 09 lineage and references -------------------------------------------------------------
    "LG0901": _entry(
        2,
        "unknown reference",
        "Nothing in the ledger has this id or name. `ledger log` lists what was recorded; an input whose bytes nobody has is given as `ref:name@version`.",
    ),
    "LG0902": _entry(
        2,
        "ambiguous reference",
        "The reference fits more than one thing; the candidates are listed. Give more digits, the kind, or the version.",
    ),
    "LG0903": _entry(1, "no path", "Neither of the two was made from the other, as far as the ledger knows."),
    "LG0904": _entry(
        2, "not in the picture", "What is to be marked is not in the lineage that is drawn, or further away than `--depth` goes."
    ),
    # --- 10 frameworks -------------------------------------------------------------------------
    "LG1001": _entry(2, "unknown profile", "`ledger frameworks` lists the profiles."),
    "LG1002": _entry(2, "malformed profile", "The profile file does not fit the engine's closed vocabulary; the message names the place."),
    "LG1003": _entry(
        2,
        "malformed registry record",
        "The file is neither a model's record of the Model Openness Tool nor a system's record of the Open Source AI Index, or it is one that cannot be read; the message names the place.",
    ),
    "LG1004": _entry(
        2,
        "profile with problems",
        "`ledger frameworks lint` found what keeps the profile from being used; each problem is a line of its answer, with the place.",
    ),
    "LG1005": _entry(
        1,
        "disagreements",
        "Something that is said about the release does not agree with something else: each is listed with both sides and where they say it. Which side is right is for people to find out.",
    ),
    "LG1006": _entry(
        3,
        "not to be compared",
        "Nothing disagrees, but a licence here or in a record is no SPDX expression, so nobody can tell whether the two are the same.",
    ),
    # --- 11 attestation ------------------------------------------------------------------------
    "LG1101": _entry(1, "not an attestation bundle", "The file is not a bundle of this format, or was changed or cut."),
    "LG1102": _entry(2, "not a release", "Attestations are made of releases. `ledger release` records one."),
    "LG1103": _entry(
        5,
        "cannot write the file",
        "The output file could not be written. If the ledger recorded something, the message says so: run the command again, it is idempotent.",
    ),
    "LG1104": _entry(
        1, "the bundle does not verify", "At least one numbered check of the bundle failed; nothing that it says is to be believed."
    ),
    "LG1105": _entry(
        1,
        "a profile does not hold",
        "A profile that was asked for is not met by the release; the reasons are with its rules. The attestation is logged all the same, because what is not met is worth attesting too.",
    ),
    "LG1106": _entry(
        3,
        "could not tell",
        "A profile could be neither met nor refused on the evidence; the rules say what is missing. `--fail-on fail` lets that pass, and unknown still is not a yes.",
    ),
    "LG1110": _entry(
        2,
        "nothing is described there",
        "What is said in words is said about datasets and releases; code, weights and documents have bytes, licences and inputs, which `ledger show` shows.",
    ),
    "LG1111": _entry(
        2,
        "another form of document",
        "A document's form follows from the ending of its file's name; the message lists those that there are.",
    ),
    "LG1112": _entry(
        3,
        "a document could not be made",
        "A format requires what nobody recorded, and it is not made up. The answer lists each dataset with what is missing; documents of the others are written.",
    ),
    "LG1113": _entry(3, "no dataset", "Documents are made of datasets, and none is recorded. That does not say that none was used."),
    # --- 12 the command line -------------------------------------------------------------------
    "LG1108": _entry(
        2,
        "malformed release policy",
        "The policy file does not have the form of docs/concepts/gates.md, or asks for a tier or a rule that its profile does not have.",
    ),
    "LG1120": _entry(2, "no such rule", "`--explain` takes PROFILE/RULE; `ledger frameworks show PROFILE` lists the rules."),
    "LG1107": _entry(
        3,
        "a required check could not be made",
        "Nothing failed, but a check named by --require was not made, because what it needs was not given or is not there. What was not checked is never a pass.",
    ),
    "LG1201": _entry(2, "usage", "The command line does not fit. `--help` on the verb shows an example."),
    "LG1202": _entry(
        2,
        "malformed pipeline file",
        "The pipeline file has an unknown key, a wrong type, an alias cycle, or is not YAML; the message names the place. Nothing was recorded.",
    ),
    "LG1203": _entry(
        2,
        "pipeline inputs form a cycle",
        "Artifacts of one pipeline file name each other as inputs in a circle, so none can be recorded first.",
    ),
    "LG1204": _entry(2, "unknown error code", "`ledger explain` without an argument lists all codes."),
    "LG1205": _entry(
        EXIT_INTERRUPTED,
        "interrupted",
        "The command was stopped before it was done. What it had recorded, if anything, is recorded as a whole and stays; running it again records nothing twice.",
    ),
    "LG1206": _entry(
        5, "the self-check found something", "`ledger doctor` lists what is wrong with the installation or the surroundings of the ledger."
    ),
    # --- 13 model signing ----------------------------------------------------------------------
    "LG1301": _entry(1, "not a model signature", "The file is not a bundle of an OpenSSF model signature v1.0, or was changed or cut."),
    "LG1302": _entry(
        1,
        "model signature does not hold",
        "A check of the model signature failed; docs/spec/verification.md has the numbers. Nothing was recorded.",
    ),
    "LG1303": _entry(
        3,
        "model signature could not be told",
        "No check of the model signature failed, but one could not be made: what it needs is not here. That is not a pass.",
    ),
    "LG1304": _entry(
        2,
        "nothing to sign",
        "A model signature covers the files of one recorded artifact, without those that it never covers (.git, .gitattributes, .github, .gitignore at the top).",
    ),
    "LG1305": _entry(
        2,
        "not a key for model signatures",
        "Model signatures have elliptic curve keys: P-256, P-384 or P-521. `ledger key new FILE --scheme ecdsa-sha2-nistp256` makes one.",
    ),
    "LG1306": _entry(2, "no certificates", "The file holds no X.509 certificates in PEM."),
    # --- 14 identities and time ----------------------------------------------------------------
    "LG1401": _entry(5, "timestamps extra missing", "Timestamps need a library that is installed on request; nothing was checked."),
    "LG1402": _entry(5, "no timestamp", "The authority gave another answer than a token. Nothing was kept."),
    "LG1403": _entry(1, "timestamp does not hold", "A token is not all that docs/spec/verification.md (B13) asks of it."),
    "LG1404": _entry(5, "sigstore extra missing", "Identities need a library that is installed on request; nothing was verified."),
    "LG1405": _entry(1, "identity does not hold", "A check of an identity's signature failed; docs/spec/verification.md: I1 to I4."),
    "LG1406": _entry(3, "identity could not be told", "No check of an identity's signature failed, but one could not be made: no pass."),
    "LG1407": _entry(2, "no trust configuration", "The file is no Sigstore client trust configuration, which is a JSON document."),
    "LG1408": _entry(5, "not signed by an identity", "No identity, or a service refused. What is in its log by now stays there."),
    "LG9999": _entry(
        70,
        "a bug",
        "Something happened that the product does not expect. Nothing acknowledged is lost. Please report it with the text of the message.",
    ),
}
