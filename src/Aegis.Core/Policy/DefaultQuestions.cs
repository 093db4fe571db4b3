using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Acts that change what others use: a human is asked before, where no profile says that nobody need
/// be.</summary>
public static class DefaultQuestions
{
    private const int ShownCharsMax = 2_000;

    // what a plan would change is asked about when it is to be done, not when it is made
    private static readonly ImmutableArray<(string Tool, ImmutableArray<string> QuietActions)> Asked =
    [
        ("deploy.process", []),
        ("deploy.static", ["plan"]),
        ("deploy.terraform", ["init", "plan", "output", "history"]),
        ("deploy.pulumi", ["init", "plan", "output", "history"]),
    ];

    /// <summary>The question, or null where nobody need be asked.</summary>
    /// <param name="unasked">The profile's <c>policies.without_approval</c>.</param>
    public static AegisError? Of(string tool, JsonElement input, ImmutableArray<string> unasked)
    {
        foreach (var (name, quiet) in Asked)
        {
            if (name == tool)
            {
                return quiet.Contains(Text(input, "action") ?? "")
                    || (!unasked.IsDefault && unasked.Any(pattern => ToolPattern.Covers(pattern, tool)))
                    ? null : Question(tool, input);
            }
        }
        return null;
    }

    public static string RuleOf(string tool) => $"default: {tool}";

    private static AegisError Question(string tool, JsonElement input)
    {
        var subject = Text(input, "name") ?? Text(input, "path");
        var what = string.Join(" ", new[] { Text(input, "action"), subject }.OfType<string>());
        var changes = Text(input, "changes");
        return new AegisError("AEGIS2660", $"{tool} {what}".TrimEnd() + " changes what others use",
            "an approval",
            changes is { Length: > ShownCharsMax } ? changes[..ShownCharsMax] + "…" : changes,
            "approve it; or name the tool in policies.without_approval of the profile");
    }

    private static string? Text(JsonElement input, string member) =>
        input.ValueKind == JsonValueKind.Object && input.TryGetProperty(member, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
