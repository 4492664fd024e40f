-- question: What is recorded, under which newest name, and which licences are claimed for it?
-- column id: typed id
-- column kind: dataset, weights, code or document; releases and references are asked for by other names
-- column name: the newest name
-- column version: its version, if any
-- column files: number of files
-- column bytes: sum of their sizes, in bytes
-- column basis: declared, detected or concluded; empty when nobody claims a licence
-- column license: SPDX normal form, or NOASSERTION; one row for each claim that differs
SELECT k.id, k.kind, k.name, k.version, a.files, a.bytes, c.basis, c.normalized AS license
FROM known_as k
JOIN artifacts a ON a.artifact_no = k.artifact_no
LEFT JOIN (SELECT DISTINCT artifact_no, basis, normalized FROM licenses) c ON c.artifact_no = k.artifact_no
WHERE k.form IN ('file', 'tree')
ORDER BY k.artifact_no, c.basis NULLS FIRST, c.normalized NULLS FIRST
