"""Codes of what is written and kept: JSON, hashing, statements, signing, the log, the store."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 01 the ground floor -------------------------------------------------------------------
    "LG0101": _entry(
        2,
        "not strict JSON",
        "The bytes are not JSON as this format reads it: duplicate keys, NaN or infinities, integers beyond 2^53-1, lone surrogates, a byte order mark and trailing bytes are refused, because two readers could understand them differently.",
    ),
    "LG0102": _entry(
        2,
        "not canonical JSON",
        "The bytes are JSON but not the RFC 8785 canonical form of themselves, so the same statement would have two digests. Write them again with a canonicaliser.",
    ),
    "LG0103": _entry(
        2,
        "over a limit",
        "An input is larger, deeper or longer than the format allows. The limits are listed in docs/spec/format.md; split the input.",
    ),
    "LG0104": _entry(
        2,
        "no canonical form",
        "The value holds something that canonical JSON cannot carry: a number that is not finite or beyond 2^53-1, a lone surrogate, bytes, or an object that is not JSON. Carry big numbers as strings.",
    ),
    "LG0105": _entry(
        2,
        "not a typed id",
        "An id is `file:`, `tree:`, `ref:` or `sha256:` followed by 64 lower-case hex digits. A bare hex string never names anything here, because its type is part of the id.",
    ),
    "LG0106": _entry(2, "not a time", "A time is RFC 3339 in UTC, such as 2026-11-20T12:00:00Z."),
    "LG0107": _entry(70, "a data file of the product is missing", "The installation is incomplete. Install openness-ledger again."),
    # --- 02 hashing ----------------------------------------------------------------------------
    "LG0201": _entry(
        2, "no such path", "There is nothing at the path that was to be hashed. Check its spelling and the folder that the command runs in."
    ),
    "LG0202": _entry(
        5,
        "cannot be read",
        "The operating system refused to open or read a file. Nothing was recorded. Check the permissions, and that the disk is healthy.",
    ),
    "LG0203": _entry(2, "empty tree", "A tree has at least one regular file: a folder with none has no content to name."),
    "LG0204": _entry(
        2,
        "a file name that the format refuses",
        "Paths must be valid UTF-8 of at most 4,096 bytes, without NUL, line feed, carriage return or backslash, and without empty, `.` or `..` segments, so that the inventory has exactly one reading. Rename the file.",
    ),
    "LG0205": _entry(
        2,
        "symbolic link refused",
        "A link's target is not part of the bytes that were looked at. Use `--symlinks inside` to hash the targets that are regular files inside the recorded folder.",
    ),
    "LG0206": _entry(
        2,
        "symbolic link leaves the tree",
        "With `--symlinks inside` a link must lead to a regular file inside the recorded folder (for a Hugging Face snapshot: inside the repository's own cache folder). This one is broken, leads out, or leads to something else.",
    ),
    "LG0207": _entry(
        2,
        "not a regular file",
        "Devices, sockets and fifos have no fixed content and cannot be recorded. Remove it or record a folder without it.",
    ),
    "LG0208": _entry(
        5,
        "changed while it was hashed",
        "Device, inode, size or times of a file differed before and after it was read, so the digest may belong to no state that ever existed. Nothing was recorded. Run again when nobody writes to it.",
    ),
    "LG0209": _entry(2, "nothing matches", "No file in the folder matches the `include` patterns, so there is nothing to record."),
    "LG0210": _entry(
        5,
        "a worker process failed",
        "A worker process ended before it gave its result, for instance killed for lack of memory. Nothing was recorded, and nothing was found to hold. Run again, with fewer workers if memory is short.",
    ),
    # --- 03 statements -------------------------------------------------------------------------
    "LG0301": _entry(2, "unknown kind", "An artifact is one of dataset, weights, code, document."),
    "LG0302": _entry(
        2, "unknown relation", "The relation of a lineage edge is none of those that the format knows; the message lists them."
    ),
    "LG0303": _entry(
        2,
        "unknown role",
        "A component's role is one of those of the Model Openness Framework in lower case with hyphens, or `tokenizer` or `license-text`; the message lists them.",
    ),
    "LG0304": _entry(
        2,
        "does not fit the schema",
        "A statement does not fit the JSON Schema of its predicate type. The message names the place. Statements are checked when written and when read.",
    ),
    "LG0305": _entry(
        2, "unknown predicate type", "The statement's predicate type is none that this version knows. A newer version of the product may."
    ),
    "LG0306": _entry(
        2,
        "a name or version that cannot be used",
        "Names and versions are 1 to 200 characters without control characters, spaces at the ends or `@`; a name has no `:` and no leading or trailing slash.",
    ),
    "LG0307": _entry(
        1, "not an in-toto statement", "The payload is not an in-toto Statement v1 with subjects that carry a sha256 digest and no other."
    ),
    "LG0308": _entry(
        2,
        "a statement that does not agree with itself",
        "The subjects of a statement are what its predicate names, a reference has the id of its descriptor, components are in order, and a key has its own keyid (docs/spec/format.md, section 3). Nothing was signed.",
    ),
    "LG0309": _entry(
        2,
        "malformed information",
        "What is said about a dataset or a release does not fit its schema, or the same component is named twice with different things said "
        "of it; the message names the field. `ledger describe --fields` lists the fields.",
    ),
    # --- 04 signing ----------------------------------------------------------------------------
    "LG0401": _entry(
        2,
        "no usable key",
        "The key file does not exist or is not a PKCS#8 private key (or SubjectPublicKeyInfo public key) in PEM. `ledger key new FILE` makes one.",
    ),
    "LG0402": _entry(
        5,
        "private key is readable by others",
        "A private key file must have mode 0600 (nothing for group and others), so that no other account can sign in its name. Run `chmod 600` on it, and make a new key if others may have read it.",
    ),
    "LG0403": _entry(2, "wrong passphrase", "The passphrase does not open the key. Nothing was signed."),
    "LG0404": _entry(
        2,
        "passphrase needed",
        "The key is encrypted and no passphrase was given. Use --passphrase-file, OPENNESS_LEDGER_PASSPHRASE_FILE, or run in a terminal that can ask for it. Passphrases are never taken from the command line.",
    ),
    "LG0405": _entry(
        2,
        "signature scheme not accepted",
        "Only the schemes listed in docs/spec/format.md are accepted; weak and unknown ones are refused.",
    ),
    "LG0406": _entry(1, "not a DSSE envelope", "The bytes are not a DSSE v1 envelope with an in-toto payload."),
    "LG0408": _entry(
        2,
        "key is not trusted for this",
        "The signing key was not trusted by the ledger for this kind of statement at this point of the log. `ledger key trust PUB --for KIND`, signed by a root key, changes that.",
    ),
    "LG0415": _entry(
        2,
        "below the threshold of root keys",
        "A change of who may sign needs the signatures of as many different root keys as the first entry of the log states. Nothing was logged.",
    ),
    "LG0416": _entry(
        2,
        "nothing to sign or log",
        "The key has ended already, the envelope has this key's signature already, or it holds a new statement that is not about a key: those are made by record, release and attest, which check what they say.",
    ),
    "LG0417": _entry(
        2,
        "signature by nobody who is known",
        "A signature on the envelope does not verify under any key that this ledger knows. Nothing was logged.",
    ),
    "LG0409": _entry(2, "file exists", "A key is never written over an existing file."),
    "LG0410": _entry(
        2,
        "key refused",
        "The public key is not of prime order or not canonically encoded, so that signatures under it prove nothing or not to everybody.",
    ),
    "LG0411": _entry(
        2,
        "public key in another encoding",
        "A public key is its one SubjectPublicKeyInfo in DER: a named curve, an uncompressed point, no bytes more. Others would give one key several ids. `openssl pkey -pubin -in FILE -outform PEM` usually writes the accepted form.",
    ),
    "LG0418": _entry(5, "extra for held keys missing", "Keys on devices and in key services need a library that is installed on request."),
    "LG0419": _entry(
        5, "held key does not sign", "The device or key service is not there, refuses, or signed with another key than it shows."
    ),
    # --- 05 log --------------------------------------------------------------------------------
    "LG0501": _entry(1, "not a signed note", "The text is not a C2SP signed note or checkpoint."),
    "LG0502": _entry(
        4,
        "checkpoint is not signed by the log key",
        "The log's signature on the checkpoint is missing or wrong, so nothing says that this log is the one it claims to be. Restore log/checkpoint from a copy that verifies.",
    ),
    "LG0503": _entry(4, "checkpoint of another log", "The checkpoint's origin is not this ledger's name."),
    "LG0504": _entry(
        4,
        "log file damaged",
        "A tile or entry bundle of the log is missing, truncated or not what the checkpoint commits to. Restore it from a copy: the file named is enough.",
    ),
    "LG0505": _entry(
        4,
        "rollback",
        "The log is smaller than, or different from, a checkpoint that this machine has already seen. Someone restored an old copy or rewrote history. Nothing is written until the newer log is back.",
    ),
    "LG0506": _entry(1, "proof does not hold", "The inclusion or consistency proof does not lead to the signed root."),
    "LG0508": _entry(
        1, "wrong cosignature", "A line that claims to be a witness's cosignature of a checkpoint does not verify under that witness's key."
    ),
    "LG0509": _entry(
        2, "not a witness policy", "The text is not a C2SP tlog-policy: the message names the line and what is wrong with it."
    ),
    "LG0510": _entry(
        5,
        "below the witness quorum",
        "The new checkpoint is signed and durable, but not published, because too few of the witnesses that the policy asks for have cosigned it. Nothing is lost and nothing is acknowledged: the next command that writes asks them again and goes on. Without a network, carry `ledger cosign request` to a witness and its answer back with `ledger cosign add`.",
    ),
    "LG0511": _entry(
        5,
        "no answer",
        "A server did not answer, or not in a way that can be used, so nothing is known of what it has. Check the address and the network, and try again.",
    ),
    "LG0512": _entry(
        1,
        "the log misbehaves",
        "What the log shows now does not fit what it has signed before: it is shorter (rollback), it has other entries at the same places (split view), or entries that its checkpoint commits to are not served (truncation). Both signed checkpoints are kept as evidence, in the file that the message names. Show it to the operator and to other users of the log.",
    ),
    "LG0513": _entry(
        1,
        "the witness does not cosign",
        "The request is not one that this witness may cosign: its status and reason are those of the C2SP tlog-witness protocol.",
    ),
    "LG0516": _entry(
        1,
        "the log cannot be followed",
        "What the log serves does not hold, without being proof that it misbehaved: the failed check says why. It was not remembered.",
    ),
    "LG0514": _entry(2, "no witness here", "The folder is not that of a witness. `ledger witness init DIR --name NAME` makes one."),
    "LG0507": _entry(4, "malformed leaf record", "An entry of the log is not a leaf record of this format."),
    # --- 06 store ------------------------------------------------------------------------------
    "LG0601": _entry(2, "no ledger here", "No `ledger.toml` was found. Give --ledger DIR, set OPENNESS_LEDGER_DIR, or run `ledger init`."),
    "LG0602": _entry(2, "already a ledger", "The folder already holds a ledger; a log is created once."),
    "LG0603": _entry(
        5,
        "ledger of a newer format",
        "The ledger was written in a format that this version of the product does not know. Nothing was changed. Install a newer openness-ledger.",
    ),
    "LG0604": _entry(
        5, "ledger is locked", "Another process has been writing for longer than the waiting time. Try again, or look at the process named."
    ),
    "LG0605": _entry(
        5,
        "no space left",
        "The disk or quota is full. Nothing that was acknowledged is lost, and nothing of this command was recorded. Free space and run it again.",
    ),
    "LG0606": _entry(
        5,
        "file system refused",
        "The operating system refused to read or write a file of the ledger. Nothing of this command was recorded.",
    ),
    "LG0607": _entry(
        5,
        "file system without working locks",
        "Network and overlay file systems on which locks cannot be relied upon are refused for writing. Put the ledger on a local disk.",
    ),
    "LG0608": _entry(
        4,
        "object damaged or missing",
        "A stored object is missing or its bytes do not have the digest in its name. Restore the named file from a copy.",
    ),
    "LG0609": _entry(
        4,
        "table segment damaged",
        "A Parquet segment does not have the digest in its name, or cannot be read. Tables are derived: restore the file from a copy.",
    ),
    "LG0610": _entry(
        4,
        "table segment missing",
        "The segments of a table do not reach the size of the log. Tables are derived: restore the file from a copy.",
    ),
    "LG0611": _entry(
        4, "ledger.toml damaged", "ledger.toml is not what `ledger init` writes or does not agree with the first entries of the log."
    ),
    "LG0612": _entry(
        2,
        "name already names something else",
        "A name and version name one id for ever. Choose a new version, or record a correction with `--supersedes REASON`, which every answer then shows.",
    ),
    "LG0613": _entry(
        4,
        "table rows differ from the log",
        "Rows derived again from the log differ from those in a table. The log is right; the table was changed.",
    ),
    "LG0614": _entry(
        5, "log key missing", "The private log key is not at hand, so no checkpoint can be signed. Entries are appended where the key is."
    ),
    "LG0615": _entry(
        4,
        "local state damaged",
        "A file in the ledger's state folder is not as it was written. It is local and holds no record; the message says how to put it right.",
    ),
    "LG0616": _entry(
        4,
        "the ledger does not verify",
        "At least one check of `ledger verify` failed; each names the files that are at fault. The log and its objects are the truth: restore the named files from a copy.",
    ),
    "LG0617": _entry(
        1,
        "bytes differ from what was recorded",
        "The bytes on disk are not those of the recorded artifact; the files that were added, removed or changed are listed.",
    ),
    "LG0618": _entry(
        5,
        "the disk failed",
        "The system could not say that a file or folder reached the disk. What it held may be lost though it still reads well, so it is not tried again and nothing more is written by this process. Nothing that was acknowledged is lost.",
    ),
    "LG0619": _entry(
        4,
        "nothing was repaired",
        "`ledger verify --repair` brings back what follows from the log and its objects. A check of these failed, and what would be derived from them would be wrong: restore the files that it names from a copy first.",
    ),
}
