-- question: Which names were corrected, from what to what, and why?
-- column idx: log index of the correction
-- column time: the log operator's clock at sequencing, UTC
-- column kind: its kind
-- column name: the name
-- column version: its version, if any
-- column before: typed id of what it named before
-- column id: typed id of what it names from then on, which may be the same
-- column reason: why, in words
SELECT n.idx, e.time, n.kind, n.name, n.version, b.id AS before, a.id, n.supersedes AS reason
FROM (
  SELECT idx, artifact_no, kind, name, version, supersedes,
    lag(artifact_no) OVER (PARTITION BY kind, name, version ORDER BY idx) AS before_no
  FROM names
) n
JOIN entries e ON e.idx = n.idx
JOIN artifacts a ON a.artifact_no = n.artifact_no
LEFT JOIN artifacts b ON b.artifact_no = n.before_no
WHERE n.supersedes IS NOT NULL
ORDER BY n.idx
