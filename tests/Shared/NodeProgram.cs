using System.Diagnostics;

namespace Aegis.Tests.Shared;

/// <summary>A program of tests/node, whose packages set-up installs.</summary>
internal static class NodeProgram
{
    public static string Folder { get; } = Find();

    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")),
            "tests/node has no packages; mend: ./aegis test, or npm ci --ignore-scripts in tests/node");
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: status {process.ExitCode}: {await error}");
        return output;
    }

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException($"no Aegis.slnx above {AppContext.BaseDirectory}");
        }
        return Path.Combine(folder, "tests", "node");
    }
}
