WITH counted AS (SELECT skill, level, COUNT(*) AS people FROM answer GROUP BY skill, level),
sums AS (
    SELECT skill, SUM(people * enough) AS able, SUM(people) AS assessed
    FROM counted JOIN rung ON rung.level = counted.level
    WHERE rung.least = :level AND number IS NOT NULL
    GROUP BY skill
)
SELECT skill, name(skill) AS skillLabel, part.whole AS "group", name(part.whole) AS groupLabel,
       able, assessed, 1.0 * able / assessed AS share,
       EXISTS (SELECT 1 FROM statement WHERE property = :prop_requires_skill
               AND subject = :role AND value = skill AND best) AS required
FROM sums LEFT JOIN part ON part.thing = skill
WHERE assessed >= :people AND 1.0 * able / assessed >= :share
ORDER BY share DESC, assessed DESC, skillLabel, 'Q' || skill, 'Q' || part.whole
