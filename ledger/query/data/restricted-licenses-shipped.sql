-- question: Which components of releases have a licence that is not on a list of mine?
-- param allowed text = : SPDX expressions as they are normalised, with commas between them; by default nothing is allowed
-- column release: name of the release
-- column release_version: its version
-- column role: role of the component
-- column id: typed id of the component
-- column name: its newest name
-- column version: its version, if any
-- column basis: declared, detected or concluded; empty when nobody claims a licence
-- column license: SPDX normal form, or NOASSERTION; empty when nobody claims one
-- column outcome: not on the list, or not known; an expression is compared as a whole, so `MIT OR X` is not `MIT`
SELECT DISTINCT r.name AS release, r.version AS release_version, c.role, k.id, k.name, k.version, l.basis, l.normalized AS license,
  CASE WHEN l.normalized IS NULL OR l.normalized = 'NOASSERTION' THEN 'not known' ELSE 'not on the list' END AS outcome
FROM components c
JOIN known_as r ON r.artifact_no = c.release_no
JOIN known_as k ON k.artifact_no = c.artifact_no
LEFT JOIN licenses l ON l.artifact_no = c.artifact_no
WHERE l.normalized IS NULL OR l.normalized = 'NOASSERTION'
  OR instr(replace(',' || :allowed || ',', ', ', ','), ',' || l.normalized || ',') = 0
ORDER BY release, release_version, role, id, basis NULLS FIRST, license NULLS FIRST
