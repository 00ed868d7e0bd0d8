WITH each AS (
    SELECT day, wave, subject AS person, COUNT(*) AS many
    FROM statement CROSS JOIN given ON given.said = id LEFT JOIN asked ON asked.said = id
    WHERE property = :prop_assessed_skill AND best AND subject IN (SELECT person FROM agreed)
      AND (:community IS NULL OR subject IN (SELECT person FROM home WHERE community = :community))
    GROUP BY day, wave, subject
),
sums AS (
    SELECT day, wave AS told, SUM(many) AS answers, COUNT(*) AS people FROM each GROUP BY day, wave
)
SELECT day AS "date:day", kind.thing AS wave, name(kind.thing) AS waveLabel, answers, people
FROM sums LEFT JOIN kind ON kind.thing = told AND kind.class = :item_survey_wave_class
ORDER BY day, waveLabel, 'Q' || kind.thing
