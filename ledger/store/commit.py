"""The commit protocol: how statements get into the log, durably, once, one writer at a time.

Order (docs/spec/format.md, section 6): lock, head against the machine's memory, objects, bundles, tiles and segments, checkpoint
signed and made durable in `state/`, rename onto `log/checkpoint`, answer. The checkpoint's rename is the commit; whatever a writer leaves
behind before it is swept or completed by the next one. Threads of one process that wait for the lock are merged into one batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ledger.clock import Clock, SystemClock, to_rfc3339
from ledger.errors import LedgerError
from ledger.ids import object_id_of
from ledger.log.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, sign_checkpoint
from ledger.log.leaf import make_leaf
from ledger.log.note import VerifierKey
from ledger.log.policy import DEFAULT_TIMEOUT_SECONDS as DEFAULT_WITNESS_SECONDS
from ledger.log.tiles import WIDTH, entries_path, grow, tile_number, tile_path
from ledger.merkle.tree import EMPTY_ROOT, range_hash
from ledger.pause import uncollected
from ledger.signing.dsse import Envelope, sign
from ledger.signing.keys import PrivateKey, PublicKey
from ledger.spec.statement import Statement
from ledger.store._generated import COLUMNS
from ledger.store.bulk import BulkWriter
from ledger.store.fs import Fs, can_sync_all, read_file, translated
from ledger.store.index import EdgeRow, Index, Naming, naming_of
from ledger.store.layout import Config, Layout
from ledger.store.lock import DEFAULT_TIMEOUT_SECONDS, check_file_system, exclusive
from ledger.store.memory import recall, remember
from ledger.store.projection import Projection, judge
from ledger.store.reader import EDGE_COLUMNS, Reader
from ledger.store.segments import arrow_table, preload


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a statement stands in the log; `existing` when it was there already."""

    index: int
    existing: bool
    payload_id: str


def _nothing(_objects: Sequence[bytes]) -> None:
    """Who wants to know early what will be written: nobody."""


