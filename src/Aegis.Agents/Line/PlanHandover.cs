using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Agents.Contracts;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents.Line;

/// <param name="Task">A task of the plan, as it was built.</param>
/// <param name="Plan">The whole plan: what the tasks that need this one count on.</param>
/// <param name="Cwd">Where the project stands.</param>
/// <param name="Refused">Why a person wants another plan: then nothing is looked at.</param>
public sealed record PlanHandoverInput(
    [property: Required] JsonElement Task,
    JsonElement? Plan = null,
    [property: StringLength(4_096, MinimumLength = 1)] string Cwd = "/work/app",
    [property: StringLength(ContractText.TextMax)] string? Refused = null);

/// <summary>
/// Holds a finished task to its contract: what the plan says that it leaves, and what the tasks that need it
/// count on, must be there. Of a file its path is looked for, of an endpoint its path in the sources, of
/// anything else its name as a word in the sources; what has no such name is counted and not judged.
/// </summary>
public sealed partial class PlanHandover : Tool<PlanHandoverInput>
{
    /// <summary>The error that asks for another plan.</summary>
    public const string Unfit = "AEGIS2740";

    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(60);

    // each line is a kind and a name; those that are not there are printed
    private const string Script = """
        cd -- "$1" || exit 46
        while IFS= read -r line; do
          name=${line:2}
          case ${line:0:1} in
            F) [ -e "$name" ] ;;
            W) grep -rqswF --exclude-dir=.git --exclude-dir=node_modules -- "$name" . ;;
            *) grep -rqsF --exclude-dir=.git --exclude-dir=node_modules -- "$name" . ;;
          esac || printf '%s\n' "$line"
        done
        """;

    public override ToolDescriptor Descriptor { get; } = new("plan.handover", "tools:flow", ToolEffect.Pure,
        "Holds a finished task to what the plan says that it leaves.", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(PlanHandoverInput input, Execution execution,
        CancellationToken cancel)
    {
        if (input.Refused is { } refused)
        {
            return ToolResult.Fail(new AegisError(Unfit, $"a person wants another plan: {refused}",
                Mend: "plan it anew"));
        }
        var promised = Promised(input).ToList();
        var looked = promised.Where(p => p.Look is not null).ToList();
        var result = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Script, "bash", input.Cwd], Quiet: true, Timeout: TimeMax,
            Stdin: Encoding.UTF8.GetBytes(string.Concat(looked.Select(p => p.Look + "\n")))), cancel);
        if (!result.Ok)
        {
            return ToolResult.Fail(new AegisError("AEGIS2111", $"{input.Cwd} cannot be looked at", "a folder",
                result.StderrText.Trim(), "name the folder of the project"));
        }
        var missing = result.StdoutText.Split('\n').ToHashSet(StringComparer.Ordinal);
        var unfit = looked.Where(p => missing.Contains(p.Look!)).Select(p => p.Says).Distinct().ToList();
        var outputs = JsonSerializer.SerializeToElement(
            new { unfit, looked_at = looked.Count, unchecked_names = promised.Count - looked.Count });
        return unfit.Count == 0 ? new ToolResult(true, $"{looked.Count} hand-overs fit", outputs)
            : ToolResult.Fail(new AegisError(Unfit, $"what it hands over does not fit: "
                + string.Join("; ", unfit), "what the plan says", null, "plan this part anew"),
                outputs: outputs);
    }

    private static IEnumerable<Promise> Promised(PlanHandoverInput input)
    {
        var id = Text(input.Task, "id");
        foreach (var output in Contracts(input.Task, "outputs"))
        {
            yield return Promise.Of(output, $"{id} leaves no {Text(output, "type")} {Text(output, "name")}");
        }
        if (input.Plan is not { } given || PlannedTasks.Read(given, out _) is not { } plan
            || plan.Find(id) is null)
        {
            yield break;
        }
        // where a task needs several, an input that none of them names cannot be laid to this one
        foreach (var next in plan.NeededBy(id).Where(t => plan.NeedsOf(PlannedTasks.IdOf(t)).Length == 1))
        {
            foreach (var counted in Contracts(next, "inputs"))
            {
                yield return Promise.Of(counted, $"{PlannedTasks.IdOf(next)} counts on the "
                    + $"{Text(counted, "type")} {Text(counted, "name")} of {id}");
            }
        }
    }

    private static IEnumerable<JsonElement> Contracts(JsonElement task, string member) =>
        task.ValueKind == JsonValueKind.Object && task.TryGetProperty(member, out var list)
            && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static string Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";

    /// <param name="Look">What is looked for; null where it has no name that can be.</param>
    /// <param name="Says">What is said where it is not there.</param>
    private sealed record Promise(string? Look, string Says)
    {
        public static Promise Of(JsonElement contract, string says) =>
            new(LookFor(Text(contract, "name"), Text(contract, "type")), says);
    }

    internal static string? LookFor(string name, string type)
    {
        if (name.AsSpan().ContainsAny('\n', '\0'))
        {
            return null;
        }
        if (type is "file" or "folder" or "directory")
        {
            var path = name.StartsWith("./", StringComparison.Ordinal) ? name[2..]
                : name.StartsWith("app/", StringComparison.Ordinal) ? name[4..] : name;
            return path.StartsWith('/') || path.Split('/').Contains("..") ? null : $"F {path}";
        }
        if (type == "endpoint")
        {
            var path = EndpointPath().Match(name).Value.TrimEnd('/');
            return path.Length > 1 ? $"P {path}" : null;
        }
        var word = LeadingName().Match(name).Value;
        return word.Length > 0 ? $"W {word[(word.LastIndexOf('.') + 1)..]}" : null;
    }

    [GeneratedRegex(@"/[A-Za-z0-9._~/-]*", RegexOptions.CultureInvariant)]
    private static partial Regex EndpointPath();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingName();
}
