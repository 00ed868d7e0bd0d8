WITH each AS (
    SELECT skill, level, COUNT(*) AS people,
           SUM(EXISTS (SELECT 1 FROM wished WHERE wished.said = answer.said
                       AND interest = :item_wants_to_learn)) AS wants_to_learn,
           SUM(EXISTS (SELECT 1 FROM wished WHERE wished.said = answer.said
                       AND interest = :item_can_help)) AS can_help,
           SUM(EXISTS (SELECT 1 FROM wished WHERE wished.said = answer.said
                       AND interest = :item_can_teach)) AS can_teach,
           MAX(day) AS latest
    FROM answer CROSS JOIN given ON given.said = answer.said
    WHERE :skill IS NULL OR skill = :skill
    GROUP BY skill, level
    UNION ALL
    -- Those who told only what they would like to do with it.
    SELECT s.value, NULL, COUNT(*), SUM(wants), SUM(helps), SUM(teaches), MAX(day)
    FROM (SELECT said, MAX(interest = :item_wants_to_learn) AS wants,
                 MAX(interest = :item_can_help) AS helps, MAX(interest = :item_can_teach) AS teaches
          FROM wished GROUP BY said) wish
    CROSS JOIN statement s ON s.property = :prop_assessed_skill AND s.subject = wish.said >> 32
        AND s.id = wish.said AND s.best
    CROSS JOIN given ON given.said = s.id
    WHERE (:skill IS NULL OR s.value = :skill) AND s.subject IN (SELECT person FROM agreed) AND NOT EXISTS (
        SELECT 1 FROM qualifier l WHERE l.property = :prop_level AND l.statement = s.id)
    GROUP BY s.value
)
SELECT skill, name(skill) AS skillLabel, each.level, name(each.level) AS levelLabel, number,
       people, wants_to_learn, can_help, can_teach, latest AS "latest:day"
FROM each LEFT JOIN step ON step.level = each.level
ORDER BY skillLabel, 'Q' || skill, number DESC, 'Q' || each.level
