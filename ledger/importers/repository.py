"""What a clone's `.git` folder says, read as files: the commit that is checked out, and where it is from; pure, no program is run."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from ledger.importers.sources import Files

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECTION = re.compile(r'\[remote "([^"]+)"\]')
_SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)")
_LIMIT = 1 << 20


def head_commit(files: Files, folder: str = ".git") -> str | None:
    """The commit that is checked out: 40 or 64 hex digits; None when the folder does not say."""
    text = _read(files, f"{folder}/HEAD")
    if text is None:
        return None
    name = text.strip()
    if _COMMIT.fullmatch(name):
        return name
    ref = name.removeprefix("ref:").strip()
    if ref == name or ".." in ref:
        return None
    loose = _read(files, f"{folder}/{ref}")
    if loose is not None and _COMMIT.fullmatch(loose.strip()):
        return loose.strip()
    for line in (_read(files, f"{folder}/packed-refs") or "").splitlines():
        commit, _, packed = line.partition(" ")
        if packed.strip() == ref and _COMMIT.fullmatch(commit):
            return commit
    return None


def origin_url(files: Files, folder: str = ".git") -> str | None:
    """The address of the remote `origin`, else of the first; without a user, a password or a query in it."""
    found: dict[str, str] = {}
    section = ""
    for line in (_read(files, f"{folder}/config") or "").splitlines():
        line = line.strip()
        heading = _SECTION.match(line)
        if line.startswith("["):
            section = heading[1] if heading else ""
        elif section and line.replace(" ", "").startswith("url="):
            found.setdefault(section, line.partition("=")[2].strip())
    url = found.get("origin") or next(iter(found.values()), None)
    return None if url is None else public_url(url)


def public_url(url: str) -> str | None:
    """An address without whatever may be secret in it; `host:path` becomes `ssh://host/path`; None for a path of this machine."""
    scp = _SCP.fullmatch(url)
    if "://" not in url:
        return f"ssh://{scp[1]}/{scp[2].lstrip('/')}" if scp else None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        where = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return None
    return None if not host or parts.scheme == "file" else urlunsplit((parts.scheme, where, parts.path, "", ""))


def _read(files: Files, path: str) -> str | None:
    size = files.size(path)
    if size is None or size > _LIMIT:
        return None
    return files.head(path, _LIMIT).decode("utf-8", "replace")
