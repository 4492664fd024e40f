"""A Git work tree: the tracked files as they lie here, the commit and the remote that `.git` names, and REUSE's licences of files; pure.

No program is run. The commit is what HEAD says. That the files are those of the index is told by hashing them as Git does; whether the
index is that of the commit stands in Git's objects, which are not read, so `swh:1:dir` is of the files here, and `swh:1:rev` is a claim.
Files that are here and not tracked are no part of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from glob import escape

from ledger.errors import LedgerError
from ledger.importers import repository
from ledger.importers.git_index import LINK, SUBMODULE, Entry, entries, tree_id
from ledger.importers.imported import Contradiction, Fact, Imported, ImportedArtifact, License, Options, Unresolved, license_said
from ledger.importers.reading import own_name
from ledger.importers.reuse import MOST_FILES, Reuse
from ledger.importers.sources import At, Files, shown, whole
from ledger.spec.vocabulary import NOASSERTION

_INDEX = ".git/index"
_INDEX_BYTES = 256 << 20
_HASHED_BYTES = 256 << 20
_MOST_FACTS = 20_000
_MOST_NAMED = 10


def read(files: Files, how: Options) -> Imported:
    """What a work tree is, by its files and its `.git` folder.

    Raises:
        LedgerError: LG1501 for a damaged index, LG1502 for what is no work tree, LG0103 for what is too large.
    """
    return _WorkTree(files, how).imported()


class _WorkTree:
    def __init__(self, files: Files, how: Options) -> None:
        self.files, self.how = files, how
        self.lost: list[Unresolved] = []
        self.facts: list[Fact] = []
        self.contradictions: list[Contradiction] = []

    def imported(self) -> Imported:
        if self.files.size(".git/HEAD") is None:
            linked = ": its `.git` is a file that leads elsewhere" if self.files.size(".git") is not None else ""
            raise LedgerError("LG1502", f"`{shown(self.how.given)}` is no work tree of Git{linked}", hint="give the folder that has `.git`")
        commit, remote = self._commit(), repository.origin_url(self.files)
        here = [path for path in self.files.paths() if not path.startswith(".git/") and path != ".git"]
        tracked = self._tracked()
        paths = here if tracked is None else self._present(tracked, here)
        if not paths:
            raise LedgerError("LG1502", f"`{shown(self.how.given)}` has no tracked file")
        if commit is not None and len(commit) == 40:
            self.facts.append(Fact("swhid.revision", f"swh:1:rev:{commit}", At(".git/HEAD")))
        self._directory(tracked)
        licenses = self._licenses(paths)
        name = remote.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git") if remote else None
        source = {} if remote is None else {"uri": remote, **({"revision": commit} if commit else {})}
        artifact = ImportedArtifact(
            "main",
            "code",
            own_name(self.how, name, self.lost, At(".git/config")),
            self.how.version or commit,
            include=tuple(_patterns(paths, self.files.paths())),
            symlinks="inside",
            licenses=licenses,
            sources=(source,) if source else (),
            facts=tuple(self.facts),
        )
        return Imported("git", "Git work tree", (artifact,), contradictions=tuple(self.contradictions), unresolved=tuple(self.lost))

    def _commit(self) -> str | None:
        head, wanted = repository.head_commit(self.files), self.how.revision
        if head is None:
            self._lose(".git/HEAD", "it names no commit that can be found", At(".git/HEAD"))
        elif wanted is not None and not head.startswith(wanted):
            text = f"the revision is said to be `{shown(wanted)}`, and HEAD is {head}"
            self.contradictions.append(Contradiction("revision-conflict", text, (At(".git/HEAD"),)))
        return wanted if head is None else head

    def _tracked(self) -> list[Entry] | None:
        if self.files.size(_INDEX) is None:
            self._lose(_INDEX, "there is none: which files are tracked cannot be told, and all are taken", At(_INDEX))
            return None
        data = whole(self.files, _INDEX, _INDEX_BYTES)
        if len(repository.head_commit(self.files) or "") == 64:
            self._lose(_INDEX, "a repository with SHA-256 ids, whose index is not read: all files are taken", At(_INDEX))
            return None
        return entries(data)

    def _present(self, tracked: Sequence[Entry], here: Sequence[str]) -> list[str]:
        """The tracked files that are here; those that are missing, and those that are not tracked, are reported."""
        known, there = {entry.path for entry in tracked}, set(here)
        modules = [entry.path for entry in tracked if entry.mode == SUBMODULE]
        missing = sorted(entry.path for entry in tracked if entry.mode != SUBMODULE and entry.path not in there)
        others = [path for path in here if path not in known]
        for path in modules[:_MOST_NAMED]:
            self._lose(path, "a submodule: a repository of its own, to be imported by itself", At(_INDEX))
        if missing:
            self._lose(_listed(missing), "tracked, and not here", At(_INDEX))
        if others:
            self._lose(_listed(others), "here, and not tracked: no part of what is recorded", At(_INDEX))
        return [path for path in here if path in known]

    def _directory(self, tracked: Sequence[Entry] | None) -> None:
        """The SWHID of the folder, when every tracked file is the one of the index."""
        if tracked is None:
            return
        why = self._not_clean(tracked)
        found = None if why else tree_id(tracked)
        if found is None:
            self._lose("swh:1:dir", why or "the index holds what cannot be one folder", At(_INDEX))
            return
        self.facts.append(Fact("swhid.directory", f"swh:1:dir:{found}", At(_INDEX)))
        self._lose(
            "work tree",
            "its files are those of the index; whether the index is the commit's stands in objects that are not read",
            At(_INDEX),
        )

    def _not_clean(self, tracked: Sequence[Entry]) -> str | None:
        total = 0
        for entry in tracked:
            if entry.stage:
                return f"`{shown(entry.path)}` is in an unfinished merge"
            if entry.mode == SUBMODULE:
                continue
            size = self.files.size(entry.path)
            if entry.mode == LINK:
                return f"`{shown(entry.path)}` is a link, and where it leads to is not read"
            if size is None:
                return f"`{shown(entry.path)}` is not here"
            total += size
            if size > _HASHED_BYTES or total > 16 * _HASHED_BYTES:
                return "the files are too large to be hashed as Git does"
            hasher = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            hasher.update(self.files.head(entry.path, size))
            if hasher.digest() != entry.blob:
                return f"`{shown(entry.path)}` is not as it was added: the work tree is not clean, or a filter changes its files"
        return None

    # --- licences --------------------------------------------------------------------------------

    def _licenses(self, paths: Sequence[str]) -> tuple[License, ...]:
        reuse = Reuse(self.files, paths, self.lost)
        asked = reuse.asked()
        if len(asked) > MOST_FILES:
            self._lose(f"{len(asked) - MOST_FILES} files", f"only {MOST_FILES} are asked for their licences", At(asked[MOST_FILES]))
            asked = asked[:MOST_FILES]
        said: Counter[str] = Counter()
        first: dict[str, At] = {}
        without, copyrights = [], 0
        for path in asked:
            found = reuse.of(path)
            copyrights += found.copyrights > 0
            if not found.licenses:
                without.append(path)
                continue
            texts = list(dict.fromkeys(text for text, _ in found.licenses))
            for text, at in found.licenses:
                first.setdefault(text, at)
            said.update(texts)
            if sum(said.values()) <= _MOST_FACTS:
                self.facts.append(Fact("file-license", {"path": path, "license": " AND ".join(texts)}, found.licenses[0][1]))
        self.facts += [Fact("files-under", {"license": text, "files": count}, first[text]) for text, count in sorted(said.items())]
        if said:
            self.facts.append(Fact("files-with-copyright", copyrights, At("")))
        if without:
            self._lose(_listed(without), "no tag, no sidecar and no REUSE.toml says under which licence", At(without[0]))
        return self._whole(first, reuse) if said else ()

    def _whole(self, first: dict[str, At], reuse: Reuse) -> tuple[License, ...]:
        """One claim for the whole: the conjunction of all different licences; it asserts nothing when one of them names none."""
        claims = [license_said(text, at) for text, at in sorted(first.items())]
        at = next(iter(first.values()))
        for claim in claims:
            if claim.normalized == NOASSERTION:
                self._lose(claim.text, claim.reason or "it names no licence", claim.at)
        texts = reuse.texts()
        if texts:
            named = {word.strip("()") for text in first for word in text.split()} - {"AND", "OR", "WITH", ""}
            for id in sorted(named - texts - {f"{one}+" for one in texts})[:_MOST_NAMED]:
                self._lose(id, "there is no text of it in LICENSES", first.get(id, at))
            for id in sorted(texts - named)[:_MOST_NAMED]:
                self._lose(id, "its text lies in LICENSES, and no file is under it", At(f"LICENSES/{id}.txt"))
        if len(claims) == 1:
            return (claims[0],)
        joined = " AND ".join(f"({text})" if " " in text else text for text in sorted(first))
        if any(claim.normalized == NOASSERTION for claim in claims):
            return (License(joined, NOASSERTION, at, "one of the licences of its files is none that is known"),)
        return (license_said(joined, at),)

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:1000], reason, at))


def _listed(paths: Sequence[str]) -> str:
    named = ", ".join(f"`{shown(path)}`" for path in paths[:_MOST_NAMED])
    return named if len(paths) <= _MOST_NAMED else f"{len(paths)} files, the first: {named}"


def _patterns(wanted: Sequence[str], all_paths: Sequence[str]) -> list[str]:
    """The fewest patterns that take exactly these paths: whole folders where all of a folder is wanted."""
    chosen = set(wanted)
    mixed = {""}
    for path in all_paths:
        if path not in chosen:
            parts = path.split("/")
            mixed |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    found: dict[str, None] = {}
    for path in wanted:
        parts = path.split("/")
        depth = next((depth for depth in range(1, len(parts)) if "/".join(parts[:depth]) not in mixed), len(parts))
        folder = "/".join(parts[:depth])
        found[escape(folder) if depth == len(parts) else f"{escape(folder)}/**"] = None
    return sorted(found)
