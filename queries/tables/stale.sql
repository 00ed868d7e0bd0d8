WITH each AS (
    SELECT subject AS person, COUNT(*) AS answers, SUM(day < :day) AS stale,
           MIN(day) AS oldest, MAX(day) AS latest
    FROM statement CROSS JOIN given ON given.said = id
    WHERE property = :prop_assessed_skill AND best AND subject IN (SELECT person FROM agreed)
    GROUP BY subject HAVING SUM(day < :day) > 0
)
SELECT person, name(person) AS personLabel, community, name(community) AS communityLabel,
       answers, stale, oldest AS "oldest:day", latest AS "latest:day"
FROM each LEFT JOIN home USING (person)
ORDER BY personLabel, 'Q' || person, 'Q' || community
