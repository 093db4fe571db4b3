using System.Collections.Immutable;

namespace Aegis.Processes.Tests;

/// <summary>This assembly started as a program: a server that a test kills.</summary>
public static class KilledServer
{
    internal static ProcessSpec Spec(string verb) => new(Environment.ProcessPath!,
        ["exec", typeof(KilledServer).Assembly.Location, verb],
        ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin")
            .Add("DOTNET_ROOT", Path.GetDirectoryName(Environment.ProcessPath!)!), Stdin: StdinMode.Pipe);

    /// <summary>Starts a shell with a grandchild, a terminal, prints their pids, and never ends.</summary>
    public static async Task Main(string[] arguments)
    {
        if (arguments is not ["launch"])
        {
            return;
        }
        using var launcher = new ProcessLauncher();
        await using var shell = await launcher.StartAsync(Launching.Shell("sleep 1000 & echo $!; wait"));
        var grandchild = await new StreamReader(shell.Stdout).ReadLineAsync();
        await using var terminal = await launcher.StartAsync(
            Launching.Shell("trap '' HUP INT TERM; sleep 1000") with { Pty = PtySize.Default });
        Console.WriteLine($"{shell.Pid}\n{grandchild}\n{terminal.Pid}\n");
        await Task.Delay(Timeout.Infinite);
    }
}
