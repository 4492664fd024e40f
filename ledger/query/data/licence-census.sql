-- question: How many artifacts, files and bytes are under each licence?
-- column basis: declared, detected or concluded; a thing with two claims is counted under both
-- column license: SPDX normal form, or NOASSERTION
-- column artifacts: number of artifacts and references
-- column files: number of their files
-- column bytes: sum of their sizes, in bytes
SELECT c.basis, c.normalized AS license, count(*) AS artifacts,
  CAST(coalesce(sum(a.files), 0) AS BIGINT) AS files, CAST(coalesce(sum(a.bytes), 0) AS BIGINT) AS bytes
FROM (SELECT DISTINCT artifact_no, basis, normalized FROM licenses) c
JOIN artifacts a ON a.artifact_no = c.artifact_no
GROUP BY c.basis, c.normalized
ORDER BY c.basis, c.normalized
