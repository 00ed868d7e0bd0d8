WITH spoken AS (
    SELECT s.subject AS person, s.value AS language
    FROM statement s
    LEFT JOIN qualifier stage ON stage.property = :prop_babel_level AND stage.statement = s.id
    LEFT JOIN step told ON told.level = stage.value
    JOIN step fluent ON fluent.level = :babel
    WHERE s.property = :prop_speaks AND s.best AND COALESCE(told.number, 0) >= fluent.number
      AND (:language IS NULL OR s.value = :language)
),
counted AS (
    SELECT language, skill, level, COUNT(*) AS many
    FROM answer JOIN spoken USING (person) GROUP BY language, skill, level
)
SELECT language, skill, SUM(many) AS people, SUM(many * enough) AS able,
       1.0 * SUM(many * number) / SUM(many) AS mean,
       SUM(many * (counted.level = :item_none)) AS "none",
       SUM(many * (counted.level = :item_aware)) AS aware,
       SUM(many * (counted.level = :item_with_help)) AS with_help,
       SUM(many * (counted.level = :item_alone)) AS alone,
       SUM(many * (counted.level = :item_leads)) AS leads
FROM counted JOIN rung ON rung.level = counted.level
WHERE rung.least = :level AND number IS NOT NULL
GROUP BY language, skill
