WITH done AS (
    SELECT person, COUNT(*) AS skills, SUM(COALESCE(enough, 0)) AS able, MAX(day) AS latest
    FROM answer CROSS JOIN given ON given.said = answer.said JOIN rung ON rung.level = answer.level
    WHERE rung.least = :level
    GROUP BY person
)
SELECT kind.thing AS person, name(kind.thing) AS personLabel,
       community, name(community) AS communityLabel,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT name(language) AS label FROM tongue WHERE tongue.person = kind.thing
            ORDER BY label)) AS languages,
       name(availability) AS availability,
       time_zone, COALESCE(skills, 0) AS skills, COALESCE(able, 0) AS able,
       latest AS "latest:day"
FROM kind
LEFT JOIN done ON done.person = kind.thing
LEFT JOIN home ON home.person = kind.thing
LEFT JOIN state ON state.person = kind.thing
LEFT JOIN zone ON zone.person = kind.thing
WHERE kind.class = :item_person
ORDER BY personLabel, 'Q' || kind.thing, 'Q' || community
