-- What PostGraphile is shown: views that cost nothing to look through, with just what is asked for.
create schema postgraphile;

create type postgraphile.sms_status as (
  blocked boolean, reason text, overridable boolean, message text
);

create view postgraphile.categories as
  select practice_id, id as key, 'Category:' || id as name_of, name from categories;

create view postgraphile.patients as
  select practice_id, id as key, 'Patient:' || id as name_of, first_name, last_name, mobile
  from patients;

create view postgraphile.recalls as
  select practice_id, id as key, 'Recall:' || id as name_of, reason, urgency, due_date,
         patient_id, category_id,
         row(sms_reason is not null, sms_reason, logic.sms_block_overridable(sms_reason),
             logic.sms_block_message(sms_reason))::postgraphile.sms_status as sms_status
  from recalls;

comment on view postgraphile.categories is '@primaryKey practice_id,key';
comment on view postgraphile.patients is '@primaryKey practice_id,key';
comment on view postgraphile.recalls is E'@primaryKey practice_id,key
@foreignKey (practice_id, patient_id) references postgraphile.patients (practice_id, key)|@fieldName patient
@foreignKey (practice_id, category_id) references postgraphile.categories (practice_id, key)|@fieldName category';
