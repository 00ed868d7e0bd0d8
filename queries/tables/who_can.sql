WITH holder AS (
    SELECT DISTINCT person, level, told.value AS since
    FROM answer
    LEFT JOIN qualifier told ON told.property = :prop_point_in_time AND told.statement = answer.said
    WHERE skill = :skill
      AND (:interest IS NULL OR EXISTS (
          SELECT 1 FROM statement s CROSS JOIN wished ON wished.said = s.id AND interest = :interest
          WHERE s.property = :prop_assessed_skill AND s.subject = answer.person
            AND s.value = :skill AND s.best))
      AND (:community IS NULL
           OR person IN (SELECT person FROM home WHERE community = :community))
      AND (:region IS NULL OR person IN (
          SELECT home.person FROM home JOIN statement there
          ON there.property = :prop_region AND there.subject = home.community AND there.best
          WHERE there.value = :region))
      AND (:language IS NULL OR person IN (
          SELECT s.subject
          FROM statement s
          LEFT JOIN qualifier stage
              ON stage.property = :prop_babel_level AND stage.statement = s.id
          LEFT JOIN step spoken ON spoken.level = stage.value
          JOIN step fluent ON fluent.level = :babel
          WHERE s.property = :prop_speaks AND s.best AND s.value = :language
            AND COALESCE(spoken.number, 0) >= fluent.number))
)
SELECT holder.person, name(holder.person) AS personLabel,
       community, name(community) AS communityLabel, holder.level, name(holder.level) AS levelLabel,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT DISTINCT name(interest) AS label
            FROM statement s CROSS JOIN wished ON wished.said = s.id
            WHERE s.property = :prop_assessed_skill AND s.subject = holder.person
              AND s.value = :skill AND s.best
            ORDER BY label)) AS interests,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT name(language) AS label FROM tongue WHERE tongue.person = holder.person
            ORDER BY label)) AS languages,
       since AS "since:day", name(availability) AS availability, time_zone
FROM holder
JOIN rung ON rung.least = :level AND rung.level = holder.level AND enough
JOIN step fluent ON fluent.level = :babel
LEFT JOIN home ON home.person = holder.person
LEFT JOIN state ON state.person = holder.person
LEFT JOIN zone ON zone.person = holder.person
WHERE :zone IS NULL OR SUBSTR(time_zone, 1, LENGTH(:zone)) = :zone
ORDER BY personLabel, 'Q' || holder.person, 'Q' || community
