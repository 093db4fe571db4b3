using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Core.Deployments.Stacks;

/// <summary>What a plan would do to one thing.</summary>
/// <param name="Action">create, update, replace, delete, read or forget.</param>
/// <param name="Attributes">Names of what changes; values only where nobody calls them sensitive.</param>
public sealed record StackChange(
    string Address, string Action, ImmutableSortedDictionary<string, JsonNode?> Attributes)
{
    public string Sign => Action switch
    {
        "create" => "+",
        "update" => "~",
        "replace" => "-/+",
        "delete" => "-",
        _ => "<=",
    };
}

/// <summary>A plan as people approve it. Made from what the program says in JSON, of which most is left out:
/// the prior state, the configuration and variables hold secrets in the clear.</summary>
public sealed record PlanDiff(ImmutableArray<StackChange> Changes, ImmutableArray<string> Outputs)
{
    public const string Masked = "(sensitive)";
    private const string Unknown = "(known after apply)";

    public int Count(string action) => Changes.Count(c => c.Action == action);

    public int Add => Count("create") + Count("replace");

    public int Change => Count("update");

    public int Destroy => Count("delete") + Count("replace");

    /// <summary>As <c>terraform show -json</c> and <c>tofu show -json</c> write it.</summary>
    public static PlanDiff OfTerraform(JsonElement plan) => new(
    [
        .. Items(plan, "resource_changes").Select(OfResource).OfType<StackChange>()
            .OrderBy(c => c.Address, StringComparer.Ordinal),
    ], [.. Members(plan, "output_changes").Where(o => ActionOf(o.Value) is not "no-op").Select(o => o.Name)]);

    /// <summary>As <c>pulumi preview --json</c> writes it. Values stay out: only some are marked as
    /// secret.</summary>
    public static PlanDiff OfPulumi(JsonElement preview) => new(
    [
        .. Items(preview, "steps").Select(OfStep).OfType<StackChange>()
            .OrderBy(c => c.Address, StringComparer.Ordinal),
    ], []);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["add"] = Add,
        ["change"] = Change,
        ["destroy"] = Destroy,
        ["changes"] = new JsonArray([.. Changes.Select(c => (JsonNode)new JsonObject
        {
            ["address"] = c.Address,
            ["action"] = c.Action,
            ["attributes"] = new JsonObject(c.Attributes.Select(a =>
                KeyValuePair.Create(a.Key, a.Value?.DeepClone()))),
        })]),
        ["outputs"] = new JsonArray([.. Outputs.Select(o => (JsonNode)o)]),
    });

    /// <summary>The words by which it is approved; no value of an attribute is in them.</summary>
    public string Summary()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"{Add} to add, {Change} to change, {Destroy} to destroy"));
        for (var i = 0; i < Changes.Length; i++)
        {
            var change = Changes[i];
            var line = $"\n{change.Sign} {change.Address}"
                + (change.Action is "update" or "replace" && !change.Attributes.IsEmpty
                    ? $" ({string.Join(", ", change.Attributes.Keys)})" : "");
            var rest = string.Create(CultureInfo.InvariantCulture, $"\n… and {Changes.Length - i} more");
            if (text.Length + line.Length + rest.Length > StackLimits.SummaryCharsMax)
            {
                return text.Append(rest).ToString();
            }
            text.Append(line);
        }
        return text.ToString();
    }

    private static StackChange? OfResource(JsonElement resource)
    {
        if (!resource.TryGetProperty("change", out var change) || ActionOf(change) is "no-op")
        {
            return null;
        }
        var attributes = ImmutableSortedDictionary.CreateBuilder<string, JsonNode?>(StringComparer.Ordinal);
        var names = Members(change, "before").Concat(Members(change, "after"))
            .Concat(Members(change, "after_unknown")).Select(m => m.Name).Distinct();
        foreach (var name in names)
        {
            var (before, after) = (Part(change, "before", name), Part(change, "after", name));
            var later = Part(change, "after_unknown", name) is { } unknown && IsTrue(unknown);
            if (later || !Equal(before, after))
            {
                attributes[name] = new JsonObject
                {
                    ["before"] = Masking(before, Sensitive(change, "before_sensitive", name)),
                    ["after"] = later ? Unknown
                        : Masking(after, Sensitive(change, "after_sensitive", name)),
                };
            }
        }
        return new StackChange(Text(resource, "address") ?? "?", ActionOf(change), attributes.ToImmutable());
    }

    private static StackChange? OfStep(JsonElement step)
    {
        var action = Text(step, "op") switch
        {
            "create" or "import" => "create",
            "update" => "update",
            "replace" or "create-replacement" or "delete-replaced" => "replace",
            "delete" or "discard" => "delete",
            "read" or "refresh" => "read",
            _ => null,
        };
        // one replacement is told as three steps
        return action is null || Text(step, "op") is "create-replacement" or "delete-replaced" ? null
            : new StackChange(Text(step, "urn") ?? "?", action, Items(step, "diffReasons")
                .Where(d => d.ValueKind == JsonValueKind.String)
                .Select(d => d.GetString()!).Distinct()
                .ToImmutableSortedDictionary(d => d, _ => (JsonNode?)null, StringComparer.Ordinal));
    }

    private static string ActionOf(JsonElement change)
    {
        var actions = Items(change, "actions").Select(a => a.GetString()).ToList();
        return actions.Contains("create") && actions.Contains("delete") ? "replace"
            : actions.FirstOrDefault() ?? "no-op";
    }

    private static JsonElement? Part(JsonElement change, string side, string name) =>
        change.TryGetProperty(side, out var all) && all.ValueKind == JsonValueKind.Object
            && all.TryGetProperty(name, out var part) ? part : null;

    private static JsonElement? Sensitive(JsonElement change, string side, string name) =>
        change.TryGetProperty(side, out var all) && all.ValueKind == JsonValueKind.True ? all
            : Part(change, side, name);

    private static JsonNode? Masking(JsonElement? value, JsonElement? sensitive)
    {
        if (value is not { } there || there.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        return sensitive is { } mark ? (mark.ValueKind, there.ValueKind) switch
        {
            (JsonValueKind.True, _) => Masked,
            (JsonValueKind.Object, JsonValueKind.Object) => new JsonObject(there.EnumerateObject().Select(m =>
                KeyValuePair.Create(m.Name, Masking(m.Value,
                    mark.TryGetProperty(m.Name, out var inner) ? inner : null)))),
            (JsonValueKind.Array, JsonValueKind.Array) => new JsonArray([.. there.EnumerateArray()
                .Select((m, i) => Masking(m, i < mark.GetArrayLength() ? mark[i] : null))]),
            (JsonValueKind.Object or JsonValueKind.Array, _) => Masked,
            _ => JsonNode.Parse(there.GetRawText()),
        } : JsonNode.Parse(there.GetRawText());
    }

    private static bool Equal(JsonElement? a, JsonElement? b) =>
        (a?.GetRawText() ?? "null") == (b?.GetRawText() ?? "null");

    private static bool IsTrue(JsonElement value) => value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<JsonElement> Items(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var items)
            && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    private static IEnumerable<JsonProperty> Members(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];
}
