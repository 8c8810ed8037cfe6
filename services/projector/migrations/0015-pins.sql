-- The pin of an item is a list of hashes, and a part of it that is not understood a note; see the aggregator's tables.
-- Rows become what a rebuild makes of their lists, letter by letter: `sluice projection verify` compares them as text.
alter table request_items add column pins json not null default '[]';
alter table request_items alter pins set statistics 0;

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

update request_items set
  pins = read.pins,
  notes = case
    when read.note is null then notes
    when notes::text = '[]' then ('[' || read.note || ']')::json
    else (left(notes::text, -1) || ',' || read.note || ']')::json end
from (select integrity, (pg_temp.pins_of(integrity)).* from (select distinct integrity from request_items where integrity is not null) d) as read
where read.integrity = request_items.integrity;
alter table request_items drop column integrity;
