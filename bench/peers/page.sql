-- One page of a practice's recalls after a due date and an id: what every peer reads it with.
select r.id, r.reason, r.urgency, r.due_date, r.category_id, c.name as category_name,
       r.patient_id, p.first_name, p.last_name, p.mobile,
       r.sms_reason, logic.sms_block_overridable(r.sms_reason) as overridable,
       logic.sms_block_message(r.sms_reason) as message
from (select * from recalls where practice_id = $1 and (due_date, id) > ($2, $3)
      order by due_date, id limit $4) r
join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
left join categories c on c.practice_id = r.practice_id and c.id = r.category_id
order by r.due_date, r.id
