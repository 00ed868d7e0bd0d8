-- What the queries in this folder share: views of the tables in
-- wbskills/wikibase/embedded/tables.sql, and small tables that are filled once for each state of
-- the store. With CROSS JOIN, SQLite joins in the order that is written here; by itself it does not
-- know how few statements have one level.

CREATE TEMP TABLE kind AS
SELECT DISTINCT subject AS thing, value AS class
FROM statement WHERE property = :prop_instance_of AND best;
CREATE INDEX temp.kind_by ON kind (class, thing);
CREATE INDEX temp.kind_of ON kind (thing);

-- People with a recorded consent that holds: nobody else is counted or named.
CREATE TEMP TABLE agreed AS
SELECT DISTINCT subject AS person FROM statement
WHERE property = :prop_consent AND best
  AND value IN (SELECT thing FROM kind WHERE class = :item_consent_class);
CREATE INDEX temp.agreed_by ON agreed (person);

-- Current answers: the best of each person and skill.
CREATE TEMP VIEW answer AS
SELECT s.id AS said, s.subject AS person, s.value AS skill, l.value AS level
FROM statement s
CROSS JOIN qualifier l ON l.property = :prop_level AND l.statement = s.id
WHERE s.property = :prop_assessed_skill AND s.best AND s.subject IN (SELECT person FROM agreed);

-- All answers, without deprecated ones.
CREATE TEMP VIEW said AS
SELECT s.id AS said, s.subject AS person, s.value AS skill, l.value AS level, s.best
FROM statement s
CROSS JOIN qualifier l ON l.property = :prop_level AND l.statement = s.id
WHERE s.property = :prop_assessed_skill AND s.rank > 0
  AND s.subject IN (SELECT person FROM agreed);

CREATE TEMP TABLE step AS
SELECT DISTINCT subject AS level, value AS number
FROM statement WHERE property = :prop_level_value AND best;
CREATE INDEX temp.step_by ON step (level);

-- Skills are parts of groups, levels of scales.
CREATE TEMP TABLE part AS
SELECT DISTINCT subject AS thing, value AS whole
FROM statement WHERE property = :prop_part_of AND best;
CREATE INDEX temp.part_by ON part (thing);

CREATE TEMP TABLE home AS
SELECT DISTINCT subject AS person, value AS community
FROM statement WHERE property = :prop_home_community AND best;
CREATE INDEX temp.home_by ON home (person);
CREATE INDEX temp.home_of ON home (community);

-- The levels of the scale that a level is of, each with its number (none outside the scale),
-- and whether it is that level or above.
CREATE TEMP TABLE rung AS
SELECT mine.thing AS least, other.thing AS level, step.number, step.number >= lowest.number AS enough
FROM part mine
JOIN step lowest ON lowest.level = mine.thing
JOIN part other ON other.whole = mine.whole
LEFT JOIN step ON step.level = other.thing;
CREATE INDEX temp.rung_by ON rung (least, level);

-- When each answer was given, and in which wave.
CREATE TEMP VIEW given AS
SELECT statement AS said, value AS day FROM qualifier WHERE property = :prop_point_in_time;

CREATE TEMP VIEW asked AS
SELECT statement AS said, value AS wave FROM qualifier WHERE property = :prop_survey_wave;

CREATE TEMP VIEW wished AS
SELECT statement AS said, value AS interest FROM qualifier WHERE property = :prop_interest;

CREATE TEMP TABLE tongue AS
SELECT DISTINCT subject AS person, value AS language
FROM statement WHERE property = :prop_speaks AND best;
CREATE INDEX temp.tongue_by ON tongue (person);

CREATE TEMP TABLE state AS
SELECT DISTINCT subject AS person, value AS availability
FROM statement WHERE property = :prop_availability AND best;
CREATE INDEX temp.state_by ON state (person);
