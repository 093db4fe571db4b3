using System.Diagnostics;
using System.Text.Json;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Support;

/// <summary>What there is to see at a page.</summary>
/// <param name="Title">Of its window.</param>
/// <param name="Body">Roles, names and words, as a screen reader has them.</param>
/// <param name="Focus">The label of what has the keyboard, empty for the page itself.</param>
/// <param name="Wrong">Until now: errors of the console and of scripts, dialogs, requests to other origins,
/// calls of <c>ran()</c>.</param>
/// <param name="Bare">The same of markup on a page that nothing guards.</param>
internal sealed record PageSight(string Title, string Body, string Focus, string Wrong, string Bare);

/// <summary>A person with a keyboard in front of a real browser.</summary>
internal sealed class PageVisitor : IAsyncDisposable
{
    // a browser that starts on a busy machine takes seconds; this only ends a wait that would never end
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-page-").FullName;
    private readonly Process process;
    private readonly Task<string> error;

    public PageVisitor(string address)
    {
        process = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(NodeProgram.Folder, "page.mjs"), address, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        error = process.StandardError.ReadToEndAsync();
    }

    public Task<PageSight> OpenAsync() => DoAsync("open");

    public Task<PageSight> ReloadAsync() => DoAsync("reload");

    /// <summary>A key by its name, such as <c>Tab</c>.</summary>
    public Task<PageSight> PressAsync(string key) => DoAsync("press", key);

    public Task<PageSight> TypeAsync(string words) => DoAsync("type", words);

    /// <summary>Puts markup into a page of its own, and waits until each <c>ran()</c> in it was called.
    /// </summary>
    public Task<PageSight> BareAsync(string markup) => DoAsync("bare", markup);

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(WaitMax);
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<PageSight> DoAsync(string act, string what = "")
    {
        await process.StandardInput.WriteLineAsync(
            JsonSerializer.Serialize(new Dictionary<string, string> { [act] = what }));
        await process.StandardInput.FlushAsync();
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(WaitMax)
            ?? throw new InvalidOperationException($"the browser ended: {await error}");
        return JsonSerializer.Deserialize<PageSight>(line, JsonSerializerOptions.Web)!;
    }
}
