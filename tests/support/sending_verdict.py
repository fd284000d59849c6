"""The statements that judge a practice in the middle of sending."""

WRONG = """
  select 'QUEUED in a DONE chunk' as what
    from contact_attempts a join chunks c
      on (c.practice_id, c.run_id, c.position) = (a.practice_id, a.run_id, a.position)
    where a.state = 'QUEUED' and c.state = 'DONE'
  union all
  select 'SENDING in a chunk that nobody has claimed'
    from contact_attempts a join chunks c
      on (c.practice_id, c.run_id, c.position) = (a.practice_id, a.run_id, a.position)
    where a.state = 'SENDING' and c.state <> 'CLAIMED'
  union all
  select 'UNKNOWN of today that nobody looks up'
    from contact_attempts a join chunks c
      on (c.practice_id, c.run_id, c.position) = (a.practice_id, a.run_id, a.position)
    where a.state = 'UNKNOWN' and c.state = 'DONE'
      and a.handed_over_at > clock_timestamp() - interval '1 day'
  union all
  select 'a chunk to be seen to in a FINISHED run'
    from runs r join chunks c on (c.practice_id, c.run_id) = (r.practice_id, r.id)
    where r.state = 'FINISHED' and c.state <> 'DONE'
  union all
  select 'a run that is done and SENDING for ever' from runs r
    where r.state = 'SENDING' and not exists (
      select from chunks c
      where (c.practice_id, c.run_id) = (r.practice_id, r.id) and c.state <> 'DONE')
  union all
  select 'a step twice' from attempt_recalls where step is not null
    group by practice_id, recall_id, step having count(*) > 1
  union all
  select 'a step kept by what was never sent'
    from attempt_recalls ar join contact_attempts a
      on (a.practice_id, a.id) = (ar.practice_id, ar.attempt_id)
    where ar.step is not null and a.state in ('REFUSED', 'CANCELLED')
  union all
  select 'an open recall lost its message because another was closed'
    from recalls r
    where not r.completed and r.no_further_action_at is null
      and exists (select from attempt_recalls ar join contact_attempts a
                    on (a.practice_id, a.id) = (ar.practice_id, ar.attempt_id)
                  where (ar.practice_id, ar.recall_id) = (r.practice_id, r.id)
                    and a.cancellation in ('RECALL_COMPLETED', 'NO_FURTHER_ACTION'))
      and not exists (select from attempt_recalls ar join contact_attempts a
                        on (a.practice_id, a.id) = (ar.practice_id, ar.attempt_id)
                      where (ar.practice_id, ar.recall_id) = (r.practice_id, r.id)
                        and coalesce(a.cancellation, '')
                            not in ('RECALL_COMPLETED', 'NO_FURTHER_ACTION'))
"""
"""What must never be true while nothing is in progress."""
STANDS = """
  select p.first_name || ': ' || a.kind || ' ' || a.state || coalesce(' ' || a.refusal_reason, '')
           || coalesce(' ' || a.cancellation, '') || coalesce(' ' || a.failure, '')
           || case when a.gateway_id is not null then ' known' else '' end
           || coalesce(' to ' || a.mobile, '') || ' about '
           || (select string_agg(r.pms_id || coalesce('/' || ar.step, ''), ' ' order by r.pms_id)
               from attempt_recalls ar
               join recalls r on (r.practice_id, r.id) = (ar.practice_id, ar.recall_id)
               where (ar.practice_id, ar.attempt_id) = (a.practice_id, a.id))
           || coalesce(' in a chunk ' || c.state, '')
    from contact_attempts a
    join patients p on (p.practice_id, p.id) = (a.practice_id, a.patient_id)
    left join chunks c
      on (c.practice_id, c.run_id, c.position) = (a.practice_id, a.run_id, a.position)
  union all
  select trigger || ' run ' || state || case when stopped_at is null then '' else ' stopped' end
           || ' accepted ' || accepted || ' skipped ' || skipped from runs
  union all
  select mobile || case when blocked_recalls then ' blocked, handed over ' || already_handed_over
                        else ' listed' end
    from blocked_communications
  union all
  select pms_id || case when completed then ' completed' else '' end
           || case when no_further_action_at is null then '' else ' closed' end
           || coalesce(' ' || sms_reason, '') from recalls
  union all
  select first_name || coalesce(' ' || mobile, '') from patients
"""
"""Everything noticeable, without ids and times."""
ORDER = "select array_agg(state order by created_at, id) from contact_attempts"
"""What else determines how it goes on."""
