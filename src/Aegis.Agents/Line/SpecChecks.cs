using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Agents.Contracts;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents.Line;

/// <param name="Spec">A specification.</param>
/// <param name="Cwd">Where its checks run.</param>
public sealed record SpecChecksInput(
    [property: Required] JsonElement Spec,
    [property: StringLength(4_096, MinimumLength = 1)] string Cwd = "/work/app");

/// <summary>Turns the acceptance criteria that a command can show into steps for <c>plan.extend</c>. Each is
/// held to the workflow's own allow_commands, like any step; a criterion without a command is
/// counted.</summary>
public sealed class SpecChecks : Tool<SpecChecksInput>
{
    public override ToolDescriptor Descriptor { get; } = new("spec.checks", "tools:flow", ToolEffect.Pure,
        "Turns the acceptance criteria of a specification into steps that show them.", RunsInline: true);

    protected override ValueTask<ToolResult> InvokeAsync(SpecChecksInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(Answer(input));

    private static ToolResult Answer(SpecChecksInput input)
    {
        var bound = ReplyContract.All[nameof(Spec)].Bind(input.Spec);
        if (bound.Json is not { } spec)
        {
            return ToolResult.Fail(new AegisError("AEGIS2734", "the specification cannot be checked",
                "a Spec", string.Join("; ", bound.Errors), "ask the visionary again"));
        }
        var (steps, words) = (new JsonArray(), 0);
        foreach (var (of, capability) in spec.GetProperty("capabilities").EnumerateArray().Index())
        {
            foreach (var (at, criterion) in capability.GetProperty("acceptance_criteria").EnumerateArray()
                .Index())
            {
                if (Command(criterion) is not { } command)
                {
                    words++;
                }
                else if (command.Contains("${{", StringComparison.Ordinal))
                {
                    // a model's words are no part of a workflow
                    return ToolResult.Fail(new AegisError("AEGIS2734",
                        "a check of the specification holds an expression", "a plain command line",
                        command.Length <= 200 ? command : command[..200], "write the value itself"));
                }
                else
                {
                    steps.Add(Step(of + 1, at + 1, command, input.Cwd));
                }
            }
        }
        return new ToolResult(true, $"{steps.Count} checks, {words} criteria without one",
            JsonSerializer.SerializeToElement(new JsonObject { ["steps"] = steps, ["unchecked"] = words }));
    }

    private static string? Command(JsonElement criterion) =>
        criterion.TryGetProperty("check", out var check) && check.ValueKind == JsonValueKind.Object
            ? check.GetProperty("cmd").GetString() : null;

    private static JsonObject Step(int of, int at, string command, string cwd) => new()
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"check-{of}-{at}"),
        ["uses"] = "shell.exec",
        ["needs"] = new JsonArray(),
        ["with"] = new JsonObject { ["cmd"] = command, ["cwd"] = cwd },
    };
}
