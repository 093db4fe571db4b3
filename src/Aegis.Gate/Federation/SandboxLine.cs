using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Sandbox;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Aegis.Gate.Federation;

/// <summary>The pipes of a program in a sandbox of its own, without a workspace: the walls of any command,
/// recorded with the call. What it writes to its error output is the call's log.</summary>
internal sealed partial class SandboxLine : OutsideLine
{
    /// <summary>Where a program finds the operator's installed servers.</summary>
    public const string ProgramFolder = "/mcp";

    /// <summary>Messages of one conversation; each is work to read, even where it is none.</summary>
    public const int LinesMax = 10_000;

    /// <summary>How long a program may take to end once its input has.</summary>
    private static readonly TimeSpan EndTimeMax = TimeSpan.FromSeconds(2);

    private readonly Pipe input = new();
    private readonly Pipe output = new();
    private readonly CancellationTokenSource kill = new();
    private readonly GateExecution execution;
    private Task running = Task.CompletedTask;
    private long received;
    private long lines;
    private string? trouble;

    // not bound to the call's own end: a program that was told of it may still put its things in order
    private SandboxLine(GateExecution execution)
    {
        this.execution = execution;
        Transport = new StreamClientTransport(input.Writer.AsStream(), output.Reader.AsStream());
    }

    public override IClientTransport Transport { get; }

    public override string? Trouble => trouble;

    public static async Task<SandboxLine> OpenAsync(
        GateExecution execution, McpServerProfile server, CancellationToken cancel)
    {
        var options = execution.Parts.Options;
        var env = options.SandboxEnv;
        foreach (var (name, value) in server.Env)
        {
            env = env.SetItem(name, await ValueAsync(execution, server, value, cancel));
        }
        ImmutableArray<ReadOnlyMount> programs = execution.Federation.Programs is { } folder
            ? [new ReadOnlyMount(folder, ProgramFolder)] : [];
        var spec = new SandboxSpec(execution.Context.CallId, server.Command, "/work", env, null,
            [.. options.Mounts, .. programs], options.Limits,
            Network: await SandboxedCommand.NetworkAsync(execution, server.EgressAllow, cancel));
        var line = new SandboxLine(execution);
        line.running = line.RunAsync(
            SandboxedCommand.Surround(spec, (await execution.ProfileAsync(cancel)).Sandbox));
        return line;
    }

    public override async ValueTask DisposeAsync()
    {
        await input.Writer.CompleteAsync();
        try
        {
            await running.WaitAsync(EndTimeMax, execution.Parts.Time);
        }
        catch (TimeoutException)
        {
            await kill.CancelAsync();
            await running;
        }
        await output.Reader.CompleteAsync();
        kill.Dispose();
    }

    private async Task RunAsync(SandboxSpec spec)
    {
        var log = execution.OpenLog();
        var io = new SandboxIo(StdinStream: input.Reader.AsStream(), OnOutput: async (channel, bytes) =>
        {
            if (channel == OutputChannel.Stderr)
            {
                await log.WriteAsync(bytes, channel);
                return;
            }
            lines += bytes.Span.Count((byte)'\n');
            if ((received += bytes.Length) > OutsideSession.ReceivedBytesMax || lines > LinesMax)
            {
                throw new InvalidDataException(
                    $"more than {OutsideSession.ReceivedBytesMax} bytes or {LinesMax} lines came");
            }
            await output.Writer.WriteAsync(bytes, kill.Token);
        });
        try
        {
            var outcome = await SandboxedCommand.MeteredAsync(execution, spec, io, kill.Token);
            execution.Walled(outcome.Walls);
            trouble = $"its program ended with {outcome.ExitCode ?? 128 + outcome.Signal}";
            await output.Writer.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidDataException
            or AegisException)
        {
            trouble = e is OperationCanceledException ? "its program was ended" : e.Message;
            await output.Writer.CompleteAsync(e);
        }
    }

    /// <summary>A value, or the secret that it names as a whole.</summary>
    private static async ValueTask<string> ValueAsync(
        GateExecution execution, McpServerProfile server, string value, CancellationToken cancel) =>
        SecretName().Match(value) is not { Success: true } named ? value
            : await execution.SecretAsync(named.Groups[1].Value, null, cancel)
                ?? throw new AegisException(FederationErrors.NoSecret(server.Name, named.Groups[1].Value));

    [GeneratedRegex(@"^\$\{\{\s*secrets\.([A-Za-z0-9][A-Za-z0-9._-]{0,63})\s*\}\}$")]
    private static partial Regex SecretName();
}
