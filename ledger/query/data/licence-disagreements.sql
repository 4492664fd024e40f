-- question: Where do the declared licence and a detected or concluded one differ?
-- column id: typed id
-- column name: the newest name
-- column version: its version, if any
-- column declared: SPDX normal form of what is declared
-- column basis: detected or concluded
-- column other: SPDX normal form of what was detected or concluded; NOASSERTION says nothing and differs from nothing
SELECT DISTINCT k.id, k.name, k.version, d.normalized AS declared, o.basis, o.normalized AS other
FROM licenses d
JOIN licenses o ON o.artifact_no = d.artifact_no AND o.normalized <> d.normalized
JOIN known_as k ON k.artifact_no = d.artifact_no
WHERE d.basis = 'declared' AND o.basis IN ('detected', 'concluded') AND d.normalized <> 'NOASSERTION' AND o.normalized <> 'NOASSERTION'
ORDER BY id, declared, basis, other
