-- Makes the owner of the tables, who is no superuser. For psql, as an administrator of an empty server,
-- with the owner's password in POSTGRES_PASSWORD: docker-compose.yml has its database's image run it.

\set ON_ERROR_STOP on
\getenv password POSTGRES_PASSWORD
-- It makes the role that serves, and has the server's log quote nothing of what that does.
create role recalls login createrole password :'password';
grant set on parameter log_min_messages, log_min_error_statement, log_error_verbosity,
  log_parameter_max_length to recalls;
alter database :"DBNAME" owner to recalls;
-- The administrator had the same password: from now on they get in over the server's socket alone.
alter role current_user password null;
