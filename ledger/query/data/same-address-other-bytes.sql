-- question: Which addresses are named as the source of different bytes?
-- column uri: the address
-- column revision: the revision, as somebody says; empty when nobody does
-- column id: typed id of what was recorded
-- column name: the name it was recorded under
-- column version: its version, if any
-- column idx: log index of the manifest that names the address
WITH several AS (
  SELECT uri FROM sources GROUP BY uri HAVING count(DISTINCT artifact) > 1
)
SELECT s.uri, s.revision, s.artifact AS id, s.name, s.version, s.idx
FROM sources s
JOIN several m ON m.uri = s.uri
ORDER BY s.uri, s.idx, s.revision NULLS FIRST
