"""Everything that is SQL: the tables, the rule, and the functions that run them."""
