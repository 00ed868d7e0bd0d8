WITH wish AS (
    SELECT s.id AS said, s.subject AS person FROM statement s
    CROSS JOIN wished ON wished.said = s.id AND interest = :item_wants_to_learn
    WHERE s.property = :prop_assessed_skill AND s.value = :skill AND s.best
      AND s.subject IN (SELECT person FROM agreed)
),
offer AS (
    SELECT s.subject AS teacher, MAX(interest = :item_can_teach) AS teaches
    FROM statement s
    CROSS JOIN wished ON wished.said = s.id AND interest IN (:item_can_help, :item_can_teach)
    WHERE s.property = :prop_assessed_skill AND s.value = :skill AND s.best
      AND s.subject IN (SELECT person FROM agreed)
      AND (:interest IS NULL OR interest = :interest)
      AND s.subject NOT IN (SELECT person FROM state WHERE availability = :item_away)
    GROUP BY s.subject
),
taught AS MATERIALIZED (
    SELECT teacher, teaches, language, name(language) AS label
    FROM offer CROSS JOIN tongue ON tongue.person = teacher
),
shared AS (
    SELECT DISTINCT wish.person AS learner, teacher, teaches, language, label
    FROM wish CROSS JOIN tongue ON tongue.person = wish.person JOIN taught USING (language)
    WHERE teacher <> wish.person
),
pair AS MATERIALIZED (
    SELECT DISTINCT learner, teacher, teaches, GROUP_CONCAT(label, ', ') OVER (
        PARTITION BY learner, teacher, teaches ORDER BY label, 'Q' || language
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS languages
    FROM shared
),
level_of AS MATERIALIZED (
    SELECT person, name(answer.level) AS label
    FROM answer JOIN step ON step.level = answer.level WHERE skill = :skill
),
learner AS MATERIALIZED (
    SELECT DISTINCT wish.person AS learner, level_of.label AS learner_level
    FROM wish LEFT JOIN level_of USING (person)
),
-- Not an outer join of the pairs: that would go through all of them for each learner.
row AS (
    SELECT learner, teacher, teaches, languages FROM pair
    UNION ALL
    SELECT DISTINCT person, NULL, NULL, NULL FROM wish WHERE person NOT IN (SELECT learner FROM pair)
)
SELECT learner, name(learner) AS learnerLabel, learner_level,
       teacher, name(teacher) AS teacherLabel, level_of.label AS teacher_level, teaches, languages
FROM row JOIN learner USING (learner)
LEFT JOIN level_of ON level_of.person = teacher
ORDER BY learnerLabel, 'Q' || learner,
         md5(:turn || ' Q' || learner || ' ' || COALESCE('Q' || teacher, '')), 'Q' || teacher
