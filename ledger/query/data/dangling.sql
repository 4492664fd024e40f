-- question: What is named as an input or component, and its bytes were never recorded?
-- column id: typed id
-- column name: the name it is called by
-- column version: its version, if any
-- column used: how often it is named
-- column first_idx: log index of the first statement that names it
-- column recorded_under_this_name: whether something with bytes is recorded under the same name and version, which may or may not be it
SELECT k.id, k.name, k.version, count(*) AS used, min(e.idx) AS first_idx,
  EXISTS (SELECT 1 FROM names n WHERE n.name = k.name AND coalesce(n.version, '') = coalesce(k.version, '')) AS recorded_under_this_name
FROM known_as k
JOIN lineage_edges e ON e.input_no = k.artifact_no
WHERE NOT k.verified
GROUP BY k.artifact_no, k.id, k.name, k.version
ORDER BY k.artifact_no
