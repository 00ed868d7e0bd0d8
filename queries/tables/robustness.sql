WITH counted AS (
    SELECT community, skill, level, COUNT(*) AS people
    FROM answer JOIN home USING (person)
    WHERE :community IS NULL OR community = :community
    GROUP BY community, skill, level
),
sums AS (
    SELECT community, skill, SUM(people) AS people, SUM(people * enough) AS able
    FROM counted JOIN rung ON rung.level = counted.level
    WHERE rung.least = :level AND number IS NOT NULL
    GROUP BY community, skill
),
rated AS (
    SELECT *, CASE WHEN able >= :sound THEN :item_sound WHEN able >= :thin THEN :item_thin
                   WHEN able >= 1 THEN :item_fragile END AS robustness
    FROM sums
)
SELECT community, skill, part.whole AS "group", people, able, robustness
FROM rated LEFT JOIN part ON part.thing = skill
