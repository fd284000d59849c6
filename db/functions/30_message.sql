-- What a message says, and how many SMS segments it takes.

-- The body that the template gives. format() fills every placeholder in one pass, so that a
-- patient whose name looks like a placeholder gets no second substitution.
create function logic.sms_body(
  template text, first_name text, practice_name text, reason text, due_date date,
  practice_phone text
) returns text
  language sql stable parallel safe
  return format(
    replace(replace(replace(replace(replace(replace(template,
      '%', '%%'), '{firstName}', '%1$s'), '{practiceName}', '%2$s'), '{reason}', '%3$s'),
      '{dueDate}', '%4$s'), '{practicePhone}', '%5$s'),
    first_name, practice_name, reason, to_char(due_date, 'FMDD FMMonth YYYY'), practice_phone);

-- For a recall that no category links.
create function logic.default_template() returns text
  language sql immutable parallel safe
  return 'Hi {firstName}, {practiceName} has a recall for you: {reason}. '
         'Please call {practicePhone} to book.';

-- 'Skin check, Flu vaccination and Blood test', each named once.
create function logic.join_reasons(reasons text[]) returns text
  language sql immutable parallel safe
  return case
    when cardinality(reasons) < 2 then reasons[1]
    else (
      select case when count(*) = 1 then min(reason)
                  else string_agg(reason, ', ' order by place) filter (where place < last)
                       || ' and ' || min(reason) filter (where place = last) end
      from (
        select reason, min(place) as place, max(min(place)) over () as last
        from unnest(reasons) with ordinality u (reason, place) group by reason
      ) named)
  end;

-- Segments as the networks count them (3GPP TS 23.038 and 23.040): GSM-7 has 160 septets in one
-- message and 153 in each of several, an extension character takes two; anything else is UCS-2 with
-- 70 and 67 units, a character outside the basic plane takes two. No character is cut in half.
create function logic.sms_segments(body text) returns integer
  language plpgsql immutable strict parallel safe as $$
declare
  gsm7 constant boolean := body ~ (
    '^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€\f-]*$');
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

-- The messages that these recalls make: one for a patient and category, however many of its
-- recalls are among them. A recall that the rule refuses hard makes a row of its own, so that each
-- refusal can be recorded with its reason. Planning, the preview and the consent question read it.
create function logic.draft_messages(practice integer, recall_ids bigint[])
  returns table (
    patient_id bigint, category_id bigint, recalls bigint[], steps integer[],
    mobile text, sms_reason text, hard boolean, body text
  )
  language sql stable as $$
    select s.patient_id, s.category_id,
           array_agg(s.recall_id order by r.due_date, r.id),
           array_agg(s.due_step order by r.due_date, r.id),
           s.mobile, s.sms_reason, logic.sms_block_hard(s.sms_reason),
           case when not logic.sms_block_hard(s.sms_reason) then
             logic.sms_body(coalesce(min(c.sms_template), logic.default_template()),
                            coalesce(nullif(min(p.first_name), ''), min(p.last_name)), pr.name,
                            logic.join_reasons(array_agg(r.reason order by r.due_date, r.id)),
                            min(r.due_date), pr.phone)
           end
    from logic.recall_standing s
    join recalls r on r.practice_id = s.practice_id and r.id = s.recall_id
    join patients p on p.practice_id = s.practice_id and p.id = s.patient_id
    join practices pr on pr.id = s.practice_id
    left join categories c on c.practice_id = s.practice_id and c.id = s.category_id
    where s.practice_id = practice and s.recall_id = any (recall_ids)
    group by s.patient_id, s.category_id, s.mobile, s.sms_reason, pr.name, pr.phone,
             case when logic.sms_block_hard(s.sms_reason) then s.recall_id end
  $$;
