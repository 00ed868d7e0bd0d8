WITH grouped AS (
    SELECT part.thing AS skill, part.whole AS "group"
    FROM part JOIN kind ON kind.thing = part.thing WHERE kind.class = :item_skill
),
each AS (
    SELECT person, "group", SUM(enough) AS strong, SUM(number) AS points, COUNT(*) AS answers
    FROM answer JOIN grouped USING (skill) JOIN rung ON rung.level = answer.level
    WHERE rung.least = :level AND number IS NOT NULL
    GROUP BY person, "group"
)
SELECT community, name(community) AS communityLabel, "group", name("group") AS groupLabel,
       COUNT(*) AS people, SUM(strong > 0) AS able, SUM(answers) AS answers,
       1.0 * SUM(points) / SUM(answers) AS mean
FROM each JOIN home USING (person)
GROUP BY community, "group"
ORDER BY communityLabel, groupLabel, 'Q' || community, 'Q' || "group"
