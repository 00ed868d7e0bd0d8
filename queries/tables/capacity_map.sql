WITH counted AS (
    SELECT community, skill, level, COUNT(*) AS people
    FROM answer JOIN home USING (person) GROUP BY community, skill, level
)
SELECT community, name(community) AS communityLabel, skill, name(skill) AS skillLabel,
       part.whole AS "group", name(part.whole) AS groupLabel,
       SUM(people) AS people, SUM(people * enough) AS able,
       1.0 * SUM(people * number) / SUM(people) AS mean
FROM counted JOIN rung ON rung.level = counted.level LEFT JOIN part ON part.thing = skill
WHERE rung.least = :level AND number IS NOT NULL
GROUP BY community, skill, part.whole
ORDER BY communityLabel, skillLabel, 'Q' || community, 'Q' || skill, 'Q' || part.whole
