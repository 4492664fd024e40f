-- question: What is recorded, and is in no release and an input of nothing?
-- column id: typed id
-- column kind: its kind
-- column name: the newest name
-- column version: its version, if any
-- column first_idx: log index of the first statement that records it
SELECT k.id, k.kind, k.name, k.version, k.first_idx
FROM known_as k
WHERE k.form IN ('file', 'tree') AND NOT EXISTS (SELECT 1 FROM lineage_edges e WHERE e.input_no = k.artifact_no)
ORDER BY k.artifact_no
