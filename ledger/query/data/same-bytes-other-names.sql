-- question: Which bytes are recorded under several names, or under several licences?
-- column id: typed id
-- column what: name or licence
-- column said: the name with its version, or the SPDX normal form of what is declared
-- column first_idx: log index at which it was first said
WITH said AS (
  SELECT artifact_no, 'name' AS what, kind || '/' || name || coalesce('@' || version, '') AS said, min(idx) AS first_idx
  FROM names
  GROUP BY artifact_no, kind || '/' || name || coalesce('@' || version, '')
  UNION ALL
  SELECT artifact_no, 'licence' AS what, normalized AS said, min(idx) AS first_idx
  FROM licenses
  WHERE basis = 'declared'
  GROUP BY artifact_no, normalized
),
several AS (
  SELECT artifact_no, what FROM said GROUP BY artifact_no, what HAVING count(*) > 1
)
SELECT a.id, s.what, s.said, s.first_idx
FROM said s
JOIN several m ON m.artifact_no = s.artifact_no AND m.what = s.what
JOIN artifacts a ON a.artifact_no = s.artifact_no
ORDER BY a.artifact_no, s.what, s.first_idx, s.said
