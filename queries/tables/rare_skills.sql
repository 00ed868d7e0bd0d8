WITH counting AS (
    SELECT kind.thing AS person FROM kind
    WHERE kind.class = :item_person
      AND (:language IS NULL
           OR kind.thing IN (SELECT person FROM tongue WHERE language = :language))
      AND (:region IS NULL OR kind.thing IN (
          SELECT home.person FROM home JOIN statement there
          ON there.property = :prop_region AND there.subject = home.community AND there.best
          WHERE there.value = :region))
),
high AS (
    SELECT step.level FROM step, step lowest
    WHERE lowest.level = :level AND step.number >= lowest.number
      AND step.level IN (:item_none, :item_aware, :item_with_help, :item_alone, :item_leads)
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
SELECT skill, name(skill) AS skillLabel, holders, person, name(person) AS personLabel,
       level, name(level) AS levelLabel, community, name(community) AS communityLabel
FROM held JOIN able USING (skill) LEFT JOIN home USING (person)
ORDER BY holders, skillLabel, 'Q' || skill, personLabel, 'Q' || person, 'Q' || community
