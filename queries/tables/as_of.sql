-- Day and level in one number, 202603045 for leads: its maximum is the latest answer.
WITH newest AS (
    SELECT person, skill, MAX(CAST(REPLACE(day, '-', '') AS INTEGER) * 10
                              + CASE WHEN number IS NULL THEN 0 ELSE number + 1 END) AS code,
           MAX(day) AS latest
    FROM said CROSS JOIN given ON given.said = said.said JOIN rung ON rung.level = said.level
    WHERE rung.least = :level AND day <= :day
      AND (:community IS NULL OR person IN (SELECT person FROM home WHERE community = :community))
    GROUP BY person, skill
),
sums AS (
    SELECT skill, SUM(code % 10 > step.number) AS able, SUM(code % 10 > 0) AS assessed,
           SUM(MAX(code % 10 - 1, 0)) AS points, SUM(code % 10 = 0) AS outside,
           MAX(latest) AS latest
    FROM newest JOIN step ON step.level = :level
    GROUP BY skill
)
SELECT skill, part.whole AS "group", able, assessed,
       CASE WHEN assessed > 0 THEN 1.0 * able / assessed END AS share,
       CASE WHEN assessed > 0 THEN 1.0 * points / assessed END AS mean,
       outside, latest AS "latest:day"
FROM sums LEFT JOIN part ON part.thing = skill
