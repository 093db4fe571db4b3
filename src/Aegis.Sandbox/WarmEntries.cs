using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipes;
using System.Text;
using Aegis.Processes;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Sandbox;

/// <summary>Ways into the room that are opened before a command wants one: a program that has joined its
/// control groups and the room's namespaces, and waits to be told what to become. Joining groups is what
/// takes longest on a busy machine (the kernel waits for all processors). What depends on the command, its
/// mounts, uid and everything of bubblewrap's, is not prepared: nothing of one command can be another's.
/// </summary>
internal sealed class WarmEntries(ProcessLauncher launcher, SandboxOptions options, SafeFileHandle filter,
    Func<CgroupTree?> groups) : IAsyncDisposable
{
    private readonly ConcurrentQueue<WarmEntry> ready = [];
    private readonly Lock gate = new();
    private Task filling = Task.CompletedTask;
    private bool ended;

    /// <summary>One that waits in this room, or null; another one is opened in its place.</summary>
    public WarmEntry? TryTake(UserNamespace room)
    {
        WarmEntry? found = null;
        while (found is null && ready.TryDequeue(out var entry))
        {
            if (entry.Room == room && !entry.Process.Exited.IsCompleted)
            {
                found = entry;
            }
            else
            {
                _ = entry.DisposeAsync().AsTask();
            }
        }
        lock (gate)
        {
            if (!ended && filling.IsCompleted)
            {
                filling = FillAsync(room);
            }
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            ended = true;
        }
        await filling;
        while (ready.TryDequeue(out var entry))
        {
            await entry.DisposeAsync();
        }
    }

    private async Task FillAsync(UserNamespace room)
    {
        // the command that is being started comes first
        await Task.Yield();
        try
        {
            while (!ended && ready.Count < options.WarmEntries)
            {
                ready.Enqueue(await WarmEntry.OpenAsync(launcher, room, filter, groups()?.MakeBare()));
            }
        }
        catch (Exception e) when (e
            is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            // none is prepared then: the next command opens its own way, and says what is wrong
        }
    }
}

/// <summary>One of them.</summary>
internal sealed class WarmEntry : IAsyncDisposable
{
    private readonly SafeFileHandle arguments;
    private readonly SafeFileHandle variables;
    private readonly Stream request;

    private WarmEntry(UserNamespace room, LaunchedProcess process, Stream status, SafeFileHandle arguments,
        SafeFileHandle variables, Stream request, CgroupTree.Group? group)
    {
        (Room, Process, Status, Group) = (room, process, status, group);
        (this.arguments, this.variables, this.request) = (arguments, variables, request);
    }

    public UserNamespace Room { get; }

    public LaunchedProcess Process { get; }

    /// <summary>What bubblewrap says of the command's end.</summary>
    public Stream Status { get; }

    public CgroupTree.Group? Group { get; }

    public static async Task<WarmEntry> OpenAsync(ProcessLauncher launcher, UserNamespace room,
        SafeFileHandle filter, CgroupTree.Group? group)
    {
        var (status, statusEnd) = StatusPipe.Open();
        var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var (arguments, variables) = (Libc.MemoryFile("aegis-args"), Libc.MemoryFile("aegis-env"));
        using var program = Libc.Reopen(filter);
        using var end = statusEnd;
        var argv = RoomEntry.WaitingArgv(room, group?.Folders ?? []).ToImmutableArray();
        var process = await launcher.StartAsync(new ProcessSpec(argv[0], argv[1..],
            UserNamespace.CleanEnvironment, "/", StdinMode.Pipe, null,
            [
                new InheritedFile(SandboxCommand.ArgumentsFile, arguments),
                new InheritedFile(SandboxCommand.FilterFile, program),
                new InheritedFile(SandboxCommand.StatusFile, end),
                new InheritedFile(SandboxCommand.EnvironmentFile, variables),
                new InheritedFile(RoomEntry.RequestFile, pipe.ClientSafePipeHandle),
            ]), CancellationToken.None);
        pipe.DisposeLocalCopyOfClientHandle();
        return new WarmEntry(room, process, status, arguments, variables, pipe, group);
    }

    /// <summary>Says what it is to become: the rest of the command line, and the files that go with it.
    /// </summary>
    public async Task TellAsync(IEnumerable<string> argv, byte[] bwrapArguments, byte[] environment)
    {
        // by place: the reader's position is the start
        RandomAccess.Write(arguments, bwrapArguments, 0);
        RandomAccess.Write(variables, environment, 0);
        await request.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\0', argv) + '\0'));
        await request.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await request.DisposeAsync();
        await Process.DisposeAsync();
        await Status.DisposeAsync();
        arguments.Dispose();
        variables.Dispose();
        if (Group is not null)
        {
            await Group.DisposeAsync();
        }
    }
}
