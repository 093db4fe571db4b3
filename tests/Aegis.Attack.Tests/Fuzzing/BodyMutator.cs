using System.Text;

namespace Aegis.Attack.Fuzzing;

/// <summary>Bodies that no door may take: whatever else is in them, each holds a member that no door knows,
/// or is no JSON.</summary>
internal sealed class BodyMutator(Random random)
{
    /// <summary>No door has it, so that nothing with it can be accepted.</summary>
    public const string UnknownMember = "zz_no_such_member";

    private static readonly string[] Names =
    [
        "workflow", "file_name", "inputs", "context", "repository", "ref", "freeze", "dedupe_key", "reason",
        "answer", "yaml", "files", "id", "name", "scopes", "project", "value", "url", "events", "secret_name",
        "objective", "tenant_id", "project_id", "title", "head", "base", "body", "state", "__proto__",
            "$type",
        "$ref", "", "Workflow", "workflow\\u0000",
    ];

    public byte[] Next()
    {
        var text = random.Next(10) switch
        {
            0 => Broken(),
            1 => Deep(),
            _ => Object(),
        };
        var bytes = Encoding.UTF8.GetBytes(text);
        if (random.Next(12) == 0)
        {
            // half a character, so that it is no UTF-8 and no JSON
            return [.. bytes, 0xE2, 0x82];
        }
        return bytes;
    }

    private string Object()
    {
        var members = new List<string> { $"\"{UnknownMember}\":{Value(0)}" };
        for (var n = random.Next(6); n > 0; n--)
        {
            var member = $"\"{Pieces.Any(random, Names)}\":{Value(0)}";
            members.Add(member);
            if (random.Next(6) == 0)
            {
                members.Add(member);
            }
        }
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members));
        return "{" + string.Join(',', members) + "}";
    }

    private string Value(int depth) => random.Next(depth > 4 ? 7 : 9) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => Pieces.Any(random, ["0", "-0", "1e999", "-1e-999", "123456789012345678901234567890", "1.5",
            "01"]),
        3 => "\"" + Pieces.Any(random, ["\\ud800", "\\udfff\\ud800", "\\u0000", "\\uFFFF", "\\q",
            "\\"]) + "\"",
        4 => System.Text.Json.JsonSerializer.Serialize(Pieces.Any(random, Pieces.Text)),
        5 => "\"" + new string('x', random.Next(70_000)) + "\"",
        6 => "\"" + Pieces.Any(random, ["run_x", "web", "main", "https://127.0.0.1/", "file:///etc/passwd"])
            + "\"",
        7 => "[" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => Value(depth + 1))) + "]",
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ =>
            $"\"{Pieces.Any(random, Names)}\":{Value(depth + 1)}")) + "}",
    };

    private string Deep()
    {
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        var times = random.Next(1, 20_000);
        return $"{{\"{UnknownMember}\":{string.Concat(Enumerable.Repeat(open, times))}1"
            + $"{string.Concat(Enumerable.Repeat(close, times))}}}";
    }

    private string Broken()
    {
        var whole = Object();
        return whole[..random.Next(whole.Length)];
    }
}
