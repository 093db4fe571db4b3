-- Functions that a door without an identity may call: they belong to a role that nobody can log in as. Later
-- migrations call this for each new one.
CREATE FUNCTION give_to_definer(VARIADIC names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  f regprocedure;
BEGIN
  GRANT CREATE ON SCHEMA aegis TO aegis_definer;
  FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'aegis'::regnamespace AND p.proname = ANY (names) LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO aegis_auth', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO aegis_definer', f);
  END LOOP;
  REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
END $$;
REVOKE ALL ON FUNCTION give_to_definer(text[]) FROM PUBLIC;
