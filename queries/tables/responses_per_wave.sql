WITH each AS (
    SELECT wave, subject AS person, SUM(EXISTS (
               SELECT 1 FROM qualifier l WHERE l.property = :prop_level AND l.statement = id)) AS many
    FROM statement CROSS JOIN asked ON asked.said = id
    WHERE property = :prop_assessed_skill AND rank > 0
    GROUP BY wave, subject
),
allowed AS (
    SELECT subject AS person, MAX(value = :item_consent_named) AS by_name,
           MAX(value = :item_consent_pseudonym) AS by_pseudonym,
           MAX(value = :item_consent_licensed) AS by_licence
    FROM statement WHERE property = :prop_consent AND best AND subject IN (SELECT person FROM agreed)
    GROUP BY subject
),
answered AS (
    SELECT wave, COUNT(*) AS people, SUM(many) AS assessments,
           SUM(by_name) AS named, SUM(by_pseudonym) AS pseudonym,
           SUM(by_licence) AS licensed
    FROM each JOIN allowed USING (person)
    GROUP BY wave
),
form AS (
    SELECT wave, COUNT(*) AS asked
    FROM (SELECT DISTINCT subject, value AS wave FROM statement
          WHERE property = :prop_asked_in AND best)
    GROUP BY wave
),
dated AS (
    SELECT DISTINCT kind.thing AS wave, begun.value AS start, ended.value AS "end", invited.value AS invited
    FROM kind
    LEFT JOIN statement begun
        ON begun.property = :prop_start_time AND begun.subject = kind.thing AND begun.best
    LEFT JOIN statement ended
        ON ended.property = :prop_end_time AND ended.subject = kind.thing AND ended.best
    LEFT JOIN statement invited
        ON invited.property = :prop_invited AND invited.subject = kind.thing AND invited.best
    WHERE kind.class = :item_survey_wave_class
)
SELECT wave, start AS "start:day", "end" AS "end:day",
       COALESCE(people, 0) AS people, COALESCE(assessments, 0) AS assessments, invited,
       CASE WHEN invited > 0 THEN 1.0 * COALESCE(people, 0) / invited END AS share,
       COALESCE(asked, 0) AS asked,
       CASE WHEN asked > 0 THEN asked * COALESCE(people, 0) - COALESCE(assessments, 0) END
           AS unanswered,
       COALESCE(named, 0) AS named, COALESCE(pseudonym, 0) AS pseudonym,
       COALESCE(licensed, 0) AS licensed
FROM dated LEFT JOIN answered USING (wave) LEFT JOIN form USING (wave)
