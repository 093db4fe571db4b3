using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Aegis.Server.OpenApi;

/// <summary>What the names in the doors' paths stand for, each with an example.</summary>
internal static class PathIds
{
    private const string RunExample = "run_01jd9t8w5c3n6k1m0q7xh2v4zb";

    private static readonly FrozenDictionary<string, (string Says, string Example)> Known =
        new Dictionary<string, (string, string)>
        {
            ["tenant"] = ("A tenant's id.", "acme"),
            ["project"] = ("A project's id.", "web"),
            ["plan"] = ("A plan's id.", "plan_01jd9t8w5c3n6k1m0q7xh2v4zb"),
            ["run"] = ("A run's id.", RunExample),
            ["spawn"] = ("The id of a spawned process, which is its run's.", RunExample),
            ["terminal"] = ("The id of a terminal, which is its run's.", RunExample),
            ["device"] = ("A paired device's id.", "dev_5f0c2a9e81b7d364ca10"),
            ["offer"] = ("The id of a pairing offer.", "off_5f0c2a9e81b7d364ca10"),
            ["lease"] = ("The id of a lock of a holder that is no run.", "lock_5f0c2a9e81b7d364ca10"),
            ["deployment"] = ("A deployment's name.", "todo"),
            ["replacement"] = ("The id of a decision that another model stands in.",
                "rep_01jd9t8w5c3n6k1m0q7xh2v4zb"),
            ["vaccine"] = ("A vaccine's id.", "vac_01jd9t8w5c3n6k1m0q7xh2v4zb"),
            ["article"] = ("An article's id.", "file-upload"),
            ["session"] = ("A conversation's id.", "chat_5f0c2a9e81b7d364ca1033f1"),
            ["step"] = ("The id that the workflow gives the step.", "build"),
            ["task"] = ("A task's id: its run's, a dot, its step's.", $"{RunExample}.build"),
            ["approval"] = ("An approval's id: its run's, a dot, its step's.", $"{RunExample}.deploy"),
            ["queue"] = ("A queue of requests for approval, as a profile names it.", "support"),
            ["artifact"] = ("An artifact's id.", "artf_3k9d0c7m2q8xh1v5zb4n6w1tjr"),
            ["token"] = ("What the link's maker was given.", "YWNtZQp3ZWI.q1w2e3"),
            ["workflow"] = ("The name under which a workflow is registered.", "nightly"),
            ["webhook"] = ("A webhook's id.", "wh_5f0c2a9e81b7d364ca10"),
            ["delivery"] = ("A delivery's id.", "msg_01jd9t8w5c3n6k1m0q7xh2v4zb"),
            ["outside"] = ("A tool of an outside MCP server.", "mcp.notes.add"),
            ["tool"] = ("A tool's name.", "shell.exec"),
            ["secret"] = ("A secret's name.", "github_token"),
            ["key"] = ("A key's id; not the key.", "key_01jd9t8w5c3n6k1m0q7xh2v4zb"),
        }.ToFrozenDictionary();

    public static JsonObject Parameter(string name)
    {
        var (says, example) = Known.TryGetValue(name, out var known)
            ? known
            : throw new InvalidOperationException(
                $"no path id is called {name}; expected: one of {string.Join(", ", Known.Keys.Order())}; "
                + "mend: add it to OpenApi/PathIds.cs");
        return new JsonObject
        {
            ["name"] = name,
            ["in"] = "path",
            ["required"] = true,
            ["description"] = says,
            ["schema"] = new JsonObject { ["type"] = "string" },
            ["example"] = example,
        };
    }
}
