WITH counting AS (
    SELECT person FROM agreed
    WHERE (:language IS NULL OR person IN (SELECT person FROM tongue WHERE language = :language))
      AND (:region IS NULL OR person IN (
          SELECT home.person FROM home JOIN statement there
          ON there.property = :prop_region AND there.subject = home.community AND there.best
          WHERE there.value = :region))
),
high AS (
    SELECT level FROM rung WHERE least = :level AND enough
),
held AS (
    SELECT skill, COUNT(DISTINCT person) AS holders
    FROM answer WHERE level IN (SELECT level FROM high) AND person IN (SELECT person FROM counting)
    GROUP BY skill HAVING COUNT(DISTINCT person) <= :most
),
able AS (
    SELECT DISTINCT skill, person, level
    FROM answer WHERE skill IN (SELECT skill FROM held) AND level IN (SELECT level FROM high)
      AND person IN (SELECT person FROM counting)
)
SELECT skill, holders, person, level, community
FROM held JOIN able USING (skill) LEFT JOIN home USING (person)
