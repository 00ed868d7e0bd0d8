-- Not with: person
WITH answer_or_interest AS (
    SELECT said, person, skill, level, best FROM said
    UNION ALL
    -- Asked for consent once more here: where people are joined, SQLite takes thirty times as long.
    SELECT s.id, s.subject, s.value, NULL, s.best
    FROM (SELECT DISTINCT said FROM wished) wish
    CROSS JOIN statement s ON s.property = :prop_assessed_skill AND s.subject = wish.said >> 32
        AND s.id = wish.said AND s.rank > 0
    WHERE s.subject IN (SELECT person FROM agreed) AND NOT EXISTS (
        SELECT 1 FROM qualifier l WHERE l.property = :prop_level AND l.statement = s.id)
)
SELECT person, skill, part.whole AS "group", a.level, step.number, interest, day AS "date:day",
       asked.wave, a.best AS current, a.said
FROM answer_or_interest a
JOIN kind ON kind.class = :item_person AND kind.thing = person
LEFT JOIN part ON part.thing = skill
LEFT JOIN step ON step.level = a.level
LEFT JOIN wished ON wished.said = a.said
LEFT JOIN given ON given.said = a.said
LEFT JOIN asked ON asked.said = a.said
