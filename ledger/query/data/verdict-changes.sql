-- question: How did the verdicts of profiles over releases change from one attestation to the next?
-- column name: name of the release
-- column version: its version
-- column profile: profile id
-- column idx: log index of the attestation
-- column time: the log operator's clock at sequencing, UTC
-- column result: pass, fail, unknown or not_applicable
-- column before: the result of the attestation before; empty for the first
-- column changed: whether it is another than before; the first one is no change
SELECT k.name, k.version, v.profile, v.idx, e.time, v.result, v.before, coalesce(v.result <> v.before, FALSE) AS changed
FROM (
  SELECT idx, release_no, profile, result, lag(result) OVER (PARTITION BY release_no, profile ORDER BY idx) AS before
  FROM verdicts WHERE rule = ''
) v
JOIN entries e ON e.idx = v.idx
JOIN known_as k ON k.artifact_no = v.release_no
ORDER BY v.release_no, v.profile, v.idx
