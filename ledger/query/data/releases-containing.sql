-- question: Which releases contain this, or were made from it?
-- param artifact artifact: what they contain
-- param depth steps = 64: how many steps are followed at most
-- column name: name of the release; empty in a row that only says that there may be more
-- column version: its version
-- column id: typed id of the release
-- column depth: fewest steps from the release; 1 is a component
-- column complete: false when something lies at the depth that was asked for, so that there may be more
WITH RECURSIVE reached(artifact_no, depth) AS (
  SELECT artifact_no, 0 FROM artifacts WHERE id = :artifact
  UNION ALL
  SELECT DISTINCT e.output_no, r.depth + 1
  FROM reached r JOIN lineage_edges e ON e.input_no = r.artifact_no
  WHERE r.depth < :depth
),
nearest AS (
  SELECT artifact_no, min(depth) AS depth FROM reached GROUP BY artifact_no
),
whole AS (
  SELECT max(depth) < :depth AS complete FROM nearest
),
found AS (
  SELECT n.artifact_no, n.depth FROM nearest n JOIN artifacts a ON a.artifact_no = n.artifact_no WHERE a.form = 'sha256' AND n.depth > 0
  UNION ALL
  SELECT NULL, NULL FROM whole w WHERE NOT w.complete
)
SELECT k.name, k.version, k.id, f.depth, w.complete
FROM found f
CROSS JOIN whole w
LEFT JOIN known_as k ON k.artifact_no = f.artifact_no
ORDER BY f.artifact_no NULLS LAST
