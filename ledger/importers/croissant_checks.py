"""Whether the parts of a Croissant document fit together: types, what must be said, and references to what is there; pure.

These are the defects for which the reference validator (mlcroissant 1.1.1) refuses a document and that make its list of files or fields
unreadable; what it only warns of is not checked. A join counts through others, where it asks for one between every two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.errors import LedgerError
from ledger.importers.croissant_terms import Node
from ledger.importers.reading import STRUCTURE
from ledger.importers.sources import At, shown

_MOST_PARTS = 100_000
_MOST_NAMED = 5
_SOURCES = ("cr:fileObject", "cr:fileSet", "cr:field", "cr:recordSet", "sc:distribution", "cr:distribution")
_FILE_TYPES = ("cr:FileObject", "cr:FileSet")


class Structure:
    """The files, sets and fields of a document by their ids, and what is wrong with them."""

    def __init__(self, root: Node, *, old: bool) -> None:
        self.root, self.old = root, old
        self.files: dict[str, Node] = {}
        self.sets: dict[str, Node] = {}
        self.fields: dict[str, tuple[Node, str]] = {}
        self.records: dict[str, Node] = {}
        self.fields_of: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self.parts = 0

    def read(self) -> Structure:
        """Collect and check. Raises LedgerError LG1506 that names what does not fit, LG0103 for too many parts."""
        for node, value, at in self.root.nodes("sc:distribution"):
            if node is None:
                self._wrong(at, f"`{shown(value)}` is no file of a distribution")
            else:
                self._file(node)
        for node, value, at in self.root.nodes("cr:recordSet"):
            if node is None:
                self._wrong(at, f"`{shown(value)}` is no record set")
            else:
                self._record_set(node)
        self._contained()
        for key, record in self.records.items():
            self._record_fields(key, record)
        if self.problems:
            listed = "; ".join(self.problems[:_MOST_NAMED])
            more = f"; and {len(self.problems) - _MOST_NAMED} more" if len(self.problems) > _MOST_NAMED else ""
            raise LedgerError(STRUCTURE, f"`{shown(self.root.at.file)}` does not hold together: {listed}{more}")
        return self

    def _wrong(self, at: At, text: str) -> None:
        self.problems.append(f"{text} ({at.pointer or '/'})")

    def _count(self) -> None:
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise LedgerError("LG0103", f"`{shown(self.root.at.file)}` has more than {_MOST_PARTS} files and fields")

    def _id(self, node: Node, prefix: str = "") -> str:
        """The id of a part, else its name; in 0.8 names are ids, those of fields after their record set's."""
        stated, name = node.said.get("@id"), node.text("sc:name")
        if isinstance(stated, str) and stated:
            if any(char.isspace() for char in stated) or "%20" in stated:
                self._wrong(node.at, f"the id `{shown(stated)}` has white space in it")
            return stated
        return f"{prefix}/{name}" if prefix and name else name or node.at.pointer

    def _typed(self, node: Node, key: str, wanted: Iterable[str]) -> bool:
        types = node.types()
        names = [*wanted]
        if self.old:
            names += [name.replace("cr:", "sc:") for name in names]
        if any(name in types for name in names):
            return True
        said = ", ".join(f"`{shown(item)}`" for item in types) or "nothing"
        self._wrong(node.at, f"the type of `{shown(key)}` should be {' or '.join(wanted)}, and is {said}")
        return False

    def _file(self, node: Node) -> None:
        self._count()
        key = self._id(node)
        if not self._typed(node, key, _FILE_TYPES):
            return
        many = any(item.endswith(":FileSet") for item in node.types())
        self._unique(key, node)
        (self.sets if many else self.files)[key] = node
        if many and node.get("cr:includes") is None:
            self._wrong(node.at, f"the file set `{shown(key)}` has no includes")
        if not many and node.text("sc:contentUrl") is None and node.get("cr:containedIn", "sc:containedIn") is None:
            self._wrong(node.at, f"the file `{shown(key)}` has no contentUrl")
        if node.get("sc:encodingFormat") is None and not self.old:
            self._wrong(node.at, f"the file{' set' if many else ''} `{shown(key)}` has no encodingFormat")

    def _unique(self, key: str, node: Node) -> None:
        if key in self.files or key in self.sets or key in self.records or key in self.fields:
            self._wrong(node.at, f"the id `{shown(key)}` is there twice")

    def _record_set(self, node: Node) -> None:
        self._count()
        key = self._id(node)
        if not self._typed(node, key, ("cr:RecordSet",)):
            return
        self._unique(key, node)
        self.records[key] = node
        pending = [(node, "cr:field")]
        while pending:
            above, term = pending.pop()
            for field, value, at in above.nodes(term):
                self._count()
                if field is None:
                    self._wrong(at, f"`{shown(value)}` is no field")
                    continue
                name = self._id(field, key)
                if self._typed(field, name, ("cr:Field",)):
                    self._unique(name, field)
                    self.fields[name] = (field, key)
                    self.fields_of.setdefault(key, []).append(name)
                    pending.append((field, "cr:subField"))

    def _contained(self) -> None:
        for key, node in [*self.files.items(), *self.sets.items()]:
            for text, at in node.references("cr:containedIn", "sc:containedIn"):
                if text not in self.files and text not in self.sets:
                    self._wrong(at, f"`{shown(key)}` is contained in `{shown(text)}`, which is not there")

    # --- fields ----------------------------------------------------------------------------------

    def _record_fields(self, key: str, record: Node) -> None:
        groups: dict[str, str] = {}
        used: set[str] = set()
        has_data = record.get("cr:data") is not None

        def root(name: str) -> str:
            while groups.get(name, name) != name:
                groups[name] = groups.get(groups[name], groups[name])
                name = groups[name]
            return name

        for name in self.fields_of.get(key, ()):
            field = self.fields[name][0]
            sources = self._targets(field, name, "cr:source")
            others = self._targets(field, name, "cr:references")
            used |= sources
            for one in sources:
                for other in others:
                    groups[root(one)] = root(other)
            self._field(field, name, has_data)
        if len({root(name) for name in used}) > 1:
            listed = ", ".join(f"`{shown(item)}`" for item in sorted(used)[:_MOST_NAMED])
            self._wrong(record.at, f"the record set `{shown(key)}` takes from {listed} without a reference that joins them")

    def _targets(self, field: Node, name: str, term: str) -> set[str]:
        """What a field takes from or refers to: files, sets and record sets; a field counts as its record set."""
        found: set[str] = set()
        for node, value, at in field.nodes(term):
            texts = [(value, at)] if isinstance(value, str) else []
            if node is not None:
                own = node.said.get("@id")
                texts = [(own, at)] if isinstance(own, str) and node.get(*_SOURCES) is None else list(node.references(*_SOURCES))
            for text, place in texts:
                plain = text[2:-1] if text.startswith("#{") and text.endswith("}") else text
                target = self._known(plain)
                if target is None:
                    self._wrong(place, f"the field `{shown(name)}` refers to `{shown(plain)}`, which is not there")
                else:
                    found.add(target)
        return found

    def _known(self, text: str) -> str | None:
        if text in self.fields:
            return self.fields[text][1]
        if text in self.files or text in self.sets or text in self.records:
            return text
        # 0.8 names a column or a field behind its file or record set.
        start = text.rpartition("/")[0]
        return start if self.old and start and (start in self.files or start in self.sets or start in self.records) else None

    def _field(self, field: Node, name: str, has_data: bool) -> None:
        nested = field.get("cr:subField") is not None
        source, refers = field.get("cr:source"), field.get("cr:references")
        value = field.get("cr:value")
        if source is None and refers is None and value is None and not nested and not has_data and not self._within(field):
            self._wrong(field.at, f"the field `{shown(name)}` has neither source nor value")
        if field.get("cr:dataType") is None and not nested and not self._inherits(source):
            self._wrong(field.at, f"the field `{shown(name)}` has no dataType")

    def _within(self, field: Node) -> bool:
        """Whether it is part of another field, which has the source."""
        return "subField" in field.at.pointer

    def _inherits(self, source: Any) -> bool:
        """Whether a field's source is another field, whose type is then its own."""
        if isinstance(source, str):
            return source.strip("#{}") in self.fields
        if not isinstance(source, Mapping):
            return False
        node = Node(source, self.root.at, self.root.context)
        return any(text in self.fields for text, _ in node.references("cr:field"))
