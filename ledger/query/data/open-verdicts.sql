-- question: What could the newest attestation of each release not tell, and why?
-- column name: name of the release
-- column version: its version
-- column profile: profile id
-- column rule: rule id; empty for the profile's own verdict
-- column reason: reason code
-- column idx: log index of the attestation
SELECT k.name, k.version, v.profile, v.rule, v.reason, v.idx
FROM verdicts v
JOIN (SELECT release_no, profile, max(idx) AS idx FROM verdicts GROUP BY release_no, profile) n
  ON n.release_no = v.release_no AND n.profile = v.profile AND n.idx = v.idx
JOIN known_as k ON k.artifact_no = v.release_no
WHERE v.result = 'unknown'
ORDER BY v.release_no, v.profile, v.position
