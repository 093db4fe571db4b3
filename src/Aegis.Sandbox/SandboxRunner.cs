using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Sandbox.Egress;
using Aegis.Sandbox.Ingress;
using Aegis.Sandbox.Kinds;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>Runs commands behind the walls of a kind, rootless, one command per sandbox. A wall that is
/// required and missing refuses the command; nothing falls back to less without its record saying
/// so.</summary>
public sealed partial class SandboxRunner : IAsyncDisposable
{
    private readonly SandboxOptions options;
    private readonly ProcessLauncher launcher;
    private readonly TimeProvider time;
    private readonly SafeFileHandle filter;
    private CgroupTree? groups;
    private readonly SemaphoreSlim opening = new(1);
    private readonly KindBoard board;
    private readonly WarmEntries entries;
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
        Uids = new UidPool(() => UidFolder.Make(options.UidsFolder));
        board = new KindBoard(this, options);
        entries = new WarmEntries(launcher, options, filter, () => this.groups);
    }

    /// <summary>The walls that every command of the kind <c>namespace</c> has here, as found by entering
    /// one.</summary>
    public ImmutableArray<WallRecord> Walls { get; private set; } = [];

    internal OverlayMounts Overlays { get; }

    internal UnusedAttempts Unused { get; } = new();

    internal UidPool Uids { get; }

    internal TimeProvider Time => time;

    internal ProcessLauncher Launcher => launcher;

    /// <summary>Where commands get their control groups; null where there are none.</summary>
    internal CgroupTree? Groups => groups;

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
    public Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io,
        CancellationToken cancel = default)
    {
        SpecRules.Check(spec, io);
        cancel.ThrowIfCancellationRequested();
        if (spec.Workspace is { } workspace)
        {
            Unused.Use(workspace);
        }
        return board.RunAsync(spec, io, cancel);
    }

    /// <summary>What commands of an open attempt have written so far, of the files that are
    /// wanted.</summary>
    public async ValueTask<ImmutableArray<WrittenFile>> WrittenAsync(AttemptWorkspace workspace,
        Func<string, bool> wanted, WrittenLimits limits, CancellationToken cancel) =>
        Directory.Exists(workspace.UpperDirectory)
            ? await new UpperReading(await RoomAsync(cancel), workspace)
                .ReadAsync(wanted, limits, cancel) : [];

    /// <summary>A way to the ports of a running command of the kind <c>namespace</c>.</summary>
    /// <param name="command">As <see cref="SandboxIo.OnStart"/> names it.</param>
    public async Task<SandboxEntrance> EnterAsync(PidRecord command, CancellationToken cancel = default) =>
        await SandboxEntrance.OpenAsync(launcher, await RoomAsync(cancel), command, cancel);

    /// <summary>What each kind is made of here and what is missing, found by entering.</summary>
    public Task<SandboxReport> ExamineAsync(CancellationToken cancel = default) =>
        board.ExamineAsync(cancel);

    /// <summary>Runs one command in the room, with what its kind changes.</summary>
    internal async Task<SandboxOutcome> EncloseAsync(SandboxSpec spec, SandboxIo io, Enclosure? enclosure,
        CancellationToken cancel)
    {
        var here = await RoomAsync(cancel);
        await here.RefreshEtcAsync(cancel);
        // the lock first: whoever closes the attempt unmounts it under the same lock
        using var held = spec.Workspace is null ? null : AttemptLock.Share(spec.Workspace);
        using var lease = await Uids.LeaseAsync(here.Uids, spec.Workspace, time, cancel);
        var overlay = spec.Workspace is { } workspace
            ? await Overlays.MountAsync(here, workspace, lease.Uid, cancel)
            : null;
        await using var warm = enclosure is null && CanBeWarm(spec) ? entries.TryTake(here) : null;
        if (warm is not null)
        {
            return await RunWarmAsync(warm, lease, spec, io, overlay, held, cancel);
        }
        await using var group = groups?.Make(spec.Limits, spec.Workspace?.UpperDirectory ?? "/");
        return await RunInAsync(here, lease, spec, io, enclosure, overlay, held, group, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await entries.DisposeAsync();
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

    private async Task<SandboxOutcome> RunInAsync(UserNamespace here, UidLease lease, SandboxSpec spec,
        SandboxIo io, Enclosure? enclosure, string? overlay, AttemptLock? held, CgroupTree.Group? group,
        CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var (status, statusEnd) = StatusPipe.Open();
        await using var statusStream = status;
        var hasInput = !io.Stdin.IsEmpty || io.StdinFile is not null || io.StdinStream is not null;
        await using var way = spec.Network is { } network ? new EgressWay(network, options.Egress) : null;
        await using var process = await StartAsync(here, lease, spec, enclosure, overlay, held, statusEnd,
            group, way, hasInput, cancel);
        way?.Started();
        return await EndAsync(process, status, way, spec, io, held, began, cancel);
    }

    /// <summary>What only a program started for this one command can have.</summary>
    private static bool CanBeWarm(SandboxSpec spec) => spec is { Pty: false, Network: null,
        Limits: { CpusMax: null, IoBytesPerSecondMax: null } };

    private async Task<SandboxOutcome> RunWarmAsync(WarmEntry warm, UidLease lease, SandboxSpec spec,
        SandboxIo io, string? overlay, AttemptLock? held, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        if (warm.Group is { } group)
        {
            groups!.Limit(group, spec.Limits);
        }
        await warm.TellAsync(
            SandboxCommand.Argv(spec, options, warm.Room, lease, overlay, lockFile: held?.Path ?? ""),
            SandboxCommand.BwrapArguments(spec, options, warm.Room, overlay, variables: true),
            SandboxCommand.EnvironmentScript(spec));
        return await EndAsync(warm.Process, warm.Status, null, spec, io, held, began, cancel);
    }

    /// <summary>Carries a started command's input and output until it has ended, and tells how.</summary>
    private async Task<SandboxOutcome> EndAsync(LaunchedProcess process, Stream status, EgressWay? way,
        SandboxSpec spec, SandboxIo io, AttemptLock? held, long began, CancellationToken cancel)
    {
        held?.Record(process.Record);
        io.OnStart?.Invoke(process.Record);
        using var limit = new CancellationTokenSource(spec.Limits.WallTimeMax, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var killing = ending.Token.UnsafeRegister(p => ((LaunchedProcess)p!).KillTree(), process);
        var errors = new OutputTail();
        await CommandExchange.RunAsync(process, spec, io, errors, ending.Token);
        var exit = await process.Exited;
        await process.GroupGoneAsync(CancellationToken.None);
        held?.Forget(process.Record);
        if (way is not null)
        {
            var asked = await way.EndAsync();
            io.OnEgress?.Invoke(asked);
        }
        cancel.ThrowIfCancellationRequested();
        using var statusLines = new StreamReader(status, leaveOpen: true);
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
            []);
    }

    private async Task<LaunchedProcess> StartAsync(UserNamespace here, UidLease lease, SandboxSpec spec,
        Enclosure? enclosure, string? overlay, AttemptLock? held, SafeFileHandle statusEnd,
        CgroupTree.Group? group, EgressWay? way, bool hasInput, CancellationToken cancel)
    {
        using var _ = statusEnd;
        var trusted = way?.Certificates();
        using var arguments = Libc.MemoryFile("aegis-args",
            SandboxCommand.BwrapArguments(spec, options, here, overlay, enclosure));
        using var program = Libc.Reopen(filter);
        var argv = RoomEntry.Argv(here, group?.Folders ?? [], SandboxCommand.Argv(spec, options, here, lease,
            overlay, enclosure)).ToImmutableArray();
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
        using var data = new DataFiles(enclosure, here, lease.Uid, overlay);
        files = files.AddRange(data.Inherited);
        var stdin = hasInput && !spec.Pty ? StdinMode.Pipe : StdinMode.Null;
        return await launcher.StartAsync(
            new ProcessSpec(argv[0], argv[1..], UserNamespace.CleanEnvironment, "/",
            stdin, spec.Pty ? PtySize.Default : null, files), cancel);
    }
}
