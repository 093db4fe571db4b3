using System.Diagnostics;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Mcp.Outside;

/// <summary>An outside MCP server of the TypeScript SDK on loopback, whose tool can change what it
/// says.</summary>
internal sealed class OutsideHttpServer : IAsyncDisposable
{
    private readonly Process process;

    private OutsideHttpServer(Process process, Uri url) => (this.process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<OutsideHttpServer> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(NodeProgram.Folder, "mcp/outside/http.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var url = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("the outside server did not start");
        return new OutsideHttpServer(process, new Uri(url));
    }

    /// <summary>From here on the tool says this of itself.</summary>
    public async Task SayAsync(string words)
    {
        await process.StandardInput.WriteLineAsync(words);
        await process.StandardInput.FlushAsync();
        Assert.Equal("said", await process.StandardOutput.ReadLineAsync());
    }

    /// <summary>The next line that a tool of it was told.</summary>
    public Task<string?> ToldAsync() =>
        process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
