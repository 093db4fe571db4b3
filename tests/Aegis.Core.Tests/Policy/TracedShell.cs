using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Core.Tests.Policy;

/// <summary>bash in a folder of its own, with a PATH of programs that only print two words, under
/// strace.</summary>
internal sealed partial class TracedShell : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-corpus-").FullName;
    private int runs;

    public TracedShell(IEnumerable<string> programs)
    {
        Assert.True(File.Exists("/usr/bin/strace"), "strace is missing; mend: ./aegis test");
        var path = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        foreach (var program in programs.Distinct().Where(p => p.Any(char.IsAsciiLetter) && !p.Contains('/')))
        {
            WriteProgram(Path.Combine(path, program));
        }
        foreach (var shell in (string[])["bash", "sh"])
        {
            File.Delete(Path.Combine(path, shell));
            File.CreateSymbolicLink(Path.Combine(path, shell), $"/bin/{shell}");
        }
    }

    /// <summary>The arguments of every program that the line started.</summary>
    public async Task<List<string[]>> RunAsync(string line)
    {
        var number = Interlocked.Increment(ref runs);
        var work = Directory.CreateDirectory(Path.Combine(folder, $"work-{number}")).FullName;
        foreach (var name in (string[])["a.txt", "b.txt", "package.json", "one.js"])
        {
            await File.WriteAllTextAsync(Path.Combine(work, name), "a b\n");
        }
        var traces = Directory.CreateDirectory(Path.Combine(folder, $"traces-{number}")).FullName;
        var start = new ProcessStartInfo("/usr/bin/strace",
            ["-ff", "-qq", "-xx", "-v", "-s", "65536", "-e", "trace=execve", "-o", Path.Combine(traces, "t"),
                "/bin/bash", "-c", line])
        {
            WorkingDirectory = work,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Path.Combine(folder, "bin");
        start.Environment["HOME"] = work;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token),
                process.StandardError.ReadToEndAsync(limit.Token), process.WaitForExitAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"not done after {Patience}: {line}");
        }
        // a file for each process, so that no record is cut by another's; one start is the line's own shell
        return [.. Directory.EnumerateFiles(traces).SelectMany(File.ReadLines)
            .Where(l => l.StartsWith("execve(", StringComparison.Ordinal)
                && l.EndsWith("= 0", StringComparison.Ordinal))
            .Select(ArgvOf).Where(a => a is not ["/bin/bash", "-c", var own] || own != line)];
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void WriteProgram(string path)
    {
        File.WriteAllText(path, "#!/bin/dash\necho a b\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static string[] ArgvOf(string line)
    {
        var from = line.IndexOf('[', StringComparison.Ordinal);
        var words = line[(from + 1)..line.IndexOf(']', from)];
        return [.. HexText().Matches(words).Select(m => Encoding.UTF8.GetString(
            Convert.FromHexString(m.Groups[1].Value.Replace("\\x", "", StringComparison.Ordinal))))];
    }

    [GeneratedRegex("\"((?:\\\\x[0-9a-f]{2})*)\"")]
    private static partial Regex HexText();
}
