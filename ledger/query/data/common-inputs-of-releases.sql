-- question: What do two releases have in common, among all that they were made from?
-- param release release: the one release
-- param other release: the other
-- param depth steps = 64: how many steps are followed at most
-- column id: typed id; empty in a row that only says that there may be more
-- column kind: its kind; empty for a reference
-- column name: the newest name
-- column version: its version, if any
-- column depth: fewest steps from the one release
-- column other_depth: fewest steps from the other
-- column complete: false when one of them goes on beyond the depth that was asked for, so that there may be more
WITH RECURSIVE reached(release_id, artifact_no, depth) AS (
  SELECT id, artifact_no, 0 FROM artifacts WHERE id = :release OR id = :other
  UNION ALL
  SELECT DISTINCT r.release_id, e.input_no, r.depth + 1
  FROM reached r JOIN lineage_edges e ON e.output_no = r.artifact_no
  WHERE r.depth < :depth
),
nearest AS (
  SELECT release_id, artifact_no, min(depth) AS depth FROM reached GROUP BY release_id, artifact_no
),
whole AS (
  SELECT max(depth) < :depth AS complete FROM nearest
),
found AS (
  SELECT o.artifact_no, o.depth, t.depth AS other_depth
  FROM nearest o JOIN nearest t ON t.artifact_no = o.artifact_no
  WHERE o.release_id = :release AND t.release_id = :other AND o.depth > 0 AND t.depth > 0
  UNION ALL
  SELECT NULL, NULL, NULL FROM whole w WHERE NOT w.complete
)
SELECT k.id, k.kind, k.name, k.version, f.depth, f.other_depth, w.complete
FROM found f
CROSS JOIN whole w
LEFT JOIN known_as k ON k.artifact_no = f.artifact_no
ORDER BY f.artifact_no NULLS LAST
