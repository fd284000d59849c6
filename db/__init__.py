"""All the SQL: the tables, the rule, and the functions that run the statements."""
