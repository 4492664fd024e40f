-- question: Which artifacts are the largest?
-- param rows integer = 20: how many
-- column place: from 1; the same size is in the order of first appearance
-- column id: typed id
-- column kind: its kind
-- column name: the newest name
-- column version: its version, if any
-- column files: number of files
-- column bytes: sum of their sizes, in bytes
SELECT r.place, k.id, k.kind, k.name, k.version, r.files, r.bytes
FROM (
  SELECT artifact_no, files, bytes, row_number() OVER (ORDER BY bytes DESC, artifact_no) AS place
  FROM artifacts WHERE bytes IS NOT NULL
) r
JOIN known_as k ON k.artifact_no = r.artifact_no
WHERE r.place <= :rows
ORDER BY r.place
