-- question: For what does nobody say a licence?
-- column id: typed id
-- column kind: its kind; empty for a reference
-- column name: the newest name
-- column version: its version, if any
-- column why: no claim, or only NOASSERTION
SELECT k.id, k.kind, k.name, k.version,
  CASE WHEN c.said IS NULL THEN 'no claim' ELSE 'only NOASSERTION' END AS why
FROM known_as k
LEFT JOIN (
  SELECT artifact_no, count(*) AS said, sum(CASE WHEN normalized = 'NOASSERTION' THEN 0 ELSE 1 END) AS known
  FROM licenses GROUP BY artifact_no
) c ON c.artifact_no = k.artifact_no
WHERE k.form <> 'sha256' AND (c.said IS NULL OR c.known = 0)
ORDER BY k.artifact_no
