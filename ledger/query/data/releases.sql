-- question: Which releases are there, of how many components, and which is the newest of its name?
-- column name: name of the release
-- column version: its version
-- column id: typed id
-- column idx: log index
-- column time: the log operator's clock at sequencing, UTC
-- column components: number of components; one thing in two roles counts twice
-- column latest: whether no later release has this name
SELECT n.name, n.version, a.id, n.idx, e.time, coalesce(c.components, 0) AS components,
  n.idx = max(n.idx) OVER (PARTITION BY n.name) AS latest
FROM names n
JOIN artifacts a ON a.artifact_no = n.artifact_no
JOIN entries e ON e.idx = n.idx
LEFT JOIN (SELECT idx, count(*) AS components FROM components GROUP BY idx) c ON c.idx = n.idx
WHERE n.kind = 'release'
ORDER BY n.idx
