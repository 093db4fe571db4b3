using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Terminals;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Terminals;

/// <param name="Cmd">What runs at the terminal, judged like any command line; a shell where left
/// out.</param>
/// <param name="Cwd">At or below /work; relative to /work.</param>
/// <param name="Env">Added to the task's environment.</param>
/// <param name="Record">Keeps what it shows as an artifact, an asciicast.</param>
/// <param name="Timeout">How long it may be open; 8 h unless said, at most 24 h.</param>
public sealed record TerminalOpenInput(
    [property: StringLength(64 * 1024, MinimumLength = 1)] string? Cmd = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Cwd = WorkPath.Root,
    [property: Range(1, TerminalOrder.SideMax)] int Columns = 80,
    [property: Range(1, TerminalOrder.SideMax)] int Rows = 24,
    ImmutableSortedDictionary<string, string>? Env = null,
    bool Record = false,
    [property: Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] TimeSpan? Timeout = null);

/// <summary>Opens a terminal in the sandbox that people attach to over <c>/v1/rpc</c>. The call lasts as long
/// as the terminal.</summary>
public sealed class TerminalOpen : Tool<TerminalOpenInput>
{
    public const string Shell = "bash";

    // What will be typed into a shell nobody can judge before. Who may have one is whom the lists allow to
    // give bash a line of their own; the walls hold whatever is typed.
    private const string ShellAsLine = "bash -lc :";

    private static readonly TimeSpan OpenFor = TimeSpan.FromHours(8);

    public override ToolDescriptor Descriptor { get; } = new("terminal.open", "tools:terminal",
        ToolEffect.Reconcilable,
        "Opens an interactive terminal in the sandbox, over the run's workspace at /work.",
        UsesWorkspace: true) { WaitsForPeople = true };

    public override string? CommandLine(JsonElement input) =>
        input.ValueKind != JsonValueKind.Object ? null
        : !input.TryGetProperty("cmd", out var cmd) || cmd.ValueKind == JsonValueKind.Null ? ShellAsLine
        : cmd.ValueKind == JsonValueKind.String ? cmd.GetString() : null;

    protected override AegisError? Judge(TerminalOpenInput input) =>
        WorkPath.Wrong(input.Cwd, "cwd") ?? ShellExec.CheckEnv(input.Env);

    protected override async ValueTask<ToolResult> InvokeAsync(
        TerminalOpenInput input, Execution execution, CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Cwd, out var cwd, out var error))
        {
            return ToolResult.Fail(error!);
        }
        var line = input.Cmd ?? Shell;
        var command = new SandboxCommand(ShellExec.Argv(cwd, line), Env: input.Env,
            Timeout: input.Timeout ?? OpenFor, Pty: true);
        var ended = await execution.TerminalAsync(new TerminalOrder(
            command, line, input.Columns, input.Rows, input.Record), cancel);
        var outputs = ToolJson.Element(new
        {
            exit_code = ended.ExitCode,
            closed = ended.Closed,
            timed_out = ended.TimedOut,
            bytes = ended.Bytes,
            recording = ended.Recording,
        });
        // how a shell ends says nothing of the terminal: that it was there is what the call was for
        return new ToolResult(true, null, outputs, ended.ExitCode);
    }

    /// <summary>Nobody can be attached to what died with its server, so it is not opened again.</summary>
    protected override ValueTask<ProbeResult> ProbeAsync(
        TerminalOpenInput input, Execution execution, CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(
            new ProbeResult.Happened(ToolResult.Fail(TerminalErrors.EndedWithServer)));
}
