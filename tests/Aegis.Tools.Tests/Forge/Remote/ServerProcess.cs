using System.Diagnostics;
using System.Text.Json;
using Aegis.Durability.Product;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>The product as it is shipped, in a process of its own with its own PostgreSQL; it can be killed
/// without a word.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, JsonElement server, JsonElement admin)
    {
        this.process = process;
        Url = new Uri(server.GetProperty("url").GetString()!);
        Key = admin.GetProperty("key").GetString()!;
        Project = admin.GetProperty("project").GetString()!;
        Http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        Http.DefaultRequestHeaders.Add("X-Aegis-Project", Project);
    }

    public Uri Url { get; }

    public int Pid => process.Id;

    public string Key { get; }

    public string Project { get; }

    public HttpClient Http { get; }

    public static async Task<ServerProcess> StartAsync(string home,
        IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Aegis.Server.dll")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["AEGIS_HOME"] = home;
        start.Environment["AEGIS_PORT"] = "0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.Contains("ready at http", StringComparison.Ordinal))
            {
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return new ServerProcess(process, Json(home, "server.json"), Json(home, "admin-key.json"));
            }
        }
        throw new InvalidOperationException(string.Join('\n', said));
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop in order, and answers with its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Posix.Signal(process.Id, Posix.Terminate);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited)
        {
            await KillAsync();
        }
        process.Dispose();
    }

    private static JsonElement Json(string home, string file) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(home, file)));
}
