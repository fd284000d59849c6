-- Names are found as they are said on the phone: "zoe" finds Zoë, "oshea" and "o shea" find O'Shea.
-- These two are in public, and no file of db/sql replaces them, because a stored column and its index
-- are made by them.

-- The text in lower case, without accents, and with full-width and other such letters as plain ones.
-- A letter whose mark is a part of it, like ø, has no accent that could be removed.
create function searchable(written text) returns text
  language sql immutable strict parallel safe
  return replace(replace(replace(translate(
    regexp_replace(normalize(lower(written collate "pg_c_utf8"), NFKD), '[\u0300-\u036F]', '', 'g'),
    'øłđħı', 'oldhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');

-- The words of a name, each prefixed with the practice's number (see 0003): as its punctuation
-- divides it, as spaces alone do, and each name in one word.
create function name_words(practice integer, first_name text, last_name text) returns tsvector
  language sql immutable parallel safe
  return array_to_tsvector(string_to_array(practice || ':' || regexp_replace(
    searchable(first_name || ' ' || last_name) || ' '
    || regexp_replace(searchable(first_name || ' ' || last_name), '[^\w\s]', '', 'g') || ' '
    || regexp_replace(searchable(first_name), '\W', '', 'g') || ' '
    || regexp_replace(searchable(last_name), '\W', '', 'g'),
    '\W+', ' ' || practice || ':', 'g'), ' '));

-- Rewrites the patients and the index of their words.
alter table patients alter column name_words
  set expression as (name_words(practice_id, first_name, last_name));

create index patients_birth_date on patients (practice_id, birth_date);
