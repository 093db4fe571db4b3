using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Spawns;

/// <param name="Name">What lists show.</param>
/// <param name="Command">The program, found on the sandbox's PATH.</param>
/// <param name="TimeoutSeconds">It is ended then.</param>
/// <param name="MaxMemoryMb">MiB; of the whole tree where the node has control groups, else of each
/// process.</param>
public sealed record ProcessSpawnInput(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(4096, MinimumLength = 1)] string Command,
    [property: Length(0, ProcessSpawn.ArgsMax)] ImmutableArray<string>? Args = null,
    [property: Range(1, ProcessSpawn.TimeoutSecondsMax)] int TimeoutSeconds = ProcessSpawn.TimeoutSeconds,
    [property: Range(16, ProcessSpawn.MemoryMbMax)] int MaxMemoryMb = ProcessSpawn.MemoryMb);

/// <summary>Runs a named program with its arguments in the sandbox, without a shell. The gate judges it as
/// the command line that it is.</summary>
public sealed class ProcessSpawn : Tool<ProcessSpawnInput>
{
    public const int TimeoutSeconds = 300;
    public const int TimeoutSecondsMax = 86_400;
    public const int MemoryMb = 512;
    public const int MemoryMbMax = 2_048;
    public const int ArgsMax = 1_000;

    public override ToolDescriptor Descriptor { get; } =
        new("process.spawn", "tools:process", ToolEffect.Idempotent,
        "Runs a named program with its arguments in the sandbox, within a time and a memory.",
            UsesWorkspace: true);

    public override string? CommandLine(JsonElement input) =>
        input.ValueKind == JsonValueKind.Object && Text(input, "command") is { } command
            ? CommandWords.Line([command, .. Words(input)]) : null;

    protected override AegisError? Judge(ProcessSpawnInput input) =>
        !IdRule.IsValid(input.Name)
            ? Wrong("name is malformed", $"1 to {IdRule.LengthMax} characters of A-Z a-z 0-9 . _ -", "/name")
        : Argv(input).Any(word => word is null || word.Contains('\0', StringComparison.Ordinal))
            ? Wrong("an argument is null or holds NUL", "text without it", "/args")
        : null;

    protected override async ValueTask<ToolResult> InvokeAsync(ProcessSpawnInput input, Execution execution,
        CancellationToken cancel)
    {
        var result = await execution.SandboxAsync(new SandboxCommand(Argv(input),
            Timeout: TimeSpan.FromSeconds(input.TimeoutSeconds),
            MemoryBytesMax: (long)input.MaxMemoryMb << 20), cancel);
        var outputs = new JsonObject
        {
            ["name"] = input.Name,
            ["exit_code"] = result.ExitCode,
            ["timed_out"] = result.TimedOut,
            ["stdout_bytes"] = result.StdoutBytes,
            ["stderr_bytes"] = result.StderrBytes,
            ["cpu_ms"] = (long)(result.Usage?.Cpu.TotalMilliseconds ?? 0),
            ["peak_memory_bytes"] = result.Usage?.PeakMemoryBytes ?? 0,
        };
        return new ToolResult(result.Ok, OutputText.Tail(result.Stdout.Span), ToolJson.Element(outputs),
            result.ExitCode, Failure(input, result));
    }

    private static AegisError? Failure(ProcessSpawnInput input, CommandResult result) =>
        result.TimedOut ? new AegisError("AEGIS4220", $"{input.Name} was ended at its time limit",
            $"an end within {input.TimeoutSeconds} s", null, "raise timeout_seconds")
        : result.ExitCode == 0 ? null
        : new AegisError("AEGIS4221", $"{input.Name} ended with exit code {result.ExitCode}", "exit code 0",
            $"exit code {result.ExitCode}"
            + (OutputText.LastLine(result) is { } line ? $", and at the end: {line}" : ""),
            OutputText.ReadTheLog);

    private static IEnumerable<string> Words(JsonElement input) =>
        input.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Array
            ? args.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String)
                .Select(a => a.GetString()!)
            : [];

    private static string? Text(JsonElement input, string member) =>
        input.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() : null;

    private static ImmutableArray<string> Argv(ProcessSpawnInput input) =>
        [input.Command, .. input.Args ?? []];

    private static AegisError Wrong(string why, string expected, string place) =>
        new("AEGIS4222", why, expected, null, "correct the input") { Place = new ErrorPlace(place) };
}
