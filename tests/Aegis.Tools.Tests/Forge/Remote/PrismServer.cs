using System.Diagnostics;
using System.Text.RegularExpressions;
using Aegis.Tests.Shared;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>GitHub's own OpenAPI description, served by prism: as a mock that answers with the description's
/// examples, or in front of a forge, whose requests and answers it holds against the
/// description.</summary>
public sealed partial class PrismServer : IAsyncDisposable
{
    private readonly Process process;

    private PrismServer(Process process, Uri url) => (this.process, Url) = (process, url);

    public Uri Url { get; }

    public static Task<PrismServer> MockAsync() => StartAsync("mock");

    public static Task<PrismServer> BeforeAsync(Uri forge) =>
        StartAsync("proxy", forge.AbsoluteUri.TrimEnd('/'));

    public ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<PrismServer> StartAsync(string mode, params string[] upstream)
    {
        var packages = Path.Combine(NodeProgram.Folder, "node_modules");
        var description = Path.Combine(packages, "@octokit", "openapi", "generated", "api.github.com.json");
        Assert.True(File.Exists(description),
            "tests/node has no packages; mend: ./aegis test, or npm ci --ignore-scripts in tests/node");
        var start = new ProcessStartInfo("node", [Path.Combine(packages, ".bin", "prism"), mode, "-p", "0",
            "--multiprocess", "false", description, .. upstream])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new PrismServer(process, new Uri(match.Groups[1].Value));
            }
        }
        throw new InvalidOperationException($"prism ended with {process.ExitCode}");
    }

    [GeneratedRegex(@"Prism is listening on (http://127\.0\.0\.1:[0-9]+)")]
    private static partial Regex Listening();
}
