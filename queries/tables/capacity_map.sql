WITH counted AS (
    SELECT community, skill, level, COUNT(*) AS people
    FROM answer JOIN home USING (person) GROUP BY community, skill, level
)
SELECT community, skill, part.whole AS "group",
       SUM(people) AS people, SUM(people * enough) AS able,
       1.0 * SUM(people * number) / SUM(people) AS mean
FROM counted JOIN rung ON rung.level = counted.level LEFT JOIN part ON part.thing = skill
WHERE rung.least = :level AND number IS NOT NULL
GROUP BY community, skill, part.whole
