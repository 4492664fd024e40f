-- question: Which entries carry a signature that is not valid or not trusted, or none at all?
-- column idx: log index
-- column kind: kind of statement
-- column position: place of the signature in the envelope, from 0; empty when there is none
-- column keyid: id of the key that verifies it; empty when none does
-- column valid: whether a known key verifies it
-- column trusted: whether that key was trusted for this statement at this index; one trusted signature is enough for an entry
SELECT e.idx, e.kind, s.position, s.keyid, s.valid, s.trusted
FROM entries e
LEFT JOIN signatures s ON s.idx = e.idx
WHERE s.idx IS NULL OR NOT s.valid OR NOT s.trusted
ORDER BY e.idx, s.position NULLS FIRST
