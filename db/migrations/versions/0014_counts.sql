-- What a recall's status depends on before its first attempt, so that a tab's recalls are counted
-- by category and refusal without reading them.
create index recalls_open_groups on recalls (practice_id, category_id, sms_reason, due_date)
  where not completed and no_further_action_at is null;
