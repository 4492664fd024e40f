-- question: What was logged since an entry, and what is it about?
-- param since integer = 0: log index of the first entry that is told
-- column idx: log index
-- column time: the log operator's clock at sequencing, UTC
-- column kind: kind of statement: manifest, release, review, key, attestation
-- column about: dataset, weights, code, document, release or key
-- column name: the name that it gives or is about, with the version; the scheme of a key
-- column id: typed id, or the id of the key
SELECT e.idx, e.time, e.kind, w.about, w.name, w.id
FROM entries e
LEFT JOIN (
  SELECT n.idx, n.kind AS about, n.name || coalesce('@' || n.version, '') AS name, a.id
  FROM names n JOIN artifacts a ON a.artifact_no = n.artifact_no
  UNION ALL
  SELECT v.idx, 'release' AS about, a.name || coalesce('@' || a.version, '') AS name, a.id
  FROM (SELECT DISTINCT idx, release_no FROM verdicts) v JOIN artifacts a ON a.artifact_no = v.release_no
  UNION ALL
  SELECT r.idx, a.kind AS about, r.name, r.subject AS id
  FROM reviews r LEFT JOIN artifacts a ON a.id = r.subject
  UNION ALL
  SELECT k.idx, 'key' AS about, k.scheme AS name, k.keyid AS id
  FROM keys k
) w ON w.idx = e.idx
WHERE e.idx >= :since
ORDER BY e.idx
