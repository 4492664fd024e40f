-- question: Who may sign, since when, for what, and who may no more?
-- column keyid: id of the key
-- column scheme: signature scheme
-- column kinds: what it may sign, as last said
-- column first_idx: log index at which it was first trusted
-- column last_idx: log index of what was said of it last
-- column status: trusted, retired or revoked
-- column end_idx: log index at which that ended; empty while it is trusted
SELECT k.keyid, k.scheme, k.kinds, f.first_idx, k.idx AS last_idx,
  CASE k.action WHEN 'add' THEN 'trusted' WHEN 'retire' THEN 'retired' ELSE 'revoked' END AS status,
  CASE WHEN k.action = 'add' THEN NULL ELSE k.idx END AS end_idx
FROM keys k
JOIN (SELECT keyid, min(idx) AS first_idx, max(idx) AS last_idx FROM keys GROUP BY keyid) f ON f.keyid = k.keyid AND f.last_idx = k.idx
ORDER BY f.first_idx, k.keyid
