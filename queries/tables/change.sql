WITH wave AS (
    SELECT kind.thing AS wave, start.value AS start
    FROM kind JOIN statement start
    ON start.property = :prop_start_time AND start.subject = kind.thing AND start.best
    WHERE kind.class = :item_survey_wave_class
),
late AS (
    SELECT wave, start FROM wave WHERE :after IS NULL OR wave = :after
    ORDER BY start DESC, 'Q' || wave LIMIT 1
),
early AS (
    SELECT wave.wave FROM wave JOIN late ON wave.start < late.start
    WHERE :before IS NULL OR wave.wave = :before
    ORDER BY wave.start DESC, 'Q' || wave.wave LIMIT 1
),
-- Each person's two levels side by side, -1 where there is none.
pair AS (
    SELECT person, skill, MAX(CASE WHEN asked.wave = early.wave THEN number ELSE -1 END) AS one,
           MAX(CASE WHEN asked.wave = late.wave THEN number ELSE -1 END) AS two
    FROM early CROSS JOIN late CROSS JOIN said
    CROSS JOIN asked ON asked.said = said.said AND asked.wave IN (early.wave, late.wave)
    JOIN rung ON rung.level = said.level
    WHERE rung.least = :level AND number IS NOT NULL
    GROUP BY person, skill
),
counted AS (
    SELECT skill, one, two, COUNT(*) AS many FROM pair GROUP BY skill, one, two
),
sums AS (
    SELECT skill,
           SUM(many * (one >= 0)) AS assessed_before, SUM(many * (one >= step.number)) AS able_before,
           SUM(many * (two >= 0)) AS assessed_after, SUM(many * (two >= step.number)) AS able_after,
           SUM(many * (one >= 0 AND two >= 0)) AS both,
           SUM(many * (one >= 0 AND two > one)) AS up,
           SUM(many * (two >= 0 AND two < one)) AS down,
           SUM(many * (one >= 0 AND two = one)) AS same,
           SUM(many * (one >= step.number AND two >= 0)) AS both_able_before,
           SUM(many * (one >= 0 AND two >= step.number)) AS both_able_after,
           SUM(many * (one >= 0 AND two >= 0) * (two - one)) AS steps
    FROM counted JOIN step ON step.level = :level
    GROUP BY skill
)
SELECT skill, part.whole AS "group", early.wave AS "before:item", late.wave AS "after:item",
       assessed_before, able_before, 1.0 * able_before / assessed_before AS share_before,
       assessed_after, able_after, 1.0 * able_after / assessed_after AS share_after,
       both, up, down, same, both_able_before, both_able_after,
       CASE WHEN both > 0 THEN 1.0 * steps / both END AS mean_change
FROM early CROSS JOIN late CROSS JOIN sums LEFT JOIN part ON part.thing = skill
WHERE assessed_before > 0 AND assessed_after > 0
