WITH counted AS (
    SELECT skill, level, COUNT(*) AS people,
           SUM(person IN (SELECT person FROM state WHERE availability = :item_away)) AS absent,
           SUM(EXISTS (SELECT 1 FROM wished WHERE wished.said = answer.said
                       AND interest = :item_wants_to_learn)) AS eager
    FROM answer
    WHERE :community IS NULL OR person IN (SELECT person FROM home WHERE community = :community)
    GROUP BY skill, level
),
sums AS (
    SELECT skill, SUM((people - absent) * enough) AS holders, SUM(absent * enough) AS away,
           SUM(people) AS assessed, SUM(eager * (1 - enough)) AS learners
    FROM counted JOIN rung ON rung.level = counted.level
    WHERE rung.least = :level AND number IS NOT NULL
    GROUP BY skill
)
SELECT skill, part.whole AS "group", holders, away, assessed, learners
FROM sums LEFT JOIN part ON part.thing = skill
WHERE holders <= :most
