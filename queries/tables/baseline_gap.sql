WITH residents AS (
    SELECT community, COUNT(*) AS people
    FROM home JOIN kind ON kind.thing = home.person AND kind.class = :item_person
    WHERE home.person IN (SELECT person FROM agreed)
      AND (:community IS NULL OR community = :community)
    GROUP BY community
),
demand AS (
    SELECT d.value AS skill, lowest.value AS minimum, weight.value AS importance
    FROM statement d
    JOIN qualifier lowest ON lowest.property = :prop_minimum_level AND lowest.statement = d.id
    LEFT JOIN qualifier weight ON weight.property = :prop_importance AND weight.statement = d.id
    WHERE d.property = :prop_requires_skill AND d.subject = :role AND d.best
),
grade AS (
    SELECT skill, level, enough
    FROM (SELECT skill, minimum FROM demand GROUP BY skill, minimum) -- its weights do not count
    JOIN rung ON rung.least = minimum AND number IS NOT NULL
),
met AS (
    SELECT community, skill, COUNT(*) AS assessed, SUM(enough) AS able
    FROM answer JOIN grade USING (skill, level) JOIN home USING (person)
    GROUP BY community, skill
)
SELECT community, skill, minimum, importance, people, COALESCE(assessed, 0) AS assessed, COALESCE(able, 0) AS able,
       CASE WHEN assessed > 0 THEN 1.0 * able / assessed END AS share,
       COALESCE(able, 0) = 0 AS lacking
FROM residents CROSS JOIN demand LEFT JOIN met USING (community, skill)
