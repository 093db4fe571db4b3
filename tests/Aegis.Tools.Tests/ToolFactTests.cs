using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Aegis.Agents;
using Aegis.Core.Plans.Review;
using Aegis.Gate;
using Aegis.Tests.Shared;

namespace Aegis.Tools.Tests;

/// <summary>contracts/tools.json is what the catalogue says: <c>aegis plan</c> knows the tools by it, without
/// a server.</summary>
public sealed class ToolFactTests
{
    private const string Probe = "https://probe.example/x";
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    [Fact]
    [Trait("Category", "Generated")]
    public void Contract_IsWhatTheCatalogueSays() =>
        GeneratedFile.Hold("contracts/tools.json", JsonSerializer.Serialize(
            new ToolFactList([.. BuiltInTools.Catalogue(null, AgentTools.All()).All.Select(Fact)
                .OrderBy(f => f.Name, StringComparer.Ordinal)]),
            ToolFactJson.Default.ToolFactList) + "\n");

    [Fact]
    public void Shipped_KnowsWhatPlansAreReviewedWith()
    {
        var shell = ToolFacts.BuiltIn.Find("shell.exec")!;
        Assert.Equal(("tools:shell", "idempotent", "cmd", null),
            (shell.Scope, shell.Effect, shell.CommandInput, shell.UrlInput));
        var spawn = ToolFacts.BuiltIn.Find("process.spawn")!;
        Assert.Equal(("command", "args"), (spawn.CommandInput, spawn.ArgsInput));
        Assert.Equal("url", ToolFacts.BuiltIn.Find("http.fetch")!.UrlInput);
        Assert.True(ToolFacts.BuiltIn.Find("llm.chat")!.CallsModel);
        Assert.Equal(BuiltInTools.Catalogue(null, AgentTools.All()).Names.Order(),
            ToolFacts.BuiltIn.Names.Order());
    }

    private static ToolFact Fact(Tool tool)
    {
        var known = tool.Descriptor;
        var inputs = tool.InputType.GetConstructors().Single(c => c.GetParameters().Length > 0
            || IsEmpty(tool))
            .GetParameters().Select(p => Input(p, tool.Check(Nothing) is not null)).ToImmutableArray();
        // a member is the command line, or the address, where the tool itself takes it for that
        return new ToolFact(known.Name, known.Scope, known.Effect.ToString().ToLowerInvariant(),
            known.Description, known.UsesWorkspace, known.Programs.IsDefault ? [] : known.Programs,
            inputs.FirstOrDefault(i => tool.CommandLine(Given(i.Name)) == Probe)?.Name,
            inputs.FirstOrDefault(i => TakesWords(tool, inputs, i.Name))?.Name,
            inputs.FirstOrDefault(i => tool.EgressUrl(Given(i.Name)) == Probe)?.Name, inputs);
    }

    private static bool TakesWords(Tool tool, ImmutableArray<ToolInputFact> inputs, string member) =>
        inputs.Any(i => tool.CommandLine(JsonSerializer.SerializeToElement(
            new Dictionary<string, object> { [i.Name] = Probe, [member] = new[] { "a b" } }))
            == $"{Probe} 'a b'");

    private static bool IsEmpty(Tool tool) =>
        tool.InputType.GetConstructors().All(c => c.GetParameters().Length == 0);

    private static JsonElement Given(string member) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, string> { [member] = Probe });

    // a tool that takes an empty input needs no member of it
    private static ToolInputFact Input(ParameterInfo parameter, bool refusesNothing)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return new ToolInputFact(JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!), TypeName(type),
            refusesNothing && !parameter.HasDefaultValue);
    }

    private static string? TypeName(Type type) =>
        type == typeof(string) || type.IsEnum ? "string"
        : type == typeof(bool) ? "boolean"
        : type == typeof(int) || type == typeof(long) ? "integer"
        : type == typeof(double) || type == typeof(decimal) ? "number"
        : type == typeof(TimeSpan) || type == typeof(JsonElement) ? null
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? "array"
        : "object";
}
