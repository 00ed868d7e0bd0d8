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
)
SELECT skill, name(skill) AS skillLabel, each.level, name(each.level) AS levelLabel, number,
       people, wants_to_learn, can_help, can_teach, latest AS "latest:day"
FROM each LEFT JOIN step ON step.level = each.level
ORDER BY skillLabel, 'Q' || skill, number DESC, 'Q' || each.level
