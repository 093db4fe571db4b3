using System.Diagnostics;

namespace Aegis.Processes;

/// <summary>A harmless question to an installed program (its version), answered in a moment and in a
/// line.</summary>
public static class ShortCommand
{
    public const int OutputCharactersMax = 4096;

    /// <summary>What the program printed, at most <see cref="OutputCharactersMax"/>; null where it failed or
    /// took longer than <paramref name="limit"/>.</summary>
    public static string? Ask(string program, IReadOnlyList<string> arguments, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var buffer = new char[OutputCharactersMax];
        var reading = process.StandardOutput.ReadBlockAsync(buffer, 0, buffer.Length);
        if (!reading.Wait(limit) || !process.WaitForExit(limit))
        {
            process.Kill();
            return null;
        }
        return process.ExitCode == 0 ? new string(buffer, 0, reading.Result) : null;
    }
}
