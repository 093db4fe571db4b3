using System.Diagnostics;
using System.Runtime.Versioning;

namespace Aegis.Tidy.Tests;

/// <summary>Shell scripts are checked as strictly as the sources.</summary>
[SupportedOSPlatform("linux")]
public sealed class ScriptTests
{
    [Fact]
    public void Scripts_PassShellcheck()
    {
        var scripts = SourceTree.Files.Where(IsScript).ToArray();
        Assert.Contains("aegis", scripts);
        var (status, text) = Run("shellcheck", ["--external-sources", "--", .. scripts]);
        Assert.True(status == 0, text);
    }

    [Fact]
    public void Scripts_WithAFirstLine_CanBeExecuted() =>
        Finding.None(SourceTree.Files
            .Where(f => SourceTree.Text(f).StartsWith("#!", StringComparison.Ordinal))
            .Where(f => !File.GetUnixFileMode(Path.Combine(SourceTree.Root, f))
                .HasFlag(UnixFileMode.UserExecute))
            .Select(f => $"{f}: chmod +x"));

    private static bool IsScript(string file)
    {
        var text = SourceTree.Text(file);
        var first = text[..Math.Max(0, text.IndexOf('\n', StringComparison.Ordinal))];
        return file.EndsWith(".sh", StringComparison.Ordinal)
            || (first.StartsWith("#!", StringComparison.Ordinal)
                && first.EndsWith("sh", StringComparison.Ordinal)
                // shellcheck does not read that shell
                && !first.EndsWith("zsh", StringComparison.Ordinal));
    }

    private static (int Status, string Text) Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = SourceTree.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, text);
    }
}
