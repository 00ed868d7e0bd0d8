WITH counted AS (SELECT skill, level, COUNT(*) AS people FROM answer GROUP BY skill, level),
sums AS (
    SELECT skill, SUM(people * COALESCE(enough, 0)) AS able,
           SUM(people * (number IS NOT NULL)) AS assessed, SUM(people * COALESCE(number, 0)) AS points,
           SUM(people * (counted.level = :item_not_sure)) AS not_sure,
           SUM(people * (counted.level = :item_does_not_apply)) AS does_not_apply
    FROM counted JOIN rung ON rung.level = counted.level
    WHERE rung.least = :level
    GROUP BY skill
),
answered AS (
    SELECT DISTINCT subject AS person, wave
    FROM statement CROSS JOIN asked ON asked.said = id WHERE property = :prop_assessed_skill
      AND subject IN (SELECT person FROM agreed)
),
form AS (
    SELECT DISTINCT subject AS skill, value AS wave
    FROM statement WHERE property = :prop_asked_in AND best
),
reached AS (
    SELECT skill, COUNT(*) AS asked
    FROM (SELECT DISTINCT skill, person FROM form JOIN answered USING (wave)) GROUP BY skill
)
SELECT skill, part.whole AS "group", able, assessed,
       CASE WHEN assessed > 0 THEN 1.0 * able / assessed END AS share,
       CASE WHEN assessed > 0 THEN 1.0 * points / assessed END AS mean,
       not_sure, does_not_apply, asked
FROM sums LEFT JOIN reached USING (skill) LEFT JOIN part ON part.thing = skill
WHERE :group IS NULL OR part.whole = :group
