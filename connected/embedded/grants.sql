-- What the app role may do with tables made from now on in this database by whoever runs this.
-- Run by the owner before its first migration. A migration that makes a table the app may only
-- read takes INSERT, UPDATE and DELETE away again; running this again does not give them back.

ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO connected_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO connected_app;
