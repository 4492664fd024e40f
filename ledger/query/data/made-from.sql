-- question: What was this made from, directly or in several steps?
-- param artifact artifact: what was made
-- param depth steps = 64: how many steps are followed at most
-- column depth: fewest steps
-- column id: typed id
-- column kind: its kind; empty for a reference
-- column name: the newest name
-- column version: its version, if any
-- column verified: whether somebody hashed its bytes
-- column complete: false when something lies at the depth that was asked for, so that there may be more
WITH RECURSIVE reached(artifact_no, depth) AS (
  SELECT artifact_no, 0 FROM artifacts WHERE id = :artifact
  UNION ALL
  SELECT DISTINCT e.input_no, r.depth + 1
  FROM reached r JOIN lineage_edges e ON e.output_no = r.artifact_no
  WHERE r.depth < :depth
),
nearest AS (
  SELECT artifact_no, min(depth) AS depth FROM reached GROUP BY artifact_no
)
SELECT n.depth, k.id, k.kind, k.name, k.version, k.verified, (SELECT max(depth) FROM nearest) < :depth AS complete
FROM nearest n
JOIN known_as k ON k.artifact_no = n.artifact_no
WHERE n.depth > 0
ORDER BY n.depth, k.artifact_no
