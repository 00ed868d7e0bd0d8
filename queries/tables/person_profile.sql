-- Not with: person
WITH known_skill AS (
    SELECT kind.thing AS skill, name(kind.thing) AS skillLabel,
           part.whole AS "group", name(part.whole) AS groupLabel
    FROM kind LEFT JOIN part ON part.thing = kind.thing WHERE kind.class = :item_skill
),
known_level AS (
    SELECT kind.thing AS level, step.number, name(kind.thing) AS levelLabel
    FROM kind LEFT JOIN step ON step.level = kind.thing WHERE kind.class = :item_level_class
),
known_wave AS (
    SELECT thing AS wave, name(thing) AS waveLabel FROM kind
    WHERE class = :item_survey_wave_class
),
known_interest AS (
    SELECT thing AS interest, name(thing) AS label FROM kind WHERE class = :item_interest_class
),
-- Without a level, an interest is told. Only of those who agreed: to ask for that once more where
-- people are named takes SQLite thirty times as long.
heard AS (
    SELECT said, person, skill, level, best FROM said
    UNION ALL
    SELECT s.id, s.subject, s.value, NULL, s.best
    FROM (SELECT DISTINCT said FROM wished) wish
    CROSS JOIN statement s ON s.property = :prop_assessed_skill AND s.subject = wish.said >> 32
        AND s.id = wish.said AND s.rank > 0
    WHERE s.subject IN (SELECT person FROM agreed) AND NOT EXISTS (
        SELECT 1 FROM qualifier l WHERE l.property = :prop_level AND l.statement = s.id)
),
somebody AS (
    SELECT thing AS person, name(thing) AS personLabel FROM kind
    WHERE class = :item_person
)
SELECT person, personLabel, heard.skill, COALESCE(skillLabel, 'Q' || heard.skill) AS skillLabel,
       "group", groupLabel, heard.level, COALESCE(levelLabel, 'Q' || heard.level) AS levelLabel,
       number,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT COALESCE(label, 'Q' || wished.interest) AS label
            FROM wished LEFT JOIN known_interest USING (interest)
            WHERE wished.said = heard.said ORDER BY label)) AS interests,
       day AS "date:day", asked.wave,
       COALESCE(waveLabel, 'Q' || asked.wave) AS waveLabel, heard.best AS current
FROM heard
JOIN somebody USING (person)
LEFT JOIN known_skill ON known_skill.skill = heard.skill
LEFT JOIN known_level ON known_level.level = heard.level
LEFT JOIN given ON given.said = heard.said
LEFT JOIN asked ON asked.said = heard.said
LEFT JOIN known_wave ON known_wave.wave = asked.wave
ORDER BY personLabel, 'Q' || person, skillLabel, 'Q' || heard.skill, 'Q' || "group", day DESC,
         'Q' || asked.wave
