namespace Aegis.Server.Tests.Vaccines;

/// <summary>One mistake in a language: how it was made first, and how others make it again.</summary>
/// <param name="Again">Other names, another file, another table.</param>
/// <param name="Stub">What a file holds before it is patched.</param>
internal sealed record Mistake(string Language, string Path, string Failing, string Fixed, string Pattern,
    string Mend, string Stub, IReadOnlyList<(string Path, string Code)> Again)
{
    private const string ParametersMend = "Pass values as parameters of the query, never as its text";

    public static IReadOnlyList<Mistake> All { get; } =
    [
        new("javascript", "src/users.js", """
            const express = require('express');
            const router = express.Router();
            router.get('/users/:id', (req, res) => {
              const sql = "SELECT * FROM users WHERE id = " + req.params.id;
              db.query(sql, (err, rows) => res.json(rows));
            });
            """, """
            const express = require('express');
            const router = express.Router();
            router.get('/users/:id', (req, res) => {
              db.query("SELECT * FROM users WHERE id = ?", [req.params.id], (err, rows) => res.json(rows));
            });
            """, "SQL built from parts of a request in a handler", ParametersMend, "// to be written\n",
            [
                ("api/orders.js", """
                    import { app, store } from './app.js';
                    app.post('/orders/search', async (request, response) => {
                      const { name } = request.body;
                      const found = await store.query("SELECT total FROM orders WHERE name = '" + name + "'");
                      response.json(found.rows);
                    });
                    """),
                ("server/lib/invoices.ts", """
                    export async function invoices(req: Request, res: Response) {
                      const since = req.query.since;
                      const rows = await pool.query(`SELECT id, amount FROM invoices WHERE day > '${since}'`);
                      res.send(rows);
                    }
                    """),
            ]),
        new("python", "app/views.py", """
            from flask import request

            def user():
                cursor.execute("SELECT * FROM users WHERE name = '" + request.args["name"] + "'")
                return cursor.fetchone()
            """, """
            from flask import request

            def user():
                cursor.execute("SELECT * FROM users WHERE name = %s", (request.args["name"],))
                return cursor.fetchone()
            """, "SQL built from parts of a request in a view", ParametersMend, "# to be written\n",
            [
                ("service/bookings.py", """
                    def bookings(conn, guest):
                        cur = conn.cursor()
                        cur.execute(f"SELECT room FROM bookings WHERE guest = '{guest}'")
                        return cur.fetchall()
                    """),
                ("jobs/cleanup.py", """
                    def drop_old(db, table_day):
                        db.execute("DELETE FROM sessions WHERE day < '%s'" % table_day)
                    """),
            ]),
        new("csharp", "Users/UserStore.cs", """
            public sealed class UserStore(SqlConnection connection)
            {
                public object? Find(string name)
                {
                    var query = new SqlCommand("SELECT * FROM users WHERE name = '" + name + "'", connection);
                    return query.ExecuteScalar();
                }
            }
            """, """
            public sealed class UserStore(SqlConnection connection)
            {
                public object? Find(string name)
                {
                    var command = new SqlCommand("SELECT * FROM users WHERE name = @name", connection);
                    command.Parameters.AddWithValue("@name", name);
                    return command.ExecuteScalar();
                }
            }
            """, "SQL built from arguments in a store", ParametersMend, "// to be written\n",
            [
                ("src/Billing/Ledger.cs", """
                    public sealed class Ledger(SqlConnection db)
                    {
                        public int Count(string account)
                        {
                            using var query = new SqlCommand(
                                $"SELECT count(*) FROM entries WHERE account = '{account}'", db);
                            return (int)query.ExecuteScalar();
                        }
                    }
                    """),
            ]),
    ];

    /// <summary>What is only like a mistake.</summary>
    public static IReadOnlyList<(string Path, string Code)> Clean { get; } =
    [
        ("a/1.js", "db.query('SELECT * FROM users WHERE id = ?', [req.params.id]);\n"),
        ("a/2.js", "await pool.query('SELECT * FROM orders WHERE id = $1 AND day > $2', [id, day]);\n"),
        ("a/3.js", "// never: \"SELECT * FROM users WHERE id = \" + req.params.id\nmodule.exports = {};\n"),
        ("a/4.js", "/* db.query(\"SELECT * FROM t WHERE a = \" + req.query.a) was the mistake */\nrun();\n"),
        ("a/5.test.js",
            "it(\"refuses 'SELECT * FROM users WHERE id = ' + id\", () => expect(check()).toBe(true));\n"),
        ("a/6.ts", "const rows = await sql`SELECT * FROM invoices WHERE day > ${since}`;\n"
            + "export default rows;\n"),
        ("a/7.js", "const text = \"You have \" + count + \" orders\";\nres.send(text);\n"),
        ("a/8.js", "const sql = 'SELECT id, name ' + 'FROM users ' + 'WHERE active';\ndb.query(sql);\n"),
        ("a/9.js", "knex('users').where({ id: req.params.id }).first();\n"),
        ("b/1.py", "cursor.execute(\"SELECT * FROM users WHERE name = %s\", (name,))\n"),
        ("b/2.py", "conn.execute(\"SELECT room FROM bookings WHERE guest = ?\", [guest])\n"),
        ("b/3.py", "# cursor.execute(\"SELECT * FROM users WHERE name = '\" + name + \"'\") is an injection\n"
            + "x = 1\n"),
        ("b/4.py", "def test_refuses_sql_by_concatenation():\n"
            + "    \"\"\"No 'SELECT * FROM t' + x here.\"\"\"\n    assert ok()\n"),
        ("b/5.py", "print(\"Selected \" + name + \" from the list\")\n"),
        ("b/6.py", "log.info(f\"select room for {guest}\")\n"),
        ("b/7.py", "session.execute(select(User).where(User.name == name))\n"),
        ("c/1.cs", "public sealed class A(SqlConnection c) { public SqlCommand Of(string n) { "
            + "var q = new SqlCommand(\"SELECT * FROM users WHERE name = @n\", c); "
            + "q.Parameters.AddWithValue(\"@n\", n); return q; } }\n"),
        ("c/2.cs", "// new SqlCommand(\"SELECT * FROM users WHERE name = '\" + name + \"'\")\n"
            + "public class B;\n"),
        ("c/3.cs", "public class C { public string Say(string n) => $\"Selected {n} from the list\"; }\n"),
        ("c/4.cs", "public class D { [Fact] public void Sql_ByConcatenation_IsRefused() => Ok(); }\n"),
        ("docs/sql.md", "Never write `\"SELECT * FROM users WHERE id = \" + req.params.id`.\n"),
        ("notes.txt", "cursor.execute(\"SELECT * FROM users WHERE name = '\" + name + \"'\")\n"),
        ("d/1.go", "rows, err := db.Query(\"SELECT name FROM users WHERE id = $1\", id)\n"),
        ("d/2.sql", "SELECT first || ' ' || last FROM users WHERE id = 1;\n"),
        ("d/3.json", "{ \"example\": \"'SELECT * FROM users WHERE id = ' + id\" }\n"),
    ];
}
