using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Shell;

/// <param name="Cmd">What <c>bash -c</c> runs.</param>
/// <param name="Cwd">At or below /work; relative to /work.</param>
/// <param name="Pty">Gives the command a terminal; stdout and stderr are one stream then.</param>
/// <param name="Timeout">Less than the task's own; 1 ms to 24 h.</param>
/// <param name="Env">Added to the task's environment.</param>
public sealed record ShellExecInput(
    [property: StringLength(64 * 1024, MinimumLength = 1)] string Cmd,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = WorkPath.Root,
    bool Pty = false,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")] TimeSpan? Timeout = null,
    ImmutableSortedDictionary<string, string>? Env = null);

/// <summary>Runs a command line in the sandbox. The gate has judged it against allow_commands
/// before.</summary>
public sealed partial class ShellExec : Tool<ShellExecInput>
{
    public const int EnvMax = 100;
    public const int EnvValueBytesMax = 32 * 1024;
    internal static readonly FrozenSet<string> OwnOutputs =
        ["exit_code", "stdout_bytes", "stderr_bytes", "timed_out"];

    private const int NoDirectory = 125;
    private const string NoDirectoryMark = "aegis: no such directory: ";

    // bash changes the directory itself: a wrong one is then a plain answer and not a sandbox that did not
    // start
    private const string Enter = $$"""
        cd -- "$1" 2>/dev/null || { printf '{{NoDirectoryMark}}%s\n' "$1" >&2; exit 125; }
        exec bash -c "$2"
        """;

    // reading is removing, so that no later task takes these outputs for its own
    private const string TakeOutputs = """[ -f "$1" ] || exit 0; head -c "$2" -- "$1"; rm -f -- "$1" """;

    public override ToolDescriptor Descriptor { get; } =
        new("shell.exec", "tools:shell", ToolEffect.Idempotent,
        "Runs a command line with bash in the sandbox, over the run's workspace at /work.",
            UsesWorkspace: true);

    public override string? CommandLine(JsonElement input) =>
        input.ValueKind == JsonValueKind.Object && input.TryGetProperty("cmd", out var cmd)
            && cmd.ValueKind == JsonValueKind.String ? cmd.GetString() : null;

    protected override AegisError? Judge(ShellExecInput input) =>
        WorkPath.Wrong(input.Cwd, "cwd") ?? CheckEnv(input.Env);

    protected override async ValueTask<ToolResult> InvokeAsync(ShellExecInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var outputFile = OutputFile(execution.Context.CallId);
        var env = (input.Env ?? ImmutableSortedDictionary<string, string>.Empty)
            .SetItem("AEGIS_OUTPUT", outputFile);
        var result = await execution.SandboxAsync(
            new SandboxCommand(Argv(cwd, input.Cmd), Env: env, Timeout: input.Timeout, Pty: input.Pty),
            cancel);
        var written = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", TakeOutputs, "bash", outputFile, $"{NamedOutputs.BytesMax + 1}"], Quiet: true),
                cancel);
        return Answer(input, cwd, result, written);
    }

    /// <summary>A command line in a folder of the workspace.</summary>
    internal static ImmutableArray<string> Argv(string cwd, string line) => cwd == WorkPath.Root
        ? ["bash", "-c", line]
        : ["bash", "-c", Enter, "bash", cwd, line];

    private static ToolResult Answer(
        ShellExecInput input, string cwd, CommandResult result, CommandResult written)
    {
        var readable = NamedOutputs.TryParse(written.Stdout.Span, out var named, out var error);
        if (readable && !written.Ok)
        {
            readable = false;
            error = new AegisError("AEGIS2103", "the file of $AEGIS_OUTPUT cannot be read",
                Got: OutputText.LastLine(written));
        }
        var outputs = new JsonObject
        {
            ["exit_code"] = result.ExitCode,
            ["stdout_bytes"] = result.StdoutBytes,
            ["stderr_bytes"] = result.StderrBytes,
            ["timed_out"] = result.TimedOut,
        };
        foreach (var (name, value) in named)
        {
            outputs[name] = value;
        }
        if (result.TimedOut)
        {
            error = new AegisError("AEGIS2102", "the command was ended at its time limit",
                input.Timeout is { } limit ? $"an end within {limit.TotalMilliseconds:0} ms" : null,
                null, "give the step a longer timeout, or make the command shorter");
        }
        else if (MissedDirectory(result, cwd))
        {
            error = new AegisError(
                "AEGIS2105", $"there is no directory {cwd}", "a directory in the workspace", null,
                "check cwd; a run's repository stands at /work/app");
        }
        else if (result.ExitCode != 0)
        {
            error = new AegisError(
                "AEGIS2101", $"the command ended with exit code {result.ExitCode}", "exit code 0",
                $"exit code {result.ExitCode}"
                + (OutputText.LastLine(result) is { } line ? $", and at the end: {line}" : ""),
                OutputText.ReadTheLog);
        }
        else if (readable)
        {
            error = null;
        }
        return new ToolResult(error is null, OutputText.Tail(result.Stdout.Span), ToolJson.Element(outputs),
            result.ExitCode, error);
    }

    private static bool MissedDirectory(CommandResult result, string cwd)
    {
        return result.ExitCode == NoDirectory && cwd != WorkPath.Root
            && (OutputText.LastLine(result)?.StartsWith(NoDirectoryMark, StringComparison.Ordinal) ?? false);
    }

    internal static AegisError? CheckEnv(ImmutableSortedDictionary<string, string>? env)
    {
        if (env is null)
        {
            return null;
        }
        foreach (var (name, value) in env)
        {
            if (!EnvName().IsMatch(name) || name.StartsWith("AEGIS_", StringComparison.Ordinal)
                || value.Contains('\0', StringComparison.Ordinal)
                || System.Text.Encoding.UTF8.GetByteCount(value) > EnvValueBytesMax)
            {
                return new AegisError("AEGIS2104", $"the environment variable «{name}» cannot be set",
                    $"a name of letters, digits and _, not beginning with AEGIS_; a value of at most "
                    + $"{EnvValueBytesMax} bytes without NUL", null, "rename it or shorten its value")
                {
                    Place = new ErrorPlace("/env" + ErrorPlace.Step(name), AtName: true),
                };
            }
        }
        return env.Count > EnvMax
            ? new AegisError("AEGIS2104", $"env has more than {EnvMax} variables", $"at most {EnvMax}",
            $"{env.Count}",
                "write them to a file and read that")
            {
                Place = new ErrorPlace("/env"),
            }
            : null;
    }

    private static string OutputFile(string callId) =>
        $"{WorkPath.Root}/.aegis-output-{UnsafeInName().Replace(callId, "_")}";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
    private static partial Regex EnvName();

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex UnsafeInName();
}
