using System.Diagnostics;

namespace Aegis.Processes;

/// <summary>How a held process ends when its owner lets go or dies.</summary>
public enum HeldEnd
{
    /// <summary>SIGINT to the program alone: it shuts down in its own way.</summary>
    Interrupt,

    /// <summary>SIGKILL to the program and everything it started in its group.</summary>
    KillGroup,
}

/// <summary>
/// A program that lives exactly as long as its owner, even when the owner is killed with SIGKILL. The
/// parent-death signal is no help here: it follows the thread that forked, and pool threads retire. So a
/// shell between us and the program waits on a pipe that only we hold: when the kernel closes it, for
/// whatever reason, the shell ends the program. The shell leads its own session, so a Ctrl-C meant for the
/// owner does not reach the program before the owner has drained.
/// </summary>
public sealed class HeldProcess : IDisposable
{
    private const string Script = """
        end=$1; log=$2; shift 2
        exec 3<&0 </dev/null >"$log" 2>&1
        "$@" 3<&- &
        pid=$!
        ( read -r _ <&3
          if [ "$end" = Interrupt ]; then kill -INT "$pid"; else kill -KILL 0; fi ) &
        watch=$!
        exec 3<&-
        wait "$pid"; code=$?
        kill -KILL "$watch" 2>/dev/null
        exit "$code"
        """;

    private readonly Process _shell;

    private HeldProcess(Process shell)
    {
        _shell = shell;
        Exited = shell.WaitForExitAsync();
    }

    /// <summary>Completes when the program has ended (or the shell that holds it was killed).</summary>
    public Task Exited { get; }

    /// <summary>The program's exit code, 128 + n for signal n; only after <see cref="Exited"/>.</summary>
    public int ExitCode => _shell.ExitCode;

    /// <summary>Starts <paramref name="program"/> with exactly <paramref name="environment"/>; its output
    /// replaces the content of <paramref name="logFile"/>.</summary>
    public static HeldProcess Start(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment, string logFile, HeldEnd end,
        string workingDirectory = "/")
    {
        var start = new ProcessStartInfo("/usr/bin/setsid")
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory,
        };
        foreach (var argument in (string[])["/bin/sh", "-c", Script, "aegis-held", end.ToString(), logFile,
            program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return new HeldProcess(Process.Start(start)!);
    }

    /// <summary>Asks the program to end in its way; await <see cref="Exited"/> for the fact.</summary>
    public void LetGo() => _shell.StandardInput.Close();

    public void Dispose() => _shell.Dispose();
}
