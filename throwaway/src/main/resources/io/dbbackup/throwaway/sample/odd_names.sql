-- Names that break quoting, file names, line based parsers and command lines.
CREATE SCHEMA "odd schema";
CREATE TABLE "odd schema"."table with ""quotes"" and 'apostrophes'" ("column with spaces" int, "Ünïcode" text, "a""b" text, "select" int);
INSERT INTO "odd schema"."table with ""quotes"" and 'apostrophes'" VALUES (1, 'ü', 'x', 2), (NULL, '', E'\\', 3);
CREATE TABLE "line
break" ("col
umn" text);
INSERT INTO "line
break" VALUES (E'one\ntwo');
CREATE TABLE "back\slash" ("back\slash" text);
INSERT INTO "back\slash" VALUES (E'\\'), (E'\\N'), (E'\\.'), ('');
CREATE TABLE "../../etc/passwd" (a int);
INSERT INTO "../../etc/passwd" VALUES (1);
CREATE TABLE "-rf *" (a int);
INSERT INTO "-rf *" VALUES (2);
CREATE TABLE "$(touch x) `id` %s %n {0} ; -- " (a int);
INSERT INTO "$(touch x) `id` %s %n {0} ; -- " VALUES (3);
CREATE TABLE "CamelCase" ("Id" int PRIMARY KEY);
CREATE TABLE camelcase ("Id" int PRIMARY KEY REFERENCES "CamelCase");
INSERT INTO "CamelCase" VALUES (1), (2);
INSERT INTO camelcase VALUES (2);
CREATE TABLE "数据 таблица δ 🐘" (a text);
INSERT INTO "数据 таблица δ 🐘" VALUES ('🐘'), ('数据');
CREATE TABLE a23456789_123456789_123456789_123456789_123456789_123456789_123 (a int);
INSERT INTO a23456789_123456789_123456789_123456789_123456789_123456789_123 VALUES (63);
CREATE TABLE "user" ("order" int, "group" text, "*" text, "table" int);
INSERT INTO "user" VALUES (1, 'g', '*', 2);
CREATE SEQUENCE "odd schema"."seq ""q""" START 7;
SELECT nextval('"odd schema"."seq ""q"""');
CREATE FUNCTION "odd schema"."f(x)"("a b" int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
