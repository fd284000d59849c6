-- The rule: may this patient get a recall by SMS, and if not, why? It is written here and nowhere
-- else; the list, its filters, counts, the preview, planning and the claim all read it from here.

-- Best Practice shares no consent, so nothing that was synced from it counts as one. Staff look it up
-- there, and that they did is remembered.
create function logic.consent_readable(pms_product text) returns boolean
  language sql immutable parallel safe
  return pms_product <> 'BEST_PRACTICE';

-- The first reason against an SMS, in order of weight; null if there is none.
create function logic.sms_block_reason(
  patient_status text, mobile text, mobile_refusal text, blocked_recalls boolean,
  pms_product text, sms_consent boolean, consent_checked boolean
) returns text
  language sql immutable parallel safe
  return case
    when patient_status = 'DECEASED' then 'PATIENT_DECEASED'
    when patient_status = 'INACTIVE' then 'PATIENT_INACTIVE'
    when mobile is null and mobile_refusal is null then 'MOBILE_MISSING'
    when mobile is null then 'MOBILE_INVALID'
    when blocked_recalls then 'BLOCKED_COMMUNICATION'
    when not logic.consent_readable(pms_product) then
      case when not consent_checked then 'PMS_CONSENT_UNREADABLE' end
    when not sms_consent then 'PMS_CONSENT_WITHHELD'
  end;

-- Blocked, but may be sent: staff are asked, automation sends.
create function logic.sms_block_overridable(reason text) returns boolean
  language sql immutable parallel safe
  return coalesce(reason in ('PMS_CONSENT_UNREADABLE', 'PMS_CONSENT_WITHHELD'), false);

-- Never sent, neither by staff nor by automation.
create function logic.sms_block_hard(reason text) returns boolean
  language sql immutable parallel safe
  return reason is not null and not logic.sms_block_overridable(reason);

-- Nobody contacts the patient in any way: there is no call and no letter either.
create function logic.beyond_contact(reason text) returns boolean
  language sql immutable parallel safe
  return coalesce(reason in ('PATIENT_DECEASED', 'PATIENT_INACTIVE'), false);

-- The hover text. It tells staff why no SMS can go, or what to check first, and what they can do.
create function logic.sms_block_message(reason text) returns text
  language sql immutable parallel safe
  return case reason
    when 'PATIENT_DECEASED' then 'The patient has died. Don''t contact them.'
    when 'PATIENT_INACTIVE' then
      'Inactive patient. Reactivate them in your practice software to recall them.'
    when 'MOBILE_MISSING' then 'No mobile number. Add one in your practice software, or call or write.'
    when 'MOBILE_INVALID' then
      'This number can''t get SMS. Fix it in your practice software, or call or write.'
    when 'BLOCKED_COMMUNICATION' then 'Mobile number blocked in your blocked communication list'
    when 'PMS_CONSENT_UNREADABLE' then
      'Best Practice doesn''t tell us who has agreed to SMS. Check the patient''s file before you send.'
    when 'PMS_CONSENT_WITHHELD' then 'Does not wish to be contacted by SMS'
  end;

-- The rule's answer for every patient, by the facts as they stand now, and the name that messages
-- use. A block is per number, and so holds for everyone whom the number reaches.
create view logic.patient_sms with (security_invoker) as
  select p.practice_id, p.id as patient_id, p.mobile,
         coalesce(nullif(p.first_name, ''), p.last_name) as name,
         logic.sms_block_reason(p.status, p.mobile, p.mobile_refusal,
                                coalesce(b.blocked_recalls, false),
                                pr.pms_product, p.sms_consent,
                                -- By staff, for this number.
                                coalesce(p.consent_checked_mobile = p.mobile, false)) as reason
  from patients p
  join practices pr on pr.id = p.practice_id
  left join blocked_communications b
    on b.practice_id = p.practice_id and b.mobile = p.mobile;
