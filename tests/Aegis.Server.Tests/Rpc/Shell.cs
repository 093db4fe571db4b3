using System.Diagnostics;

namespace Aegis.Server.Tests.Rpc;

/// <summary>A script on the machine of the test.</summary>
internal static class Shell
{
    public static async Task<string> RunAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"status {process.ExitCode}: {await error}");
        return output;
    }
}
