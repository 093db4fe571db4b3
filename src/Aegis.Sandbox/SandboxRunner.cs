using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Sandbox.Egress;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>Runs commands behind walls of the kind <c>namespace</c>: rootless, one command per sandbox. A
/// wall that is required and missing refuses the command; nothing falls back to less without its record
/// saying so.</summary>
public sealed partial class SandboxRunner : IAsyncDisposable
{
    private readonly SandboxOptions options;
    private readonly ProcessLauncher launcher;
    private readonly TimeProvider time;
    private readonly SafeFileHandle filter;
    private CgroupTree? groups;
    private readonly SemaphoreSlim opening = new(1);
    private UserNamespace room;

    private SandboxRunner(SandboxOptions options, ProcessLauncher launcher, SafeFileHandle filter,
        CgroupTree? groups, UserNamespace room)
    {
        this.options = options;
        this.launcher = launcher;
        time = options.Time;
        this.filter = filter;
        this.groups = groups;
        this.room = room;
        Overlays = new OverlayMounts();
    }

    /// <summary>The walls that every command has here, as found by entering one.</summary>
    public ImmutableArray<WallRecord> Walls { get; private set; } = [];

    internal OverlayMounts Overlays { get; }

    /// <summary>Makes the server's namespaces and proves the walls by entering them. Throws
    /// <see cref="AegisException"/> with the mend where one that is always required is missing.</summary>
    public static async Task<SandboxRunner> CreateAsync(SandboxOptions options, ProcessLauncher launcher,
        CancellationToken cancel = default)
    {
        var runner = await OpenAsync(options, launcher, cancel);
        try
        {
            await runner.ProbeAsync(cancel);
            return runner;
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    /// <summary>A runner with one wall left down and unproved: the control by which a test shows what that
    /// wall does.</summary>
    internal static Task<SandboxRunner> CreateWithoutAsync(string wall, ProcessLauncher launcher) =>
        OpenAsync(new SandboxOptions { WithoutWallForTest = wall, Cgroups = new("/none", "/none") },
            launcher, CancellationToken.None);

    private async Task ProbeAsync(CancellationToken cancel)
    {
        try
        {
            Walls = await SandboxProbe.EnterAsync(this, room.HasSubuids, cancel);
        }
        catch (AegisException) when (groups is not null && options.Cgroups is null)
        {
            // found, but not ours to join: the memory wall is recorded absent, and refused where it is
            // required
            groups = null;
            Walls = await SandboxProbe.EnterAsync(this, room.HasSubuids, cancel);
        }
    }

    private static async Task<SandboxRunner> OpenAsync(SandboxOptions options, ProcessLauncher launcher,
        CancellationToken cancel)
    {
        if (Libc.geteuid() == 0)
        {
            throw SandboxErrors.RunsAsRoot();
        }
        RequiredPrograms.Check();
        var room = await UserNamespace.OpenAsync(launcher, options.Uid, cancel);
        return new SandboxRunner(options, launcher, SyscallFilter.Export(), CgroupTree.Find(options.Cgroups),
            room);
    }

    /// <summary>Runs one command to its end. Cancelling ends the whole tree before this throws
    /// <see cref="OperationCanceledException"/>; a limit of wall time ends it and is said in the outcome.
    /// When this returns or throws, no process of the command lives.</summary>
    public async Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io,
        CancellationToken cancel = default)
    {
        SpecRules.Check(spec, io);
        RequireMemory(spec.Limits);
        cancel.ThrowIfCancellationRequested();
        var here = await RoomAsync(cancel);
        // the lock first: whoever closes the attempt unmounts it under the same lock
        using var held = spec.Workspace is null ? null : AttemptLock.Share(spec.Workspace);
        var overlay = spec.Workspace is { } workspace
            ? await Overlays.MountAsync(here, workspace, cancel)
            : null;
        await using var group = groups?.Make(spec.Limits);
        return await RunInAsync(here, spec, io, overlay, held, group, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await room.DisposeAsync();
        filter.Dispose();
        opening.Dispose();
    }

    /// <summary>The server's namespaces; made anew where their holder was killed.</summary>
    internal async ValueTask<UserNamespace> RoomAsync(CancellationToken cancel)
    {
        if (room.IsAlive)
        {
            return room;
        }
        await opening.WaitAsync(cancel);
        try
        {
            if (!room.IsAlive)
            {
                var dead = room;
                room = await UserNamespace.OpenAsync(launcher, options.Uid, cancel);
                await dead.DisposeAsync();
            }
            return room;
        }
        finally
        {
            opening.Release();
        }
    }

    private async Task<SandboxOutcome> RunInAsync(UserNamespace here, SandboxSpec spec, SandboxIo io,
        string? overlay, AttemptLock? held, CgroupTree.Group? group, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var (status, statusEnd) = StatusPipe.Open();
        using var statusLines = new StreamReader(status);
        var hasInput = !io.Stdin.IsEmpty || io.StdinFile is not null || io.StdinStream is not null;
        await using var way = spec.Network is { } network ? new EgressWay(network, options.Egress) : null;
        await using var process = await StartAsync(here, spec, overlay, held, statusEnd, group, way, hasInput,
            cancel);
        way?.Started();
        held?.Record(process.Record);
        io.OnStart?.Invoke(process.Record);
        using var limit = new CancellationTokenSource(spec.Limits.WallTimeMax, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var killing = ending.Token.UnsafeRegister(p => ((LaunchedProcess)p!).KillTree(), process);
        var errors = new OutputTail();
        await ExchangeAsync(process, spec, io, errors, ending.Token);
        var exit = await process.Exited;
        await process.GroupGoneAsync(CancellationToken.None);
        held?.Forget(process.Record);
        if (way is not null)
        {
            var asked = await way.EndAsync();
            io.OnEgress?.Invoke(asked);
        }
        cancel.ThrowIfCancellationRequested();
        var code = SandboxStatus.ExitCode(await statusLines.ReadToEndAsync(CancellationToken.None));
        var timedOut = limit.IsCancellationRequested && code is null;
        if (code is null && exit.ExitCode is not null && !timedOut)
        {
            throw SandboxErrors.SetUpFailed(errors.ToString());
        }
        if (way is { IsOpen: false } && code is not null)
        {
            throw EgressErrors.NoHandOver(errors.ToString());
        }
        var signal = code is null ? exit.Signal ?? 9 : code is > 128 and <= 192 ? code - 128 : null;
        return new SandboxOutcome(signal is null ? code : null, signal, timedOut, time.GetElapsedTime(began),
            WallTable.For(Walls, spec, options, group is not null));
    }

    private async Task<LaunchedProcess> StartAsync(UserNamespace here, SandboxSpec spec, string? overlay,
        AttemptLock? held, SafeFileHandle statusEnd, CgroupTree.Group? group, EgressWay? way, bool hasInput,
        CancellationToken cancel)
    {
        using var _ = statusEnd;
        var trusted = way?.Certificates();
        using var arguments = Libc.MemoryFile("aegis-args",
            SandboxCommand.BwrapArguments(spec, options, here, overlay, trusted is not null));
        using var program = Libc.Reopen(filter);
        var argv = SandboxCommand.Argv(spec, options, here, group?.Folders);
        var files = ImmutableArray.Create(
            new InheritedFile(SandboxCommand.ArgumentsFile, arguments),
            new InheritedFile(SandboxCommand.FilterFile, program),
            new InheritedFile(SandboxCommand.StatusFile, statusEnd));
        using var variables = Libc.MemoryFile("aegis-env", SandboxCommand.EnvironmentScript(spec));
        if (!spec.Env.IsEmpty)
        {
            files = files.Add(new InheritedFile(SandboxCommand.EnvironmentFile, variables));
        }
        using var certificates = Libc.MemoryFile("aegis-certificates", trusted);
        if (way is not null)
        {
            files = files.Add(new InheritedFile(SandboxCommand.ProxyFile, way.Theirs));
        }
        if (trusted is not null)
        {
            files = files.Add(new InheritedFile(SandboxCommand.CertificatesFile, certificates));
        }
        if (held is not null)
        {
            files = files.Add(new InheritedFile(SandboxCommand.LockFile, held.File));
        }
        var stdin = hasInput && !spec.Pty ? StdinMode.Pipe : StdinMode.Null;
        return await launcher.StartAsync(
            new ProcessSpec(argv[0], argv[1..], UserNamespace.CleanEnvironment, "/",
            stdin, spec.Pty ? PtySize.Default : null, files), cancel);
    }

    private static async Task ExchangeAsync(LaunchedProcess process, SandboxSpec spec, SandboxIo io,
        OutputTail errors, CancellationToken ending)
    {
        io.OnTerminal?.Invoke(process.Terminal!);
        await using var file = io.StdoutFile is null ? null : NewFile(io.StdoutFile);
        var stdout = io.ReadTerminal?.Invoke(process.Terminal!)
            ?? OutputPump.RunAsync(process.Stdout, file is null
                ? Taker(io, OutputChannel.Stdout)
                : OutputPump.IntoFile(file, SandboxIo.StdoutFileBytesMax));
        var take = Taker(io, OutputChannel.Stderr);
        var stderr = OutputPump.RunAsync(process.Stderr, piece =>
        {
            errors.Add(piece.Span);
            return take is null ? default : take(piece);
        });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var stdin = InputAsync(process, spec, io, over.Token);
        try
        {
            await Task.WhenAll(EndingOnFailure(stdout, process), EndingOnFailure(stderr, process));
        }
        finally
        {
            await process.Exited;
            // nobody reads any more what is still to come
            await over.CancelAsync();
            await stdin;
        }
    }

    /// <summary>A taker that fails ends the command: nobody would empty its pipe any more.</summary>
    private static async Task EndingOnFailure(Task pump, LaunchedProcess process)
    {
        try
        {
            await pump;
        }
        catch
        {
            process.KillTree();
            throw;
        }
    }

    private static async Task InputAsync(LaunchedProcess process, SandboxSpec spec, SandboxIo io,
        CancellationToken ending)
    {
        if (spec.Pty)
        {
            if (io.OnTerminal is null && io.ReadTerminal is null)
            {
                // nobody types: the input, then end of transmission
                await process.Stdin.WriteAsync(io.Stdin, CancellationToken.None);
                await process.Stdin.WriteAsync(new byte[] { 4 }, CancellationToken.None);
            }
            return;
        }
        if (io.StdinStream is not null)
        {
            await OutputPump.FeedAsync(io.StdinStream, process.Stdin, ending);
        }
        else if (io.StdinFile is not null)
        {
            await OutputPump.FeedAsync(File.OpenRead(io.StdinFile), process.Stdin, ending);
        }
        else if (!io.Stdin.IsEmpty)
        {
            await OutputPump.FeedAsync(new MemoryStream(io.Stdin.ToArray(), writable: false), process.Stdin,
                ending);
        }
    }

    private static Func<ReadOnlyMemory<byte>, ValueTask>? Taker(SandboxIo io, OutputChannel channel) =>
        io.OnOutput is { } take ? piece => take(channel, piece) : null;

    private static FileStream NewFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private void RequireMemory(SandboxLimits limits)
    {
        if (limits.MemoryBytesMax is not null && groups is null && options.RequiredWalls.Contains("memory"))
        {
            throw SandboxErrors.WallMissing("memory", "a delegated control group", "none",
                "Delegate a memory control group to the server's user; see docs/sandbox.md");
        }
    }
}
