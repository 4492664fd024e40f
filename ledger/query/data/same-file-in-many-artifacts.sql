-- question: Which files are in more than one artifact?
-- column file: typed id of the file
-- column bytes: size in bytes
-- column id: typed id of an artifact that holds it, or is it
-- column name: its newest name
-- column version: its version, if any
-- column path: path in the artifact; empty when the artifact is the file
WITH places AS (
  SELECT sha256 AS file, bytes, artifact_no, path FROM files
  UNION ALL
  SELECT id AS file, bytes, artifact_no, '' AS path FROM artifacts WHERE form = 'file'
),
several AS (
  SELECT file FROM places GROUP BY file HAVING count(DISTINCT artifact_no) > 1
)
SELECT p.file, p.bytes, k.id, k.name, k.version, p.path
FROM places p
JOIN several s ON s.file = p.file
JOIN known_as k ON k.artifact_no = p.artifact_no
ORDER BY p.file, k.artifact_no, p.path
