using System.Collections.Immutable;

namespace Aegis.Core.Findings.CodeRules.Rules;

/// <summary>What they look at stands in <see cref="SqlWalk"/>.</summary>
internal static class SqlRules
{
    public static ImmutableArray<CodeRule> All { get; } =
    [
        new("aegis-sql-injection", 89, Grammar.Sql, FindingSeverity.Error,
            "a value becomes part of a statement that is then executed",
            "pass it by USING (or sp_executesql's parameters); quote names with format's %I",
            [],
            [
                "BEGIN EXECUTE 'SELECT * FROM t WHERE a = ''' || a || ''''; END;",
                "EXEC('SELECT * FROM t WHERE a = ' + @a);",
                "SET @sql = 'SELECT * FROM t WHERE a = ' + @a;\nEXEC sp_executesql @sql;",
                "EXECUTE format('SELECT * FROM %s', name);",
                "CREATE FUNCTION f(a int) AS $$ BEGIN END $$;\nCREATE FUNCTION g(a text) AS $$ BEGIN "
                    + "EXECUTE format('DROP TABLE %s', a); END $$;",
                "DECLARE q text := 'SELECT * FROM t WHERE a = ' || a;\nBEGIN EXECUTE q; END;",
                "CREATE FUNCTION f(a text) RETURNS void AS $$ BEGIN EXECUTE 'DROP TABLE ' || a; END $$ "
                    + "LANGUAGE plpgsql;",
            ],
            [
                "EXECUTE 'SELECT * FROM t WHERE a = $1' USING a;",
                "EXECUTE format('SELECT * FROM %I', name);",
                "EXECUTE 'DROP TABLE ' || quote_ident(a);",
                "CREATE FUNCTION f(t regclass) AS $$ BEGIN EXECUTE format('ANALYZE %s', t); END $$;",
                "DECLARE c CONSTANT text := 'a = 1';\nBEGIN EXECUTE 'SELECT 1 WHERE ' || c; END;",
                "-- EXECUTE 'SELECT ' || a\nSELECT 1;", "SELECT 'EXECUTE ' || a FROM t;",
                    "SELECT a || b FROM t;",
            ]),
        new("aegis-sql-hard-coded-credential", 798, Grammar.Sql, FindingSeverity.Error,
            "a password is written into the script",
                "set it from a variable of the program that runs the script",
            [], ["CREATE ROLE app LOGIN PASSWORD 'hunter2';", "CREATE USER a IDENTIFIED BY 'hunter2';"],
            ["CREATE ROLE app LOGIN PASSWORD :'pw';", "-- PASSWORD 'hunter2'\n", "SELECT password FROM t;"]),
        new("aegis-sql-runs-program", 78, Grammar.Sql, FindingSeverity.Error,
            "the statement runs a program on the database's machine",
                "copy from STDIN, or let the application do it",
            [], ["COPY t FROM PROGRAM 'curl x';", "EXEC xp_cmdshell 'dir';"],
            ["COPY t FROM STDIN;", "-- xp_cmdshell\n", "SELECT 'xp_cmdshell';"]),
        new("aegis-sql-open-grant", 732, Grammar.Sql, FindingSeverity.Warning,
            "everybody gets every right", "grant each role what it needs",
            [], ["GRANT ALL ON t TO PUBLIC;"], ["GRANT SELECT ON t TO reader;",
                "REVOKE ALL ON t FROM PUBLIC;"]),
    ];
}
