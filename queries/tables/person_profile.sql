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
somebody AS (
    SELECT thing AS person, name(thing) AS personLabel FROM kind WHERE class = :item_person
)
SELECT person, personLabel, said.skill, COALESCE(skillLabel, 'Q' || said.skill) AS skillLabel,
       "group", groupLabel, said.level, COALESCE(levelLabel, 'Q' || said.level) AS levelLabel,
       number,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT COALESCE(label, 'Q' || wished.interest) AS label
            FROM wished LEFT JOIN known_interest USING (interest)
            WHERE wished.said = said.said ORDER BY label)) AS interests,
       day AS "date:day", asked.wave,
       COALESCE(waveLabel, 'Q' || asked.wave) AS waveLabel, said.best AS current
FROM said
JOIN somebody USING (person)
LEFT JOIN known_skill ON known_skill.skill = said.skill
LEFT JOIN known_level ON known_level.level = said.level
LEFT JOIN given ON given.said = said.said
LEFT JOIN asked ON asked.said = said.said
LEFT JOIN known_wave ON known_wave.wave = asked.wave
ORDER BY personLabel, 'Q' || person, skillLabel, 'Q' || said.skill, 'Q' || "group", day DESC,
         'Q' || asked.wave
