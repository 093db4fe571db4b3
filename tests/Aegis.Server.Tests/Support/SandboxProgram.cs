using System.Diagnostics;

namespace Aegis.Server.Tests.Support;

/// <summary>The server's own program as <c>./aegis sandbox …</c> starts it, over a home.</summary>
internal static class SandboxProgram
{
    /// <summary>Where <c>./aegis test</c> unpacked Debian's cloud kernel.</summary>
    public static string KernelRoot => Environment.GetEnvironmentVariable("AEGIS_TEST_KERNEL")
        ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", "kernel");

    public static async Task<(int Exit, string Out, string Error)> RunAsync(string home,
        params string[] words)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Aegis.Server.dll"), "sandbox", .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AEGIS_HOME"] = home;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(),
            process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
