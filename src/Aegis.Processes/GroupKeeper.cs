using System.Globalization;
using System.Text;

namespace Aegis.Processes;

/// <summary>A small shell that outlives a kill -9 of the server: it reads which process groups live, and when
/// its pipe ends it kills them all. The parent-death signal alone would reach only each group's
/// leader.</summary>
internal sealed class GroupKeeper : IDisposable
{
    private const string Script = """
        live=" "
        while read -r op pid; do
          case $op in
            +) live="$live$pid " ;;
            -) live="${live%% $pid *} ${live#* $pid }" ;;
          esac
        done
        for pid in $live; do kill -s KILL -- "-$pid"; done
        """;

    private readonly HashSet<int> live = [];
    private LaunchedProcess? shell;

    public void Started(int pid)
    {
        live.Add(pid);
        if (shell is null or { Exited.IsCompleted: true } || !Tell($"+ {pid}\n"))
        {
            Restart();
        }
    }

    public void Ended(int pid)
    {
        live.Remove(pid);
        if (!Tell($"- {pid}\n"))
        {
            Restart();
        }
    }

    public void Dispose()
    {
        // nothing lives any more: the end of the pipe ends the shell, which has nothing to kill
        shell?.Stdin.Dispose();
        shell?.Reap();
        shell?.Stdout.Dispose();
        shell?.Stderr.Dispose();
    }

    private void Restart()
    {
        shell?.KillTree();
        Dispose();
        shell = Spawner.Start(new ProcessSpec("/bin/sh", ["-c", Script],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
                Stdin: StdinMode.Pipe));
        foreach (var pid in live)
        {
            Tell(string.Create(CultureInfo.InvariantCulture, $"+ {pid}\n"));
        }
    }

    private bool Tell(string line)
    {
        try
        {
            shell!.Stdin.Write(Encoding.ASCII.GetBytes(line));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
