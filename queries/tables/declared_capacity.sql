WITH average AS (
    SELECT a.statement, a.value AS rating, scale.value AS yardstick
    FROM qualifier a
    JOIN qualifier scale ON scale.property = :prop_rating_scale AND scale.statement = a.statement
    WHERE a.property = :prop_mean_rating
),
fact AS (
    SELECT f.id, f.subject AS community, f.value AS skill,
           COALESCE(average.rating, rated.number) AS rating,
           COALESCE(average.yardstick, rated.whole) AS yardstick
    FROM statement f
    LEFT JOIN average ON average.statement = f.id
    LEFT JOIN qualifier grade ON grade.property = :prop_level AND grade.statement = f.id
    LEFT JOIN (SELECT level, number, whole FROM step JOIN part ON part.thing = level) rated
        ON rated.level = grade.value
    WHERE f.property = :prop_capacity AND f.best AND (:community IS NULL OR f.subject = :community)
),
span AS (
    SELECT whole AS scale, MIN(number) AS lowest, MAX(number) AS highest
    FROM part JOIN step ON step.level = part.thing GROUP BY whole
),
counted AS (
    SELECT community, skill, level, COUNT(*) AS many
    FROM answer JOIN home USING (person)
    WHERE community IN (SELECT community FROM fact)
    GROUP BY community, skill, level
),
computed AS (
    SELECT community, skill, SUM(many) AS people, SUM(many * enough) AS able,
           1.0 * SUM(many * number) / SUM(many) AS mean,
           MIN(span.lowest) AS bottom, MAX(span.highest) AS top
    FROM counted
    JOIN rung ON rung.level = counted.level AND rung.least = :level AND number IS NOT NULL
    JOIN part ON part.thing = :level JOIN span ON span.scale = part.whole
    GROUP BY community, skill
)
SELECT community, name(community) AS communityLabel, skill, name(skill) AS skillLabel,
       rating, lowest, highest, respondents.value AS respondents, told.value AS "date:day",
       source.value AS "source:address", COALESCE(people, 0) AS people, COALESCE(able, 0) AS able,
       mean, 1.0 * (rating - lowest) / (highest - lowest) AS declared,
       (mean - bottom) / (top - bottom) AS computed,
       1.0 * (rating - lowest) / (highest - lowest) - (mean - bottom) / (top - bottom) AS difference
FROM fact
JOIN span ON span.scale = yardstick
LEFT JOIN qualifier respondents
    ON respondents.property = :prop_answered AND respondents.statement = fact.id
LEFT JOIN qualifier told ON told.property = :prop_point_in_time AND told.statement = fact.id
LEFT JOIN qualifier source ON source.property = :prop_source AND source.statement = fact.id
LEFT JOIN computed USING (community, skill)
WHERE rating IS NOT NULL
ORDER BY communityLabel, 'Q' || community, skillLabel, 'Q' || skill
