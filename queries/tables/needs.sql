WITH need AS (
    SELECT n.id, n.subject AS community, n.value AS skill, COALESCE(told.value, :level) AS target
    FROM statement n
    LEFT JOIN qualifier told ON told.property = :prop_target_level AND told.statement = n.id
    WHERE n.property = :prop_needs_skill AND n.best
),
aim AS MATERIALIZED (
    SELECT DISTINCT community, skill, target, number AS least
    FROM need JOIN step ON step.level = target
),
resident AS (
    SELECT DISTINCT person, community, skill, number
    FROM (SELECT DISTINCT community FROM need) JOIN home USING (community)
    JOIN answer USING (person) JOIN step ON step.level = answer.level
    WHERE skill IN (SELECT skill FROM need)
),
held AS (
    SELECT community, skill, target, COUNT(DISTINCT person) AS able
    FROM aim JOIN resident USING (community, skill)
    WHERE number >= least
    GROUP BY community, skill, target
),
helper AS MATERIALIZED (
    SELECT s.subject AS person, s.value AS skill, l.value AS level, number, day AS since,
           MAX(interest = :item_can_teach) AS teaches
    FROM wished
    CROSS JOIN statement s ON s.property = :prop_assessed_skill AND s.subject = wished.said >> 32
        AND s.id = wished.said AND s.best
    CROSS JOIN qualifier l ON l.property = :prop_level AND l.statement = s.id
    JOIN step ON step.level = l.value
    LEFT JOIN given ON given.said = s.id
    WHERE interest IN (:item_can_help, :item_can_teach)
      AND s.subject IN (SELECT person FROM agreed)
      AND s.subject NOT IN (SELECT person FROM state WHERE availability = :item_away)
      AND s.value IN (SELECT skill FROM need)
    GROUP BY s.subject, s.value, l.value, number, day
),
offered AS (
    SELECT community, skill, target, COUNT(DISTINCT person) AS willing
    FROM aim JOIN helper USING (skill)
    WHERE number >= least
      AND NOT EXISTS (SELECT 1 FROM home WHERE home.person = helper.person
                      AND home.community = aim.community)
    GROUP BY community, skill, target
),
common AS (
    SELECT subject AS community, value AS language FROM statement
    WHERE property = :prop_language AND best AND subject IN (SELECT community FROM need)
    UNION
    SELECT community, thing FROM need JOIN kind ON kind.class = :item_language_class
    WHERE thing = :bridge
),
matched AS MATERIALIZED (
    SELECT DISTINCT community, skill, target, person, level, teaches, since, language
    FROM aim CROSS JOIN helper USING (skill) JOIN tongue USING (person)
    JOIN common USING (community, language)
    WHERE number >= least AND (:community IS NULL OR community = :community)
      AND (:skill IS NULL OR skill = :skill)
      AND NOT EXISTS (SELECT 1 FROM home WHERE home.person = helper.person
                      AND home.community = aim.community)
)
SELECT community, skill, target, step.number AS least, wanted.value AS wanted,
       COALESCE(able, 0) AS able, COALESCE(willing, 0) AS willing, source.value AS "source:address",
       person, matched.level, teaches, language, since AS "since:day",
       md5(:turn || ' Q' || community || ' Q' || skill || ' ' || COALESCE('Q' || person, '')) AS lot,
       need.id AS need
FROM need
LEFT JOIN step ON step.level = target
LEFT JOIN qualifier wanted
    ON wanted.property = :prop_target_people AND wanted.statement = need.id
LEFT JOIN qualifier source ON source.property = :prop_source AND source.statement = need.id
LEFT JOIN held USING (community, skill, target)
LEFT JOIN offered USING (community, skill, target)
LEFT JOIN matched USING (community, skill, target)
WHERE (:community IS NULL OR community = :community) AND (:skill IS NULL OR skill = :skill)