@dataclass(slots=True)
class Draft:
    """A batch in the making, under the lock (or, for a dry run, without it). Statements see those before them."""

    index: Index
    time: str
    leaves: list[bytes] = field(default_factory=list)
    objects: list[bytes] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    offered: Callable[[Sequence[bytes]], None] = _nothing

    def layered(self) -> Draft:
        """A draft over this one: kept by `absorb`, or dropped when its part of the batch is refused."""
        return Draft(self.index.layered(), self.time, offered=self.offered)

    def absorb(self, layer: Draft) -> None:
        """Take over a layer's entries."""
        self.index.absorb(layer.index)
        self.leaves += layer.leaves
        self.objects += layer.objects
        self.files += layer.files
        for table, rows in layer.rows.items():
            self.rows.setdefault(table, []).extend(rows)

    def add(self, statement: Statement, keys: Sequence[PrivateKey], objects: Sequence[bytes] = (), files: Any = None) -> Appended:
        """Sign and append one statement, unless the same payload by the same key is in the log already.

        Args:
            keys: who signs; the first decides whether the statement is a repetition.
            objects: bytes to keep beside it, such as licence texts.
            files: a function from artifact number and index to an Arrow table for `files`, for a new tree.

        Raises:
            LedgerError: LG0408 when no signer is trusted for the statement, LG0612 when its name names something else.
        """
        digest = bytes.fromhex(statement.payload_id[7:])
        known = self.index.recorded(digest, keys[0].public.keyid)
        if known is not None:
            return Appended(known, True, statement.payload_id)
        check_name_free(self.index, naming_of(statement))
        envelope = sign(statement.payload, keys)
        return self._append(statement, envelope, [key.public for key in keys], objects, files)

    def add_envelope(self, envelope: Envelope, statement: Statement) -> Appended:
        """Append an envelope that others have signed: a key statement, or one whose payload is in the log already.

        Raises:
            LedgerError: LG0416 for any other statement, LG0417 for a signature by nobody who is known, LG0408.
        """
        digest = bytes.fromhex(statement.payload_id[7:])
        if statement.kind != "key" and not self.index.has_payload(digest):
            raise LedgerError("LG0416", f"a {statement.kind} statement that is not in the log is recorded, and not submitted")
        facts = judge(self.index.trust, self.index.size, envelope, statement)
        for position, fact in enumerate(facts):
            if fact.public is None:
                raise LedgerError("LG0417", f"signature {position} of the envelope is by no key that this ledger knows, or is wrong")
        if statement.kind != "key":
            known = [self.index.recorded(digest, fact.public.keyid) for fact in facts if fact.public]
            first = [index for index in known if index is not None]
            if len(first) == len(facts):
                return Appended(min(first), True, statement.payload_id)
        return self._append(statement, envelope, None, (), None)

    def _append(
        self, statement: Statement, envelope: Envelope, signers: Sequence[PublicKey] | None, objects: Sequence[bytes], files: Any
    ) -> Appended:
        idx = self.index.size
        data = envelope.to_bytes()
        leaf = make_leaf(
            kind=statement.kind,
            envelope=object_id_of(data),
            payload=statement.payload_id,
            predicate_type=statement.predicate_type,
            subjects=[subject.id for subject in statement.subjects],
            keyids=[item.keyid for item in envelope.signatures],
            time=max(self.time, self.index.last_time),
        )
        leaf_bytes = leaf.to_bytes()
        before = self.index.artifact_count
        facts = judge(self.index.trust, idx, envelope, statement, signers)
        if not any(fact.trusted for fact in facts):
            who = envelope.signatures[0].keyid
            raise LedgerError(
                "LG0408", f"key {who[:16]}… is not trusted for {statement.kind} statements here", hint="ledger key trust PUB --for KIND"
            )
        # A key statement may be refused when half of it is taken, so it gets a layer of its own; for every other, all or nothing is taken.
        layered = statement.kind == "key"
        projection = Projection(self.index.layered()) if layered else Projection(self.index, self.rows)
        projection.entry(idx, leaf_bytes, leaf, envelope, statement, facts)
        if layered:
            self.index.absorb(projection.index)
            for table, rows in projection.rows.items():
                self.rows.setdefault(table, []).extend(rows)
        new_tree = statement.kind == "manifest" and self.index.artifact_count > before
        if files is not None and new_tree:
            self.files.append(files(before, idx))
        self.leaves.append(leaf_bytes)
        self.objects += [data, *objects]
        self.offered([data, *objects])
        return Appended(idx, False, statement.payload_id)


