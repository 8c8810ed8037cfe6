-- The pin of an item is a list of hashes that a file of its package version must have. It was one text, as the lockfile had
-- it; a part of it that is not understood becomes a note, as for items that are read from now on.
alter table items add column pins json;
alter table items alter pins set statistics 0;

create or replace function pg_temp.pins_of(integrity text, out pins json, out note text) language plpgsql as $$
declare is_read boolean;
begin
  with tokens as (
    select token, n from regexp_split_to_table(integrity, '\s+') with ordinality as t (token, n) where token <> ''
  ), parts as (
    select n, m[1] as algorithm, left(m[2], length(m[2]) - case length(m[2]) % 4 when 1 then 1 else 0 end) as base64
    from tokens, regexp_match(token, '^(sha512|sha384|sha256|sha1)-([A-Za-z0-9+/]+)={0,2}(?:\?.*)?$') as m
  ), sizes (algorithm, rank, bytes) as (
    values ('sha512', 1, 64), ('sha384', 2, 48), ('sha256', 3, 32), ('sha1', 4, 20)
  ), hashes as (
    select n, algorithm, rank, encode(decode(rpad(base64, (length(base64) + 3) / 4 * 4, '='), 'base64'), 'hex') as hex
    from parts join sizes using (algorithm) where length(base64) * 6 / 8 = bytes
  )
  select
    coalesce('[' || string_agg(format('{"algorithm":"%s","hex":"%s"}', algorithm, hex), ',' order by n) || ']', '[]'),
    count(*) = (select count(*) from tokens)
      and count(distinct hex) filter (where rank = (select min(rank) from hashes)) = 1
  into pins, is_read from hashes;
  if not is_read then
    note := format('{"code":"integrity.unreadable","message":%s}',
      to_json('The pin "' || left(integrity, 100) || '" cannot be compared with the bytes.'));
  end if;
end $$;

update items set
  pins = nullif(read.pins::text, '[]')::json,
  notes = case
    when read.note is null then notes
    when notes is null then ('[' || read.note || ']')::json
    else (left(notes::text, -1) || ',' || read.note || ']')::json end
from (select integrity, (pg_temp.pins_of(integrity)).* from (select distinct integrity from items where integrity is not null) d) as read
where read.integrity = items.integrity;
alter table items drop column integrity;
