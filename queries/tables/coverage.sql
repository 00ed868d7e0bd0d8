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
),
-- Wilson's interval: Newton's steps towards the root, as in the saved query.
root_0 AS (
    SELECT *, CASE WHEN assessed > 0
              THEN CAST(able * (assessed - able) AS REAL) / assessed + 0.9604 END AS radicand
    FROM sums
),
root_1 AS (
    SELECT *, CASE WHEN radicand < 10 THEN 2.0 WHEN radicand < 100 THEN 6.0
                   WHEN radicand < 2500 THEN 25.0 ELSE 150.0 END AS guess
    FROM root_0
),
root_2 AS (SELECT *, (guess + radicand / guess) * 0.5 AS root FROM root_1),
root_3 AS (SELECT *, (root + radicand / root) * 0.5 AS second FROM root_2),
root_4 AS (SELECT *, (second + radicand / second) * 0.5 AS third FROM root_3),
root_5 AS (SELECT *, (third + radicand / third) * 0.5 AS fourth FROM root_4),
root_6 AS (SELECT *, (fourth + radicand / fourth) * 0.5 AS fifth FROM root_5),
rooted AS (SELECT *, (fifth + radicand / fifth) * 0.5 AS sixth FROM root_6)
SELECT skill, name(skill) AS skillLabel, part.whole AS "group", name(part.whole) AS groupLabel,
       able, assessed,
       CASE WHEN assessed > 0 THEN 1.0 * able / assessed END AS share,
       CASE WHEN assessed > 0 THEN 1.0 * points / assessed END AS mean,
       not_sure, does_not_apply, asked,
       ROUND((able + 1.9208 - 1.96 * sixth) / (assessed + 3.8416) * 10000) / 10000 AS low,
       ROUND((able + 1.9208 + 1.96 * sixth) / (assessed + 3.8416) * 10000) / 10000 AS high
FROM rooted LEFT JOIN reached USING (skill) LEFT JOIN part ON part.thing = skill
WHERE :group IS NULL OR part.whole = :group
ORDER BY share DESC, assessed DESC, skillLabel, 'Q' || skill, 'Q' || part.whole
