using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.Versioning;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Plans;
using Aegis.Gate;
using Aegis.Models;

[assembly: SupportedOSPlatform("linux")]

namespace Aegis.Tools.Tests.Support;

/// <summary>Really runs what a tool asks for: sandbox commands under bubblewrap with a temporary folder at
/// /work, host commands as they are (no --die-with-parent: it follows the pool thread that forked). It stands
/// in for the gate's Execution, without redaction and limits.</summary>
public sealed class HostExecution : Execution, IDisposable
{
    private readonly Func<ForgeRequest, ValueTask<ForgeReply>>? forge;
    private readonly string root = Directory.CreateTempSubdirectory("aegis-tools-").FullName;

    public HostExecution(CallContext? context = null, string? work = null,
        Func<ForgeRequest, ValueTask<ForgeReply>>? forge = null)
    {
        this.forge = forge;
        Context = context ?? Contexts.Of("run_1", "step");
        Work = work ?? Directory.CreateDirectory(Path.Combine(root, "work")).FullName;
        ScratchDirectory = Directory.CreateDirectory(Path.Combine(root, "scratch")).FullName;
    }

    public override CallContext Context { get; }

    /// <summary>The host folder that stands at /work.</summary>
    public string Work { get; }

    public override string ScratchDirectory { get; }

    public List<HostCommand> HostCommands { get; } = [];

    public List<SandboxCommand> SandboxCommands { get; } = [];

    public List<string> Logged { get; } = [];

    /// <summary>What the test's shelf answers.</summary>
    public Func<ArtifactPut, byte[], ArtifactVersion?> OnPut { get; init; } = (_, _) => null;

    public Func<string, int?, ArtifactContent?> OnOpen { get; init; } = (_, _) => null;

    public override async ValueTask<ArtifactVersion?> PutArtifactAsync(
        ArtifactPut put, CancellationToken cancel)
    {
        using var whole = new MemoryStream();
        await put.Content.CopyToAsync(whole, cancel);
        return OnPut(put, whole.ToArray());
    }

    public override ValueTask<ArtifactContent?> OpenArtifactAsync(
        string id, int? version, CancellationToken cancel) => ValueTask.FromResult(OnOpen(id, version));

    public override void Log(string text) => Logged.Add(text);

    public override async ValueTask<CommandResult> SandboxAsync(
        SandboxCommand command, CancellationToken cancel)
    {
        SandboxCommands.Add(command);
        var start = new ProcessStartInfo("bwrap") { WorkingDirectory = "/" };
        foreach (var argument in BwrapArguments(command))
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment.Clear();
        var stdin = command.StdinFile is { } file ? await File.ReadAllBytesAsync(file, cancel)
            : command.Stdin;
        return await RunAsync(start, stdin, command.Timeout, command.CaptureBytesMax, command.StdoutFile);
    }

    public override async ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel)
    {
        HostCommands.Add(command);
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.WorkingDirectory,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        foreach (var (name, value) in command.Env ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            start.Environment[name] = value;
        }
        return await RunAsync(start, default, command.Timeout, command.CaptureBytesMax, null);
    }

    public override ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel) =>
        throw new NotSupportedException();

    public override ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel) =>
        forge?.Invoke(request) ?? throw new NotSupportedException("this execution has no forge");

    public override ValueTask<HttpReply> HttpAsync(HttpCall call, CancellationToken cancel) =>
        throw new NotSupportedException("requests are tried through the real gate");

    public void Dispose() => Directory.Delete(root, recursive: true);

    private IEnumerable<string> BwrapArguments(SandboxCommand command)
    {
        List<string> arguments =
        [
            "--unshare-all", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc",
            "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64",
                "/lib64",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", Work, "/work",
            "--chdir", command.WorkingDirectory, "--clearenv",
        ];
        var env = Context.Env.SetItems(command.Env ?? ImmutableSortedDictionary<string, string>.Empty)
            .Add("PATH", "/usr/bin:/bin").Add("HOME", "/tmp").Add("LANG", "C.UTF-8");
        foreach (var (name, value) in env)
        {
            arguments.AddRange(["--setenv", name, value]);
        }
        return [.. arguments, "--", .. command.Argv];
    }

    private static async Task<CommandResult> RunAsync(ProcessStartInfo start, ReadOnlyMemory<byte> stdin,
        TimeSpan? timeout, int captureMax, string? stdoutFile)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        var feeding = FeedAsync(process.StandardInput.BaseStream, stdin);
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput.BaseStream),
            ReadAsync(process.StandardError.BaseStream));
        var timedOut = await EndAsync(process, timeout ?? TimeSpan.FromSeconds(100));
        await feeding;
        var (outBytes, errBytes) = await reading is [var o, var e] ? (o, e) : ([], []);
        if (stdoutFile is not null)
        {
            await File.WriteAllBytesAsync(stdoutFile, outBytes);
        }
        return new CommandResult(
            process.ExitCode, timedOut, Tail(stdoutFile is null ? outBytes : [], captureMax),
            Tail(errBytes, captureMax), outBytes.Length, errBytes.Length);
    }

    private static async Task<bool> EndAsync(Process process, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            return true;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task FeedAsync(Stream pipe, ReadOnlyMemory<byte> stdin)
    {
        try
        {
            await pipe.WriteAsync(stdin);
            pipe.Close();
        }
        catch (IOException)
        {
            // the command ended without reading it all
        }
    }

    private static ReadOnlyMemory<byte> Tail(byte[] bytes, int max) =>
        bytes.Length <= max ? bytes : bytes.AsMemory(bytes.Length - max);
}

/// <summary>Call contexts for tests.</summary>
public static class Contexts
{
    public static CallContext Of(string run, string step, int attempt = 1, RunRepository? repository = null,
        Tenancy? tenancy = null) => new(
        new Principal("key:test", tenancy ?? new Tenancy("acme", "web"), ["admin:*"]),
        new RunId(run), step, attempt, $"{run}.{step}.{attempt}.1", new PlanPolicy([], [], null, null),
        ImmutableSortedDictionary<string, string>.Empty, repository, null, null, DateTimeOffset.MaxValue);
}
