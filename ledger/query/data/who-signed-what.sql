-- question: Which key signed which kinds of statements, how many, and from when to when?
-- column keyid: id of the key; empty for signatures that no known key verifies
-- column kind: kind of statement
-- column entries: number of entries
-- column first_idx: log index of the first
-- column last_idx: log index of the last
-- column trusted: how many of them it was trusted to sign
SELECT s.keyid, e.kind, count(DISTINCT e.idx) AS entries, min(e.idx) AS first_idx, max(e.idx) AS last_idx,
  CAST(sum(CASE WHEN s.trusted THEN 1 ELSE 0 END) AS BIGINT) AS trusted
FROM signatures s
JOIN entries e ON e.idx = s.idx
GROUP BY s.keyid, e.kind
ORDER BY min(e.idx), s.keyid NULLS LAST, e.kind
