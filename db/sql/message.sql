-- What a message says, and how many SMS segments it takes.

-- The longest text that the gateway takes, in characters (Twilio's error 21617).
create function logic.longest_body() returns integer
  language sql immutable parallel safe return 1600;

-- The body that the template gives. format() fills every placeholder in one pass, so that a patient
-- whose name looks like a placeholder gets no second substitution. If it would be too long for the
-- gateway, the reasons are cut short, and then, if need be, the end of the body.
create function logic.sms_body(
  template text, first_name text, practice_name text, reason text, due_date date,
  practice_phone text
) returns text
  language plpgsql stable parallel safe as $$
declare
  filled constant text := replace(replace(replace(replace(replace(replace(template,
    '%', '%%'), '{firstName}', '%1$s'), '{practiceName}', '%2$s'), '{reason}', '%3$s'),
    '{dueDate}', '%4$s'), '{practicePhone}', '%5$s');
  due constant text := to_char(due_date, 'FMDD FMMonth YYYY');
  body constant text := format(filled, first_name, practice_name, reason, due, practice_phone);
  excess constant integer := length(body) - logic.longest_body();
  times integer;
begin
  if excess <= 0 then return body; end if;
  times := greatest(1, regexp_count(template, '{reason}'));
  reason := left(reason, greatest(0, length(reason) - 3 - (excess + times - 1) / times)) || '...';
  return left(format(filled, first_name, practice_name, reason, due, practice_phone),
              logic.longest_body());
end $$;

-- For a recall that no category links.
create function logic.default_template() returns text
  language sql immutable parallel safe
  return 'Hi {firstName}, {practiceName} has a recall for you: {reason}. '
         'Please call {practicePhone} to book.';

-- 'Skin check, Flu vaccination and Blood test', each named once.
create function logic.join_reasons(reasons text[]) returns text
  language plpgsql immutable parallel safe as $$
begin
  if cardinality(reasons) < 2 then return reasons[1]; end if;  -- nearly every message
  return (
    select case when count(*) = 1 then min(reason)
                else string_agg(reason, ', ' order by place) filter (where place < last)
                     || ' and ' || min(reason) filter (where place = last) end
    from (
      select reason, min(place) as place, max(min(place)) over () as last
      from unnest(reasons) with ordinality u (reason, place) group by reason
    ) named);
end $$;

-- The characters of the text that GSM-7 doesn't have; with any of them it is sent as UCS-2.
create function logic.beyond_gsm7(body text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(body,
    '[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€\f-]+',
    '', 'g');

-- Segments as the networks count them (3GPP TS 23.038 and 23.040): GSM-7 has 160 septets in one
-- message and 153 in each of several, and an extension character takes two; anything else is UCS-2
-- with 70 and 67 units, and a character outside the basic plane takes two. No character is cut in
-- half.
create function logic.sms_segments(body text) returns integer
  language plpgsql immutable strict parallel safe as $$
declare
  gsm7 constant boolean := logic.beyond_gsm7(body) = '';
  single constant integer := case when gsm7 then 160 else 70 end;
  several constant integer := case when gsm7 then 153 else 67 end;
  wide constant integer := case
    when gsm7 then length(regexp_replace(body, '[^\f^{}\\[~\]|€]', '', 'g'))
    else length(regexp_replace(body, '[\u0001-\uFFFF]', '', 'g')) end;
  units constant integer := length(body) + wide;
  segments integer := 1;
  used integer := 0;
  width integer;
  letter text;
begin
  if units <= single then return 1; end if;
  if wide = 0 then return (units + several - 1) / several; end if;
  foreach letter in array regexp_split_to_array(body, '') loop
    width := case
      when gsm7 then case when letter ~ '[\f^{}\\[~\]|€]' then 2 else 1 end
      else case when ascii(letter) > 65535 then 2 else 1 end end;
    if used + width > several then
      segments := segments + 1;
      used := 0;
    end if;
    used := used + width;
  end loop;
  return segments;
end $$;

-- What a message needs from one recall. Sending and previews pick recalls from the view below and
-- pass their lines on, so that the recall status is derived once. Only an atomic function may do
-- that, because it is bound to the type and to the functions that take it: a statement that looks
-- them up by name, one after the other, may find two releases' while `db migrate` loads another.
create type logic.message_line as (
  recall_id bigint, patient_id bigint, category_id bigint, round integer, step integer, mobile text,
  sms_reason text, reason text, due_date date, name text
);

create view logic.sendable_recall with (security_invoker) as
  select s.practice_id, s.recall_id, s.patient_id, s.category_id, s.state, s.automated,
         s.next_kind, s.under_way,
         row(s.recall_id, s.patient_id, s.category_id, s.round, s.due_step, s.mobile, s.sms_reason,
             s.reason, s.due_date, s.name)::logic.message_line as line
  from logic.recall_status s;

create type logic.draft as (
  patient_id bigint, category_id bigint, recalls bigint[], rounds integer[], steps integer[],
  mobile text, sms_reason text, hard boolean, body text
);

-- The messages that these recalls make: one per patient and category, however many of its recalls
-- are among them. A recall that the rule refuses hard makes a row of its own, so that each refusal
-- can be recorded with its reason. Planning and the previews read it.
create function logic.draft_messages(practice integer, lines logic.message_line[])
  returns setof logic.draft language sql stable as $$
    select l.patient_id, l.category_id,
           array_agg(l.recall_id order by l.due_date, l.recall_id),
           array_agg(l.round order by l.due_date, l.recall_id),
           array_agg(l.step order by l.due_date, l.recall_id),
           l.mobile, l.sms_reason, logic.sms_block_hard(l.sms_reason),
           case when not logic.sms_block_hard(l.sms_reason) then
             logic.sms_body(coalesce(min(c.sms_template), logic.default_template()),
                            min(l.name), min(pr.name),
                            logic.join_reasons(
                              array_agg(l.reason order by l.due_date, l.recall_id)),
                            min(l.due_date), min(pr.phone))
           end
    from unnest(lines) l
    join practices pr on pr.id = practice
    left join categories c on c.practice_id = practice and c.id = l.category_id
    group by l.patient_id, l.category_id, l.mobile, l.sms_reason,
             case when logic.sms_block_hard(l.sms_reason) then l.recall_id end
  $$;

-- Can staff send the recall? One that is closed or has a message on its way is skipped.
create function logic.open_to_staff(state text, under_way boolean) returns boolean
  language sql immutable parallel safe
  return state in ('TO_ACTION', 'WAITING') and not under_way;

-- Does automation contact the recall now? It must be open, in an automated category, at an SMS
-- step, due, and without a message on its way. The rule decides later which are sent; all are
-- considered.
create function logic.due_for_automation(
  state text, automated boolean, next_kind text, under_way boolean
) returns boolean
  language sql immutable parallel safe
  return state = 'TO_ACTION' and automated and next_kind = 'SMS' and not under_way;

-- The messages for those of the recalls that staff can send.
create function logic.staff_drafts(practice integer, recalls bigint[])
  returns setof logic.draft language sql stable
begin atomic
  select d.* from logic.draft_messages(practice, array(
    select s.line from logic.sendable_recall s
    where s.practice_id = practice and s.recall_id = any (recalls)
      and logic.open_to_staff(s.state, s.under_way))) d;
end;

-- The messages for all recalls that automation would contact now.
create function logic.automation_drafts(practice integer)
  returns setof logic.draft language sql stable
begin atomic
  select d.* from logic.draft_messages(practice, array(
    select s.line from logic.sendable_recall s
    where s.practice_id = practice
      and logic.due_for_automation(s.state, s.automated, s.next_kind, s.under_way))) d;
end;

-- What an attempt's recalls would say now: one message, if they are still in one category.
create function logic.attempt_drafts(practice integer, attempt bigint)
  returns setof logic.draft language sql stable
begin atomic
  select d.* from logic.draft_messages(practice, array(
    select s.line from attempt_recalls ar
    join logic.sendable_recall s on s.practice_id = practice and s.recall_id = ar.recall_id
    where ar.practice_id = practice and ar.attempt_id = attempt)) d;
end;
