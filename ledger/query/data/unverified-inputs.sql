-- question: On which references, whose bytes nobody has hashed, do releases rest?
-- param depth steps = 64: how many steps are followed at most
-- column release: name of the release
-- column release_version: its version
-- column id: typed id of the reference; empty in a row that only says that there may be more
-- column name: its name
-- column version: its version, if any
-- column depth: fewest steps from the release
-- column complete: false when the release goes on beyond the depth that was asked for, so that there may be more
WITH RECURSIVE reached(release_no, artifact_no, depth) AS (
  SELECT artifact_no, artifact_no, 0 FROM artifacts WHERE form = 'sha256'
  UNION ALL
  SELECT DISTINCT r.release_no, e.input_no, r.depth + 1
  FROM reached r JOIN lineage_edges e ON e.output_no = r.artifact_no
  WHERE r.depth < :depth
),
nearest AS (
  SELECT release_no, artifact_no, min(depth) AS depth FROM reached GROUP BY release_no, artifact_no
),
wholes AS (
  SELECT release_no, max(depth) < :depth AS complete FROM nearest GROUP BY release_no
),
found AS (
  SELECT n.release_no, n.artifact_no, n.depth FROM nearest n JOIN artifacts a ON a.artifact_no = n.artifact_no WHERE a.form = 'ref'
  UNION ALL
  SELECT w.release_no, NULL, NULL FROM wholes w WHERE NOT w.complete
)
SELECT r.name AS release, r.version AS release_version, k.id, k.name, k.version, f.depth, w.complete
FROM found f
JOIN wholes w ON w.release_no = f.release_no
JOIN known_as r ON r.artifact_no = f.release_no
LEFT JOIN known_as k ON k.artifact_no = f.artifact_no
ORDER BY f.release_no, f.depth NULLS LAST, f.artifact_no NULLS LAST
