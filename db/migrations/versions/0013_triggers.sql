-- The triggers and their functions are now in db/sql/, in a schema that stays. The old functions
-- are dropped, with the triggers that call them, in the transaction that creates the new ones.
drop function reject_change_of_history(), reject_attempt_transition(), set_facts_of_recall(),
  store_facts_of_patients(), store_facts_of_number(), store_facts_of_links(),
  store_facts_of_practice(), announce_change(), begin_round(), give_steps_back() cascade;
