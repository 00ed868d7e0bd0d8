WITH done AS (
    SELECT s.subject AS person, MAX(day) AS latest
    FROM statement s CROSS JOIN given ON given.said = s.id
    WHERE s.property = :prop_assessed_skill AND s.best
    GROUP BY s.subject
)
SELECT kind.thing AS person, name(kind.thing) AS personLabel,
       community, name(community) AS communityLabel,
       (SELECT GROUP_CONCAT(label, ', ') FROM (
            SELECT name(language) AS label FROM tongue WHERE tongue.person = kind.thing
            ORDER BY label)) AS languages,
       name(availability) AS availability,
       time_zone, latest AS "latest:day"
FROM kind
LEFT JOIN done ON done.person = kind.thing
LEFT JOIN home ON home.person = kind.thing
LEFT JOIN state ON state.person = kind.thing
LEFT JOIN zone ON zone.person = kind.thing
WHERE kind.class = :item_person AND kind.thing IN (SELECT person FROM agreed)
ORDER BY personLabel, 'Q' || kind.thing, 'Q' || community
