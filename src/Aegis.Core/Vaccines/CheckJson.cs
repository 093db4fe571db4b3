using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines.Checks;

namespace Aegis.Core.Vaccines;

/// <summary>Checks as JSON: <c>{"kind":"pattern","path":"**/*.js","regex":"…"}</c>,
/// <c>{"kind":"rule","rule":"…"}</c>, <c>{"kind":"command","command":"git push --force"}</c>,
/// <c>{"kind":"dependency","ecosystem":"npm","name":"…","range":"…"}</c>.</summary>
public static class CheckJson
{
    private static readonly FrozenDictionary<string, string[]> Members = new Dictionary<string, string[]>
    {
        ["pattern"] = ["kind", "path", "regex"],
        ["rule"] = ["kind", "rule"],
        ["command"] = ["kind", "command"],
        ["dependency"] = ["kind", "ecosystem", "name", "range"],
    }.ToFrozenDictionary();

    public static (VaccineCheck? Check, AegisError? Error) Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return (null, VaccineErrors.BadCheck("it is no JSON", "an object with kind", json));
        }
    }

    public static (VaccineCheck? Check, AegisError? Error) Read(JsonElement check)
    {
        if (check.ValueKind != JsonValueKind.Object || Text(check, "kind") is not { } kind
            || !Members.TryGetValue(kind, out var members))
        {
            return (null, VaccineErrors.BadCheck("its kind is not known", string.Join(", ", Members.Keys)));
        }
        foreach (var member in check.EnumerateObject())
        {
            if (!members.Contains(member.Name) || member.Value.ValueKind != JsonValueKind.String)
            {
                return (null, VaccineErrors.BadCheck($"{member.Name} is unknown or no text",
                    $"texts {string.Join(", ", members)}"));
            }
        }
        string Of(string member) => Text(check, member) ?? "";
        return kind switch
        {
            "pattern" => PatternCheck.Read(Text(check, "path"), Of("regex")),
            "rule" => Rule(Of("rule")),
            "command" => CommandCheck.Read(Of("command")),
            _ => DependencyCheck.Read(Of("ecosystem"), Of("name"), Text(check, "range")),
        };
    }

    public static string Write(VaccineCheck check) => check switch
    {
        PatternCheck c => Write("pattern", ("path", c.Path), ("regex", c.Pattern)),
        RuleCheck c => Write("rule", ("rule", c.Rule)),
        CommandCheck c => Write("command", ("command", c.Command)),
        DependencyCheck c => Write("dependency",
            ("ecosystem", c.Ecosystem), ("name", c.Name), ("range", c.Range)),
        _ => throw new InvariantViolationException($"check {check.GetType().Name} has no form"),
    };

    private static (VaccineCheck? Check, AegisError? Error) Rule(string rule) =>
        rule.Length is 0 or > VaccineLimits.CheckTextCharsMax
            ? (null, VaccineErrors.BadCheck("its rule is empty or too long",
                $"1 to {VaccineLimits.CheckTextCharsMax} characters", $"{rule.Length}"))
            : (new RuleCheck(rule), null);

    private static string? Text(JsonElement check, string member) =>
        check.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() : null;

    private static string Write(string kind, params ReadOnlySpan<(string Name, string? Text)> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes,
            new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            foreach (var (name, text) in members)
            {
                if (text is not null)
                {
                    json.WriteString(name, text);
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