def _added(rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> tuple[list[EdgeRow], list[tuple[str, int]]]:
    """The edges of a batch, and kind and index of its entries that are no manifests, from its rows for the tables."""
    found = []
    for table, output, given, relation in EDGE_COLUMNS:
        columns = [column[0] for column in COLUMNS[table]]
        at = [columns.index(name) for name in (output, given, relation, "idx")]
        found += [(row[at[0]], row[at[1]], row[at[2]], row[at[3]]) for row in rows.get(table, ())]
    kind, idx = ([column[0] for column in COLUMNS["entries"]].index(name) for name in ("kind", "idx"))
    return found, [(row[kind], row[idx]) for row in rows.get("entries", ()) if row[kind] != "manifest"]


def check_name_free(index: Index, naming: Naming | None) -> None:
    """A name and version name one id for ever, unless the statement says that it corrects (docs/spec/format.md, section 5).

    Raises:
        LedgerError: LG0612.
    """
    if naming is None or naming.version is None or naming.corrects is not None:
        return
    kind, name, version, id, _ = naming
    same = [row for row in index.named(name) if row.kind == kind and row.version == version]
    if same and same[-1].id != id:
        last = same[-1]
        raise LedgerError(
            "LG0612",
            f"{kind} `{name}@{version}` already names `{last.id}` (entry {last.idx})",
            hint="choose a new version, or give --supersedes REASON",
        )


@dataclass(slots=True)
class _Waiting:
    """One caller's part of a batch."""

    build: Callable[[Draft], Any]
    result: Any = None
    error: BaseException | None = None
    done: bool = False


class Store(Reader):
    """A ledger's folder with the right to append to it."""

    def __init__(
        self,
        root: Path,
        *,
        fs: Fs | None = None,
        clock: Clock | None = None,
        lock_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        config: Config | None = None,
    ) -> None:
        super().__init__(root, fs=fs, config=config)
        self._clock = clock or SystemClock()
        self._timeout = lock_timeout_seconds
        self.witness_timeout_seconds = DEFAULT_WITNESS_SECONDS
        self._mutex = threading.Lock()
        self._queue_mutex = threading.Lock()
        self._queue: list[_Waiting] = []

    def draft(self) -> Draft:
        """A draft on the published head that is never committed: for dry runs."""
        return Draft(self.index().layered(), to_rfc3339(self._clock.now()))

    def append(self, build: Callable[[Draft], Any], log_key: PrivateKey) -> Any:
        """Run `build` on a draft under the lock and commit what it added: all of it or, when it raises, none.

        Args:
            build: adds statements to the draft and returns what the caller wants to know.
            log_key: signs the new checkpoint.

        Returns:
            What `build` returned, once the checkpoint that covers its entries is published.
        """
        mine = _Waiting(build)
        with self._queue_mutex:
            self._queue.append(mine)
        with self._mutex:
            if not mine.done:
                with self._queue_mutex:
                    batch, self._queue = self._queue, []
                self._commit(batch, log_key)
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _commit(self, batch: list[_Waiting], log_key: PrivateKey) -> None:
        try:
            check_file_system(self.layout.root)
            with exclusive(self.layout.lock, self._timeout), uncollected(), self._bulk_writer() as writer:
                head = self._settled_head(log_key)
                draft = Draft(self._extend(head.checkpoint.size).layered(), to_rfc3339(self._clock.now()), offered=writer.offer)
                for part in batch:
                    layer = draft.layered()
                    try:
                        part.result = part.build(layer)
                    except LedgerError as error:
                        part.error = error
                    else:
                        draft.absorb(layer)
                if draft.leaves:
                    self._publish(head, draft, log_key, writer)
                    parent = self._index.parent
                    whole = parent is not None and parent.size == head.checkpoint.size
                    self._index.absorb(draft.index)
                    self._keep(1, _added(draft.rows) if whole else None)
        except BaseException as error:
            self._index = Index()
            for part in batch:
                part.error = part.error or error
            if not isinstance(error, LedgerError):
                raise
        finally:
            for part in batch:
                part.done = True

    def _bulk_writer(self) -> BulkWriter:
        # A file system of another kind wants to see every operation.
        return BulkWriter(self.layout.root, self.objects, helped=type(self.fs) is Fs and can_sync_all())

    def _settled_head(self, log_key: PrivateKey) -> SignedCheckpoint:
        """The head to append to: not older than anything this machine has seen, and with no commit left half done."""
        head = self.head()
        if log_key.public.raw != self.config.log_key.public:
            raise LedgerError("LG0614", f"the private key at hand is not the log key of `{self.config.origin}`")
        head = self._complete(head)
        seen = recall(self.config.log_key)
        if seen is not None:
            self._check_extends(seen.checkpoint, head.checkpoint, "this machine has seen")
        else:
            self._confirmed(head)
        return head

    def _complete(self, head: SignedCheckpoint) -> SignedCheckpoint:
        """A checkpoint that was signed and made durable, but not published: publish it, so no second one of its size is ever signed."""
        data = read_file(self.layout.signed)
        if data is None:
            return head
        try:
            signed = open_checkpoint(data, self.config.log_key, what=f"`{self.layout.signed}`")
        except LedgerError as error:
            hint = f"compare it with `{self.layout.checkpoint}`; if that one verifies, remove `{self.layout.signed}`"
            raise LedgerError("LG0615", error.message, hint=hint) from None
        if signed.checkpoint.size <= head.checkpoint.size:
            self._check_extends(signed.checkpoint, head.checkpoint, "was signed here")
            return head
        tree = self.tree(signed.checkpoint.size)
        if tree.root() != signed.checkpoint.root or range_hash(tree.node, 0, head.checkpoint.size) != head.checkpoint.root:
            raise LedgerError("LG0505", f"the log ends before entry {signed.checkpoint.size - 1}, which was signed here")
        signed = self._cosigned(signed, head.checkpoint.size)
        self.fs.write(self.layout.checkpoint, signed.to_bytes())
        self.fs.sync_folders()
        return signed

    def _cosigned(self, signed: SignedCheckpoint, old: int) -> SignedCheckpoint:
        """The checkpoint, which is durable in `state/`, with what the witnesses say. Raises LedgerError LG0510 below the quorum, LG0505."""
        policy = self.config.policy
        if not policy.witnesses:
            return signed
        # What it takes to ask over HTTP is imported when there is somebody to ask.
        from ledger.store.cosigning import check_quorum, gather

        found = gather(signed, policy, old, self.tree(signed.checkpoint.size), self.witness_timeout_seconds)
        if found.signed != signed:
            self.fs.write(self.layout.signed, found.signed.to_bytes())
            self.fs.sync_folders()
        check_quorum(found, policy)
        return found.signed

    def _confirmed(self, head: SignedCheckpoint) -> None:
        """A machine without memory of this log asks the witnesses, which have one: a copy that was brought back may be an old one."""
        size = head.checkpoint.size
        if self.config.policy.witnesses and size:
            from ledger.store.cosigning import gather

            gather(head, self.config.policy, size, self.tree(size), self.witness_timeout_seconds, everyone=True)

    def _check_extends(self, old: Checkpoint, new: Checkpoint, how: str) -> None:
        if old.size > new.size:
            raise LedgerError("LG0505", f"the log has {new.size} entries, but {how} one with {old.size}", hint="bring the newer copy back")
        root = EMPTY_ROOT if old.size == 0 else range_hash(self.tree(new.size).node, 0, old.size)
        if root != old.root:
            raise LedgerError("LG0505", f"the first {old.size} entries are not those of a checkpoint that {how}")

    def _publish(self, head: SignedCheckpoint, draft: Draft, log_key: PrivateKey, writer: BulkWriter) -> None:
        size = head.checkpoint.size
        preload()  # in this thread: an import that is interrupted would keep the jobs waiting for its lock
        left = writer.jobs(draft.objects)
        listings = self.segments.begin(size)
        self._sweep_uncommitted_tiles(size)
        growth = grow(self.tree(size), draft.leaves)
        jobs: list[Callable[[], object]] = [partial(self.fs.write, self.layout.log / path, data) for path, data in growth.files.items()]
        rows = {table: arrow_table(table, found) for table, found in draft.rows.items()}
        if draft.files:
            import pyarrow as pa

            rows["files"] = pa.concat_tables(draft.files)
        jobs += self.segments.extensions(listings, size, growth.size, rows)
        # Nothing of this counts before the checkpoint, so it may reach the disk in any order.
        self.fs.many(len(draft.objects) + len(jobs))
        self.fs.together([*jobs, *left])
        self.fs.sync_folders()
        checkpoint = Checkpoint(self.config.origin, growth.size, growth.root)
        signed = sign_checkpoint(checkpoint, self.config.log_key, log_key.sign)
        self.fs.write(self.layout.signed, signed.to_bytes())
        self.fs.sync_folders()
        signed = self._cosigned(signed, size)
        self.fs.write(self.layout.checkpoint, signed.to_bytes())
        self.fs.sync_folders()
        remember(self.config.log_key, signed)
        # It is recorded: what cannot be tidied away now is tidied away by nobody, and means nothing.
        with suppress(LedgerError):
            self._tidy(size, growth.size)
            self.segments.sweep_covered(listings)

    def _sweep_uncommitted_tiles(self, size: int) -> None:
        """Remove tiles and bundles that reach past the committed size: their entries were never acknowledged."""
        for level in range(64):
            for name in (str(level), "entries") if level == 0 else (str(level),):
                if not self._sweep_level(name, size >> 8 * level) and level > 0:
                    return

    def _sweep_level(self, name: str, count: int) -> bool:
        """Sweep one level from its right edge on; False when the level is not there at all."""
        if not (self.layout.log / "tile" / name).is_dir():
            return False
        n, width = divmod(count, WIDTH)
        while True:
            whole = self.layout.log / "tile" / name / tile_number(n)
            partials = whole.with_name(whole.name + ".p")
            found = list(partials.iterdir()) if partials.is_dir() else []
            if not whole.exists() and not found:
                return True
            for file in found:
                if not file.name.isdecimal() or int(file.name) > width:
                    self.fs.remove(file)
            self.fs.remove(whole)
            n, width = n + 1, 0

    def _tidy(self, old: int, new: int) -> None:
        """Remove partial tiles that a full one replaces. Nothing depends on it."""
        level = 0
        while old >> 8 * level or new >> 8 * level:
            before, after = (old >> 8 * level) // WIDTH, (new >> 8 * level) // WIDTH
            for n in range(before, after):
                self._remove_partials(level, n)
            level += 1

    def _remove_partials(self, level: int, n: int) -> None:
        paths = [tile_path(level, n), *([entries_path(n)] if level == 0 else [])]
        for path in paths:
            folder = self.layout.log / f"{path}.p"
            if folder.is_dir():
                for file in folder.iterdir():
                    self.fs.remove(file)
                self.fs.remove_folder(folder)


def create(root: Path, log_key: PrivateKey, origin: str, fs: Fs) -> None:
    """Lay out an empty log: folders, and a signed checkpoint of size 0. It becomes a ledger by `finish`, when its first entry is there.

    Raises:
        LedgerError: LG0602 when there is a log already.
    """
    layout = Layout(root)
    if layout.config.exists() or layout.log.exists():
        raise LedgerError("LG0602", f"there is a ledger at `{root}` already")
    check_file_system(root)
    fs.inside = root
    for folder in (layout.objects, layout.log, layout.tables, layout.state):
        fs.make_folders(folder)
    fs.write(layout.lock, b"")
    key = VerifierKey(origin, log_key.public.raw)
    signed = sign_checkpoint(Checkpoint(origin, 0, EMPTY_ROOT), key, log_key.sign)
    fs.write(layout.checkpoint, signed.to_bytes())
    fs.sync_folders()


def finish(root: Path, config_text: str, fs: Fs) -> None:
    """Make it a ledger, with `ledger.toml`: whoever finds that finds a first entry too."""
    fs.write(Layout(root).config, config_text.encode("utf-8"))
    fs.sync_folders()


def set_aside(root: Path, fs: Fs) -> None:
    """Move what an `init` left that ended before it was done into `unfinished-<n>/`: nothing was recorded there, and keys are not deleted.

    Raises:
        LedgerError: LG0602 when there are entries, or when it cannot be told; LG0606 when it cannot be moved.
    """
    layout = Layout(root)
    if layout.config.exists() or not (layout.log.exists() or layout.state.exists()):
        return
    data = read_file(layout.checkpoint)
    if not layout.state.exists() or (data is not None and data.split(b"\n")[1:2] not in ([b"0"], [b"1"])):
        hint = f"if it was a ledger, restore {layout.config.name} from a copy; if not, choose another folder"
        raise LedgerError("LG0602", f"`{root}` holds parts of a ledger, and no {layout.config.name}", hint=hint)
    parts = [path for path in (layout.objects, layout.log, layout.tables, layout.state) if path.exists()]
    number = next(number for number in range(1, 1000) if not (root / f"unfinished-{number}").exists())
    folder = root / f"unfinished-{number}"
    fs.make_folders(folder)
    with translated("cannot move", root):
        for path in parts:
            fs.rename(path, folder / path.name)
