WITH evaluation AS (
    SELECT id, subject AS item, value AS skill, rank, best
    FROM statement WHERE property = :prop_assessed_skill
),
foreign_level AS (
    SELECT thing AS level FROM kind WHERE class = :item_level_class
    EXCEPT SELECT thing FROM part WHERE whole = :scale
),
ranked AS MATERIALIZED (
    SELECT item, skill, EXISTS
               (SELECT 1 FROM qualifier q WHERE q.property = :prop_level AND q.statement = id) AS rated,
           MAX(day) AS newest, SUM(best) AS best, MAX(CASE WHEN best THEN day END) AS shown
    FROM evaluation CROSS JOIN given ON given.said = id WHERE rank > 0
    GROUP BY item, skill, rated
),
-- An interest without a level is the best beside the newest level only if it is newer.
misranked AS (
    SELECT item, skill FROM ranked WHERE rated AND (best <> 1 OR shown < newest)
    UNION
    SELECT bare.item, bare.skill
    FROM ranked bare
    LEFT JOIN ranked level ON level.rated AND level.item = bare.item AND level.skill = bare.skill
    WHERE NOT bare.rated AND (bare.best <> COALESCE(bare.newest > level.newest, 1)
                              OR bare.shown < bare.newest)
),
named AS (
    SELECT DISTINCT property, subject AS item, value AS name FROM statement
    WHERE best AND (property IN (:prop_wikimedia_username, :prop_pseudonym)
                    OR (property = :prop_wbskills_key AND subject > 0))
),
twice AS (
    SELECT one.property, one.item, other.item AS detail
    FROM named one JOIN named other USING (property, name)
    WHERE one.item <> other.item
      AND name IN (SELECT name FROM named GROUP BY property, name HAVING COUNT(*) > 1)
),
stored AS (
    SELECT property, subject AS item, id FROM statement
    UNION ALL SELECT property, statement >> 32, statement FROM odd WHERE main
),
fault AS (
    SELECT 'no_date' AS "check", item, id AS statement, skill AS detail FROM evaluation
    WHERE rank > 0 AND NOT EXISTS (SELECT 1 FROM given WHERE said = id)
    UNION ALL
    SELECT 'no_level', item, id, skill FROM evaluation
    WHERE rank > 0 AND NOT EXISTS
        (SELECT 1 FROM qualifier q WHERE q.property = :prop_level AND q.statement = id)
      AND NOT EXISTS (SELECT 1 FROM wished WHERE wished.said = id)
    UNION ALL
    SELECT 'no_wave', item, id, skill FROM evaluation
    WHERE rank > 0 AND NOT EXISTS (SELECT 1 FROM asked WHERE said = id)
    UNION ALL
    SELECT 'other_scale', item, id, skill
    FROM evaluation CROSS JOIN qualifier q ON q.property = :prop_level AND q.statement = id
    WHERE q.value IN (SELECT level FROM foreign_level)
    UNION ALL
    SELECT 'rank', item, NULL, skill FROM misranked
    UNION ALL
    SELECT CASE property WHEN :prop_wbskills_key THEN 'duplicate_key' ELSE 'duplicate_person' END,
           item, NULL, detail
    FROM twice
    UNION ALL
    SELECT 'no_consent', thing, NULL, -:prop_consent
    FROM (SELECT thing FROM kind WHERE class = :item_person
          UNION SELECT item FROM evaluation WHERE best)
    WHERE thing NOT IN (SELECT person FROM agreed)
    UNION ALL
    SELECT 'not_allowed', item, id, -property
    FROM stored
    WHERE item IN (SELECT thing FROM kind WHERE class = :item_person) AND property NOT IN (
        :prop_instance_of, :prop_wikimedia_username, :prop_pseudonym, :prop_home_community,
        :prop_affiliation, :prop_speaks, :prop_time_zone, :prop_availability,
        :prop_role, :prop_consent, :prop_assessed_skill, :prop_endorsed_skill)
      AND -property IN (SELECT number FROM entity)
)
SELECT "check", item AS "item:item", address(statement) AS "statement:address", detail,
       CASE WHEN "check" = 'no_consent' THEN 'Q' || item ELSE item END AS named
FROM fault
WHERE "check" IN ('no_consent', 'duplicate_key') OR item IN (SELECT person FROM agreed)
